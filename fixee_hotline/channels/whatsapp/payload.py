"""Splits a WhatsApp webhook body into raw events, each with the key that makes it unique.

The body is checked for its structure here, so that `to_message` may rely on it; unknown keys and kinds pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fixee_hotline.channels.base import MessageError

MAX_BODY_BYTES = 3 * 1024 * 1024
MAX_DEPTH = 50
_OBJECT = "whatsapp_business_account"
# What fits a database key column.
_MAX_KEY = 140
_NULL = {0: None}


@dataclass(frozen=True, slots=True)
class RawEvent:
	"""One thing that happened. `payload` is the provider's object with `contact` and `metadata` merged in.

	`conversation` is the person's user id, else the wa_id: events of one conversation are handled in order.
	"""

	kind: Literal["message", "status", "other"]
	key: str
	phone_number_id: str | None
	conversation: str | None
	payload: dict[str, Any]


def read_webhook(body: bytes | dict[str, Any]) -> list[RawEvent]:
	"""The events of one webhook call, in their order; `MessageError` for anything else."""
	data = _sanitised(_loaded(body), 0)
	if not isinstance(data, dict) or data.get("object") != _OBJECT:
		raise MessageError(f'this is not a WhatsApp webhook: "object" must be "{_OBJECT}"')
	events: list[RawEvent] = []
	for entry_index, entry in enumerate(_dicts(data, "entry", "the body", required=True)):
		where = f"entry[{entry_index}]"
		for change_index, change in enumerate(_dicts(entry, "changes", where)):
			events.extend(_events_of_change(change, f"{where}.changes[{change_index}]"))
	return events


def _loaded(body: bytes | dict[str, Any]) -> Any:
	if isinstance(body, dict):
		return body
	if len(body) > MAX_BODY_BYTES:
		raise MessageError(
			f"the webhook body has {len(body):,} bytes, more than the provider ever sends (3 MB)"
		)
	try:
		return json.loads(body, parse_constant=_refuse_constant)
	except RecursionError:
		raise MessageError(f"the webhook body is nested deeper than {MAX_DEPTH} levels") from None
	except ValueError as error:
		raise MessageError(f"the webhook body is not JSON: {str(error)[:200]}") from None


def _refuse_constant(name: str) -> None:
	raise ValueError(f"{name} is no JSON value")


def _sanitised(value: Any, depth: int) -> Any:
	"""The same value with storable text: no NUL, no half surrogate pairs. Too deep a nesting is refused."""
	if isinstance(value, str):
		return _storable(value)
	if isinstance(value, (dict, list)):
		if depth >= MAX_DEPTH:
			raise MessageError(f"the webhook body is nested deeper than {MAX_DEPTH} levels")
		if isinstance(value, dict):
			return {_storable(str(name)): _sanitised(one, depth + 1) for name, one in value.items()}
		return [_sanitised(one, depth + 1) for one in value]
	return value


def _storable(text: str) -> str:
	if text.isascii():
		return text.translate(_NULL) if "\x00" in text else text
	return text.translate(_NULL).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _events_of_change(change: dict[str, Any], where: str) -> Iterator[RawEvent]:
	value = _object(change, "value", where)
	if value is None:
		raise MessageError(f'{where} has no "value": this is not a WhatsApp webhook')
	name = _text(change, "field", where) or "messages"
	metadata = _object(value, "metadata", where) or {}
	number = _text(metadata, "phone_number_id", f"{where}.metadata")
	contacts = _dicts(value, "contacts", where)
	messages, statuses = _dicts(value, "messages", where), _dicts(value, "statuses", where)
	for index, contact in enumerate(contacts):
		_check_contact(contact, f"{where}.contacts[{index}]")
	for index, message in enumerate(messages):
		yield _message_event(message, contacts, metadata, number, f"{where}.messages[{index}]")
	for index, status in enumerate(statuses):
		yield _status_event(status, contacts, metadata, number, f"{where}.statuses[{index}]")
	errors = _dicts(value, "errors", where)
	if errors or not (messages or statuses):
		content = {"errors": errors} if messages or statuses else value
		yield _other_event(name, content, metadata, number)


def _message_event(
	message: dict[str, Any],
	contacts: list[dict[str, Any]],
	metadata: dict[str, Any],
	number: str | None,
	where: str,
) -> RawEvent:
	identifier = _required_text(message, "id", where)
	kind = _text(message, "type", where)
	for name in ("from", "from_user_id", "timestamp", "group_id"):
		_text(message, name, where)
	for name in ("context", "referral"):
		_object(message, name, where)
	if kind and kind in message and not isinstance(message[kind], (dict, list)):
		raise MessageError(f'{where}: "{kind}" must be an object')
	_dicts(message, "errors", where)
	contact = _contact_of(message, contacts, ("from_user_id", "from"))
	person = (
		message.get("from_user_id") or contact.get("user_id") or message.get("from") or contact.get("wa_id")
	)
	return RawEvent(
		kind="message",
		key=_key(number, identifier),
		phone_number_id=number,
		conversation=person,
		payload={**message, "contact": contact, "metadata": metadata},
	)


def _status_event(
	status: dict[str, Any],
	contacts: list[dict[str, Any]],
	metadata: dict[str, Any],
	number: str | None,
	where: str,
) -> RawEvent:
	identifier = _required_text(status, "id", where)
	state = _required_text(status, "status", where)
	for name in ("timestamp", "recipient_id", "recipient_user_id"):
		_text(status, name, where)
	_dicts(status, "errors", where)
	contact = _contact_of(status, contacts, ("recipient_user_id", "recipient_id"))
	return RawEvent(
		kind="status",
		key=_key(number, identifier, state, str(status.get("timestamp") or "")),
		phone_number_id=number,
		conversation=status.get("recipient_user_id") or status.get("recipient_id"),
		payload={**status, "contact": contact, "metadata": metadata},
	)


def _other_event(
	name: str, content: dict[str, Any], metadata: dict[str, Any], number: str | None
) -> RawEvent:
	"""Account and template notices, user id changes, errors of the number: recorded, not shown."""
	canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
	digest = hashlib.sha256(canonical.encode("ascii")).hexdigest()
	return RawEvent(
		kind="other",
		key=_key(number, name, digest[:40]),
		phone_number_id=number,
		conversation=None,
		payload={**content, "field": name, "metadata": metadata},
	)


def _check_contact(contact: dict[str, Any], where: str) -> None:
	for name in ("wa_id", "user_id"):
		_text(contact, name, where)
	profile = _object(contact, "profile", where) or {}
	for name in ("name", "username"):
		_text(profile, name, f"{where}.profile")


def _contact_of(
	item: dict[str, Any], contacts: list[dict[str, Any]], names: tuple[str, str]
) -> dict[str, Any]:
	"""The contact of this very person: by user id, then wa_id; a lone contact where nothing contradicts."""
	user_id, wa_id = (item.get(name) for name in names)
	for contact in contacts:
		if user_id and contact.get("user_id") == user_id:
			return contact
	for contact in contacts:
		if wa_id and contact.get("wa_id") == wa_id:
			return contact
	if (
		len(contacts) == 1
		and not (wa_id and contacts[0].get("wa_id"))
		and not (user_id and contacts[0].get("user_id"))
	):
		return contacts[0]
	return {}


def _key(*pieces: str | None) -> str:
	key = ":".join(piece or "" for piece in pieces)
	if len(key) <= _MAX_KEY:
		return key
	digest = hashlib.sha256(key.encode("utf-8")).hexdigest()
	return f"{key[: _MAX_KEY - 41]}:{digest[:40]}"


def _dicts(holder: dict[str, Any], name: str, where: str, required: bool = False) -> list[dict[str, Any]]:
	value = holder.get(name)
	if value is None and not required:
		return []
	if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
		raise MessageError(f'{where}: "{name}" must be a list of objects')
	return value


def _object(holder: dict[str, Any], name: str, where: str) -> dict[str, Any] | None:
	value = holder.get(name)
	if value is not None and not isinstance(value, dict):
		raise MessageError(f'{where}: "{name}" must be an object')
	return value


def _text(holder: dict[str, Any], name: str, where: str) -> str | None:
	value = holder.get(name)
	if value is not None and not isinstance(value, str):
		raise MessageError(f'{where}: "{name}" must be text')
	return value


def _required_text(holder: dict[str, Any], name: str, where: str) -> str:
	value = _text(holder, name, where)
	if not value:
		raise MessageError(f'{where} has no "{name}": this is not a WhatsApp webhook')
	return value
