"""Who a person is on WhatsApp: a user id within a business portfolio, a telephone number, or both."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Literal

from fixee_hotline.channels.base import Message

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
IdentityKind = Literal["User ID", "Phone"]


@dataclass(frozen=True, slots=True)
class Identity:
	"""One way to know a person again. A user id stays exactly as it came; only for it `portfolio` matters."""

	kind: IdentityKind
	value: str
	portfolio: str = ""

	@property
	def key(self) -> str:
		"""Unique text for a record, at most 255 characters."""
		if self.kind == "Phone":
			return f"phone:{self.value}"
		# Databases compare without regard to case, user ids differ by it.
		return f"user:{hashlib.sha256(f'{self.portfolio}:{self.value}'.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Change:
	"""A person's identity was replaced; `after` None: only the old one is known to be void."""

	before: Identity
	after: Identity | None


def e164(address: str | None) -> str | None:
	"""The address when it is a telephone number with country code of 7 to 15 digits, else None."""
	return address if address and _E164.fullmatch(address) else None


def identities_of(message: Message, portfolio: str) -> tuple[Identity, ...]:
	"""The sender's identities, the strongest first; empty when the provider named nobody."""
	found: list[Identity] = []
	user_id, phone = message.provider_user_id, e164(message.sender.address)
	if user_id:
		found.append(Identity("User ID", user_id, portfolio))
	if phone:
		found.append(Identity("Phone", phone))
	if not found and message.sender.address:
		found.append(Identity("User ID", message.sender.address, portfolio))
	return tuple(found)


def number_changes(payload: dict[str, Any], portfolio: str) -> tuple[Change, ...]:
	"""What a message of type "system" says of the person's own number or user id."""
	system = payload.get("system")
	if not isinstance(system, dict) or "changed" not in str(system.get("type")):
		return ()
	changes = []
	old, new = _phone(payload.get("from")), _phone(system.get("wa_id") or system.get("new_wa_id"))
	if old and new and old != new:
		changes.append(Change(Identity("Phone", old), Identity("Phone", new)))
	old_id, new_id = payload.get("from_user_id"), system.get("user_id")
	if isinstance(old_id, str) and isinstance(new_id, str) and old_id != new_id:
		changes.append(Change(Identity("User ID", old_id, portfolio), Identity("User ID", new_id, portfolio)))
	return tuple(changes)


def user_id_changes(payload: dict[str, Any], portfolio: str) -> tuple[Change, ...]:
	"""What a notice "user_id_update" says."""
	rows = payload.get("user_id_update")
	changes = []
	for row in rows if isinstance(rows, list) else []:
		ids = row.get("user_id") if isinstance(row, dict) else None
		before, after = (ids.get("previous"), ids.get("current")) if isinstance(ids, dict) else (None, None)
		if isinstance(before, str) and isinstance(after, str) and before and after and before != after:
			changes.append(
				Change(Identity("User ID", before, portfolio), Identity("User ID", after, portfolio))
			)
	return tuple(changes)


def _phone(wa_id: Any) -> str | None:
	return e164(f"+{wa_id.lstrip('+')}") if isinstance(wa_id, str) else None
