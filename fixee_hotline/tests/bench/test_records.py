from __future__ import annotations

import json
from pathlib import Path

import frappe
from frappe.core.doctype.data_import.importer import Importer

import fixee_hotline
from fixee_hotline.tests.bench.support import (
	CUSTOMER,
	MANUFACTURER,
	MODEL,
	RUNS_AGAIN,
	SERIAL,
	STOPPED,
	SiteTestCase,
	ensure,
	mail_ticket,
	reply,
)
from fixee_hotline.triage import store

SAMPLES = Path(fixee_hotline.__file__).parents[1] / "docs" / "samples"


class TestMachines(SiteTestCase):
	def test_a_serial_is_unique_per_manufacturer(self) -> None:
		again = frappe.get_doc({"doctype": "Hotline Machine", "serial": SERIAL, "manufacturer": MANUFACTURER})
		self.assertRaisesRegex(frappe.DuplicateEntryError, "already on record", again.insert)
		ensure("Hotline Manufacturer", manufacturer_name="Hotline Other Works")
		other = frappe.get_doc(
			{"doctype": "Hotline Machine", "serial": SERIAL, "manufacturer": "Hotline Other Works"}
		).insert()
		self.assertNotEqual(other.name, self.machine)

	def test_the_database_itself_refuses_a_second_one(self) -> None:
		doc = frappe.get_doc({"doctype": "Hotline Machine", "serial": SERIAL, "manufacturer": MANUFACTURER})
		doc.name = "HM-TEST-TWICE"
		self.assertRaises(frappe.UniqueValidationError, doc.db_insert)

	def test_the_model_gives_the_manufacturer(self) -> None:
		machine = frappe.get_doc("Hotline Machine", self.machine)
		self.assertEqual(machine.manufacturer, MANUFACTURER)
		self.assertEqual(machine.folded_serial, "HT248213")

	def test_html_in_every_text_field_is_only_text_in_the_card(self) -> None:
		from fixee_hotline.host import cards

		script = "<img src=x onerror=alert(1)>"
		frappe.get_doc(
			{
				"doctype": "Hotline Machine",
				"serial": f"XS-1{script}",
				"site": script,
				"location": script,
				"firmware": script,
				"customer": CUSTOMER,
			}
		).insert()
		machine = frappe.get_last_doc("Hotline Machine")
		name = mail_ticket(STOPPED, "Down")
		frappe.db.set_value("HD Ticket", name, "hotline_machine", machine.name)
		self.assertNotIn("<img", cards.why(name))
		self.assertNotIn("<img", cards.machine_rows(name, "XS-1"))

	def test_a_fault_code_is_unique_per_model(self) -> None:
		again = frappe.get_doc({"doctype": "Hotline Fault Code", "model": MODEL, "code": "E17"})
		self.assertRaisesRegex(frappe.DuplicateEntryError, "already on record", again.insert)


class TestRuleSets(SiteTestCase):
	def tearDown(self) -> None:
		store.forget_active()

	def copied(self, version: str) -> frappe.model.document.Document:
		doc = frappe.copy_doc(frappe.get_doc("Hotline Rule Set", {"state": "Active"}), ignore_no_copy=False)
		doc.version = version
		return doc.insert()

	def test_exactly_one_is_active_and_going_back_is_one_choice(self) -> None:
		old = frappe.db.get_value("Hotline Rule Set", {"state": "Active"})
		new = self.copied("test-1")
		self.assertEqual(new.state, "Draft")
		new.state = "Active"
		new.save()
		self.assertEqual(frappe.get_all("Hotline Rule Set", {"state": "Active"}, pluck="name"), ["test-1"])
		self.assertEqual(frappe.db.get_value("Hotline Rule Set", old, "state"), "Retired")
		back = frappe.get_doc("Hotline Rule Set", old)
		back.state = "Active"
		back.save()
		self.assertEqual(frappe.get_all("Hotline Rule Set", {"state": "Active"}, pluck="name"), [old])

	def test_a_newly_shipped_version_comes_as_a_draft(self) -> None:
		active = frappe.get_doc("Hotline Rule Set", {"state": "Active"})
		own = self.copied("our-own")
		own.state = "Active"
		own.save()
		frappe.delete_doc("Hotline Rule Set", active.name)
		store.ensure_default()
		self.assertEqual(frappe.db.get_value("Hotline Rule Set", active.name, "state"), "Draft")
		self.assertEqual(frappe.db.get_value("Hotline Rule Set", "our-own", "state"), "Active")

	def test_an_edited_weight_is_the_rule_that_runs(self) -> None:
		new = self.copied("test-2")
		for row in new.signals:
			row.weight = 33 if row.code == "line_stopped" else row.weight
		new.state = "Active"
		new.save()
		ticket = frappe.get_doc("HD Ticket", mail_ticket(STOPPED, "Down"))
		self.assertEqual(ticket.hotline_rule_version, "test-2")
		self.assertIn("(33)", ticket.hotline_reasons)

	def test_an_added_phrase_is_understood(self) -> None:
		new = self.copied("test-3")
		text = "The gizmo went kaputtissimo."
		self.assertEqual(self.levels(mail_ticket(text, "One"))[0], "Non-critical")
		new.append(
			"vocabulary",
			{"group": "line_stopped", "language": "en", "kind": "pattern", "expression": "kaputtissimo"},
		)
		new.state = "Active"
		new.save()
		self.assertEqual(self.levels(mail_ticket(text, "Two"))[0], "Critical")

	def test_a_broken_row_is_refused_with_its_number(self) -> None:
		new = self.copied("test-4")
		new.append(
			"vocabulary",
			{"group": "line_stopped", "language": "en", "kind": "pattern", "expression": "(broken"},
		)
		number = len(new.vocabulary)
		self.assertRaisesRegex(frappe.ValidationError, str(number), new.save)

	def test_a_version_in_use_is_not_changed(self) -> None:
		active = frappe.get_doc("Hotline Rule Set", {"state": "Active"})
		active.signals[0].weight += 1
		self.assertRaisesRegex(frappe.ValidationError, "Duplicate it", active.save)

	def test_the_active_one_is_not_deleted_or_switched_off(self) -> None:
		active = frappe.get_doc("Hotline Rule Set", {"state": "Active"})
		self.assertRaises(frappe.ValidationError, active.delete)
		active.state = "Draft"
		self.assertRaises(frappe.ValidationError, active.save)


class TestSettings(SiteTestCase):
	def test_switched_off_nothing_is_ranked(self) -> None:
		settings = frappe.get_doc("Hotline Settings")
		settings.enabled = 0
		settings.save()
		try:
			ticket = frappe.get_doc("HD Ticket", mail_ticket(STOPPED, "Down"))
		finally:
			settings.enabled = 1
			settings.save()
		self.assertFalse(ticket.hotline_level)
		self.assertEqual(self.assessments(ticket.name), [])

	def test_without_a_priority_for_non_critical_helpdesk_chooses(self) -> None:
		settings = frappe.get_doc("Hotline Settings")
		settings.priority_non_critical = None
		settings.save()
		frappe.db.set_single_value("HD Settings", "default_priority", "Low")
		frappe.clear_document_cache("HD Settings", "HD Settings")
		try:
			name = mail_ticket(STOPPED, "Down")
			self.assertEqual(self.levels(name), ("Critical", "Urgent"))
			reply(name, RUNS_AGAIN)
			self.assertEqual(self.levels(name), ("Non-critical", "Low"))
		finally:
			settings.reload()
			settings.priority_non_critical = "Medium"
			settings.save()

	def test_a_priority_unknown_to_the_agreement_is_refused(self) -> None:
		name = (
			frappe.get_doc(
				{"doctype": "HD Ticket Priority", "__newname": "Hotline Test Priority", "integer_value": 900}
			)
			.insert()
			.name
		)
		settings = frappe.get_doc("Hotline Settings")
		settings.priority_critical = name
		self.assertRaisesRegex(frappe.ValidationError, "no row for the priority", settings.save)


class TestDataImport(SiteTestCase):
	"""Data Import commits each row: what an earlier run left is removed first."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		serials = ["PX2-48213", "PX2-48214", "CK-000917"]
		frappe.db.delete("Hotline Machine", {"serial": ("in", serials)})
		frappe.db.delete("Hotline Machine", {"serial": ("like", "BR-%")})
		frappe.db.delete("Hotline Fault Code", {"model": ("in", ["PX-200", "CK-9"])})
		frappe.db.delete("Hotline Machine Model", {"name": ("in", ["PX-200", "CK-9"])})
		frappe.db.delete(
			"Hotline Manufacturer", {"name": ("in", ["Northwind Packaging", "Kestrel Compressors"])}
		)
		for customer in ("Acme Dairies", "Bergmann Werke"):
			ensure("HD Customer", customer_name=customer)

	def imported(self, doctype: str, text: str) -> tuple[int, list[frappe._dict]]:
		"""Number of new records, and the rows that failed."""
		name = f"hotline-import-{frappe.generate_hash(length=8)}.csv"
		file = frappe.get_doc(
			{"doctype": "File", "file_name": name, "is_private": 1, "content": text}
		).insert()
		doc = frappe.get_doc(
			{
				"doctype": "Data Import",
				"reference_doctype": doctype,
				"import_type": "Insert New Records",
				"import_file": file.file_url,
				"mute_emails": 1,
			}
		).insert()
		before = frappe.db.count(doctype)
		Importer(doctype, data_import=doc).import_data()
		failed = frappe.get_all(
			"Data Import Log",
			{"data_import": doc.name, "success": 0},
			["row_indexes", "messages", "exception"],
		)
		return frappe.db.count(doctype) - before, failed

	def sample(self, name: str) -> str:
		return (SAMPLES / name).read_text(encoding="utf-8")

	def test_the_samples_come_in(self) -> None:
		for doctype, name, rows in (
			("Hotline Manufacturer", "manufacturers.csv", 2),
			("Hotline Machine Model", "machine_models.csv", 2),
			("Hotline Machine", "machines.csv", 3),
			("Hotline Fault Code", "fault_codes.csv", 3),
		):
			self.assertEqual(self.imported(doctype, self.sample(name)), (rows, []), name)
		machine = frappe.get_doc("Hotline Machine", {"serial": "PX2-48213"})
		self.assertEqual((machine.criticality, machine.folded_serial), ("A", "PX248213"))
		found = frappe.get_doc("HD Ticket", mail_ticket("PX2-48213 vibrates", "X", sender="a@b.example"))
		self.assertEqual(found.hotline_machine, machine.name)

	def test_broken_rows_are_named_and_the_others_come_in(self) -> None:
		rows = [
			"Serial Number,Manufacturer,Criticality",
			f"BR-1,{MANUFACTURER},A",
			f"BR-1,{MANUFACTURER},A",
			f"BR-2'; DROP TABLE tabUser; --,{MANUFACTURER},B",
			f"BR-3,{MANUFACTURER},C",
		]
		count, failed = self.imported("Hotline Machine", "\n".join(rows))
		self.assertEqual(count, 3)
		self.assertEqual([json.loads(row.row_indexes) for row in failed], [[3]])
		self.assertIn("already on record", (failed[0].messages or "") + (failed[0].exception or ""))

	def test_a_file_with_an_unknown_manufacturer_says_so_and_imports_nothing(self) -> None:
		before = frappe.db.count("Hotline Machine")
		text = "Serial Number,Manufacturer\nBR-9,Nobody Ltd"
		name = f"hotline-import-{frappe.generate_hash(length=8)}.csv"
		file = frappe.get_doc(
			{"doctype": "File", "file_name": name, "is_private": 1, "content": text}
		).insert()
		doc = frappe.get_doc(
			{
				"doctype": "Data Import",
				"reference_doctype": "Hotline Machine",
				"import_type": "Insert New Records",
				"import_file": file.file_url,
			}
		).insert()
		Importer("Hotline Machine", data_import=doc).import_data()
		self.assertIn("Nobody Ltd", frappe.db.get_value("Data Import", doc.name, "template_warnings"))
		self.assertEqual(frappe.db.count("Hotline Machine"), before)
