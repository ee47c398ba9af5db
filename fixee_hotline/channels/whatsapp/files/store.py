"""Files of received messages in the site's records. Sole writer of Hotline Media."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import add_to_date, get_datetime, now_datetime

from fixee_hotline.channels.base import Attachment
from fixee_hotline.channels.whatsapp.media_rules import MEDIA_LIFETIME_DAYS, retry_after

MEDIA = "Hotline Media"
# A worker that has not finished a file by then was lost.
LEASE_SECONDS = 900


def add(message: str, account: str, kind: str, file: Attachment, received_at: Any) -> str:
	"""A file that waits to be fetched."""
	doc = frappe.get_doc(
		{
			"doctype": MEDIA,
			"state": "Waiting" if file.media_id else "Refused",
			"message": message,
			"account": account,
			"kind": kind,
			"file_name": file.name[:140],
			"media_id": file.media_id,
			"declared_type": file.mime_type[:140],
			"declared_sha256": file.sha256,
			"error": None if file.media_id else "The message names no file at the provider",
			"next_attempt_at": now_datetime(),
			"expires_at": add_to_date(get_datetime(received_at), days=MEDIA_LIFETIME_DAYS),
		}
	)
	# The message was proved to be genuine.
	doc.insert(ignore_permissions=True)
	return doc.name


def of_messages(names: Iterable[str]) -> dict[str, list[frappe._dict]]:
	"""Message to its files in their order."""
	found: dict[str, list[frappe._dict]] = {}
	filters = {"message": ("in", list(names))}
	for row in frappe.get_all(MEDIA, filters, ["*"], order_by="creation asc"):
		found.setdefault(row.message, []).append(row)
	return found


def claim(name: str, by_hand: bool = False) -> frappe._dict | None:
	"""Take a due file for this worker until its lease ends; None when it is not due or somebody has it."""
	row = frappe.db.get_value(MEDIA, name, ["*"], as_dict=True, for_update=True)
	now = now_datetime()
	open_states = ("Waiting", "Fetching", "Failed") if not by_hand else ("Waiting", "Failed", "Refused")
	if not row or row.state not in open_states or (not by_hand and row.next_attempt_at > now):
		return None
	if row.expires_at and row.expires_at < now:
		_set(name, state="Expired", error="The provider keeps files for seven days only")
		row.state = "Expired"
		return row
	lease = add_to_date(now, seconds=LEASE_SECONDS)
	_set(name, state="Fetching", attempts=(row.attempts or 0) + 1, next_attempt_at=lease)
	row.state, row.attempts = "Fetching", (row.attempts or 0) + 1
	return row


def fetched(name: str, **values: Any) -> None:
	"""The file is here."""
	_set(name, state="Fetched", error=None, **values)


def failed(name: str, attempts: int, reason: str, *, retriable: bool, gone: bool) -> None:
	"""Not fetched: tried again after a while, or given up."""
	state = "Failed" if retriable else "Expired" if gone else "Refused"
	later = add_to_date(now_datetime(), seconds=retry_after(attempts))
	_set(name, state=state, error=reason[:500], next_attempt_at=later)


def due(limit: int = 200) -> list[str]:
	"""Files whose turn has come, among them those whose worker was lost."""
	filters = {
		"state": ("in", ("Waiting", "Fetching", "Failed")),
		"next_attempt_at": ("<=", now_datetime()),
	}
	return frappe.get_all(MEDIA, filters, pluck="name", order_by="next_attempt_at asc", limit=limit)


def open_of_ticket(ticket: str) -> list[str]:
	"""Files of a ticket that are not here although the provider may still have them."""
	media, message = frappe.qb.DocType(MEDIA), frappe.qb.DocType("Hotline Received Message")
	communication = frappe.qb.DocType("Communication")
	rows = (
		frappe.qb.from_(media)
		.join(message)
		.on(media.message == message.name)
		.join(communication)
		.on(communication.name == message.communication)
		.select(media.name)
		.where(communication.reference_doctype == "HD Ticket")
		.where(communication.reference_name == ticket)
		.where(media.state.isin(("Waiting", "Failed", "Refused")))
		.run()
	)
	return [row[0] for row in rows]


# Transcription ------------------------------------------------------------------------------------


def speech(name: str, **values: Any) -> None:
	"""What became of the transcription: columns of its section, without their prefix."""
	_set(name, **{f"speech_{key}": value for key, value in values.items()})


def speech_due(max_attempts: int) -> list[str]:
	"""Voice notes that wait for their transcript, or whose worker was lost."""
	lost = add_to_date(now_datetime(), seconds=-LEASE_SECONDS)
	table = frappe.qb.DocType(MEDIA)
	rows = (
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.state == "Fetched")
		.where(
			(table.speech_state == "Waiting")
			| ((table.speech_state == "Running") & (table.modified < lost))
			| ((table.speech_state == "Failed") & (table.speech_attempts < max_attempts))
		)
		.limit(100)
		.run()
	)
	return [row[0] for row in rows]


def get(name: str, for_update: bool = False) -> frappe._dict | None:
	"""All of a file's record."""
	return frappe.db.get_value(MEDIA, name, ["*"], as_dict=True, for_update=for_update)


def erase(names: Iterable[str]) -> None:
	"""Nothing is kept of these files but that there were some."""
	for name in names:
		_set(
			name,
			state="Refused",
			file_name="erased",
			media_id=None,
			sha256=None,
			declared_sha256=None,
			original_url=None,
			shown_url=None,
			speech_text=None,
			speech_state="",
			error="Erased at the person's request",
		)


def _set(name: str, **values: Any) -> None:
	frappe.db.set_value(MEDIA, name, values)
