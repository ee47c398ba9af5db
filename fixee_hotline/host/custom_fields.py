"""The fields this app adds to Helpdesk's records, as data. `install` creates, updates and removes them."""

from __future__ import annotations

from typing import Any

MODULE = "Fixee Hotline"

LEVELS = "\nCritical\nImportant\nNon-critical"

# What a customer may fill in; every other hotline_ field of a ticket belongs to the rules and the agents.
INTAKE_FIELDS = ("hotline_machine", "hotline_serial_given", "hotline_item_state")

TICKET_FIELDS: list[dict[str, Any]] = [
	{
		"fieldname": "hotline_section",
		"fieldtype": "Section Break",
		"label": "Hotline",
		"insert_after": "description",
	},
	{
		"fieldname": "hotline_level",
		"fieldtype": "Select",
		"label": "Level",
		"options": LEVELS,
		"in_standard_filter": 1,
		"in_list_view": 1,
		"search_index": 1,
		"description": "A level you choose is kept by later automatic runs; emptied, the rules decide again.",
	},
	{
		"fieldname": "hotline_score",
		"fieldtype": "Int",
		"label": "Score",
		"read_only": 1,
		"description": "0 to 100; ranks tickets of one level.",
	},
	{"fieldname": "hotline_reasons", "fieldtype": "Small Text", "label": "Reasons", "read_only": 1},
	{
		"fieldname": "hotline_level_locked_by",
		"fieldtype": "Link",
		"label": "Level Chosen By",
		"options": "User",
		"read_only": 1,
	},
	{
		"fieldname": "hotline_level_reason",
		"fieldtype": "Small Text",
		"label": "Reason for the Choice",
		"depends_on": "eval:doc.hotline_level_locked_by",
	},
	{
		"fieldname": "hotline_previous_level",
		"fieldtype": "Select",
		"label": "Previous Level",
		"options": LEVELS,
		"read_only": 1,
	},
	{"fieldname": "hotline_column", "fieldtype": "Column Break"},
	{
		"fieldname": "hotline_machine",
		"fieldtype": "Link",
		"label": "Machine",
		"options": "Hotline Machine",
		"in_standard_filter": 1,
		"search_index": 1,
	},
	{"fieldname": "hotline_serial_given", "fieldtype": "Data", "label": "Serial as Given"},
	{
		"fieldname": "hotline_machine_match",
		"fieldtype": "Select",
		"label": "Machine Found By",
		"options": "\nexact\nconfusable\nask\ncustomer\nchosen",
		"read_only": 1,
		"description": "chosen: placed by a person. ask: several machines fit, somebody must say which.",
	},
	{
		"fieldname": "hotline_machine_candidates",
		"fieldtype": "Small Text",
		"label": "Machine Candidates",
		"read_only": 1,
		"hidden": 1,
	},
	{"fieldname": "hotline_fault_codes", "fieldtype": "Data", "label": "Fault Codes", "read_only": 1},
	{
		"fieldname": "hotline_item_state",
		"fieldtype": "Select",
		"label": "Machine State",
		"options": "\nUp\nDegraded\nDown\nHazardous",
		"description": "Up, degraded or down as EN 13306 says; hazardous: somebody is or may be in danger.",
	},
	{
		"fieldname": "hotline_channel",
		"fieldtype": "Select",
		"label": "Channel",
		"options": "\nEmail\nWhatsApp\nPortal\nPhone",
		"read_only": 1,
		"search_index": 1,
	},
	{"fieldname": "hotline_language", "fieldtype": "Data", "label": "Language", "read_only": 1, "length": 16},
	{"fieldname": "hotline_missing", "fieldtype": "Small Text", "label": "Still Missing", "read_only": 1},
	{
		"fieldname": "hotline_rule_version",
		"fieldtype": "Data",
		"label": "Rule Version",
		"read_only": 1,
	},
	{
		"fieldname": "hotline_signals",
		"fieldtype": "Long Text",
		"label": "Signals",
		"read_only": 1,
		"hidden": 1,
	},
	{
		"fieldname": "hotline_last_message",
		"fieldtype": "Data",
		"label": "Last Message Assessed",
		"read_only": 1,
		"hidden": 1,
	},
	{
		"fieldname": "hotline_whatsapp_window_end",
		"fieldtype": "Datetime",
		"label": "WhatsApp Closes",
		"read_only": 1,
		"search_index": 1,
		"description": "Until then the customer may be answered freely; afterwards only by a template.",
	},
	{
		"fieldname": "hotline_whatsapp_account",
		"fieldtype": "Data",
		"label": "WhatsApp Account",
		"read_only": 1,
		"hidden": 1,
	},
	{
		"fieldname": "hotline_whatsapp_recipient",
		"fieldtype": "Data",
		"label": "WhatsApp Recipient",
		"read_only": 1,
		"hidden": 1,
	},
	{
		"fieldname": "hotline_whatsapp_reminded_for",
		"fieldtype": "Datetime",
		"label": "Reminded of the WhatsApp Window",
		"read_only": 1,
		"hidden": 1,
	},
]

# What an automatic run writes and a split or a copy must not inherit.
TRIAGE_FIELDS = (
	"hotline_level",
	"hotline_score",
	"hotline_reasons",
	"hotline_level_locked_by",
	"hotline_level_reason",
	"hotline_previous_level",
	"hotline_machine_match",
	"hotline_machine_candidates",
	"hotline_fault_codes",
	"hotline_language",
	"hotline_missing",
	"hotline_rule_version",
	"hotline_signals",
	"hotline_last_message",
)
WHATSAPP_FIELDS = (
	"hotline_whatsapp_window_end",
	"hotline_whatsapp_account",
	"hotline_whatsapp_recipient",
	"hotline_whatsapp_reminded_for",
)
PROTECTED_FIELDS = (*TRIAGE_FIELDS, "hotline_channel", *WHATSAPP_FIELDS)

# Said among colleagues: a customer who may read the ticket does not read these.
INTERNAL_FIELDS = (
	"hotline_reasons",
	"hotline_score",
	"hotline_signals",
	"hotline_level_reason",
	"hotline_level_locked_by",
	"hotline_previous_level",
	"hotline_machine_candidates",
	"hotline_rule_version",
	"hotline_last_message",
	*WHATSAPP_FIELDS,
)

CUSTOMER_FIELDS: list[dict[str, Any]] = [
	{
		"fieldname": "hotline_section",
		"fieldtype": "Section Break",
		"label": "Hotline",
		"insert_after": "country",
	},
	{
		"fieldname": "hotline_strategic",
		"fieldtype": "Check",
		"label": "Strategic Customer",
		"in_standard_filter": 1,
		"description": "Requests of this customer are raised by one level.",
	},
	{
		"fieldname": "hotline_language",
		"fieldtype": "Data",
		"label": "Language",
		"length": 16,
		"description": "Code such as fr or de; taken when a message is too short to tell.",
	},
	{"fieldname": "hotline_column", "fieldtype": "Column Break"},
	{
		"fieldname": "hotline_domains",
		"fieldtype": "Small Text",
		"label": "Mail Domains",
		"description": "One a line, for example acme.example. Senders of these domains are this customer.",
	},
	{
		"fieldname": "hotline_phone",
		"fieldtype": "Small Text",
		"label": "Telephone Numbers",
		"description": "One a line, with country code, for example +33612345678.",
	},
]


def all_fields() -> dict[str, list[dict[str, Any]]]:
	"""DocType to fields, each placed after the one before it."""
	return {
		"HD Ticket": _placed(TICKET_FIELDS, copied=False),
		"HD Customer": _placed(CUSTOMER_FIELDS, copied=True),
	}


def _placed(fields: list[dict[str, Any]], copied: bool) -> list[dict[str, Any]]:
	placed: list[dict[str, Any]] = []
	for field in fields:
		after = placed[-1]["fieldname"] if placed else field["insert_after"]
		keep = copied or field["fieldname"] in INTAKE_FIELDS
		placed.append({**field, "insert_after": after, "module": MODULE, "no_copy": 0 if keep else 1})
		if field.get("read_only") and not field.get("depends_on"):
			# Helpdesk's page for a new ticket shows read-only rows as inputs unless they depend on something.
			placed[-1]["depends_on"] = "eval:doc.name"
	return placed
