"""The outbox's rows. Sole writer of Hotline Outgoing Message; no commit here but where it says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import add_to_date, now_datetime

from fixee_hotline.channels.whatsapp.outbox import (
	idempotency_key,
	newer_state,
	pair_free_at,
	state_of_all,
)
from fixee_hotline.host.realtime import thread_changed

DOCTYPE = "Hotline Outgoing Message"
MOST_OPEN = 2000
# Longer than every time-out of one message together: its worker is gone.
LOST_AFTER_SECONDS = 240
# What Helpdesk's thread shows; these are the only words that its field knows.
DELIVERY = {
	"Pending": "Sending",
	"Sending": "Sending",
	"Unknown": "Delayed",
	"Sent": "Sent",
	"Delivered": "Sent",
	"Read": "Read",
	"Failed": "Error",
}
TIME_OF_STATE = {"Sent": "sent_at", "Delivered": "delivered_at", "Read": "read_at", "Failed": "failed_at"}
OPEN = ("Pending", "Sending")


@dataclass(frozen=True, slots=True)
class Conversation:
	"""One chat: our number, and the person by telephone number (digits) or the provider's user id."""

	account: str
	recipient: str
	address: str


@dataclass(frozen=True, slots=True)
class Draft:
	"""One message to send; `file` is the name of a File that is uploaded right before."""

	kind: str
	payload: dict[str, Any]
	file: str | None = None


def queue(
	conversation: Conversation,
	drafts: Sequence[Draft],
	*,
	purpose: str,
	ticket: str | None = None,
	communication: str | None = None,
	not_before: datetime | None = None,
	resend_of: str | None = None,
) -> list[str]:
	"""Rows in the caller's transaction: they exist exactly if what they belong to exists."""
	scope = communication or frappe.generate_hash(length=20)
	automatic = purpose in ("Notice", "Acknowledgement", "Question", "Feedback")
	return [
		_insert(
			conversation,
			draft,
			{
				"part": part,
				"idempotency_key": idempotency_key(
					conversation.account, conversation.recipient, scope, part, resend_of or ""
				),
				"purpose": purpose,
				"ticket": ticket,
				"communication": communication,
				"automatic": int(automatic),
				"next_attempt_at": not_before or now_datetime(),
				"resend_of": resend_of,
			},
		)
		for part, draft in enumerate(drafts)
	]


def _insert(conversation: Conversation, draft: Draft, values: dict[str, Any]) -> str:
	doc = frappe.get_doc(
		{
			"doctype": DOCTYPE,
			"state": "Pending",
			"account": conversation.account,
			"recipient": conversation.recipient,
			"address": conversation.address,
			"kind": draft.kind,
			"payload": json.dumps(draft.payload, ensure_ascii=False),
			"file": draft.file,
			**values,
		}
	)
	# Who may write in the ticket was asked before; the rows are nobody's own.
	doc.insert(ignore_permissions=True)
	return str(doc.name)


# Whose turn it is ---------------------------------------------------------------------------------


def heads(skip_accounts: Sequence[str]) -> list[frappe._dict]:
	"""The row whose turn it is in each chat, the oldest first. What is only planned for later waits aside."""
	table = frappe.qb.DocType(DOCTYPE)
	query = (
		frappe.qb.from_(table)
		.select(
			table.name, table.account, table.recipient, table.state, table.attempts, table.next_attempt_at
		)
		.where(table.state.isin(OPEN))
	)
	if skip_accounts:
		query = query.where(table.account.notin(list(skip_accounts)))
	rows = query.orderby(table.creation).orderby(table.part).limit(MOST_OPEN).run(as_dict=True)
	first: dict[tuple[str, str], frappe._dict] = {}
	for row in rows:
		if not _is_planned(row):
			first.setdefault((row.account, row.recipient), row)
	return list(first.values())


def open_accounts() -> list[str]:
	"""Accounts with something to send."""
	table = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(table).select(table.account).distinct().where(table.state.isin(OPEN))
	return [row[0] for row in query.run()]


def next_planned() -> datetime | None:
	"""When the next message that was planned for later is due."""
	return frappe.db.get_value(
		DOCTYPE, {"state": "Pending"}, "next_attempt_at", order_by="next_attempt_at asc"
	)


def pair_free(row: frappe._dict, pair_seconds: float) -> datetime | None:
	"""From when this person may get the next message; None: at once."""
	table = frappe.qb.DocType(DOCTYPE)
	query = (
		frappe.qb.from_(table)
		.select(table.attempted_at)
		.where(table.account == row.account)
		.where(table.recipient == row.recipient)
		.where(table.attempted_at.isnotnull())
	)
	rows = query.orderby(table.attempted_at, order=frappe.qb.desc).limit(1).run()
	return pair_free_at(rows[0][0] if rows else None, pair_seconds)


def claim(head: frappe._dict) -> frappe._dict | None:
	"""Take this row for sending, unless another worker was faster. Commits: the claim outlives a crash."""
	try:
		return _claim(head)
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
		frappe.db.rollback()
		return None


def _claim(head: frappe._dict) -> frappe._dict | None:
	table = frappe.qb.DocType(DOCTYPE)
	rows = (
		frappe.qb.from_(table)
		.select("*")
		.where(table.account == head.account)
		.where(table.recipient == head.recipient)
		.where(table.state.isin(OPEN))
		.orderby(table.creation)
		.orderby(table.part)
		.for_update()
		.run(as_dict=True)
	)
	row = next((row for row in rows if not _is_planned(row)), None)
	if not row or row.name != head.name or row.state != "Pending" or row.attempts != head.attempts:
		frappe.db.rollback()
		return None
	phase = "upload" if row.file and not row.media_id else "send"
	row.update(
		{"state": "Sending", "attempts": row.attempts + 1, "attempted_at": now_datetime(), "phase": phase}
	)
	set_values(row.name, {key: row[key] for key in ("state", "attempts", "attempted_at", "phase")})
	frappe.db.commit()
	return row


def recover_lost() -> None:
	"""Rows whose worker died: before the message itself they start afresh, in the middle nobody knows."""
	before = add_to_date(now_datetime(), seconds=-LOST_AFTER_SECONDS)
	filters = {"state": "Sending", "attempted_at": ("<", before)}
	for row in frappe.get_all(DOCTYPE, filters, ["name", "phase", "communication"]):
		if row.phase == "upload":
			set_values(row.name, {"state": "Pending", "next_attempt_at": now_datetime()})
		else:
			unknown(row.name, frappe._("The server was interrupted while sending"))


def _is_planned(row: frappe._dict) -> bool:
	return row.state == "Pending" and not row.attempts and row.next_attempt_at > now_datetime()


# What became of it --------------------------------------------------------------------------------


def advance(name: str, state: str, at: datetime | None = None, **values: Any) -> bool:
	"""Move a row forward, never back; whether its state changed."""
	row = locked({"name": name})
	if not row:
		return False
	newer = newer_state(row.state, state)
	time = TIME_OF_STATE.get(state)
	if time and not row[time]:
		values[time] = at or now_datetime()
	if newer != row.state:
		values["state"] = newer
		if newer != "Failed":
			values |= {"error": None, "advice": None, "error_code": 0}
	elif state == "Failed":
		# It arrived in spite of what this says: the reason would only mislead.
		values = {key: value for key, value in values.items() if key == "provider_id"}
	if values:
		set_values(name, values)
	show(row.communication)
	return newer != row.state


def failed(name: str, code: int, words: str, advice: str, at: datetime | None = None, **values: Any) -> bool:
	"""Refused for good, with the reason in words."""
	return advance(name, "Failed", at, error_code=code, error=words[:500], advice=advice[:500], **values)


def again(name: str, at: datetime, code: int = 0, words: str = "", advice: str = "") -> None:
	"""It certainly did not go out: another attempt."""
	row = locked({"name": name})
	if row and row.state == "Sending":
		values = {"next_attempt_at": at, "error_code": code, "error": words[:500], "advice": advice[:500]}
		set_values(name, {"state": "Pending", **values})
		show(row.communication)


def unknown(name: str, reason: str) -> None:
	"""It may have gone out: never sent again by itself."""
	row = locked({"name": name})
	if row and row.state == "Sending":
		words = frappe._("No answer: nobody knows whether it was sent ({0})").format(reason)
		advice = frappe._("Wait for a receipt, or send it again; the customer may then get it twice.")
		set_values(name, {"state": "Unknown", "error": words[:500], "advice": advice})
		show(row.communication)


def locked(filters: dict[str, Any]) -> frappe._dict | None:
	"""One row, locked until the end of the transaction."""
	return frappe.db.get_value(DOCTYPE, filters, "*", as_dict=True, for_update=True)


def set_values(name: str, values: dict[str, Any]) -> None:
	"""Write columns of a row."""
	frappe.db.set_value(DOCTYPE, name, values)


def show(communication: str | None) -> None:
	"""What the thread says of a reply: the state of all its messages that were not sent again."""
	if not communication:
		return
	rows = of_communications([communication])
	label = DELIVERY[state_of_all([row.state for row in rows])] if rows else None
	known = frappe.db.get_value("Communication", communication, ["delivery_status", "reference_name"])
	if known and label and label != known[0]:
		# Saving a Communication would re-open the ticket.
		frappe.db.set_value("Communication", communication, "delivery_status", label, update_modified=False)
	if known:
		thread_changed(known[1])


# Questions ----------------------------------------------------------------------------------------


def of_communications(names: Sequence[str]) -> list[frappe._dict]:
	"""Rows of these messages in the order they go out, without those that were sent again."""
	rows = frappe.get_all(
		DOCTYPE, {"communication": ("in", list(names))}, ["*"], order_by="creation asc, part asc"
	)
	replaced = {row.resend_of for row in rows if row.resend_of}
	return [row for row in rows if row.name not in replaced]


def of_ticket(ticket: str, limit: int = 50) -> list[frappe._dict]:
	"""The newest rows of a ticket, the newest first, without those that were sent again."""
	rows = frappe.get_all(
		DOCTYPE, {"ticket": ticket}, ["*"], order_by="creation desc, part desc", limit=limit
	)
	replaced = {row.resend_of for row in rows if row.resend_of}
	return [row for row in rows if row.name not in replaced]


def ticket_of(provider_id: str | None) -> str | None:
	"""The ticket of a message that we sent."""
	return frappe.db.get_value(DOCTYPE, {"provider_id": provider_id}, "ticket") if provider_id else None


def last_automatic(account: str, recipient: str) -> datetime | None:
	"""When this chat last got, or is to get, a message that nobody wrote."""
	filters = {"account": account, "recipient": recipient, "automatic": 1, "state": ("!=", "Failed")}
	return frappe.db.get_value(DOCTYPE, filters, "next_attempt_at", order_by="next_attempt_at desc")


def conversation_with(address: str) -> Conversation | None:
	"""The chat in which this address was last written to."""
	columns = ["account", "recipient", "address"]
	row = frappe.db.get_value(DOCTYPE, {"address": address}, columns, as_dict=True, order_by="creation desc")
	return Conversation(**row) if row else None


def forget_ticket(ticket: str) -> None:
	"""The ticket is deleted, and with it what was written in it."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})
