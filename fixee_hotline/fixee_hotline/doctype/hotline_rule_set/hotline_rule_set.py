from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from fixee_hotline.triage import store

FROZEN_STATES = ("Active", "Retired")


class HotlineRuleSet(Document):
	def validate(self) -> None:
		self.check_rules()
		self.fingerprint = store.fingerprint(store.data_of(self))
		self.check_not_changed_after_use()
		self.check_one_stays_active()

	def check_rules(self) -> None:
		"""The engine reads the rules here: an error is shown in the form and never meets a request."""
		try:
			store.parse(store.data_of(self))
		except store.RuleError as error:
			frappe.throw(frappe.utils.escape_html(str(error)), title=_("This rule set cannot be used"))

	def check_not_changed_after_use(self) -> None:
		before = self.get_doc_before_save()
		if before and before.state in FROZEN_STATES and before.fingerprint != self.fingerprint:
			frappe.throw(
				_(
					"Version {0} has been in use. Duplicate it under a new version and change that one."
				).format(frappe.bold(self.version))
			)

	def check_one_stays_active(self) -> None:
		before = self.get_doc_before_save()
		if before and before.state == "Active" and self.state != "Active":
			frappe.throw(_("Activate another version instead: this one then retires by itself."))

	def on_update(self) -> None:
		if self.state == "Active":
			store.retire_all_but(self.name)
		store.forget_active()

	def on_trash(self) -> None:
		if self.state == "Active":
			frappe.throw(_("The active rule set cannot be deleted. Activate another version first."))
		store.forget_active()
