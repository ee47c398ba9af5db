"""WhatsApp accounts and raw webhook events in the site's records. Sole writer of Hotline Inbound Event."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import add_to_date, convert_utc_to_system_timezone, now_datetime
from frappe.utils.password import get_decrypted_password

from fixee_hotline.channels.whatsapp.messages import sent_at_of
from fixee_hotline.channels.whatsapp.payload import RawEvent

ACCOUNT = "Hotline WhatsApp Account"
EVENT = "Hotline Inbound Event"
UNKNOWN_NUMBER = (
	"No enabled WhatsApp account has this phone number id. Create or enable it: the message is then taken up."
)


def enabled_accounts() -> list[str]:
	"""Phone number ids of the enabled accounts."""
	return frappe.get_all(ACCOUNT, {"enabled": 1}, pluck="name")


def app_secret(account: str) -> str:
	"""The secret that signs this account's webhooks; empty when none is set."""
	return get_decrypted_password(ACCOUNT, account, "app_secret", raise_exception=False) or ""


def verify_token(account: str) -> str:
	"""The word entered at the provider together with the webhook address; empty when none is set."""
	return get_decrypted_password(ACCOUNT, account, "verify_token", raise_exception=False) or ""


def default_team(account: str) -> str | None:
	"""The team that gets new tickets of this account."""
	return frappe.db.get_value(ACCOUNT, account, "default_team")


# Raw events ---------------------------------------------------------------------------------------

COLUMNS = (
	"name",
	"creation",
	"modified",
	"owner",
	"modified_by",
	"state",
	"kind",
	"sender",
	"sent_at",
	"received_at",
	"account",
	"phone_number_id",
	"provider_id",
	"media_id",
	"event_key",
	"attempts",
	"error",
	"payload",
)

EVENT_COLUMNS = ("name", "account", "phone_number_id", "sender", "attempts", "payload", "kind", "event_key")


def keep(events: Iterable[RawEvent], known: Iterable[str]) -> int:
	"""Write each event once, whatever is sent again; returns how many are new."""
	accounts = set(known)
	return sum(_insert(event, accounts) for event in events)


def raw_event(row: frappe._dict) -> RawEvent:
	"""The event as it came, from a row of `next_of_conversation`."""
	return RawEvent(
		kind=row.kind,
		key=row.event_key,
		phone_number_id=row.phone_number_id,
		conversation=row.sender or None,
		payload=json.loads(row.payload),
	)


def next_of_conversation(skip: Iterable[str]) -> frappe._dict | None:
	"""The oldest pending event of a conversation that is not in `skip`, with its conversation's rows locked.

	The first statement of its transaction: what another worker did meanwhile is seen.
	"""
	table = frappe.qb.DocType(EVENT)
	query = frappe.qb.from_(table).select(table.phone_number_id, table.sender).where(table.state == "Pending")
	if names := list(skip):
		query = query.where(table.sender.notin(names))
	rows = query.orderby(table.creation).limit(1).run(as_dict=True)
	if not rows:
		return None
	frappe.db.commit()
	return _locked(rows[0].phone_number_id, rows[0].sender)


def processed(name: str, ticket: str | None, communication: str | None) -> None:
	"""The message stands in the ticket."""
	_set(name, state="Processed", ticket=ticket, communication=communication, error=None)


def ignored(name: str, reason: str) -> None:
	"""Nothing to do; the row stays as proof."""
	_set(name, state="Ignored", error=reason)


def failed(name: str, attempts: int, reason: str) -> None:
	"""Kept with its reason; tried again until the attempts are used up."""
	_set(name, state="Failed", attempts=attempts, error=reason[:1000])


def postponed(name: str, attempts: int, max_attempts: int, reason: str) -> None:
	"""Stays pending while attempts are left."""
	if attempts >= max_attempts:
		failed(name, attempts, reason)
	else:
		_set(name, attempts=attempts)


def try_again(max_attempts: int) -> int:
	"""Failed events with attempts left become pending; returns how many."""
	filters = {"state": "Failed", "attempts": ("<", max_attempts), "account": ("is", "set")}
	names = frappe.get_all(EVENT, filters, pluck="name", limit=1000)
	for name in names:
		_set(name, state="Pending")
	return len(names)


def adopt_unknown(phone_number_id: str) -> None:
	"""Messages that came before their account was on record are pending now."""
	for name in frappe.get_all(
		EVENT, {"phone_number_id": phone_number_id, "account": ("is", "not set")}, pluck="name"
	):
		_set(name, state="Pending", account=phone_number_id, error=None)


def left_over(seconds: int) -> bool:
	"""Whether an event waits for longer than this: its job was lost."""
	before = add_to_date(now_datetime(), seconds=-seconds)
	return bool(frappe.db.exists(EVENT, {"state": "Pending", "modified": ("<", before)}))


def remove_old(days: int) -> None:
	"""Processed and ignored events received more than `days` ago."""
	before = add_to_date(now_datetime(), days=-days)
	frappe.db.delete(EVENT, {"state": ("in", ("Processed", "Ignored")), "received_at": ("<", before)})


def forget_ticket(ticket: str) -> None:
	"""The ticket is deleted; the proof of what arrived stays."""
	if frappe.db.exists(EVENT, {"ticket": ticket}):
		frappe.db.set_value(EVENT, {"ticket": ticket}, {"ticket": None, "communication": None})


def _locked(phone_number_id: str, sender: str) -> frappe._dict | None:
	table = frappe.qb.DocType(EVENT)
	rows = (
		frappe.qb.from_(table)
		.select(*(table[column] for column in EVENT_COLUMNS))
		.where(table.phone_number_id == phone_number_id)
		.where(table.sender == sender)
		.where(table.state == "Pending")
		.orderby(table.sent_at)
		.orderby(table.creation)
		.for_update()
		.run(as_dict=True)
	)
	return rows[0] if rows else frappe._dict(name=None, sender=sender)


def _insert(event: RawEvent, accounts: set[str]) -> bool:
	"""Whether the event is new: a key that is there already is left as it is."""
	columns = ", ".join(f"`{column}`" for column in COLUMNS)
	places = ", ".join(f"%({column})s" for column in COLUMNS)
	frappe.db.sql(
		f"INSERT INTO `tab{EVENT}` ({columns}) VALUES ({places}) ON DUPLICATE KEY UPDATE `name` = `name`",
		_values(event, accounts),
	)
	return bool(frappe.db._cursor.rowcount == 1)


def _values(event: RawEvent, accounts: set[str]) -> dict[str, Any]:
	now, user = now_datetime(), frappe.session.user
	number, payload = event.phone_number_id or "", event.payload
	unknown = bool(number) and number not in accounts
	return {
		"name": frappe.generate_hash(length=16),
		"creation": now,
		"modified": now,
		"owner": user,
		"modified_by": user,
		"state": "Failed" if unknown else "Pending" if event.kind == "message" else "Ignored",
		"kind": event.kind,
		"sender": (event.conversation or "")[:140],
		"sent_at": _local(sent_at_of(payload.get("timestamp"))),
		"received_at": now,
		"account": number if number in accounts else None,
		"phone_number_id": number[:140],
		"provider_id": str(payload.get("id") or "")[:255],
		"media_id": _media_id(payload),
		"event_key": event.key,
		"attempts": 0,
		"error": UNKNOWN_NUMBER if unknown else None,
		"payload": json.dumps(payload, ensure_ascii=False),
	}


def _local(moment: datetime | None) -> datetime | None:
	return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None


def _media_id(payload: dict[str, Any]) -> str | None:
	media = payload.get(str(payload.get("type")))
	identifier = media.get("id") if isinstance(media, dict) else None
	return identifier[:140] if isinstance(identifier, str) else None


def _set(name: str, **values: Any) -> None:
	frappe.db.set_value(EVENT, name, values)
