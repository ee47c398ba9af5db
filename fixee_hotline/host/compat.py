"""What differs between versions of Frappe, and what we rely on in Helpdesk; checked at each install."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import frappe
from frappe import _

TICKET_API = "helpdesk.helpdesk.doctype.hd_ticket.api"
TICKET_CLASS = "helpdesk.helpdesk.doctype.hd_ticket.hd_ticket.HDTicket"

# Methods of HDTicket that HotlineTicket overrides or counts on, with the parameters it passes on.
TICKET_METHODS = {
	"before_validate": ["self"],
	"set_priority": ["self"],
	"set_sla": ["self"],
	"set_customer": ["self"],
	"after_insert": ["self"],
	"on_update": ["self"],
	"on_trash": ["self"],
	"publish_update": ["self"],
	"on_communication_update": ["self", "c"],
	"create_communication_via_contact": ["self", "message", "attachments", "new_ticket"],
	"default_list_data": ["show_customer_portal_fields"],
	"send_acknowledgement_email": ["self"],
	"reply_via_agent": ["self", "message", "from_email", "to", "cc", "bcc", "attachments"],
	"new_comment": ["self", "content", "attachments"],
	"attach_file_with_doc": ["self", "doctype", "docname", "file_url"],
	"mark_seen": ["self"],
	"handle_email_feedback": ["self"],
}

# Whitelisted functions that we wrap: same parameters, in the same order.
WRAPPED = {
	f"{TICKET_API}.get_recent_similar_tickets": ["ticket"],
	f"{TICKET_API}.get_one": ["name", "is_customer_portal"],
	f"{TICKET_API}.get_ticket_activities": ["ticket"],
	f"{TICKET_API}.merge_ticket": ["source", "target"],
	f"{TICKET_API}.split_ticket": ["subject", "communication_id"],
}

# Functions that we call.
CALLED = {
	"helpdesk.utils.is_agent": ["user"],
	f"{TICKET_API}.get_attachments": ["doctype", "name"],
	"helpdesk.utils.get_customers": ["user", "contact", "get_roles"],
	"helpdesk.api.doc.get_filterable_fields": [
		"doctype",
		"show_customer_portal_fields",
		"ignore_team_restrictions",
	],
	"helpdesk.helpdesk.doctype.hd_ticket_activity.hd_ticket_activity.log_ticket_activity": [
		"ticket",
		"action",
	],
}

# `before_validate` must call these in this order: the level decides the priority, the priority the agreement.
ORDER = ("self.set_raised_by()", "self.set_priority()", "self.set_sla()", "self.set_customer()")


def frappe_major() -> int:
	"""15 or 16."""
	return int(frappe.__version__.split(".")[0])


def problems() -> list[str]:
	"""Every reliance that the installed Helpdesk does not keep; empty when all is well."""
	found = [*_class_problems()]
	for path, parameters in {**WRAPPED, **CALLED}.items():
		found += _signature_problems(path, parameters)
	return found


def require() -> None:
	"""Stop the installation with a clear text instead of failing at a customer's request."""
	if found := problems():
		frappe.throw(
			_("This version of Helpdesk differs from what FIXEE Hotline relies on: {0}").format(
				"; ".join(found)
			)
		)


def _class_problems() -> list[str]:
	ticket = frappe.get_attr(TICKET_CLASS)
	found = []
	for name, parameters in TICKET_METHODS.items():
		method = getattr(ticket, name, None)
		if method is None:
			found.append(f"HDTicket.{name} is gone")
		elif _parameters(method) != parameters:
			found.append(f"HDTicket.{name} takes {_parameters(method)} instead of {parameters}")
	return found + _order_problems(ticket)


def _order_problems(ticket: Any) -> list[str]:
	source = inspect.getsource(ticket.before_validate)
	positions = [source.find(call) for call in ORDER]
	if -1 in positions or positions != sorted(positions):
		return ["HDTicket.before_validate no longer sets priority, then agreement, then customer"]
	return []


def _signature_problems(path: str, parameters: list[str]) -> list[str]:
	try:
		function = frappe.get_attr(path)
	except Exception:
		return [f"{path} is gone"]
	actual = _parameters(function)
	return [] if actual == parameters else [f"{path} takes {actual} instead of {parameters}"]


def _parameters(function: Callable[..., Any]) -> list[str]:
	return list(inspect.signature(function).parameters)
