"""A person's WhatsApp messages: a copy of all of them, or their erasure. Tickets and their facts stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_files_path
from helpdesk.helpdesk.doctype.hd_ticket.api import get_attachments

from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.channels.whatsapp.people import store as people_store
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.host.addresses import DOMAIN
from fixee_hotline.triage import store as triage_store

OUTBOX = "Hotline Outgoing Message"
MESSAGE_KEYS = ("provider_id", "kind", "sent_at", "text", "quoted", "reply_to", "group_id", "deleted_at")
FILE_KEYS = ("file_name", "kind", "state", "size", "sha256", "original_url", "speech_text", "speech_language")


def export_contact(contact: str) -> dict[str, Any]:
	"""The contact's identities, messages with earlier versions, files and reactions."""
	rows = thread_store.of_contact(contact)
	files = files_store.of_messages(row.name for row in rows)
	return {
		"contact": contact,
		"identities": [
			_picked(row, ("kind", "value", "portfolio")) for row in people_store.identities_of(contact)
		],
		"messages": [
			{
				**_picked(row, MESSAGE_KEYS),
				"ticket": frappe.db.get_value("Communication", row.communication, "reference_name"),
				"earlier_versions": thread_store.versions_of(row),
				"files": [_picked(file, FILE_KEYS) for file in files.get(row.name, ())],
			}
			for row in rows
		],
		"reactions": frappe.get_all(
			thread_store.REACTION, {"contact": contact}, ["provider_id", "emoji", "reacted_at"]
		),
	}


def erase_contact(contact: str) -> dict[str, int]:
	"""Replace the words, remove files, identities and raw events; returns how many there were."""
	words = _("[erased at the person's request]")
	rows = thread_store.of_contact(contact)
	ids = [row.provider_id for row in rows]
	files = [
		file for several in files_store.of_messages(row.name for row in rows).values() for file in several
	]
	communications = _communications(ids)
	senders = [one.value.lstrip("+") for one in people_store.identities_of(contact)]
	_erase_files(files, communications)
	thread_store.erase(contact, words)
	_erase_communications(communications, words)
	_erase_tickets(contact, communications, words)
	events = whatsapp_store.erase_of(senders, communications)
	people_store.forget(contact)
	_erase_person(contact)
	frappe.db.after_commit.add(get_attachments.clear_cache)
	return {"messages": len(rows), "files": len(files), "events": events}


def _communications(provider_ids: list[str]) -> list[str]:
	if not provider_ids:
		return []
	return frappe.get_all("Communication", {"message_id": ("in", provider_ids)}, pluck="name")


def _erase_communications(names: list[str], words: str) -> None:
	values = {
		"content": f"<div>{words}</div>",
		"text_content": words,
		"subject": words,
		"phone_no": None,
		"sender": None,
		"sender_full_name": None,
	}
	for name in names:
		# No save: it would open the ticket again.
		frappe.db.set_value("Communication", name, values)
	_erase_versions("Communication", names)


def _erase_tickets(contact: str, communications: list[str], words: str) -> None:
	"""Subject, description and the customer's words among the reasons; level, machine and times stay."""
	filters = {"name": ("in", communications or [""]), "reference_doctype": "HD Ticket"}
	tickets = set(frappe.get_all("Communication", filters, pluck="reference_name"))
	own = {"contact": contact, "hotline_channel": "WhatsApp"}
	for ticket in tickets & set(frappe.get_all("HD Ticket", own, pluck="name")):
		values = {
			"subject": words,
			"description": words,
			"raised_by": f"erased@{DOMAIN}",
			"hotline_reasons": None,
			"hotline_signals": "[]",
			"hotline_whatsapp_recipient": None,
		}
		frappe.db.set_value("HD Ticket", ticket, values)
		# Who it went to and what it said; what became of it stays.
		frappe.db.set_value(OUTBOX, {"ticket": ticket}, {"recipient": None, "address": None, "payload": "{}"})
	triage_store.erase_words(sorted(tickets))
	_erase_versions("HD Ticket", sorted(tickets))


def _erase_files(files: list[frappe._dict], communications: list[str]) -> None:
	urls = {url for file in files for url in (file.original_url, file.shown_url) if url}
	for url in urls:
		frappe.db.delete("File", {"file_url": url})
		_remove_after_commit(Path(get_files_path(is_private=True)) / Path(url).name)
	frappe.db.delete(
		"Comment",
		{
			"comment_type": "Attachment",
			"reference_doctype": "Communication",
			"reference_name": ("in", communications or [""]),
		},
	)
	files_store.erase(file.name for file in files)


def _remove_after_commit(place: Path) -> None:
	frappe.db.after_commit.add(lambda: place.unlink(missing_ok=True))


def _erase_person(contact: str) -> None:
	"""The pseudo addresses and numbers that WhatsApp gave the contact; a mail address is another matter."""
	doc = frappe.get_doc("Contact", contact)
	doc.email_ids = [row for row in doc.email_ids if not row.email_id.endswith("@" + DOMAIN)]
	doc.phone_nos = []
	doc.mobile_no = doc.phone = None
	if not doc.email_ids:
		doc.email_id = None
		doc.first_name, doc.last_name = _("Erased"), None
	doc.flags.ignore_links = True
	# A System Manager asked for it; the caller has checked that.
	doc.save(ignore_permissions=True)
	_erase_versions("Contact", [contact])


def _erase_versions(doctype: str, names: list[str]) -> None:
	if names:
		frappe.db.delete("Version", {"ref_doctype": doctype, "docname": ("in", names)})


def _picked(row: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
	return {key: row.get(key) for key in keys}
