"""What a person may ask for: a copy of the own WhatsApp messages, or their erasure."""

from __future__ import annotations

import frappe

from fixee_hotline.host import inbound, privacy


@frappe.whitelist(methods=["POST"])
def export_contact(contact: str) -> dict:
	"""Everything the site keeps of the contact's WhatsApp messages, as one object."""
	_require("System Manager")
	return privacy.export_contact(contact)


@frappe.whitelist(methods=["POST"])
def erase_contact(contact: str) -> dict:
	"""Erase words, files and identities; tickets stay without them. Says how many of each."""
	_require("System Manager")
	return privacy.erase_contact(contact)


@frappe.whitelist(methods=["GET", "POST"])
def unknown_numbers() -> list:
	"""Numbers that messages came for although no account has them."""
	_require("System Manager", "Agent Manager")
	return inbound.unknown_numbers()


def _require(*roles: str) -> None:
	if not set(roles) & set(frappe.get_roles()):
		raise frappe.PermissionError
