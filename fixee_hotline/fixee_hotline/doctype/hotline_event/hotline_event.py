from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class HotlineEvent(Document):
	"""Append-only facts: `triage.store` writes the rows, nobody changes them."""

	def validate(self) -> None:
		if not self.is_new():
			frappe.throw(_("A recorded fact is never changed."), frappe.PermissionError)

	def on_trash(self) -> None:
		frappe.throw(_("A recorded fact goes with its ticket only."), frappe.PermissionError)


def on_doctype_update() -> None:
	frappe.db.add_index("Hotline Event", ["ticket", "at"], "hotline_event_ticket")
