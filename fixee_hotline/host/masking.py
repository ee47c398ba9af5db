"""Errors into Frappe's log without telephone numbers, words of customers or secrets."""

from __future__ import annotations

import frappe

from fixee_hotline.channels.masking import masked

__all__ = ["log_error", "masked"]


def log_error(title: str) -> None:
	"""The current exception with its masked trace; Frappe's own log would add the values of variables."""
	frappe.log_error(title=masked(title)[:140], message=masked(frappe.get_traceback(with_context=False)))
