"""Events that open no ticket: edits, deletions, reactions, delivery statuses, changed numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import convert_utc_to_system_timezone, get_datetime, now_datetime
from helpdesk.helpdesk.doctype.hd_ticket_activity.hd_ticket_activity import log_ticket_activity

from fixee_hotline.channels import store as channel_store
from fixee_hotline.channels.base import Message
from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.channels.whatsapp.identity import Change, number_changes, user_id_changes
from fixee_hotline.channels.whatsapp.messages import sent_at_of
from fixee_hotline.channels.whatsapp.people import store as people_store
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.host import outbox, thread
from fixee_hotline.host.masking import masked
from fixee_hotline.host.realtime import thread_changed

ABOUT_EARLIER = frozenset({"edit", "revoke", "reaction"})
# How long an event waits for the message it is about. New words may be urgent: they wait the least.
WAIT_SECONDS = {"edit": 60, "revoke": 600, "reaction": 600, "status": 600}
Place = tuple[str | None, str | None]


class NothingToDo(Exception):
	"""The event needs no ticket; the text says why."""


class NotYet(Exception):
	"""The message that the event is about is not here; `until`: when to stop waiting for it."""

	def __init__(self, until: datetime) -> None:
		super().__init__(f"Waits for the message it is about until {until}")
		self.until = until


def about_earlier(event: frappe._dict, message: Message) -> Place | None:
	"""Onto the message it is about. None: an edit whose message never came becomes a message of its own."""
	handlers = {"edit": _edit, "revoke": _revoke, "reaction": _reaction}
	place = handlers[message.kind](event, message)
	if place:
		return place
	if until := _still_waiting(event, message.kind):
		raise NotYet(until)
	if message.kind == "edit":
		return None
	raise NothingToDo(f"A {message.kind} of a message that is not here")


def status(event: frappe._dict, payload: dict[str, Any]) -> Place:
	"""A delivery status onto the message we sent."""
	provider_id = str(payload.get("id"))
	if _apply_status(provider_id, payload):
		place = thread.place_of(provider_id)
		return (place.reference_name, place.name) if place else (None, None)
	if until := _still_waiting(event, "status"):
		raise NotYet(until)
	raise NothingToDo("A status of a message that was not sent from here")


def notice(event: frappe._dict, payload: dict[str, Any]) -> Place:
	"""User ids that were replaced: the contact keeps its conversations."""
	changes = user_id_changes(payload, whatsapp_store.portfolio(event.account))
	_follow(changes)
	if not changes:
		raise NothingToDo("A notice of the provider that changes nobody's identity")
	return None, None


def system(event: frappe._dict, message: Message, payload: dict[str, Any]) -> Place:
	"""A person changed the number or the device: the identity follows, agents see it, no ticket is opened."""
	contacts = _follow(number_changes(payload, whatsapp_store.portfolio(event.account)))
	ticket = None
	for contact in contacts:
		states = channel_store.open_tickets_of(contact, ())
		for state in states:
			log_ticket_activity(state.name, _("WhatsApp: the customer's number changed"))
			thread_changed(state.name)
			ticket = state.name
	if not contacts:
		raise NothingToDo(masked(f"Nobody here has the identity that changed: {message.text}"))
	return ticket, None


def reread(ticket: str, communication: str) -> None:
	"""The words of a message changed: the ticket is assessed again by what they say now."""
	doc = frappe.get_doc("HD Ticket", ticket)
	doc.read_again(frappe.get_doc("Communication", communication))
	# The service user writes for somebody whose message was proved to be genuine.
	doc.save(ignore_permissions=True)


def _edit(event: frappe._dict, message: Message) -> Place | None:
	row = thread_store.by_provider_id(message.in_reply_to)
	if not row or not row.communication or not _is_same_person(event, row):
		return None
	if not thread_store.edit(row, message.text, _local(message.sent_at)):
		return _ticket_of(row.communication), row.communication
	thread.show(row.name)
	ticket = _ticket_of(row.communication)
	if ticket and not row.deleted_at:
		reread(ticket, row.communication)
	return ticket, row.communication


def _revoke(event: frappe._dict, message: Message) -> Place | None:
	row = thread_store.by_provider_id(message.in_reply_to)
	if not row or not row.communication or not _is_same_person(event, row):
		return None
	if not row.deleted_at:
		thread_store.mark_deleted(row, _local(message.sent_at))
		thread.show(row.name)
	return _ticket_of(row.communication), row.communication


def _reaction(event: frappe._dict, message: Message) -> Place | None:
	place = thread.place_of(message.in_reply_to)
	if not place or not message.in_reply_to:
		return None
	emoji = "" if message.text == "[reaction removed]" else message.text
	contact = frappe.db.get_value("HD Ticket", place.reference_name, "contact")
	is_news = thread_store.react(
		message.in_reply_to,
		event.sender,
		emoji=emoji,
		name=message.sender.name,
		contact=contact,
		at=_local(message.sent_at),
	)
	if is_news:
		thread_changed(place.reference_name)
	return place.reference_name, place.name


def _is_same_person(event: frappe._dict, row: frappe._dict) -> bool:
	"""Only who wrote a message may change it: the same sender at the same number, or the same contact."""
	filters = {"provider_id": row.provider_id, "kind": "message"}
	first = frappe.db.get_value(whatsapp_store.EVENT, filters, ["sender", "phone_number_id"], as_dict=True)
	if first and (first.sender, first.phone_number_id) == (event.sender, event.phone_number_id):
		return True
	senders = {one.value.lstrip("+") for one in people_store.identities_of(row.contact)}
	return event.sender.lstrip("+") in senders


def _follow(changes: tuple[Change, ...]) -> list[str]:
	contacts = []
	for change in changes:
		contact = people_store.follow(change)
		if not contact:
			continue
		contacts.append(contact)
		if change.after and change.after.kind == "Phone":
			channel_store.add_phone(contact, change.after.value)
	return list(dict.fromkeys(contacts))


def _apply_status(provider_id: str, payload: dict[str, Any]) -> bool:
	"""Onto the outbox's row; else onto a message of the thread that was sent before there was an outbox."""
	status, moment = str(payload.get("status")), sent_at_of(payload.get("timestamp"))
	errors = [one for one in payload.get("errors") or [] if isinstance(one, dict)]
	ours = payload.get("biz_opaque_callback_data")
	callback_data = ours if isinstance(ours, str) else None
	if outbox.apply_status(provider_id, status, moment, errors, callback_data):
		return True
	return whatsapp_store.apply_status(provider_id, status, _local(moment), errors)


def _still_waiting(event: frappe._dict, kind: str) -> datetime | None:
	until = event.wait_until or get_datetime(event.received_at) + timedelta(seconds=WAIT_SECONDS[kind])
	return until if until > now_datetime() else None


def _ticket_of(communication: str) -> str | None:
	return frappe.db.get_value("Communication", communication, "reference_name")


def _local(moment: datetime | None) -> datetime | None:
	return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None
