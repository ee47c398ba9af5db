from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class HotlineSettings(Document):
	def validate(self) -> None:
		for fieldname in ("priority_critical", "priority_important", "priority_non_critical"):
			self.check_priority(self.meta.get_label(fieldname), self.get(fieldname))

	def check_priority(self, label: str, priority: str | None) -> None:
		"""Refuse a priority that an enabled agreement does not know: each ticket save would fail with it."""
		known = frappe.get_all(
			"HD Service Level Priority",
			filters={"priority": priority, "parenttype": "HD Service Level Agreement"},
			pluck="parent",
		)
		default = frappe.get_all(
			"HD Service Level Agreement", filters={"enabled": 1, "default_sla": 1}, pluck="name"
		)
		missing = [name for name in default if name not in known]
		if priority and missing:
			frappe.throw(
				_(
					"{0}: the agreement {1} has no row for the priority {2}. Add it there or choose another."
				).format(_(label), frappe.bold(missing[0]), frappe.bold(priority))
			)
