from __future__ import annotations

import re

import frappe
from frappe import _
from frappe.model.document import Document

from fixee_hotline.machines import store

# Characters that Frappe does not take in a name or that read badly in an address.
NOT_IN_NAMES = re.compile(r"[<>\"'%/\\#?&\s]+")


class HotlineMachine(Document):
	def autoname(self) -> None:
		"""The serial is what people say; the manufacturer is added where two share one."""
		serial = NOT_IN_NAMES.sub(" ", self.serial or "").strip()[:100] or _("Unnamed")
		names = (serial, f"{serial} ({self.manufacturer})", f"{serial} {frappe.generate_hash(length=6)}")
		self.name = next(name for name in names if not frappe.db.exists("Hotline Machine", name))

	def validate(self) -> None:
		self.serial = (self.serial or "").strip()
		self.product_instance_uri = (self.product_instance_uri or "").strip() or None
		if self.model and not self.manufacturer:
			self.manufacturer = frappe.get_cached_value("Hotline Machine Model", self.model, "manufacturer")
		self.folded_serial = store.folded_serial(self.serial)
		self.check_serial_is_free()

	def check_serial_is_free(self) -> None:
		if other := store.machine_with_serial(self.serial, self.manufacturer, but_not=self.name):
			frappe.throw(
				_(
					"Serial number {0} of {1} is already on record as {2}. Correct it or edit that machine."
				).format(
					frappe.bold(frappe.utils.escape_html(self.serial)),
					self.manufacturer or _("an unnamed manufacturer"),
					other,
				),
				frappe.DuplicateEntryError,
			)


def on_doctype_update() -> None:
	frappe.db.add_unique(
		"Hotline Machine", ["manufacturer", "serial"], constraint_name="hotline_machine_serial"
	)


def get_permission_query_conditions(user: str | None = None) -> str:
	"""Staff sees every machine, a customer the machines of the own customers."""
	user = user or frappe.session.user
	if store.is_staff(user):
		return ""
	customers = store.customers_of_user(user)
	if not customers:
		return "1=0"
	names = ", ".join(frappe.db.escape(name) for name in customers)
	return f"`tabHotline Machine`.customer in ({names})"


def has_permission(doc: Document, ptype: str = "read", user: str | None = None) -> bool:
	"""An explicit yes or no: other versions of Frappe read silence differently."""
	user = user or frappe.session.user
	if store.is_staff(user):
		return True
	return (
		ptype in ("read", "select") and bool(doc.customer) and doc.customer in store.customers_of_user(user)
	)
