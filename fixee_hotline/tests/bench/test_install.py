from __future__ import annotations

import frappe

from fixee_hotline.host import install, screens
from fixee_hotline.host.custom_fields import all_fields
from fixee_hotline.host.settings import SERVICE_USER
from fixee_hotline.tests.bench.support import SiteTestCase

OURS = ("Custom Field", "HD View", "HD Form Script", "HD Ticket Template", "HD Ticket Template Field", "User")


def records() -> dict[str, list[str]]:
	"""Every record that sync may touch, with its time of change."""
	names = (*OURS, "Hotline Rule Set", "Hotline Settings", "Property Setter", "Custom DocPerm")
	return {
		doctype: sorted(map(str, frappe.db.sql(f"SELECT * FROM `tab{doctype}`")))
		for doctype in names
		if frappe.db.table_exists(doctype)
	}


class TestSync(SiteTestCase):
	def test_everything_is_there(self) -> None:
		for doctype, fields in all_fields().items():
			meta = frappe.get_meta(doctype)
			for field in fields:
				self.assertTrue(meta.has_field(field["fieldname"]), field["fieldname"])
		self.assertTrue(frappe.db.get_value("HD Form Script", screens.FORM_SCRIPT, "enabled"))
		self.assertFalse(frappe.db.get_value("HD Form Script", screens.FORM_SCRIPT, "is_standard"))
		self.assertEqual(frappe.db.count("Hotline Rule Set", {"state": "Active"}), 1)
		self.assertIn("Agent", frappe.get_roles(SERVICE_USER))

	def test_twice_changes_nothing(self) -> None:
		install.sync()
		before = records()
		install.sync()
		self.assertEqual(records(), before)

	def test_what_an_administrator_edited_stays(self) -> None:
		view = screens.VIEWS[0]["name"]
		frappe.db.set_value("HD View", view, "label", "Red ones")
		frappe.db.set_single_value("Hotline Settings", "priority_non_critical", "Low")
		frappe.clear_document_cache("Hotline Settings", "Hotline Settings")
		try:
			install.sync()
			self.assertEqual(frappe.db.get_value("HD View", view, "label"), "Red ones")
			self.assertEqual(frappe.db.get_single_value("Hotline Settings", "priority_non_critical"), "Low")
		finally:
			frappe.db.set_single_value("Hotline Settings", "priority_non_critical", "Medium")
			frappe.clear_document_cache("Hotline Settings", "Hotline Settings")

	def test_an_older_form_script_is_brought_up_to_date(self) -> None:
		frappe.db.set_value("HD Form Script", screens.FORM_SCRIPT, "script", "function setupForm() {}")
		install.sync()
		self.assertEqual(
			frappe.db.get_value("HD Form Script", screens.FORM_SCRIPT, "script"), screens.form_script()
		)
