"""Messages in the site's records: who writes, and in which conversation. No channel's own detail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import frappe
from frappe.utils import add_to_date, now_datetime


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


def open_ticket_of(contact: str, address: str, quiet_hours: int) -> str | None:
	"""The contact's newest unresolved ticket that saw a message within the quiet period (hours)."""
	ticket = frappe.qb.DocType("HD Ticket")
	since = add_to_date(now_datetime(), hours=-quiet_hours)
	query = (
		frappe.qb.from_(ticket)
		.select(ticket.name)
		.where((ticket.contact == contact) | (ticket.raised_by == address))
		.where(ticket.status_category != "Resolved")
		.where(ticket.is_merged == 0)
		.where(ticket.hotline_channel == "WhatsApp")
		.where(
			(ticket.last_customer_response >= since)
			| (ticket.last_agent_response >= since)
			| (ticket.creation >= since)
		)
	)
	rows = query.orderby(ticket.creation, order=frappe.qb.desc).limit(1).run()
	return rows[0][0] if rows else None


def ticket_of_message(provider_id: str | None, contact: str, address: str) -> str | None:
	"""This person's unresolved ticket in which the message with this provider id stands."""
	if not provider_id:
		return None
	filters = {"message_id": provider_id, "reference_doctype": "HD Ticket"}
	name = frappe.db.get_value("Communication", filters, "reference_name")
	columns = ["status_category", "is_merged", "contact", "raised_by"]
	ticket = frappe.db.get_value("HD Ticket", name, columns, as_dict=True) if name else None
	if not ticket or ticket.status_category == "Resolved" or ticket.is_merged:
		return None
	return name if contact == ticket.contact or address == ticket.raised_by else None


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
	return doc.name


def _new_contact(address: str, phone: str | None, name: str | None) -> str:
	doc = frappe.new_doc("Contact")
	doc.first_name = (name or phone or address)[:140]
	doc.add_email(address, is_primary=True)
	if phone:
		doc.add_phone(phone, is_primary_mobile_no=True)
	# The service user writes for somebody whose message was proved to be genuine.
	doc.insert(ignore_permissions=True)
	return doc.name
