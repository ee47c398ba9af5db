"""A WhatsApp message into the right ticket: whose it is, which conversation it continues, how it is shown."""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe.utils import convert_utc_to_system_timezone, escape_html

from fixee_hotline.channels import store as channel_store
from fixee_hotline.channels.base import Attachment, Message
from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.channels.whatsapp.messages import to_message
from fixee_hotline.host.addresses import pseudo_address
from fixee_hotline.host.requests import MEDIA_CLASS
from fixee_hotline.host.settings import settings
from fixee_hotline.machines.senders import phone_digits, same_phone
from fixee_hotline.machines.store import SiteRegistry

CHANNEL = "WhatsApp"
LONGEST_SUBJECT = 120
# A subject is plain text everywhere; what looks like a tag would be half removed on saving.
NO_MARKUP = str.maketrans("<>", "‹›")
# Kinds that say nothing by themselves: they never open a ticket.
FOLLOWERS = frozenset({"reaction", "revoke", "status"})


class NothingToDo(Exception):
	"""The event needs no ticket; the text says why."""


def take_in(event: frappe._dict) -> tuple[str, str]:
	"""Ticket and Communication of one raw event, created where needed."""
	message = to_message(whatsapp_store.raw_event(event))
	address, phone = _addresses(message)
	contact = channel_store.contact_of(address, phone, message.sender.name, same_number(phone))
	ticket = _ticket_for(message, contact, address)
	if not ticket:
		if message.kind in FOLLOWERS or message.automatic:
			raise NothingToDo(f"A {message.kind} without an open conversation")
		ticket = _new_ticket(message, contact, address, phone, event.account)
	return ticket, _append(ticket, message, address, phone)


def same_number(phone: str | None) -> Callable[[str], bool]:
	"""Whether another spelling is this telephone number."""
	digits = phone_digits(phone) if phone else None

	def is_same(other: str) -> bool:
		known = phone_digits(other)
		return bool(digits and known) and same_phone(known, digits)

	return is_same


def content_of(message: Message) -> str:
	"""The message as HTML: text escaped; each file as a visible line that keeps its media id."""
	text = escape_html(message.text).replace("\n", "<br>")
	lines = [*([message.quoted] if message.quoted else []), *map(_file_line, message.attachments)]
	return f"<div>{text}</div>" + "".join(
		f'<p class="{MEDIA_CLASS}">{escape_html(line)}</p>' for line in lines
	)


def _file_line(file: Attachment) -> str:
	return f"{file.name} ({file.mime_type}), media id {file.media_id or '?'}"


def _addresses(message: Message) -> tuple[str, str | None]:
	identity = message.sender.address or message.provider_user_id or "unknown"
	digits = phone_digits(identity)
	return pseudo_address(identity), f"+{digits}" if digits else None


def _ticket_for(message: Message, contact: str, address: str) -> str | None:
	answered = channel_store.ticket_of_message(message.in_reply_to, contact, address)
	return answered or channel_store.open_ticket_of(contact, address, settings().quiet_period_hours or 0)


def _new_ticket(message: Message, contact: str, address: str, phone: str | None, account: str) -> str:
	customer = SiteRegistry().customer_of_sender(phone) if phone else None
	doc = frappe.get_doc(
		{
			"doctype": "HD Ticket",
			"subject": _subject(message),
			"raised_by": address,
			"contact": contact,
			"customer": customer.name if customer else None,
			"agent_group": whatsapp_store.default_team(account),
			"hotline_channel": CHANNEL,
		}
	)
	# The webhook's signature is the right to write.
	doc.insert(ignore_permissions=True)
	return doc.name


def _append(ticket: str, message: Message, address: str, phone: str | None) -> str:
	sent_at = (
		convert_utc_to_system_timezone(message.sent_at).replace(tzinfo=None) if message.sent_at else None
	)
	return channel_store.append_message(
		ticket,
		content=content_of(message),
		subject=_subject(message),
		sender=address,
		sender_name=message.sender.name,
		phone=phone,
		provider_id=message.provider_id,
		sent_at=sent_at,
	)


def _subject(message: Message) -> str:
	lines = message.text.strip().splitlines()
	first = " ".join(lines[0].split()).translate(NO_MARKUP) if lines else message.kind
	return first if len(first) <= LONGEST_SUBJECT else first[: LONGEST_SUBJECT - 1].rstrip() + "…"
