"""Acknowledgement, the next question and the feedback request on WhatsApp: few, and marked automatic."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.utils import get_url, now_datetime, strip_html

from fixee_hotline.channels.whatsapp.outbox import AUTOMATIC_GAP, may_send_automatic
from fixee_hotline.channels.whatsapp.outgoing import text_payload
from fixee_hotline.conversation.automatic import acknowledgement, feedback, may_ask
from fixee_hotline.host import graph, outbox, outgoing, replies, window
from fixee_hotline.host.levels import LABELS
from fixee_hotline.host.outgoing import Conversation, Draft
from fixee_hotline.host.requests import is_colleague
from fixee_hotline.intake.missing import next_question
from fixee_hotline.machines.model import Machine, MachineMatch
from fixee_hotline.machines.store import details


def after_message(ticket: str, communication: str, first: bool) -> None:
	"""A customer's message is in its ticket: acknowledge the first one, ask for what is missing."""
	doc = frappe.get_doc("HD Ticket", ticket)
	conversation = _conversation(doc)
	sender = frappe.db.get_value("Communication", communication, "sender")
	if not conversation or not window.is_open(doc) or is_colleague(sender):
		return
	last = outgoing.last_automatic(conversation.account, conversation.recipient)
	if not may_send_automatic(last, now_datetime()):
		return
	question = question_of(doc)
	asked = _asked(ticket)
	if not may_ask(question, asked, bool(doc.last_agent_response)) or not _asks(conversation.account):
		question = None
	if first and frappe.db.get_single_value("HD Settings", "send_acknowledgement_email"):
		_send(
			doc,
			conversation,
			acknowledgement(ticket, _language(doc), question),
			"Acknowledgement",
			asks=bool(question),
		)
	elif question:
		_send(doc, conversation, question, "Question", asks=True)


def ask_feedback(ticket: Any) -> None:
	"""When Helpdesk would send its feedback mail. Waits for its turn behind another automatic message."""
	conversation = _conversation(ticket)
	if not conversation or not window.is_open(ticket) or not wants_feedback(ticket):
		return
	last = outgoing.last_automatic(conversation.account, conversation.recipient)
	due = last + AUTOMATIC_GAP if last and not may_send_automatic(last, now_datetime()) else None
	url = get_url(f"/ticket-feedback/new?key={ticket.key}")
	text = feedback(str(ticket.name), url, _language(ticket))
	_send(ticket, conversation, text, "Feedback", due)


def wants_feedback(ticket: Any) -> bool:
	"""Helpdesk's own conditions for its feedback mail."""
	if ticket.is_new() or ticket.via_customer_portal or ticket.feedback_rating or ticket.is_merged:
		return False
	if not ticket.key or not ticket.has_value_changed("status"):
		return False
	names = ["enable_email_ticket_feedback", "send_email_feedback_on_status"]
	enabled, status = frappe.get_cached_value("HD Settings", "HD Settings", names)
	return bool(int(enabled or 0)) and ticket.status == (status or "Closed")


def question_of(ticket: Any) -> str | None:
	"""The next question, from what the last reading left on the ticket."""
	missing = [name for name in (ticket.hotline_missing or "").split(", ") if name]
	codes = {label: code for code, label in LABELS.items()}
	level = codes.get(ticket.hotline_level or "")
	return next_question(missing, _candidates(ticket), level, _language(ticket)) if level else None


def _candidates(ticket: Any) -> MachineMatch | None:
	names = [row.get("key") for row in json.loads(ticket.hotline_machine_candidates or "[]")]
	rows = [row for name in names if name and (row := details(name))]
	machines = tuple(Machine(row.serial, row.manufacturer, row.model, row.customer) for row in rows)
	return MachineMatch("ask", None, machines) if machines else None


def _conversation(ticket: Any) -> Conversation | None:
	account, recipient = ticket.get(window.ACCOUNT), ticket.get(window.RECIPIENT)
	if not account or not recipient or not graph.can_send(account):
		return None
	return Conversation(account, recipient, ticket.raised_by)


def _asks(account: str) -> bool:
	found = graph.account_of(account)
	return bool(found and found.automatic_questions)


def _asked(ticket: str) -> tuple[str, ...]:
	"""The questions this ticket was asked before, each as the last paragraph of an automatic message."""
	filters = {
		"reference_doctype": "HD Ticket",
		"reference_name": ticket,
		"communication_type": "Automated Message",
		"communication_medium": "Chat",
	}
	contents = frappe.get_all("Communication", filters, pluck="content", order_by="creation asc")
	texts = [content for content in contents if content]
	return tuple(strip_html(text.rpartition("<br>")[2]).strip() for text in texts if "hotline-asks" in text)


def _language(ticket: Any) -> str | None:
	of_account = frappe.db.get_value(graph.ACCOUNT, ticket.get(window.ACCOUNT), "language")
	return ticket.hotline_language or of_account


def _send(
	ticket: Any, conversation: Conversation, text: str, purpose: str, due: Any = None, *, asks: bool = False
) -> None:
	html = replies.as_html(text)
	if asks:
		html = html.replace("<div>", '<div class="hotline-asks">', 1)
	communication = replies.write_communication(ticket, html, [conversation.address], purpose)
	outgoing.queue(
		conversation,
		[Draft("text", text_payload(text))],
		purpose=purpose,
		ticket=ticket.name,
		communication=communication,
		not_before=due,
	)
	outbox.ask_for_send()
