"""Messages to the Cloud API as plain values: kinds, their limits, files by type and size. Pure."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_BODY = 1024
MOST_BUTTONS, LONGEST_BUTTON = 3, 20
MOST_ROWS, LONGEST_ROW, LONGEST_ROW_TEXT, LONGEST_ROW_ID = 10, 24, 72, 200
LONGEST_BUTTON_ID = 256
LONGEST_LIST_BUTTON = 20
MEGABYTE = 1024 * 1024

# Kind to its types; every other type goes as a document.
_TYPES = {
	"image": ("image/jpeg", "image/png"),
	"video": ("video/mp4", "video/3gpp"),
	"audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
}
_MOST_BYTES = {
	"image": 5 * MEGABYTE,
	"video": 16 * MEGABYTE,
	"audio": 16 * MEGABYTE,
	"document": 100 * MEGABYTE,
}
_WORDS = {"image": "photos", "video": "videos", "audio": "sound files", "document": "documents"}
_KNOWN = {
	".3gp": "video/3gpp",
	".amr": "audio/amr",
	".m4a": "audio/mp4",
	".ogg": "audio/ogg",
	".opus": "audio/ogg",
}


class OutgoingError(ValueError):
	"""The message cannot go out on WhatsApp; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
	"""A file that WhatsApp takes: its kind there and its type."""

	kind: str
	mime_type: str


@dataclass(frozen=True, slots=True)
class Choice:
	"""A button or a row of a list; `identifier` comes back when the customer taps it."""

	identifier: str
	title: str
	description: str = ""


def file_of(name: str, size: int) -> OutgoingFile:
	"""How a file goes out; refused with a clear text when WhatsApp does not take it."""
	suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
	mime_type = _KNOWN.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
	kind = next((kind for kind, types in _TYPES.items() if mime_type in types), "document")
	if size <= 0:
		raise OutgoingError(f"{name} is empty. Attach it again.")
	if size > _MOST_BYTES[kind]:
		raise OutgoingError(
			f"{name} has {size / MEGABYTE:.1f} MB; WhatsApp takes {_WORDS[kind]} of at most "
			f"{_MOST_BYTES[kind] // MEGABYTE} MB. Make it smaller or send it by e-mail. Nothing was sent."
		)
	return OutgoingFile(kind, mime_type)


def text_payload(text: str) -> dict[str, Any]:
	"""A text; links in it get no preview, which would be fetched from outside."""
	return {"type": "text", "text": {"preview_url": False, "body": text}}


def media_payload(kind: str, media_id: str, name: str) -> dict[str, Any]:
	"""An uploaded file; only documents show a name."""
	return {"type": kind, kind: {"id": media_id, **({"filename": name[:240]} if kind == "document" else {})}}


def buttons_payload(body: str, choices: Sequence[Choice]) -> dict[str, Any]:
	"""Up to three quick replies."""
	if not 1 <= len(choices) <= MOST_BUTTONS:
		raise OutgoingError(f"A message has one to {MOST_BUTTONS} quick replies; use a list for more.")
	for choice in choices:
		_check(choice.title, LONGEST_BUTTON, "A quick reply")
		_check(choice.identifier, LONGEST_BUTTON_ID, "The id of a quick reply")
	_check_distinct(choices)
	buttons = [{"type": "reply", "reply": {"id": one.identifier, "title": one.title}} for one in choices]
	return _interactive("button", body, {"buttons": buttons})


def list_payload(body: str, button: str, rows: Sequence[Choice]) -> dict[str, Any]:
	"""A list of up to ten rows behind one button."""
	if not 1 <= len(rows) <= MOST_ROWS:
		raise OutgoingError(f"A list has one to {MOST_ROWS} rows.")
	_check(button, LONGEST_LIST_BUTTON, "The button of a list")
	for row in rows:
		_check(row.title, LONGEST_ROW, "A row of a list")
		_check(row.identifier, LONGEST_ROW_ID, "The id of a row")
		if len(row.description) > LONGEST_ROW_TEXT:
			raise OutgoingError(f"The text below a row has at most {LONGEST_ROW_TEXT} characters.")
	_check_distinct(rows)
	section = [
		{
			"id": row.identifier,
			"title": row.title,
			**({"description": row.description} if row.description else {}),
		}
		for row in rows
	]
	return _interactive("list", body, {"button": button, "sections": [{"rows": section}]})


def location_request_payload(body: str) -> dict[str, Any]:
	"""Asks the customer to share where the machine stands."""
	return _interactive("location_request_message", body, {"name": "send_location"})


def in_reply_to(payload: dict[str, Any], provider_id: str | None) -> dict[str, Any]:
	"""The same message shown as an answer to an earlier one."""
	return {**payload, "context": {"message_id": provider_id}} if provider_id else payload


def addressed(payload: dict[str, Any], recipient: str, key: str) -> dict[str, Any]:
	"""The body of POST /{number}/messages: a telephone number in `to`, a user id in `recipient`."""
	who = {"to": recipient} if recipient.isdigit() else {"recipient": recipient}
	return {
		"messaging_product": "whatsapp",
		"recipient_type": "individual",
		**who,
		**payload,
		"biz_opaque_callback_data": key,
	}


def read_payload(provider_id: str, typing: bool = False) -> dict[str, Any]:
	"""Marks a message as read; `typing` shows for 25 seconds that an answer is being written."""
	read = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
	return {**read, "typing_indicator": {"type": "text"}} if typing else read


def _interactive(kind: str, body: str, action: dict[str, Any]) -> dict[str, Any]:
	_check(body, LONGEST_BODY, "The text above the choices")
	return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action}}


def _check(text: str, most: int, what: str) -> None:
	if not text.strip():
		raise OutgoingError(f"{what} is empty.")
	if len(text) > most:
		raise OutgoingError(f"{what} has at most {most} characters: {text[:40]}…")


def _check_distinct(choices: Sequence[Choice]) -> None:
	if len({one.identifier for one in choices}) < len(choices):
		raise OutgoingError("Two choices have the same id: the answer could not be told apart.")
