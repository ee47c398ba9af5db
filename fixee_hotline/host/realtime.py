"""Tell open pages that a ticket changed. The payload is its id only: rooms are joined without a check."""

from __future__ import annotations

import frappe

from fixee_hotline.host.compat import frappe_major

TICKET_UPDATE = "helpdesk:ticket-update"


def refresh_open_pages(ticket: str) -> None:
	"""Helpdesk's own event does not reach the browser on Frappe 15: nobody is in its room there."""
	if frappe_major() < 16:
		frappe.publish_realtime(TICKET_UPDATE, {"ticket_id": str(ticket)}, room="website", after_commit=True)


def thread_changed(ticket: str) -> None:
	"""A message of the ticket looks different now, the ticket itself does not: open pages read it again."""
	room = f"open_doc:HD Ticket/{ticket}"
	frappe.publish_realtime(TICKET_UPDATE, {"ticket_id": str(ticket)}, room=room, after_commit=True)
	refresh_open_pages(ticket)
