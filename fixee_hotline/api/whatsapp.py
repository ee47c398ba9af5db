"""The webhook of the WhatsApp Cloud API, and what its account's form and the ticket page ask."""

from __future__ import annotations

import frappe
from frappe import _
from werkzeug.wrappers import Response

from fixee_hotline.host import delivery, graph, inbound, outbox, outgoing, replies
from fixee_hotline.host.guards import agent_only

MANAGERS = ["System Manager", "Agent Manager"]


@frappe.whitelist(allow_guest=True, methods=["GET", "POST"])
def webhook() -> Response:
	"""GET proves to the provider that the address is ours, POST takes messages; both answer in plain text."""
	request = frappe.local.request
	try:
		if request.method == "GET":
			text = inbound.challenge(request.args)
		else:
			text = inbound.receive(inbound.body_of(request), request.headers.get("X-Hub-Signature-256"))
	except inbound.Refused as refused:
		return Response(str(refused), status=refused.status, mimetype="text/plain")
	return Response(text, status=200, mimetype="text/plain")


# The account's form -------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def check_and_subscribe(account: str) -> list:
	"""Each step of the check with what was found; the account's health follows from it."""
	frappe.only_for(MANAGERS)
	frappe.has_permission(graph.ACCOUNT, "write", account, throw=True)
	steps = graph.check_and_subscribe(account)
	outbox.ask_for_send()
	return steps


@frappe.whitelist(methods=["POST"])
def send_test_message(account: str, to: str) -> dict:
	"""A short text to a telephone number; the answer says what became of it."""
	frappe.only_for(MANAGERS)
	frappe.has_permission(graph.ACCOUNT, "write", account, throw=True)
	return replies.send_test(account, to)


# The ticket page ----------------------------------------------------------------------------------


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def messages(ticket: str) -> str:
	"""Until when the window is open and how far each message came, as HTML."""
	frappe.has_permission("HD Ticket", "read", ticket, throw=True)
	return delivery.card(ticket)


@frappe.whitelist(methods=["POST"])
@agent_only
def resend(ticket: str, message: str) -> str:
	"""Send a failed or unanswered message of the ticket again."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	if frappe.db.get_value(outgoing.DOCTYPE, message, "ticket") != ticket:
		frappe.throw(_("This message belongs to another ticket."), frappe.PermissionError)
	return replies.resend(message)


@frappe.whitelist(methods=["GET", "POST"])
@agent_only
def template_form(ticket: str) -> str:
	"""The form of "Send template"."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	return delivery.template_form(ticket)


@frappe.whitelist(methods=["POST"])
@agent_only
def send_template(ticket: str, template: str, values: dict | str) -> str:
	"""Send an approved template with its values filled in."""
	doc = frappe.get_doc("HD Ticket", ticket)
	doc.check_permission("write")
	filled = {str(name): str(value) for name, value in frappe.parse_json(values).items()}
	return replies.send_template(doc, template, filled)


@frappe.whitelist(methods=["POST"])
@agent_only
def typing(ticket: str) -> bool:
	"""Show the customer for 25 seconds that an answer is being written."""
	frappe.has_permission("HD Ticket", "write", ticket, throw=True)
	return outbox.mark_read(ticket, typing=True)
