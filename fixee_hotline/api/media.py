"""Files of WhatsApp messages, asked for by an agent."""

from __future__ import annotations

import frappe

from fixee_hotline.host import media
from fixee_hotline.host.guards import agent_only


@frappe.whitelist(methods=["POST"])
@agent_only
def fetch_missing(ticket: str) -> dict:
	"""Ask the provider again for the ticket's files that are not here; says how many those are."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	return {"files": media.retry(ticket)}
