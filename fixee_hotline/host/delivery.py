"""How far our WhatsApp messages came, as agents see it: in the thread, and in the dialog of the ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html, format_datetime

from fixee_hotline.channels.whatsapp.outbox import STATES, state_of_all
from fixee_hotline.host import graph, outgoing, window

TROUBLE = ("Failed", "Unknown")


def decorate(communications: list[dict[str, Any]]) -> None:
	"""Below each message sent on WhatsApp: how far it came; trouble with its reason and what to do."""
	names = [row["name"] for row in communications if row.get("sent_or_received") == "Sent"]
	found: dict[str, list[frappe._dict]] = {}
	for row in outgoing.of_communications(names) if names else []:
		found.setdefault(row.communication, []).append(row)
	for communication in communications:
		if rows := found.get(communication["name"]):
			communication["content"] = (communication["content"] or "") + _line(rows)
			_show_again(communication, rows)


def card(ticket: str) -> str:
	"""The dialog "WhatsApp messages": until when it is open, and every message with its state."""
	doc = frappe.get_doc("HD Ticket", ticket)
	account = graph.account_of(doc.get(window.ACCOUNT))
	return frappe.render_template(
		"fixee_hotline/templates/hotline/whatsapp.html",
		{
			"ticket": doc,
			"is_open": window.is_open(doc),
			"end": format_datetime(doc.get(window.END)) if doc.get(window.END) else "",
			"account": account,
			"rows": [_shown(row) for row in outgoing.of_ticket(ticket)],
		},
	)


def template_form(ticket: str) -> str:
	"""The approved templates of the ticket's account, with a field for each of their values."""
	account = frappe.db.get_value("HD Ticket", ticket, window.ACCOUNT)
	rows = frappe.get_all(
		graph.TEMPLATE,
		{"account": account or "", "approval_state": "APPROVED"},
		["name", "template_name", "language", "body", "variables"],
		order_by="template_name asc, language asc",
	)
	for row in rows:
		row.places = (row.variables or "").split("\n") if row.variables else []
	return frappe.render_template("fixee_hotline/templates/hotline/whatsapp_template.html", {"rows": rows})


def _line(rows: list[frappe._dict]) -> str:
	state = state_of_all([row.state for row in rows])
	troubled = next((row for row in rows if row.state in TROUBLE), None)
	troubled = troubled or next((row for row in rows if row.error), None)
	words = _words(state, rows)
	if troubled and troubled.error:
		words = f"{words}: {troubled.error}. {troubled.advice or ''}"
	if state in TROUBLE:
		words = f"{words} {_('Send it again under Hotline > WhatsApp messages.')}"
	return f'<p class="hotline-delivery" style="color:#6b6b6b;font-size:12px">{escape_html(words)}</p>'


def _words(state: str, rows: list[frappe._dict]) -> str:
	texts = {
		"Pending": _("WhatsApp: waiting to be sent"),
		"Sending": _("WhatsApp: being sent"),
		"Unknown": _("WhatsApp: perhaps not sent"),
		"Sent": _("WhatsApp: sent"),
		"Delivered": _("WhatsApp: delivered"),
		"Read": _("WhatsApp: read"),
		"Failed": _("WhatsApp: not delivered"),
	}
	time = {"Sent": "sent_at", "Delivered": "delivered_at", "Read": "read_at"}.get(state)
	at = max((row[time] for row in rows if row[time]), default=None) if time else None
	return f"{texts[state]} {format_datetime(at, 'HH:mm')}" if at else texts[state]


def _show_again(communication: dict[str, Any], rows: list[frappe._dict]) -> None:
	"""Helpdesk's page draws a message anew only when its `creation` differs."""
	progress = sum(STATES.index(row.state) + 1 for row in rows) + sum(row.attempts for row in rows)
	communication["creation"] += timedelta(microseconds=progress)


def _shown(row: frappe._dict) -> dict[str, Any]:
	payload = frappe.parse_json(row.payload)
	text = (payload.get("text") or {}).get("body") or (payload.get("template") or {}).get("name")
	return {
		"name": row.name,
		"what": (text or row.kind)[:120],
		"state": _(row.state),
		"error": row.error or "",
		"advice": row.advice or "",
		"at": format_datetime(row.read_at or row.delivered_at or row.sent_at or row.creation),
		"again": row.state in TROUBLE,
	}
