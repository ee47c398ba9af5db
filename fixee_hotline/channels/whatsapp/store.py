"""WhatsApp accounts and raw webhook events in the site's records. Sole writer of Hotline Inbound Event."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

import frappe
from frappe.utils import add_to_date, convert_utc_to_system_timezone, now_datetime
from frappe.utils.password import get_decrypted_password

from fixee_hotline.channels.whatsapp.messages import sent_at_of, target_of
from fixee_hotline.channels.whatsapp.payload import RawEvent
from fixee_hotline.channels.whatsapp.statuses import LABELS, next_status, status_of_label

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


def app_secrets(account: str) -> list[str]:
	"""Every secret that may sign now: the current one, and the one before it until its date."""
	until = frappe.db.get_value(ACCOUNT, account, "previous_app_secret_until")
	secrets = [app_secret(account)]
	if until and until > now_datetime():
		secrets.append(
			get_decrypted_password(ACCOUNT, account, "previous_app_secret", raise_exception=False) or ""
		)
	return [secret for secret in secrets if secret]


def verify_token(account: str) -> str:
	"""The word entered at the provider together with the webhook address; empty when none is set."""
	return get_decrypted_password(ACCOUNT, account, "verify_token", raise_exception=False) or ""


def default_team(account: str) -> str | None:
	"""The team that gets new tickets of this account."""
	return frappe.db.get_value(ACCOUNT, account, "default_team")


def portfolio(account: str | None) -> str:
	"""Within which the user ids of this account's people are valid."""
	return (frappe.db.get_value(ACCOUNT, account, "business_portfolio") if account else None) or ""


def quiet_period_hours(account: str | None) -> int:
	"""The account's own quiet period; 0: as in Hotline Settings."""
	return (frappe.db.get_value(ACCOUNT, account, "quiet_period_hours") if account else None) or 0


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
	"target_id",
	"attempts",
	"error",
	"payload",
)

EVENT_COLUMNS = (
	"name",
	"account",
	"phone_number_id",
	"sender",
	"attempts",
	"payload",
	"kind",
	"event_key",
	"target_id",
	"received_at",
	"wait_until",
)
# Notices that speak of people; the others are kept and not worked on.
WORKED_NOTICES = frozenset({"user_id_update"})


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


def next_conversation(skip: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
	"""Number and person of the oldest pending event whose conversation is not in `skip`."""
	table = frappe.qb.DocType(EVENT)
	query = frappe.qb.from_(table).select(table.phone_number_id, table.sender).where(table.state == "Pending")
	for number, sender in skip:
		query = query.where((table.phone_number_id != number) | (table.sender != sender))
	rows = query.orderby(table.creation).limit(1).run()
	return (rows[0][0], rows[0][1]) if rows else None


def pending_of(phone_number_id: str, sender: str, limit: int) -> list[frappe._dict]:
	"""The conversation's pending events in the order they were sent, then came."""
	return frappe.get_all(
		EVENT,
		{"phone_number_id": phone_number_id, "sender": sender, "state": "Pending"},
		list(EVENT_COLUMNS),
		order_by="sent_at asc, creation asc",
		limit=limit,
	)


def lock_conversation(phone_number_id: str, sender: str, seconds: int = 0) -> bool:
	"""Whether this connection now works on the conversation alone; the database lets go when it is lost."""
	name = _lock_name(phone_number_id, sender)
	return frappe.db.sql("SELECT GET_LOCK(%s, %s)", (name, seconds))[0][0] == 1


def unlock_conversation(phone_number_id: str, sender: str) -> None:
	"""Somebody else may work on the conversation."""
	frappe.db.sql("SELECT RELEASE_LOCK(%s)", (_lock_name(phone_number_id, sender),))


def processed(name: str, ticket: str | None, communication: str | None) -> None:
	"""The message stands in the ticket."""
	_set(name, state="Processed", ticket=ticket, communication=communication, error=None)


def ignored(name: str, reason: str) -> None:
	"""Nothing to do; the row stays as proof."""
	_set(name, state="Ignored", error=reason)


def waiting(name: str, until: datetime) -> None:
	"""The message that the event is about is not here yet."""
	_set(name, state="Waiting", wait_until=until)


def resume(provider_id: str) -> int:
	"""The message with this id is here now: what came before it and speaks of it is worked on again."""
	filters = {"target_id": provider_id, "state": ("in", ("Waiting", "Ignored"))}
	names = frappe.get_all(EVENT, filters, pluck="name") if provider_id else []
	for name in names:
		_set(name, state="Pending", error=None)
	return len(names)


def resume_waiting() -> int:
	"""Every waiting event gets another look; those whose time is over are then finished without it."""
	names = frappe.get_all(EVENT, {"state": "Waiting"}, pluck="name", order_by="modified asc", limit=500)
	for name in names:
		_set(name, state="Pending")
	return len(names)


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
	filters = {"phone_number_id": phone_number_id, "account": ("is", "not set")}
	for row in frappe.get_all(EVENT, filters, ["name", "kind"]):
		state = "Ignored" if row.kind == "other" else "Pending"
		_set(row.name, state=state, account=phone_number_id, error=None)


def unknown_numbers() -> list[frappe._dict]:
	"""Numbers that no account has, with how many events wait for one and when the last came."""
	table, count = frappe.qb.DocType(EVENT), frappe.query_builder.functions
	query = frappe.qb.from_(table).where(table.state == "Unknown Account").groupby(table.phone_number_id)
	return query.select(
		table.phone_number_id,
		count.Count(table.name).as_("events"),
		count.Max(table.received_at).as_("last_received_at"),
	).run(as_dict=True)


def left_over(seconds: int) -> bool:
	"""Whether an event waits for longer than this: its job was lost."""
	before = add_to_date(now_datetime(), seconds=-seconds)
	return bool(frappe.db.exists(EVENT, {"state": "Pending", "modified": ("<", before)}))


def remove_old(days: int) -> None:
	"""Events received more than `days` ago, whatever became of them; what is still to be done stays."""
	before = add_to_date(now_datetime(), days=-days)
	frappe.db.delete(EVENT, {"state": ("!=", "Pending"), "received_at": ("<", before)})


def erase_of(senders: Iterable[str], communications: Iterable[str]) -> int:
	"""Raw events of a person, by what the provider calls it and by the messages they became."""
	rows = set()
	for column, values in (("sender", list(senders)), ("communication", list(communications))):
		if values:
			rows |= set(frappe.get_all(EVENT, {column: ("in", values)}, pluck="name"))
	if rows:
		frappe.db.delete(EVENT, {"name": ("in", list(rows))})
	return len(rows)


def apply_status(
	provider_id: str, status: str, timestamp: datetime | None, errors: list[dict[str, Any]]
) -> bool:
	"""A delivery status onto the message with this id; False when we sent no such message.

	Forward only: `statuses.next_status`. `errors` are for those who keep more of a message than its status.
	"""
	filters = {"message_id": provider_id, "sent_or_received": "Sent"}
	rows = frappe.get_all("Communication", filters, ["name", "delivery_status"])
	for row in rows:
		new = next_status(status_of_label(row.delivery_status), status)
		if new:
			frappe.db.set_value("Communication", row.name, "delivery_status", LABELS[new])
	return bool(rows)


def forget_ticket(ticket: str) -> None:
	"""The ticket is deleted; the proof of what arrived stays."""
	if frappe.db.exists(EVENT, {"ticket": ticket}):
		frappe.db.set_value(EVENT, {"ticket": ticket}, {"ticket": None, "communication": None})


def _lock_name(phone_number_id: str, sender: str) -> str:
	whole = f"{frappe.conf.db_name}:{phone_number_id}:{sender}"
	return f"hotline:{sha256(whole.encode()).hexdigest()[:48]}"


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
		"state": "Unknown Account" if unknown else _first_state(event),
		"kind": event.kind,
		"sender": (event.conversation or "")[:140],
		"sent_at": _local(sent_at_of(payload.get("timestamp"))),
		"received_at": now,
		"account": number if number in accounts else None,
		"phone_number_id": number[:140],
		"provider_id": str(payload.get("id") or "")[:255],
		"media_id": _media_id(payload),
		"event_key": event.key,
		"target_id": (payload.get("id") if event.kind == "status" else target_of(payload)) or None,
		"attempts": 0,
		"error": UNKNOWN_NUMBER if unknown else None,
		"payload": json.dumps(payload, ensure_ascii=False),
	}


def _first_state(event: RawEvent) -> str:
	is_work = event.kind != "other" or event.payload.get("field") in WORKED_NOTICES
	return "Pending" if is_work else "Ignored"


def _local(moment: datetime | None) -> datetime | None:
	return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None


def _media_id(payload: dict[str, Any]) -> str | None:
	media = payload.get(str(payload.get("type")))
	identifier = media.get("id") if isinstance(media, dict) else None
	return identifier[:140] if isinstance(identifier, str) else None


def _set(name: str, **values: Any) -> None:
	frappe.db.set_value(EVENT, name, values)
