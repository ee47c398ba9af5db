from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from fixee_hotline.machines import store


class HotlineFaultCode(Document):
	def validate(self) -> None:
		self.code = (self.code or "").strip()
		self.folded_code = store.folded_code(self.code)
		if other := store.fault_code_with(self.model, self.code, but_not=self.name):
			frappe.throw(
				_("Code {0} of model {1} is already on record. Edit {2} instead.").format(
					frappe.bold(frappe.utils.escape_html(self.code)), self.model or _("any"), other
				),
				frappe.DuplicateEntryError,
			)


def on_doctype_update() -> None:
	frappe.db.add_unique("Hotline Fault Code", ["model", "code"], constraint_name="hotline_fault_code_model")
