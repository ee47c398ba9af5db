"""The pieces of HTML that the ticket page shows in dialogs. Every value is escaped in the templates."""

from __future__ import annotations

import json
from typing import Any

import frappe

from fixee_hotline.host.custom_fields import LEVELS
from fixee_hotline.host.wrapped import tickets_of_machine
from fixee_hotline.machines import store as machines_store
from fixee_hotline.triage import store as triage_store

FOLDER = "fixee_hotline/templates/hotline"


def why(ticket: str) -> str:
	"""Why the ticket has its level, and what is known of its machine."""
	doc = frappe.get_doc("HD Ticket", ticket)
	machine = machines_store.details(doc.hotline_machine) if doc.hotline_machine else {}
	return _rendered(
		"why",
		ticket=doc,
		signals=_signals(doc),
		machine=machine,
		candidates=_candidates(doc),
		fault_codes=_fault_codes(doc, machine.get("model")),
		earlier=tickets_of_machine(ticket),
		assessments=triage_store.assessments_of(ticket, limit=8),
		locked_by=_full_name(doc.hotline_level_locked_by),
	)


def level_form(ticket: str) -> str:
	"""Levels to choose from, and the reason."""
	doc = frappe.get_doc("HD Ticket", ticket)
	return _rendered("level_form", ticket=doc, levels=[level for level in LEVELS.split("\n") if level])


def machine_form(ticket: str) -> str:
	"""A field for the serial and the machines that come into question."""
	doc = frappe.get_doc("HD Ticket", ticket)
	rows = _candidates(doc) or machines_store.search("", doc.customer)
	return _rendered("machine_form", ticket=doc, rows=rows)


def machine_rows(ticket: str, text: str) -> str:
	"""The machines whose serial begins like `text`."""
	customer = frappe.db.get_value("HD Ticket", ticket, "customer")
	return _rendered("machine_rows", rows=machines_store.search(text[:140], customer))


def _rendered(template: str, **values: Any) -> str:
	return frappe.render_template(f"{FOLDER}/{template}.html", values)


def _signals(doc: Any) -> list[dict[str, Any]]:
	labels = {code: rule.label for code, rule in triage_store.active_engine().rules.signals.items()}
	signals = json.loads(doc.hotline_signals or "[]")
	return [{**signal, "label": labels.get(signal["code"], signal["code"])} for signal in signals]


def _candidates(doc: Any) -> list[dict[str, Any]]:
	names = [row.get("key") for row in json.loads(doc.hotline_machine_candidates or "[]")]
	return [details for name in names if name and (details := machines_store.details(name))]


def _fault_codes(doc: Any, model: str | None) -> list[dict[str, Any]]:
	codes = [code.strip() for code in (doc.hotline_fault_codes or "").split(",") if code.strip()]
	known = machines_store.fault_code_texts(codes, model)
	named = {row["folded_code"] for row in known}
	unknown = [{"code": code} for code in codes if machines_store.folded_code(code) not in named]
	return [*known, *unknown]


def _full_name(user: str | None) -> str:
	return (frappe.db.get_value("User", user, "full_name") or user) if user else ""
