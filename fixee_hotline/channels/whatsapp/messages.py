"""One raw WhatsApp event in, one normalised message out. Never an error: the unknown shows a placeholder."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, cast

from fixee_hotline.channels.base import Attachment, Kind, Message, Participant, Party
from fixee_hotline.channels.files import safe_name
from fixee_hotline.channels.text import paragraphs
from fixee_hotline.channels.whatsapp.payload import RawEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST_SECOND = 253_402_300_799
_MAX_LISTED = 50
_MAX_NESTED = 20_000
_HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")

# What a file without words is called in the thread.
_MEDIA_WORDS = {
	"image": "photo",
	"video": "video",
	"audio": "audio",
	"voice": "voice message",
	"document": "document",
	"sticker": "sticker",
}
_MEDIA_KINDS: dict[str, Kind] = {
	"image": "image",
	"video": "video",
	"audio": "audio",
	"voice": "audio",
	"document": "document",
	"sticker": "image",
}
# WhatsApp always uses these where it names no type.
_MEDIA_TYPES = {
	"image": "image/jpeg",
	"video": "video/mp4",
	"audio": "audio/ogg",
	"voice": "audio/ogg",
	"document": "application/octet-stream",
	"sticker": "image/webp",
}


class _Read:
	"""What one payload says: its kind, words, files, and the earlier message it is about."""

	__slots__ = ("attachments", "automatic", "kind", "target", "text")

	def __init__(self, kind: Kind, text: str, target: str | None = None) -> None:
		self.kind = kind
		self.text = text
		self.target = target
		self.attachments: tuple[Attachment, ...] = ()
		self.automatic = False


def to_message(event: RawEvent) -> Message:
	"""The message of an event of `read_webhook`.

	A status is an automatic outgoing message of kind "status" whose `provider_id` and `in_reply_to` are the
	message it speaks of. `provider_user_id` is the business-scoped user id where the provider gave one.
	"""
	if event.kind == "status":
		return _status_message(event)
	if event.kind == "other":
		return _other_message(event)
	payload = event.payload
	context = _object(payload, "context")
	read = _read(payload)
	return Message(
		provider_id=_text(payload, "id"),
		channel="whatsapp",
		direction="in",
		sent_at=sent_at_of(payload.get("timestamp")),
		sender=_sender(payload),
		text=read.text.strip(),
		quoted=_referral(payload),
		in_reply_to=read.target or _text(context, "id") or None,
		kind=read.kind,
		automatic=read.automatic,
		attachments=read.attachments,
		account=event.phone_number_id,
		provider_user_id=_user_id(payload),
		group_id=_text(payload, "group_id") or None,
	)


def _read(payload: dict[str, Any]) -> _Read:
	kind = _text(payload, "type")
	if kind in _MEDIA_KINDS:
		return _media(kind, _object(payload, kind))
	reader = _READERS.get(kind)
	return reader(payload) if reader else _unsupported(payload)


def _text_message(payload: dict[str, Any]) -> _Read:
	return _Read("text", _text(_object(payload, "text"), "body"))


def _media(kind: str, media: dict[str, Any]) -> _Read:
	if kind == "audio" and media.get("voice") is True:
		kind = "voice"
	mime_type = _text(media, "mime_type").partition(";")[0].strip().lower() or _MEDIA_TYPES[kind]
	word = _MEDIA_WORDS[kind]
	filename = _text(media, "filename")
	name = safe_name(filename, mime_type, fallback=word.replace(" ", "-"))
	size = media.get("file_size")
	read = _Read(
		_MEDIA_KINDS[kind], _text(media, "caption") or (f"[{word}: {name}]" if filename else f"[{word}]")
	)
	read.attachments = (
		Attachment(
			name=name,
			mime_type=mime_type,
			size=size if isinstance(size, int) and not isinstance(size, bool) else None,
			sha256=hex_digest(_text(media, "sha256")),
			media_id=_text(media, "id") or None,
		),
	)
	return read


def hex_digest(value: str) -> str | None:
	"""The provider writes sha256 in base64 or in hex; hex is kept."""
	if _HEX_DIGEST.fullmatch(value):
		return value.lower()
	try:
		data = base64.b64decode(value, validate=True)
	except (binascii.Error, ValueError):
		return None
	return data.hex() if len(data) == 32 else None


def _location(payload: dict[str, Any]) -> _Read:
	location = _object(payload, "location")
	place = f"{_number(location, 'latitude')}, {_number(location, 'longitude')}"
	details = [_text(location, name) for name in ("name", "address")]
	return _Read("location", f"[location: {', '.join([place, *filter(None, details)])}]")


def _contacts(payload: dict[str, Any]) -> _Read:
	cards = [_card(one) for one in _objects(payload, "contacts")[:_MAX_LISTED]]
	return _Read("contacts", "\n".join(f"[contact: {card}]" for card in cards if card) or "[contact]")


def _card(contact: dict[str, Any]) -> str:
	name = _object(contact, "name")
	person = _text(name, "formatted_name") or " ".join(
		filter(None, (_text(name, "first_name"), _text(name, "last_name")))
	)
	phones = [_text(phone, "phone") or _text(phone, "wa_id") for phone in _objects(contact, "phones")[:5]]
	mails = [_text(mail, "email") for mail in _objects(contact, "emails")[:5]]
	company = _text(_object(contact, "org"), "company")
	return ", ".join(filter(None, (person, company, *phones, *mails)))


def _interactive(payload: dict[str, Any]) -> _Read:
	interactive = _object(payload, "interactive")
	for name in ("button_reply", "list_reply"):
		choice = _object(interactive, name)
		if choice:
			words = [_text(choice, "title") or _text(choice, "id"), _text(choice, "description")]
			return _Read("interactive", "\n".join(filter(None, words)))
	form = _object(interactive, "nfm_reply")
	if form:
		return _Read("interactive", _form_text(form))
	return _Read("interactive", f"[reply: {_text(interactive, 'type') or 'unknown'}]")


def _form_text(form: dict[str, Any]) -> str:
	"""The answers of a form, one a line."""
	answers: Any = None
	raw = _text(form, "response_json")
	try:
		answers = json.loads(raw) if len(raw) <= _MAX_NESTED else None
	except (ValueError, RecursionError):
		answers = None
	if not isinstance(answers, dict):
		return _text(form, "body") or "[form]"
	lines = [
		f"{name}: {value}"
		for name, value in answers.items()
		if isinstance(value, (str, int, float)) and name != "flow_token"
	]
	return paragraphs("\n".join(lines)) or "[form]"


def _button(payload: dict[str, Any]) -> _Read:
	button = _object(payload, "button")
	return _Read("interactive", _text(button, "text") or _text(button, "payload") or "[button]")


def _reaction(payload: dict[str, Any]) -> _Read:
	reaction = _object(payload, "reaction")
	emoji = _text(reaction, "emoji")
	return _Read("reaction", emoji or "[reaction removed]", _text(reaction, "message_id") or None)


def _order(payload: dict[str, Any]) -> _Read:
	order = _object(payload, "order")
	items = _objects(order, "product_items")
	lines = [
		f"{_number(item, 'quantity')} x {_text(item, 'product_retailer_id')}, "
		f"{_number(item, 'item_price')} {_text(item, 'currency')}"
		for item in items[:_MAX_LISTED]
	]
	return _Read("interactive", "\n".join(filter(None, [_text(order, "text"), "[order]", *lines])))


def _system(payload: dict[str, Any]) -> _Read:
	system = _object(payload, "system")
	read = _Read("text", f"[system: {_text(system, 'body') or _text(system, 'type') or 'notice'}]")
	read.automatic = True
	return read


def _edit(payload: dict[str, Any]) -> _Read:
	edit = _object(payload, "edit")
	inner = _object(edit, "message")
	# An edit of an edit means nothing and must not recurse.
	content = _read(inner) if _text(inner, "type") not in {"edit", "revoke", ""} else _text_message(inner)
	read = _Read("edit", content.text or "[edited message]", _text(edit, "original_message_id") or None)
	read.attachments = content.attachments
	return read


def _revoke(payload: dict[str, Any]) -> _Read:
	return _Read(
		"revoke", "[deleted message]", _text(_object(payload, "revoke"), "original_message_id") or None
	)


def _unsupported(payload: dict[str, Any]) -> _Read:
	kind = _text(payload, "type")
	known = kind not in {"", "unsupported", "unknown"}
	words = kind if known else _text(_object(payload, "unsupported"), "type")
	return _Read("unsupported", f"[unsupported message: {words}]" if words else "[unsupported message]")


_READERS: dict[str, Callable[[dict[str, Any]], _Read]] = {
	"text": _text_message,
	"location": _location,
	"contacts": _contacts,
	"interactive": _interactive,
	"button": _button,
	"reaction": _reaction,
	"order": _order,
	"system": _system,
	"edit": _edit,
	"revoke": _revoke,
}


def _status_message(event: RawEvent) -> Message:
	payload = event.payload
	errors = [_error_text(error) for error in _objects(payload, "errors")[:_MAX_LISTED]]
	own = _text(_object(payload, "metadata"), "display_phone_number")
	user_id = _text(payload, "recipient_user_id") or None
	recipient = _address(_text(payload, "recipient_id"), user_id or "")
	return Message(
		provider_id=_text(payload, "id"),
		channel="whatsapp",
		direction="out",
		sent_at=sent_at_of(payload.get("timestamp")),
		sender=Party(None, _address(own, "")),
		participants=(Participant(_name(_object(payload, "contact")), recipient, "to"),) if recipient else (),
		participants_count=1 if recipient else 0,
		text=": ".join([_text(payload, "status"), *filter(None, ["; ".join(errors)])]),
		in_reply_to=_text(payload, "id"),
		kind="status",
		automatic=True,
		account=event.phone_number_id,
		provider_user_id=user_id,
	)


def _error_text(error: dict[str, Any]) -> str:
	details = (
		_text(_object(error, "error_data"), "details") or _text(error, "message") or _text(error, "title")
	)
	return " ".join(filter(None, [str(error.get("code") or ""), details]))


def _other_message(event: RawEvent) -> Message:
	errors = [_error_text(error) for error in _objects(event.payload, "errors")[:_MAX_LISTED]]
	name = _text(event.payload, "field")
	return Message(
		provider_id=event.key,
		channel="whatsapp",
		direction="in",
		sent_at=None,
		sender=Party(None, None),
		text=f"[provider notice: {': '.join(filter(None, [name, '; '.join(errors)]))}]",
		kind="unsupported",
		automatic=True,
		account=event.phone_number_id,
	)


def sent_at_of(timestamp: Any) -> datetime | None:
	"""UTC moment of the provider's Unix seconds (text); None when they are no number or beyond year 9999."""
	if (
		not isinstance(timestamp, str)
		or not timestamp.isascii()
		or not timestamp.isdigit()
		or len(timestamp) > 12
	):
		return None
	seconds = int(timestamp)
	return _EPOCH + timedelta(seconds=seconds) if 0 < seconds <= _LAST_SECOND else None


def _sender(payload: dict[str, Any]) -> Party:
	contact = _object(payload, "contact")
	wa_id = _text(payload, "from") or _text(contact, "wa_id")
	return Party(_name(contact), _address(wa_id, _user_id(payload) or ""))


def _user_id(payload: dict[str, Any]) -> str | None:
	return _text(payload, "from_user_id") or _text(_object(payload, "contact"), "user_id") or None


def _address(wa_id: str, user_id: str) -> str | None:
	""" "+" and the digits of a wa_id; a user id exactly as it came: its digits are no phone number."""
	digits = re.sub(r"[ ()+-]", "", wa_id)
	if digits.isascii() and digits.isdigit():
		return f"+{digits}"
	return wa_id or user_id or None


def _name(contact: dict[str, Any]) -> str | None:
	profile = _object(contact, "profile")
	username = _text(profile, "username")
	return " ".join(_text(profile, "name").split()) or (f"@{username.lstrip('@')}" if username else None)


def _referral(payload: dict[str, Any]) -> str:
	"""The advertisement that the customer came from: kept beside the text, it is not the customer's words."""
	referral = _object(payload, "referral")
	words = [_text(referral, name) for name in ("headline", "body", "source_url")]
	return f"[referral: {', '.join(filter(None, words))}]" if any(words) else ""


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
	value = holder.get(name)
	return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _objects(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
	value = holder.get(name)
	return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(holder: dict[str, Any], name: str) -> str:
	value = holder.get(name)
	return paragraphs(value) if isinstance(value, str) else ""


def _number(holder: dict[str, Any], name: str) -> str:
	value = holder.get(name)
	is_shown = isinstance(value, (int, float, str)) and not isinstance(value, bool)
	return paragraphs(str(value)) if is_shown else "?"


# Kinds that speak of an earlier message, and where its id stands.
_TARGETS = {"reaction": "message_id", "edit": "original_message_id", "revoke": "original_message_id"}


def target_of(payload: dict[str, Any]) -> str | None:
	"""The id of the message that a reaction, an edit or a deletion is about; None for other kinds."""
	kind = _text(payload, "type")
	name = _TARGETS.get(kind)
	return (_text(_object(payload, kind), name) or None) if name else None


def is_forwarded(payload: dict[str, Any]) -> bool:
	"""Whether the person passed on somebody else's message."""
	context = _object(payload, "context")
	return context.get("forwarded") is True or context.get("frequently_forwarded") is True
