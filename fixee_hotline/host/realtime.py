"""Tell open pages that a ticket changed. The payload is its id only: rooms are joined without a check."""

from __future__ import annotations

import frappe

from fixee_hotline.host.compat import frappe_major

TICKET_UPDATE = "helpdesk:ticket-update"


def refresh_open_pages(ticket: str) -> None:
	"""Helpdesk's own event does not reach the browser on Frappe 15: nobody is in its room there."""
	if frappe_major() < 16:
		frappe.publish_realtime(TICKET_UPDATE, {"ticket_id": str(ticket)}, room="website", after_commit=True)
