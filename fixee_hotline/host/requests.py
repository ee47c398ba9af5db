"""From a ticket and its newest message to what `intake.qualify` reads, and the registry it looks up in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import add_to_date, get_datetime, get_system_timezone, now_datetime

from fixee_hotline.channels.mailbox.html_text import html_to_text
from fixee_hotline.host.addresses import real_address
from fixee_hotline.host.settings import own_domains
from fixee_hotline.host.thread import chat_words
from fixee_hotline.intake.qualify import PastIncident, Qualification, Request
from fixee_hotline.machines.model import Machine
from fixee_hotline.machines.store import SiteRegistry, details, folded_serial, machine_of_row
from fixee_hotline.translation.detect import rank_languages
from fixee_hotline.triage import store
from fixee_hotline.triage.subject_line import is_reply

if TYPE_CHECKING:
	from frappe.model.document import Document

	from fixee_hotline.host.ticket import HotlineTicket

CHANNELS = {"Email": "email", "WhatsApp": "whatsapp", "Portal": "portal", "Phone": "phone"}
MOST_INCIDENTS = 50
# Our own line about a file: its media id is no serial.
MEDIA_CLASS = "hotline-media"
MEDIA_LINE = re.compile(rf'<p class="{MEDIA_CLASS}">.*?</p>', re.DOTALL)
LAYOUT_TAG = re.compile(r"<(?:p|div|br|table|html|body|ul|ol|h[1-6]|blockquote|pre|span)\b", re.IGNORECASE)
ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Reading:
	"""A request to qualify. `first`: the customer's first text; `message`: its Communication."""

	request: Request
	first: bool
	message: str | None = None

	def having(self, **values: Any) -> Reading:
		"""The same reading with some values of its request replaced."""
		return dataclasses.replace(self, request=dataclasses.replace(self.request, **values))


class PlacedRegistry(SiteRegistry):
	"""The registry for a ticket that a person placed on a machine: no other machine answers to serials."""

	def __init__(self, machine: Machine) -> None:
		self.machine = machine

	def with_folded_serials(self, keys: Collection[str]) -> Mapping[str, Sequence[Machine]]:
		key = folded_serial(self.machine.serial)
		return {key: [self.machine]} if key in keys else {}


def warm() -> None:
	"""What is slow once a process happens here, before any row is locked."""
	rank_languages(store.WARM_UP, store.active_engine().rules.languages)


def newest(ticket: HotlineTicket) -> Reading | None:
	"""The newest text a customer wrote; None when a colleague wrote it."""
	message = ticket.flags.hotline_message
	first = not ticket.hotline_last_message
	if message is None and not ticket.is_new():
		message = newest_message(ticket.name)
	if message is None:
		text = plain_text(ticket.description)
		subject = None if ticket.hotline_channel == "WhatsApp" else ticket.subject
		if not text and not subject:
			return None
		return Reading(_request(ticket, text, subject, ticket.raised_by, ticket.creation), first=True)
	if not first and is_colleague(message.sender):
		return None
	text = words_of(message)
	subject = ticket.subject if first else new_subject(message.subject, ticket.subject)
	if ticket.hotline_channel == "WhatsApp":
		subject = None
	request = _request(ticket, text, subject, message.sender, message.communication_date)
	if files := len(MEDIA_LINE.findall(message.content or "")):
		request = dataclasses.replace(request, attachments=request.attachments + files)
	return Reading(request, first, message.name)


def newest_message(ticket: str) -> Document | None:
	"""The newest received Communication of a ticket."""
	filters = {"reference_doctype": "HD Ticket", "reference_name": ticket, "sent_or_received": "Received"}
	columns = ["name", "content", "subject", "sender", "communication_date", "message_id"]
	rows = frappe.get_all("Communication", filters, columns, order_by="communication_date desc", limit=1)
	return rows[0] if rows else None


def words_of(message: Document) -> str:
	"""What the person wrote or said: of a chat message not what it quotes, and no earlier version."""
	words = chat_words(message.get("message_id"))
	return plain_text(message.content) if words is None else words


def plain_text(stored: str | None) -> str:
	"""Readable text of a stored message. Quoted history is cut later, by the qualification."""
	if not stored:
		return ""
	stored = MEDIA_LINE.sub("", stored)
	# Frappe stores a plain-text mail as it is: its line ends are all the structure it has.
	return html_to_text(stored) if LAYOUT_TAG.search(stored) else unescape(ANY_TAG.sub("", stored)).strip()


def new_subject(subject: str | None, known: str | None) -> str | None:
	"""The subject of a later message when its sender changed it; a reply's subject is old news."""
	if not subject or is_reply(subject) or subject.strip().casefold() == (known or "").strip().casefold():
		return None
	return subject


def is_colleague(sender: str | None) -> bool:
	"""Whether the hotline's own people wrote it."""
	address = (sender or "").lower()
	domain = address.rpartition("@")[2].strip("> ")
	if domain and domain in own_domains():
		return True
	return bool(address) and bool(frappe.db.exists("HD Agent", address))


def registry(placed: Machine | None) -> SiteRegistry:
	"""Where a ticket's machine is looked up: everywhere, or only at the machine that a person chose."""
	return PlacedRegistry(placed) if placed else SiteRegistry()


def machine_of(ticket: HotlineTicket) -> Machine | None:
	"""The machine the ticket stands on."""
	row = details(ticket.hotline_machine) if ticket.hotline_machine else None
	return machine_of_row(row) if row else None


def history(ticket: HotlineTicket, qualification: Qualification, days: int) -> tuple[PastIncident, ...]:
	"""Earlier requests about the same machine that named a fault code, when this one does too."""
	match = qualification.machine
	key = ticket.hotline_machine or (match.machine.key if match and match.machine else None)
	if not key or not qualification.fault_codes:
		return ()
	rows = frappe.get_all(
		"HD Ticket",
		{
			"hotline_machine": key,
			"name": ("!=", ticket.name),
			"creation": (">", add_to_date(now_datetime(), days=-days)),
			"hotline_fault_codes": ("is", "set"),
		},
		["hotline_fault_codes", "creation"],
		order_by="creation desc",
		limit=MOST_INCIDENTS,
	)
	return tuple(
		PastIncident(tuple(re.split(r",\s*", row.hotline_fault_codes)), aware(row.creation)) for row in rows
	)


def aware(value: datetime | str | None) -> datetime:
	"""A stored time with the site's time zone; now when there is none."""
	return (get_datetime(value) if value else now_datetime()).replace(tzinfo=ZoneInfo(get_system_timezone()))


def _request(
	ticket: HotlineTicket,
	text: str,
	subject: str | None,
	sender: str | None,
	received_at: datetime | str | None,
) -> Request:
	return Request(
		text=text,
		channel=CHANNELS.get(ticket.hotline_channel or "", "email"),
		subject=subject,
		sender=real_address(sender),
		customer=ticket.customer,
		received_at=aware(received_at),
		serial=ticket.hotline_serial_given if ticket.is_news("hotline_serial_given") else None,
		item_state=ticket.hotline_item_state if ticket.is_news("hotline_item_state") else None,
		attachments=len(ticket.get("attachments") or []),
		participant_language=ticket.hotline_language,
	)
