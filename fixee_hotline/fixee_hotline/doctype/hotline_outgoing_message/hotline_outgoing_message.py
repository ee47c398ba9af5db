from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class HotlineOutgoingMessage(Document):
	"""A message to a customer: `host.outgoing` writes the rows."""

	def validate(self) -> None:
		if not self.is_new():
			frappe.throw(_("An outgoing message is never changed by hand."), frappe.PermissionError)


def on_doctype_update() -> None:
	table = "Hotline Outgoing Message"
	frappe.db.add_index(table, ["state", "creation"], "hotline_outgoing_state")
	frappe.db.add_index(table, ["account", "recipient", "state"], "hotline_outgoing_chat")
	frappe.db.add_index(table, ["account", "recipient", "attempted_at"], "hotline_outgoing_pace")
	frappe.db.add_index(table, ["address", "creation"], "hotline_outgoing_address")
