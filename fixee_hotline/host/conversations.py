"""A WhatsApp message into the right ticket: whose it is, which conversation it continues, how it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe.utils import convert_utc_to_system_timezone, now_datetime

from fixee_hotline.channels import store as channel_store
from fixee_hotline.channels.base import Message
from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.channels.whatsapp.identity import Identity, e164, identities_of
from fixee_hotline.channels.whatsapp.messages import is_forwarded, to_message
from fixee_hotline.channels.whatsapp.payload import RawEvent
from fixee_hotline.channels.whatsapp.people import store as people_store
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.conversation.tickets import choose
from fixee_hotline.host import automatic, changes, media, thread, window
from fixee_hotline.host.addresses import pseudo_address
from fixee_hotline.host.changes import NothingToDo, NotYet
from fixee_hotline.host.settings import settings
from fixee_hotline.machines.senders import phone_digits, same_phone
from fixee_hotline.machines.store import SiteRegistry

__all__ = ["NotYet", "NothingToDo", "Taken", "take_in"]

CHANNEL = "WhatsApp"
LONGEST_SUBJECT = 120
# A subject is plain text everywhere; what looks like a tag would be half removed on saving.
NO_MARKUP = str.maketrans("<>", "‹›")


@dataclass(frozen=True, slots=True)
class Taken:
	"""Where an event ended; `opened`: a new ticket, whose number no other may wait for."""

	ticket: str | None
	communication: str | None
	opened: bool = False


@dataclass(frozen=True, slots=True)
class Person:
	"""Who wrote: the contact, and the addresses that stand for him or her in Helpdesk."""

	contact: str
	address: str
	addresses: frozenset[str]
	phone: str | None


def take_in(event: frappe._dict) -> Taken:
	"""Bring one raw event into its ticket, created where needed.

	`NothingToDo` and `NotYet` say why it is nowhere, or not now.
	"""
	raw = whatsapp_store.raw_event(event)
	if raw.kind == "status":
		return Taken(*changes.status(event, raw.payload))
	if raw.kind == "other":
		return Taken(*changes.notice(event, raw.payload))
	message = to_message(raw)
	if message.kind in changes.ABOUT_EARLIER:
		place = changes.about_earlier(event, message)
		if place:
			return Taken(*place)
	elif raw.payload.get("type") == "system":
		return Taken(*changes.system(event, message, raw.payload))
	return _new_message(event, raw, message)


def same_number(phone: str | None) -> Callable[[str], bool]:
	"""Whether another spelling is this telephone number."""
	digits = phone_digits(phone) if phone else None

	def is_same(other: str) -> bool:
		known = phone_digits(other)
		return bool(digits and known) and same_phone(known, digits)

	return is_same


def person_of(event: frappe._dict, message: Message) -> Person:
	"""The contact by user id within the portfolio, then by number; created when there is none."""
	identities = identities_of(message, whatsapp_store.portfolio(event.account))
	phone = e164(message.sender.address)
	identity = message.sender.address or message.provider_user_id or "unknown"
	address = pseudo_address(identity)
	contact = people_store.contact_of(identities)
	if not contact:
		contact = channel_store.contact_of(address, phone, message.sender.name, same_number(phone))
	elif phone and not people_store.contact_of([Identity("Phone", phone)]):
		channel_store.add_phone(contact, phone)
	people_store.remember(contact, identities)
	known = {pseudo_address(one.value) for one in people_store.identities_of(contact)}
	return Person(contact, address, frozenset({address, *known}), phone)


def _new_message(event: frappe._dict, raw: RawEvent, message: Message) -> Taken:
	if thread_store.by_provider_id(message.provider_id):
		raise NothingToDo("This message is in its ticket already")
	person = person_of(event, message)
	ticket = _ticket_for(event, message, person)
	opened = ticket is None
	if ticket is None:
		if message.automatic:
			raise NothingToDo(f"A {message.kind} without an open conversation")
		ticket = _new_ticket(message, person, event.account)
	communication = _append(ticket, event, raw, message, person)
	whatsapp_store.resume(message.provider_id)
	thread.show_replies_to(message.provider_id)
	_answer_window(ticket, communication, event, raw, message, opened)
	return Taken(ticket, communication, opened)


def _answer_window(
	ticket: str, communication: str, event: frappe._dict, raw: RawEvent, message: Message, opened: bool
) -> None:
	"""The customer may be answered for 24 hours; automatic messages go to people, not to groups."""
	phone = raw.payload.get("from")
	recipient = phone if isinstance(phone, str) and phone.isdigit() else message.provider_user_id
	if message.automatic or message.group_id or not recipient:
		return
	window.remember(ticket, message.sent_at, event.account, recipient)
	automatic.after_message(ticket, communication, first=opened)


def _ticket_for(event: frappe._dict, message: Message, person: Person) -> str | None:
	hours = whatsapp_store.quiet_period_hours(event.account) or settings().quiet_period_hours or 0
	if message.group_id:
		names = channel_store.tickets_of_communications(thread_store.newest_of_group(message.group_id))
		states = [state for name in names if (state := channel_store.ticket_of(name))]
		return choose(None, states, now_datetime(), hours)
	place = thread.place_of(message.in_reply_to)
	answered = channel_store.ticket_of(
		place.reference_name if place else None, person.contact, person.addresses
	)
	states = channel_store.open_tickets_of(person.contact, person.addresses)
	in_groups = thread_store.group_tickets(state.name for state in states)
	alone = [state for state in states if state.name not in in_groups]
	return choose(answered, alone, now_datetime(), hours)


def _new_ticket(message: Message, person: Person, account: str) -> str:
	customer = SiteRegistry().customer_of_sender(person.phone) if person.phone else None
	doc = frappe.get_doc(
		{
			"doctype": "HD Ticket",
			"subject": _subject(message),
			"raised_by": person.address,
			"contact": person.contact,
			"customer": customer.name if customer else None,
			"agent_group": whatsapp_store.default_team(account),
			"hotline_channel": CHANNEL,
		}
	)
	# The webhook's signature is the right to write.
	doc.insert(ignore_permissions=True)
	return doc.name


def _append(ticket: str, event: frappe._dict, raw: RawEvent, message: Message, person: Person) -> str:
	sent_at = local(message.sent_at) or event.received_at or now_datetime()
	record = thread_store.add(
		provider_id=message.provider_id[:255],
		contact=person.contact,
		account=event.account,
		kind=message.kind,
		sent_at=sent_at,
		reply_to=(message.in_reply_to or "")[:255] or None,
		group_id=(message.group_id or "")[:140] or None,
		forwarded=is_forwarded(raw.payload),
		text=message.text,
		quoted=message.quoted,
	)
	keep_files(record, event, raw.payload, message)
	row = thread_store.by_name(record)
	communication = channel_store.append_message(
		ticket,
		content=thread.content_of(row),
		subject=_subject(message),
		sender=person.address,
		sender_name=message.sender.name,
		phone=person.phone,
		provider_id=message.provider_id,
		sent_at=channel_store.free_moment(ticket, sent_at),
	)
	thread_store.placed(record, communication)
	return communication


def keep_files(record: str, event: frappe._dict, payload: dict, message: Message) -> None:
	"""Files wait for their own jobs."""
	kind = str(payload.get("type") or "")
	voice = kind == "audio" and (payload.get("audio") or {}).get("voice") is True
	for file in message.attachments:
		name = files_store.add(
			record, event.account, "voice" if voice else kind, file, event.received_at or now_datetime()
		)
		media.ask_for(name)


def local(moment: datetime | None) -> datetime | None:
	"""The moment as Frappe stores it: in the site's time zone, without naming it."""
	return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None


def _subject(message: Message) -> str:
	lines = message.text.strip().splitlines()
	first = " ".join(lines[0].split()).translate(NO_MARKUP) if lines else message.kind
	return first if len(first) <= LONGEST_SUBJECT else first[: LONGEST_SUBJECT - 1].rstrip() + "…"
