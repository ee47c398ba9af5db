from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class HotlineInboundEvent(Document):
	"""The raw proof of what arrived: `channels.whatsapp.store` writes the rows."""

	def validate(self) -> None:
		if not self.is_new():
			frappe.throw(_("A received event is never changed by hand."), frappe.PermissionError)


def on_doctype_update() -> None:
	frappe.db.add_index("Hotline Inbound Event", ["state", "creation"], "hotline_inbound_state")
	frappe.db.add_index(
		"Hotline Inbound Event", ["phone_number_id", "sender", "state"], "hotline_inbound_sender"
	)
