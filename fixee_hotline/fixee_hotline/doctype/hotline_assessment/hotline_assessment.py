from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class HotlineAssessment(Document):
	"""Append-only: `triage.store` writes the rows, nobody changes them."""

	def validate(self) -> None:
		if not self.is_new():
			frappe.throw(_("An assessment is never changed. A new one is added."), frappe.PermissionError)

	def on_trash(self) -> None:
		frappe.throw(_("An assessment goes with its ticket only."), frappe.PermissionError)


def on_doctype_update() -> None:
	frappe.db.add_index("Hotline Assessment", ["ticket", "creation"], "hotline_assessment_ticket")
