"""What the Hotline actions on Helpdesk's ticket page ask and say. Agents only; answers are escaped HTML."""

from __future__ import annotations

import frappe
from frappe import _

from fixee_hotline.host import cards
from fixee_hotline.host.guards import agent_only


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def why(ticket: str) -> str:
	"""Level, reasons with their evidence, machine, fault codes, earlier tickets of the machine."""
	frappe.has_permission("HD Ticket", "read", ticket, throw=True)
	return cards.why(ticket)


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def level_form(ticket: str) -> str:
	"""The form of "Change level"."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	return cards.level_form(ticket)


@frappe.whitelist(methods=["POST"])
@agent_only
def change_level(ticket: str, level: str, reason: str = "") -> dict:
	"""Keep an agent's level against later automatic runs; an empty level gives it back to the rules."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	if level and not reason.strip():
		frappe.throw(_("Say why: the reason stands beside the level for everybody who follows."))
	doc = frappe.get_doc("HD Ticket", ticket)
	doc.choose_level(level, reason.strip())
	doc.save()
	return {"level": doc.hotline_level, "priority": doc.priority}


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def machine_form(ticket: str) -> str:
	"""The form of "Place on machine"."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	return cards.machine_form(ticket)


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def machine_rows(ticket: str, text: str = "") -> str:
	"""Machines whose serial begins like `text`, as rows of that form."""
	frappe.has_permission("HD Ticket", "read", ticket, throw=True)
	return cards.machine_rows(ticket, text)


@frappe.whitelist(methods=["POST"])
@agent_only
def place_on_machine(ticket: str, machine: str) -> dict:
	"""Put the ticket on a machine; later messages do not move it."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	frappe.has_permission("Hotline Machine", "read", machine, throw=True)
	doc = frappe.get_doc("HD Ticket", ticket)
	doc.hotline_machine = machine
	doc.save()
	return {"machine": doc.hotline_machine, "level": doc.hotline_level}
