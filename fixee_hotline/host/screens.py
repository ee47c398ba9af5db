"""What Helpdesk's own screens get from us, as data: template rows, public views, the form script."""

from __future__ import annotations

import json
from typing import Any

from fixee_hotline import __version__

TEMPLATE = "Default"
FORM_SCRIPT = "Hotline actions"
ROUTE = "TicketsAgent"

# Rows of Helpdesk's ticket template: they are what the ticket page shows as Ticket Info.
TEMPLATE_ROWS: list[dict[str, Any]] = [
	{"fieldname": "hotline_level", "hide_from_customer": 1},
	{"fieldname": "hotline_score", "hide_from_customer": 1},
	{"fieldname": "hotline_reasons", "hide_from_customer": 1},
	{"fieldname": "hotline_machine", "hide_from_customer": 0, "placeholder": "Your machine"},
	{"fieldname": "hotline_serial_given", "hide_from_customer": 0, "placeholder": "As on the nameplate"},
	{"fieldname": "hotline_item_state", "hide_from_customer": 0, "placeholder": "How does it run?"},
	{"fieldname": "hotline_fault_codes", "hide_from_customer": 1},
	{"fieldname": "hotline_missing", "hide_from_customer": 1},
	{"fieldname": "hotline_channel", "hide_from_customer": 1},
	{"fieldname": "hotline_whatsapp_window_end", "hide_from_customer": 1},
]

_COLUMNS = [
	{"label": "ID", "type": "Int", "key": "name", "width": "5rem"},
	{"label": "Subject", "type": "Data", "key": "subject", "width": "22rem"},
	{"label": "Level", "type": "Select", "key": "hotline_level", "width": "7rem"},
	{"label": "Score", "type": "Int", "key": "hotline_score", "width": "5rem"},
	{
		"label": "Machine",
		"type": "Link",
		"key": "hotline_machine",
		"options": "Hotline Machine",
		"width": "8rem",
	},
	{"label": "Customer", "type": "Link", "key": "customer", "options": "HD Customer", "width": "9rem"},
	{"label": "Status", "type": "Select", "key": "status", "width": "7rem"},
	{"label": "First response", "type": "Datetime", "key": "response_by", "width": "8rem"},
	{"label": "Assigned To", "type": "MultipleAvatar", "key": "_assign", "width": "8rem"},
	{"label": "Channel", "type": "Select", "key": "hotline_channel", "width": "7rem"},
	{"label": "Created", "type": "Datetime", "key": "creation", "width": "8rem"},
]
_ROWS = [
	"name",
	"subject",
	"status",
	"priority",
	"agent_group",
	"contact",
	"agreement_status",
	"response_by",
	"resolution_by",
	"customer",
	"first_responded_on",
	"modified",
	"creation",
	"_assign",
	"resolution_date",
	"hotline_level",
	"hotline_score",
	"hotline_machine",
	"hotline_channel",
]

_UNRESOLVED = {"status_category": ["!=", "Resolved"]}
VIEWS: list[dict[str, Any]] = [
	{
		"name": "HOTLINE-CRITICAL-NOW",
		"label": "Critical now",
		"icon": "siren",
		"filters": {"hotline_level": "Critical", **_UNRESOLVED},
		"order_by": "hotline_score desc",
	},
	{
		"name": "HOTLINE-IMPORTANT",
		"label": "Important",
		"icon": "triangle-alert",
		"filters": {"hotline_level": "Important", **_UNRESOLVED},
		"order_by": "hotline_score desc",
	},
	{
		"name": "HOTLINE-NO-MACHINE",
		"label": "No machine yet",
		"icon": "search",
		"filters": {"hotline_machine": ["is", "not set"], **_UNRESOLVED},
		"order_by": "creation asc",
	},
]


def view_values(view: dict[str, Any]) -> dict[str, Any]:
	"""The record of a public view."""
	return {
		"doctype": "HD View",
		"dt": "HD Ticket",
		"type": "list",
		"route_name": ROUTE,
		"public": 1,
		"is_standard": 0,
		"user": "Administrator",
		"columns": json.dumps(_COLUMNS),
		"rows": json.dumps(_ROWS),
		**view,
		"filters": json.dumps(view["filters"]),
	}


def form_script() -> str:
	"""A few lines: everything else is in the versioned asset that they load."""
	return f"""async function setupForm(context) {{
	try {{
		const agent = await import("/assets/fixee_hotline/js/agent.js?v={__version__}");
		return agent.setup(context);
	}} catch (error) {{
		console.error("FIXEE Hotline: the ticket actions could not be loaded", error);
		return {{ actions: [] }};
	}}
}}
"""
