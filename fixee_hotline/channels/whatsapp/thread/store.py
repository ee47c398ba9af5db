"""Received messages and reactions in the site's records. Sole writer of their two record types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import now_datetime

MESSAGE = "Hotline Received Message"
REACTION = "Hotline Reaction"
COLUMNS = (
	"name",
	"provider_id",
	"communication",
	"contact",
	"account",
	"kind",
	"sent_at",
	"reply_to",
	"group_id",
	"forwarded",
	"deleted_at",
	"edited_at",
	"changed_at",
	"text",
	"quoted",
	"versions",
)


def add(**values: Any) -> str:
	"""Keep a message in its parts; returns its name. A provider id stands once."""
	doc = frappe.get_doc({"doctype": MESSAGE, **values})
	# The message was proved to be genuine; the same for reactions below.
	doc.insert(ignore_permissions=True)
	return doc.name


def placed(name: str, communication: str) -> None:
	"""The message stands in the thread as this Communication."""
	frappe.db.set_value(MESSAGE, name, "communication", communication)


def by_provider_id(provider_id: str | None) -> frappe._dict | None:
	"""The message with this id."""
	return _one({"provider_id": provider_id}) if provider_id else None


def by_name(name: str) -> frappe._dict | None:
	return _one({"name": name})


def words_of(communication: str) -> str | None:
	"""What the person wrote in this message, without anything of ours; None when it is no such message."""
	return frappe.db.get_value(MESSAGE, {"communication": communication}, "text")


def edit(row: frappe._dict, text: str, at: datetime | None) -> bool:
	"""Take the new text and keep the old one; False when a newer edit is known already."""
	when = at or now_datetime()
	if row.edited_at and row.edited_at > when:
		return False
	versions = [*versions_of(row), row.text or ""] if (row.text or "") != text else versions_of(row)
	values = {
		"text": text,
		"versions": json.dumps(versions, ensure_ascii=False),
		"edited_at": when,
		"changed_at": now_datetime(),
	}
	frappe.db.set_value(MESSAGE, row.name, values)
	return True


def mark_deleted(row: frappe._dict, at: datetime | None) -> None:
	"""The sender deleted the message; its words are kept."""
	now = now_datetime()
	frappe.db.set_value(MESSAGE, row.name, {"deleted_at": at or now, "changed_at": now})


def touch(name: str) -> None:
	"""Something about the message changed: open pages read it again."""
	frappe.db.set_value(MESSAGE, name, "changed_at", now_datetime())


def versions_of(row: frappe._dict) -> list[str]:
	"""Earlier texts, the oldest first."""
	return json.loads(row.versions or "[]")


def of_communications(names: Iterable[str]) -> dict[str, frappe._dict]:
	"""Communication to the message that it shows."""
	rows = frappe.get_all(MESSAGE, {"communication": ("in", list(names))}, list(COLUMNS))
	return {row.communication: row for row in rows}


def of_contact(contact: str) -> list[frappe._dict]:
	"""All messages of a person, in their order."""
	return frappe.get_all(MESSAGE, {"contact": contact}, list(COLUMNS), order_by="sent_at asc, creation asc")


def group_tickets(tickets: Iterable[str]) -> set[str]:
	"""Of these tickets those that hold a conversation of a group."""
	names = list(tickets)
	if not names:
		return set()
	table, communication = frappe.qb.DocType(MESSAGE), frappe.qb.DocType("Communication")
	query = (
		frappe.qb.from_(communication)
		.join(table)
		.on(table.communication == communication.name)
		.select(communication.reference_name)
		.where(communication.reference_doctype == "HD Ticket")
		.where(communication.reference_name.isin(names))
		.where(table.group_id != "")
	)
	return {row[0] for row in query.run()}


def newest_of_group(group_id: str) -> list[str]:
	"""Communications written in this group, the newest first."""
	filters = {"group_id": group_id, "communication": ("is", "set")}
	return frappe.get_all(MESSAGE, filters, pluck="communication", order_by="creation desc", limit=20)


def react(
	provider_id: str, sender: str, *, emoji: str, name: str | None, contact: str | None, at: datetime | None
) -> bool:
	"""Keep a person's newest reaction to a message, "" when it was taken back; whether that is news."""
	when = at or now_datetime()
	key = {"provider_id": provider_id, "sender": sender[:140]}
	row = frappe.db.get_value(REACTION, key, ["name", "reacted_at", "emoji"], as_dict=True)
	if not row:
		values = {"emoji": emoji[:140], "sender_name": (name or "")[:140], "contact": contact}
		doc = frappe.get_doc({"doctype": REACTION, **key, **values, "reacted_at": when})
		doc.insert(ignore_permissions=True)  # as above
		return True
	if row.reacted_at and row.reacted_at > when:
		return False
	frappe.db.set_value(REACTION, row.name, {"emoji": emoji[:140], "reacted_at": when})
	return row.emoji != emoji


def reactions_to(provider_ids: Iterable[str]) -> dict[str, list[frappe._dict]]:
	"""Message to its reactions, the oldest first."""
	filters = {"provider_id": ("in", list(provider_ids)), "emoji": ("!=", "")}
	found: dict[str, list[frappe._dict]] = {}
	columns = ["provider_id", "emoji", "sender_name", "reacted_at"]
	for row in frappe.get_all(REACTION, filters, columns, order_by="reacted_at asc, creation asc"):
		found.setdefault(row.provider_id, []).append(row)
	return found


def erase(contact: str, words: str) -> None:
	"""The words of a person's messages and reactions are replaced."""
	for row in of_contact(contact):
		values = {"text": words, "quoted": "", "versions": "[]", "changed_at": now_datetime()}
		frappe.db.set_value(MESSAGE, row.name, values)
	frappe.db.delete(REACTION, {"contact": contact})


def forget_communications(names: Iterable[str]) -> None:
	"""The Communications are deleted: so is what we know of them."""
	frappe.db.delete(MESSAGE, {"communication": ("in", list(names))})


def _one(filters: dict[str, Any]) -> frappe._dict | None:
	return frappe.db.get_value(MESSAGE, filters, list(COLUMNS), as_dict=True)
