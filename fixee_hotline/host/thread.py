"""A WhatsApp message in Helpdesk's thread: put together from its parts, again when one of them changes."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import strip_html

from fixee_hotline.channels import store as channel_store
from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.channels.whatsapp.media_rules import judge
from fixee_hotline.channels.whatsapp.shown import (
	ShownFile,
	ShownMessage,
	ShownTranscript,
	deleted_original,
	html_of,
	reactions_of,
)
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.host.realtime import thread_changed

STATES = {"Waiting": "waiting", "Fetching": "waiting", "Fetched": "there", "Failed": "failed"}
SPEECH = {"Waiting": "waiting", "Running": "waiting", "Done": "done", "Failed": "failed"}
OUTBOX = "Hotline Outgoing Message"


def content_of(row: frappe._dict) -> str:
	"""The message as HTML."""
	files = files_store.of_messages([row.name]).get(row.name, [])
	message = ShownMessage(
		text=row.text or "",
		forwarded=bool(row.forwarded),
		in_group=bool(row.group_id),
		reply=quoted_line(row.reply_to) if row.reply_to else None,
		referral=row.quoted or "",
		versions=tuple(thread_store.versions_of(row)),
		deleted=bool(row.deleted_at),
		files=tuple(_shown_file(file) for file in files),
	)
	return html_of(message, _)


def show(name: str) -> list[str]:
	"""Write the message anew wherever it stands, also as a merge's copy; returns those tickets."""
	row = thread_store.by_name(name)
	if not row:
		return []
	filters = {
		"message_id": row.provider_id,
		"reference_doctype": "HD Ticket",
		"sent_or_received": "Received",
	}
	places = frappe.get_all("Communication", filters, ["name", "reference_name"])
	content = content_of(row)
	for place in places:
		# Not a save: that would open the ticket again and count as an answer of the customer.
		frappe.db.set_value("Communication", place.name, "content", content, update_modified=False)
	thread_store.touch(name)
	tickets = list(dict.fromkeys(place.reference_name for place in places))
	for ticket in tickets:
		thread_changed(ticket)
	return tickets


def show_replies_to(provider_id: str) -> None:
	"""Messages that quoted this one before it was here."""
	for name in frappe.get_all(thread_store.MESSAGE, {"reply_to": provider_id}, pluck="name"):
		show(name)


def quoted_line(provider_id: str) -> str:
	"""What the message with this id says, in short; "" when it is not here."""
	row = thread_store.by_provider_id(provider_id)
	if row:
		return "" if row.deleted_at else row.text or ""
	place = place_of(provider_id)
	return strip_html(frappe.db.get_value("Communication", place.name, "content") or "") if place else ""


def place_of(provider_id: str | None) -> frappe._dict | None:
	"""Communication (`name`) and ticket (`reference_name`) of a message, received or sent."""
	found = channel_store.of_provider_id(provider_id)
	if found or not provider_id:
		return found
	# A long reply goes out as several messages.
	name = frappe.db.get_value(OUTBOX, {"provider_id": provider_id}, "communication")
	return (
		frappe.db.get_value("Communication", name, ["name", "reference_name"], as_dict=True) if name else None
	)


def chat_words(provider_id: str | None) -> str | None:
	"""What a person wrote and said in a chat message; None when it is no received chat message."""
	row = thread_store.by_provider_id(provider_id)
	if not row:
		return None
	files = files_store.of_messages([row.name]).get(row.name, [])
	said = [file.speech_text for file in files if file.speech_state == "Done" and file.speech_text]
	return "\n".join([row.text or "", *said]) if said else row.text or ""


# While the thread is read -------------------------------------------------------------------------


def decorate(communications: list[dict[str, Any]], agent: bool) -> None:
	"""Reactions under the messages; for agents also what a deleted message said."""
	if not communications:
		return
	names = [row["name"] for row in communications]
	messages = thread_store.of_communications(names)
	ids = _provider_ids(names)
	reactions = thread_store.reactions_to([one for several in ids.values() for one in several])
	for row in communications:
		message = messages.get(row["name"])
		if message and message.deleted_at and agent:
			row["content"] += deleted_original(message.text or "", _)
		found = [one for key in ids.get(row["name"], ()) for one in reactions.get(key, ())]
		row["content"] = (row["content"] or "") + reactions_of(
			[(one.emoji, one.sender_name) for one in found], _
		)
		changes = [one.reacted_at for one in found] + ([message.changed_at] if message else [])
		_show_again(row, [change for change in changes if change])


def _show_again(row: dict[str, Any], changes: list[Any]) -> None:
	"""Helpdesk's page draws a message anew only when its `creation` differs; it sorts by another date."""
	if changes and row.get("communication_date"):
		row["creation"] = max([row["creation"], *changes])


def _provider_ids(names: list[str]) -> dict[str, list[str]]:
	"""Communication to the provider's ids of it."""
	found: dict[str, list[str]] = {}
	filters = {"name": ("in", names), "message_id": ("is", "set")}
	for name, provider_id in frappe.get_all("Communication", filters, ["name", "message_id"], as_list=True):
		found.setdefault(name, []).append(provider_id)
	filters = {"communication": ("in", names), "provider_id": ("is", "set")}
	for name, provider_id in frappe.get_all(OUTBOX, filters, ["communication", "provider_id"], as_list=True):
		if provider_id not in found.setdefault(name, []):
			found[name].append(provider_id)
	return found


def _shown_file(file: frappe._dict) -> ShownFile:
	verdict = judge(file.declared_type, file.true_type or "", file.file_name)
	return ShownFile(
		name=file.file_name,
		state=STATES.get(file.state, "gone"),
		family=verdict.family,
		url=file.shown_url or file.original_url or "",
		in_place=file.state == "Fetched" and verdict.may_be_shown and not file.mismatch,
		note=_note(file, verdict.dangerous),
		transcript=_transcript(file),
	)


def _note(file: frappe._dict, dangerous: bool) -> str:
	if file.state == "Fetched":
		if dangerous:
			return _("This file could harm who opens it ({0}). It is kept, and never shown here.").format(
				file.true_type
			)
		if file.mismatch:
			return _("Declared as {0}, but it is {1}: open with care.").format(
				file.declared_type, file.true_type
			)
		return file.error or ""
	if file.state in ("Failed", "Refused"):
		again = _("To try again: Hotline, Fetch missing files.")
		return f"{file.error or ''}. {again}".replace("..", ".").lstrip(". ")
	return file.error or "" if file.state == "Expired" else ""


def _transcript(file: frappe._dict) -> ShownTranscript | None:
	if file.kind not in ("voice", "audio") or not file.speech_state:
		return None
	return ShownTranscript(
		SPEECH.get(file.speech_state, "none"),
		file.speech_text or "",
		file.speech_language,
		file.speech_confidence or None,
	)
