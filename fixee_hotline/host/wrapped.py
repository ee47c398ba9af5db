"""Helpdesk's own calls with our data in their answers. Parameters are Helpdesk's, to the letter."""

from __future__ import annotations

import frappe
from helpdesk.helpdesk.doctype.hd_ticket import api as helpdesk_api
from helpdesk.utils import is_agent

from fixee_hotline.host import delivery, window
from fixee_hotline.host.custom_fields import INTERNAL_FIELDS
from fixee_hotline.host.thread import decorate
from fixee_hotline.triage import store
from fixee_hotline.triage.store import EventRow

MOST_SIMILAR = 5


@frappe.whitelist()
def get_one(name: str, is_customer_portal: bool = False) -> dict:
	"""The ticket page of a customer, without what agents say among themselves."""
	answer = helpdesk_api.get_one(name, is_customer_portal)
	decorate(answer["communications"], agent=is_agent())
	if not is_agent():
		for fieldname in INTERNAL_FIELDS:
			answer.pop(fieldname, None)
	return answer


@frappe.whitelist()
def get_ticket_activities(ticket: str) -> dict:
	"""The thread as agents read it, with reactions and what deleted messages said."""
	answer = helpdesk_api.get_ticket_activities(ticket)
	decorate(answer["communications"], agent=is_agent())
	delivery.decorate(answer["communications"])
	return answer


@frappe.whitelist()
def get_recent_similar_tickets(ticket: str) -> dict:
	"""Helpdesk's answer, with earlier tickets of the same machine as the similar ones."""
	answer = helpdesk_api.get_recent_similar_tickets(ticket)
	if is_agent():
		shown = {row["name"] for row in answer["recent_tickets"]}
		similar = [row for row in tickets_of_machine(ticket) if row["name"] not in shown]
		answer["similar_tickets"] = [*answer["similar_tickets"], *similar]
	return answer


@frappe.whitelist()
def merge_ticket(source: str, target: str) -> None:
	"""Helpdesk copies the messages; the copies are not read again, the more serious level stays."""
	frappe.flags.hotline_copying = True
	try:
		helpdesk_api.merge_ticket(source, target)
	finally:
		frappe.flags.hotline_copying = False
	take_over(source, target)


@frappe.whitelist()
def split_ticket(subject: str, communication_id: str) -> str:
	"""Helpdesk moves the messages to a copy of the ticket; the newest of them decides there."""
	source = frappe.db.get_value("Communication", communication_id, "reference_name")
	new_ticket = helpdesk_api.split_ticket(subject, communication_id)
	doc = frappe.get_doc("HD Ticket", new_ticket)
	doc.flags.hotline_afresh = True
	# Helpdesk split it already: the agent's right to do so is proved.
	doc.save(ignore_permissions=True)
	_record(source, "split", to=new_ticket)
	_record(new_ticket, "split_from", source=source)
	return new_ticket


def tickets_of_machine(ticket: str, limit: int = MOST_SIMILAR) -> list[dict]:
	"""The newest other tickets of the ticket's machine that the user may read."""
	machine = frappe.db.get_value("HD Ticket", ticket, "hotline_machine")
	if not machine:
		return []
	return frappe.get_list(
		"HD Ticket",
		filters={"hotline_machine": machine, "name": ("!=", str(ticket))},
		fields=["name", "subject", "creation", "status"],
		order_by="creation desc",
		limit=limit,
	)


def take_over(source: str, target: str) -> None:
	"""What the merged ticket knew and the other did not."""
	doc = frappe.get_doc("HD Ticket", target)
	doc.flags.hotline_merged = frappe.get_doc("HD Ticket", source)
	# Helpdesk merged them already: the agent's right to do so is proved.
	doc.save(ignore_permissions=True)
	window.take_over(source, target)
	_record(source, "merged", into=target)
	_record(target, "merged_from", source=source)


def _record(ticket: str, event_type: str, **data: str) -> None:
	store.append([], [EventRow(str(ticket), event_type, frappe.session.user, None, data)])
