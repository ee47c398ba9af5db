"""Messages in the site's records: who writes, and in which conversation. No channel's own detail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime, now_datetime

from fixee_hotline.conversation.tickets import TicketState


def contact_of(address: str, phone: str | None, name: str | None, is_same: Callable[[str], bool]) -> str:
	"""The contact with this address or telephone number; created when there is none."""
	found = frappe.db.get_value("Contact", {"email_id": address}) or contact_with_phone(phone, is_same)
	return found or _new_contact(address, phone, name)


def contact_with_phone(phone: str | None, is_same: Callable[[str], bool]) -> str | None:
	"""The one contact with this number, `is_same` telling other spellings; several are no answer."""
	if not phone:
		return None
	row = frappe.qb.DocType("Contact Phone")
	near = frappe.qb.from_(row).select(row.parent, row.phone).where(row.phone.like(f"%{phone[-2:]}"))
	contacts = {one.parent for one in near.run(as_dict=True) if is_same(one.phone)}
	return contacts.pop() if len(contacts) == 1 else None


MOST_MERGES = 20
_TICKET_COLUMNS = (
	"name",
	"status_category",
	"is_merged",
	"merged_with",
	"contact",
	"raised_by",
	"creation",
	"last_customer_response",
	"last_agent_response",
)


def open_tickets_of(contact: str, addresses: Collection[str]) -> list[TicketState]:
	"""The person's unresolved WhatsApp tickets."""
	ticket = frappe.qb.DocType("HD Ticket")
	query = (
		frappe.qb.from_(ticket)
		.select(*(ticket[column] for column in _TICKET_COLUMNS))
		.where((ticket.contact == contact) | ticket.raised_by.isin([contact, *addresses]))
		.where(ticket.status_category != "Resolved")
		.where(ticket.is_merged == 0)
		.where(ticket.hotline_channel == "WhatsApp")
	)
	return [_state(row) for row in query.orderby(ticket.creation).run(as_dict=True)]


def ticket_of(
	name: str | None, contact: str | None = None, addresses: Collection[str] = ()
) -> TicketState | None:
	"""A ticket, or the one it was merged into; with `contact` only when it is this person's."""
	row = _row(name) if name else None
	for _step in range(MOST_MERGES):
		if not row or not (row.is_merged and row.merged_with):
			break
		row = _row(row.merged_with)
	if not row or (contact and contact != row.contact and row.raised_by not in addresses):
		return None
	return _state(row)


def tickets_of_communications(names: Collection[str]) -> list[str]:
	"""The tickets in which these messages stand now."""
	if not names:
		return []
	filters = {"name": ("in", list(names)), "reference_doctype": "HD Ticket"}
	return list(dict.fromkeys(frappe.get_all("Communication", filters, pluck="reference_name")))


def of_provider_id(provider_id: str | None) -> frappe._dict | None:
	"""The message in a thread with this provider id; of a merge's copies the first."""
	if not provider_id:
		return None
	filters = {"message_id": provider_id, "reference_doctype": "HD Ticket"}
	columns = ["name", "reference_name", "content", "sent_or_received"]
	rows = frappe.get_all("Communication", filters, columns, order_by="creation asc", limit=1)
	return rows[0] if rows else None


def free_moment(ticket: str, moment: datetime) -> datetime:
	"""A moment of that second behind the ticket's other messages of it: providers only tell seconds."""
	second = moment.replace(microsecond=0)
	filters = [
		["reference_doctype", "=", "HD Ticket"],
		["reference_name", "=", ticket],
		["communication_date", ">=", second],
		["communication_date", "<", second + timedelta(seconds=1)],
	]
	taken = frappe.get_all("Communication", filters, pluck="communication_date")
	last = second + timedelta(milliseconds=999)
	return min(max(taken) + timedelta(milliseconds=1), last) if taken else moment


def _row(name: str) -> frappe._dict | None:
	return frappe.db.get_value("HD Ticket", name, _TICKET_COLUMNS, as_dict=True)


def _state(row: frappe._dict) -> TicketState:
	moments = (row.creation, row.last_customer_response, row.last_agent_response)
	newest = max(get_datetime(moment) for moment in moments if moment)
	return TicketState(row.name, row.status_category == "Resolved", newest)


def append_message(
	ticket: str,
	*,
	content: str,
	subject: str,
	sender: str,
	sender_name: str | None,
	phone: str | None,
	provider_id: str,
	sent_at: datetime | None,
) -> str:
	"""A received chat message as a Communication; `content` is HTML that was escaped already."""
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Chat",
			"sent_or_received": "Received",
			"status": "Linked",
			"subject": subject[:140],
			"content": content,
			"sender": sender,
			"sender_full_name": (sender_name or "")[:140] or None,
			"phone_no": phone,
			"message_id": provider_id,
			"communication_date": sent_at or now_datetime(),
			"reference_doctype": "HD Ticket",
			"reference_name": ticket,
		}
	)
	# The service user writes for somebody whose message was proved to be genuine.
	doc.insert(ignore_permissions=True)
	if doc.content != content:
		# Frappe's filter for HTML of strangers dropped a tag of ours; every word in it was escaped by us.
		doc.db_set("content", content, update_modified=False)
	return doc.name


def add_phone(contact: str, phone: str) -> None:
	"""A number that a person turned out to have."""
	doc = frappe.get_doc("Contact", contact)
	if phone not in [row.phone for row in doc.phone_nos]:
		doc.add_phone(phone)
		# As above.
		doc.save(ignore_permissions=True)


def _new_contact(address: str, phone: str | None, name: str | None) -> str:
	doc = frappe.new_doc("Contact")
	doc.first_name = (name or phone or address)[:140]
	doc.add_email(address, is_primary=True)
	if phone:
		doc.add_phone(phone, is_primary_mobile_no=True)
	# The service user writes for somebody whose message was proved to be genuine.
	doc.insert(ignore_permissions=True)
	return doc.name
