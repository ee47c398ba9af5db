from __future__ import annotations

import frappe
from helpdesk.helpdesk.doctype.hd_ticket import api as helpdesk_api

from fixee_hotline.host import wrapped
from fixee_hotline.machines import store
from fixee_hotline.tests.bench.support import (
	AGENT,
	CUSTOMER,
	MEMBER,
	OTHER_MEMBER,
	SERIAL,
	STOPPED,
	SiteTestCase,
	portal_ticket,
)

FORGED = {
	"hotline_level": "Critical",
	"hotline_score": 100,
	"hotline_reasons": "because I say so",
	"hotline_level_locked_by": "Administrator",
	"hotline_level_reason": "forged",
	"hotline_previous_level": "Critical",
	"hotline_machine_match": "exact",
	"hotline_machine_candidates": "[]",
	"hotline_fault_codes": "E99",
	"hotline_language": "xx",
	"hotline_missing": "nothing",
	"hotline_rule_version": "forged",
	"hotline_signals": "[]",
	"hotline_last_message": "forged",
	"hotline_channel": "Phone",
	"priority": "Urgent",
}
CALM = "Could you send us the manual?"


class TestPortal(SiteTestCase):
	def test_a_portal_ticket_is_ranked_and_placed(self) -> None:
		name = portal_ticket(MEMBER, subject="Help", description=f"<p>{STOPPED} {SERIAL}</p>")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertEqual((ticket.hotline_channel, ticket.customer), ("Portal", CUSTOMER))
		self.assertEqual(ticket.hotline_machine, self.machine)

	def test_intake_fields_count(self) -> None:
		values = {"hotline_machine": self.second_machine, "hotline_item_state": "Down"}
		name = portal_ticket(MEMBER, subject="Help", description="Please come.", **values)
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual(
			(ticket.hotline_machine, ticket.hotline_machine_match), (self.second_machine, "chosen")
		)
		self.assertEqual(ticket.hotline_level, "Critical")

	def test_a_follow_up_in_the_portal_is_read(self) -> None:
		name = portal_ticket(MEMBER, subject="Manual", description=CALM)
		frappe.set_user(MEMBER)
		frappe.get_doc("HD Ticket", name).create_communication_via_contact(message=STOPPED)
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))

	def test_text_fields_never_carry_script(self) -> None:
		script = "<script>alert(1)</script>"
		name = portal_ticket(
			MEMBER,
			subject=f"{script}Help",
			description=f"{script}<p>{STOPPED}</p>",
			hotline_serial_given=f"{script}X1",
		)
		page = frappe.as_json(frappe.get_doc("HD Ticket", name).as_dict())
		self.assertNotIn("<script", page)
		frappe.set_user(AGENT)
		from fixee_hotline.api import ticket as ticket_api

		for card in (ticket_api.why(name), ticket_api.level_form(name), ticket_api.machine_form(name)):
			self.assertNotIn("<script", card)


class TestCustomersCannotWriteTriage(SiteTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.ticket = portal_ticket(MEMBER, subject="Manual", description=CALM)
		self.before = {key: frappe.db.get_value("HD Ticket", self.ticket, key) for key in FORGED}

	def assert_unchanged(self) -> None:
		after = {key: frappe.db.get_value("HD Ticket", self.ticket, key) for key in FORGED}
		self.assertEqual(after, self.before)

	def test_not_by_set_value(self) -> None:
		frappe.set_user(MEMBER)
		for fieldname, value in FORGED.items():
			frappe.client.set_value("HD Ticket", self.ticket, fieldname, value)
		self.assert_unchanged()

	def test_not_by_saving_the_whole_document(self) -> None:
		frappe.set_user(MEMBER)
		doc = frappe.get_doc("HD Ticket", self.ticket).as_dict()
		frappe.client.save({**doc, **FORGED})
		self.assert_unchanged()

	def test_not_by_a_new_ticket(self) -> None:
		for create in (
			helpdesk_api.new,
			lambda doc: frappe.get_doc(frappe.client.insert({**doc, "doctype": "HD Ticket"})),
		):
			frappe.set_user(MEMBER)
			name = create({"subject": "Manual", "description": CALM, **FORGED}).name
			ticket = frappe.get_doc("HD Ticket", name)
			self.assertEqual((ticket.hotline_level, ticket.priority), ("Non-critical", "Medium"))
			self.assertFalse(ticket.hotline_level_locked_by)
			self.assertEqual(ticket.hotline_channel, "Portal")
			self.assertNotEqual(ticket.hotline_rule_version, "forged")
			self.assertFalse(ticket.hotline_fault_codes)

	def test_not_by_our_own_endpoints(self) -> None:
		from fixee_hotline.api import ticket as ticket_api

		frappe.set_user(MEMBER)
		self.assertRaises(frappe.PermissionError, ticket_api.change_level, self.ticket, "Critical", "please")
		self.assertRaises(frappe.PermissionError, ticket_api.place_on_machine, self.ticket, self.machine)
		self.assertRaises(frappe.PermissionError, ticket_api.why, self.ticket)
		self.assert_unchanged()

	def test_a_customer_does_not_read_what_agents_say_among_themselves(self) -> None:
		frappe.db.set_value("HD Ticket", self.ticket, "hotline_level_reason", "difficult customer")
		frappe.set_user(MEMBER)
		self.assertNotIn("difficult customer", frappe.as_json(wrapped.get_one(self.ticket, True)))
		self.assertNotIn("difficult customer", frappe.as_json(frappe.client.get("HD Ticket", self.ticket)))


class TestCustomersRecord(SiteTestCase):
	def test_a_manager_of_the_customer_cannot_become_strategic_or_take_a_domain(self) -> None:
		record = frappe.get_doc("HD Customer", CUSTOMER)
		for row in record.contacts:
			row.is_manager = 1
		record.save()
		frappe.get_doc("User", MEMBER).add_roles("HD Customer Manager")
		forged = {
			"hotline_strategic": 1,
			"hotline_domains": "gmail.com",
			"hotline_phone": "+331",
			"hotline_language": "xx",
		}
		before = frappe.db.get_value("HD Customer", CUSTOMER, list(forged), as_dict=True)
		frappe.set_user(MEMBER)
		for fieldname, value in forged.items():
			frappe.client.set_value("HD Customer", CUSTOMER, fieldname, value)
		self.assertEqual(frappe.db.get_value("HD Customer", CUSTOMER, list(forged), as_dict=True), before)

	def test_the_own_domain_field_of_helpdesk_claims_nobody(self) -> None:
		frappe.db.set_value("HD Customer", CUSTOMER, "domain", "stranger.example")
		store.forget_addresses()
		self.assertIsNone(store.customer_of_address("jo@stranger.example"))
		self.assertEqual(store.customer_of_address("jo@dairy.example"), CUSTOMER)


class TestMachinesOfCustomers(SiteTestCase):
	def test_a_customer_sees_the_own_machines_only(self) -> None:
		frappe.set_user(MEMBER)
		names = frappe.get_list("Hotline Machine", pluck="name")
		self.assertIn(self.machine, names)
		self.assertNotIn(self.other_machine, names)
		self.assertTrue(frappe.has_permission("Hotline Machine", "read", self.machine))
		self.assertFalse(frappe.has_permission("Hotline Machine", "read", self.other_machine))
		self.assertFalse(frappe.has_permission("Hotline Machine", "write", self.machine))
		self.assertRaises(frappe.PermissionError, frappe.client.get, "Hotline Machine", self.other_machine)

	def test_the_list_to_choose_from_holds_the_own_machines_only(self) -> None:
		from frappe.desk.search import search_link

		frappe.set_user(MEMBER)
		found = search_link("Hotline Machine", "", page_length=50) or frappe.response.get("results")
		self.assertEqual({row["value"] for row in found}, {self.machine, self.second_machine})

	def test_somebody_without_customer_sees_none(self) -> None:
		frappe.set_user("Guest")
		self.assertFalse(frappe.has_permission("Hotline Machine", "read", self.machine))

	def test_an_agent_sees_all(self) -> None:
		frappe.set_user(AGENT)
		names = frappe.get_list("Hotline Machine", pluck="name", limit=0)
		self.assertTrue({self.machine, self.other_machine} <= set(names))

	def test_a_customer_cannot_place_a_ticket_on_a_machine_of_another(self) -> None:
		values = {"subject": "Help", "description": "Help", "hotline_machine": self.machine}
		self.assertRaises(frappe.PermissionError, portal_ticket, OTHER_MEMBER, **values)
		frappe.set_user("Administrator")
		name = portal_ticket(OTHER_MEMBER, subject="Help", description="Help")
		frappe.set_user(OTHER_MEMBER)
		self.assertRaises(
			frappe.PermissionError,
			frappe.client.set_value,
			"HD Ticket",
			name,
			"hotline_machine",
			self.machine,
		)

	def test_records_of_the_hotline_are_closed_to_customers(self) -> None:
		frappe.set_user(MEMBER)
		for doctype in (
			"Hotline Rule Set",
			"Hotline Assessment",
			"Hotline Event",
			"Hotline Fault Code",
			"Hotline Inbound Event",
			"Hotline WhatsApp Account",
			"Hotline Settings",
		):
			self.assertFalse(frappe.has_permission(doctype, "read"), doctype)
