"""The 24-hour window of a ticket: kept, asked, and one reminder before it closes."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_to_date, convert_utc_to_system_timezone, format_datetime, now_datetime

from fixee_hotline.channels.whatsapp import window
from fixee_hotline.host.requests import aware
from fixee_hotline.host.settings import SERVICE_USER

END, REMINDED = "hotline_whatsapp_window_end", "hotline_whatsapp_reminded_for"
ACCOUNT, RECIPIENT = "hotline_whatsapp_account", "hotline_whatsapp_recipient"
MOST_REMINDERS = 500


class WindowClosed(frappe.ValidationError):
	"""A free message would not arrive; a template is needed. Nothing was written."""


def remember(
	ticket: str, sent_at: datetime | None, account: str | None = None, recipient: str | None = None
) -> None:
	"""A customer's message came: the window it opens, the number it came to, and whom to answer."""
	now = now_utc()
	known = frappe.db.get_value("HD Ticket", ticket, END)
	end = window.window_end(sent_at or now, now)
	values: dict[str, Any] = {END: to_site(window.later(aware(known) if known else None, end))}
	if account and recipient:
		values |= {ACCOUNT: account, RECIPIENT: recipient[:140]}
	# No save: the ticket was saved with the message, and its rules must not run again.
	frappe.db.set_value("HD Ticket", ticket, values, update_modified=False)


def close(ticket: str) -> None:
	"""Meta says that it is closed, whatever we counted."""
	end = frappe.db.get_value("HD Ticket", ticket, END)
	if end and end > now_datetime():
		frappe.db.set_value("HD Ticket", ticket, END, now_datetime(), update_modified=False)


def take_over(source: str, target: str) -> None:
	"""A merged ticket's conversation goes on in the other one."""
	columns = [END, ACCOUNT, RECIPIENT]
	old = frappe.db.get_value("HD Ticket", source, columns, as_dict=True)
	new = frappe.db.get_value("HD Ticket", target, columns, as_dict=True)
	if old[END] and (not new[END] or old[END] > new[END]):
		frappe.db.set_value("HD Ticket", target, dict(old), update_modified=False)


def is_open(ticket: Any) -> bool:
	"""Whether the customer of this ticket may be answered freely now."""
	end = ticket.get(END)
	return window.is_open(aware(end) if end else None, now_utc())


def require_open(ticket: Any) -> None:
	"""Refuse before anything is written, and say what works instead."""
	if is_open(ticket):
		return
	end = ticket.get(END)
	since = _("It closed on {0}.").format(format_datetime(end)) if end else _("It was never opened.")
	frappe.throw(
		_(
			"WhatsApp allows free messages only within 24 hours after the customer's last message. {0} "
			"Nothing was sent. Use Hotline > Send template instead, or answer by e-mail."
		).format(since),
		WindowClosed,
		title=_("The 24-hour window is closed"),
	)


def remind() -> None:
	"""Every five minutes: tell the assigned agents, once for each window, when an answer is still owed."""
	for ticket in _closing_soon():
		end, reminded = aware(ticket[END]), ticket[REMINDED]
		owed = not ticket.last_agent_response or ticket.last_agent_response < ticket.last_customer_response
		agents = json.loads(ticket._assign or "[]")
		if agents and window.reminder_due(end, now_utc(), owed, aware(reminded) if reminded else None):
			frappe.db.set_value("HD Ticket", ticket.name, REMINDED, ticket[END], update_modified=False)
			for agent in agents:
				_notify(agent, ticket)
			frappe.db.commit()


def now_utc() -> datetime:
	"""Now, aware."""
	return aware(now_datetime()).astimezone(timezone.utc)


def to_site(moment: datetime) -> datetime:
	"""An aware moment as Frappe stores it: the site's time without a zone."""
	return convert_utc_to_system_timezone(moment.astimezone(timezone.utc)).replace(tzinfo=None)


def _closing_soon() -> list[frappe._dict]:
	now = now_datetime()
	filters = {
		END: ("between", (now, add_to_date(now, seconds=window.REMIND_BEFORE.total_seconds()))),
		"status_category": ("!=", "Resolved"),
		"is_merged": 0,
		"last_customer_response": ("is", "set"),
	}
	columns = ["name", "_assign", "last_agent_response", "last_customer_response", END, REMINDED]
	return frappe.get_all("HD Ticket", filters, columns, order_by=f"{END} asc", limit=MOST_REMINDERS)


def _notify(agent: str, ticket: frappe._dict) -> None:
	frappe.get_doc(
		{
			"doctype": "HD Notification",
			"notification_type": "Reaction",
			"user_from": SERVICE_USER,
			"user_to": agent,
			"reference_ticket": ticket.name,
			"message": _(
				"Ticket {0}: WhatsApp closes at {1} and the customer still waits for an answer"
			).format(ticket.name, format_datetime(ticket[END], "HH:mm")),
		}
	).insert(ignore_permissions=True)  # by the scheduler
	frappe.publish_realtime("helpdesk:comment-reaction-update", {}, user=agent, after_commit=True)
