from __future__ import annotations

import frappe

from fixee_hotline.api import ticket as ticket_api
from fixee_hotline.host.custom_fields import TRIAGE_FIELDS
from fixee_hotline.tests.bench.support import (
	AGENT,
	RUNS_AGAIN,
	SERIAL,
	STOPPED,
	SiteTestCase,
	agent_ticket,
	mail_ticket,
	reply,
)


class TestAgentsChoice(SiteTestCase):
	def test_a_level_chosen_with_a_reason_is_kept_by_later_automatic_runs(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		frappe.set_user(AGENT)
		ticket_api.change_level(name, "Important", "Their audit is tomorrow")
		frappe.set_user("Administrator")
		reply(name, STOPPED)
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Important", "High"))
		self.assertEqual(ticket.hotline_level_locked_by, AGENT)
		self.assertEqual(ticket.hotline_level_reason, "Their audit is tomorrow")
		last = self.assessments(name)[-1]
		self.assertEqual(
			(last.level, last.applied_level, last.kept_because), ("Critical", "Important", "locked")
		)

	def test_restoration_does_not_lower_a_chosen_level(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		frappe.set_user(AGENT)
		ticket_api.change_level(name, "Critical", "Until our technician was there")
		frappe.set_user("Administrator")
		reply(name, RUNS_AGAIN)
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))

	def test_a_priority_changed_on_the_ticket_page_is_a_choice_of_level(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		frappe.set_user(AGENT)
		frappe.client.set_value("HD Ticket", name, "priority", "Urgent")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertEqual(ticket.hotline_level_locked_by, AGENT)
		self.assertEqual(self.assessments(name)[-1].assessed_by, AGENT)

	def test_the_exact_priority_of_the_agent_stays(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		frappe.set_user(AGENT)
		frappe.client.set_value("HD Ticket", name, "priority", "Low")
		frappe.set_user("Administrator")
		reply(name, STOPPED)
		self.assertEqual(self.levels(name), ("Non-critical", "Low"))

	def test_a_level_changed_in_the_field_sets_priority_and_agreement(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		late = frappe.db.get_value("HD Ticket", name, "response_by")
		frappe.set_user(AGENT)
		frappe.client.set_value("HD Ticket", name, "hotline_level", "Critical")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual(ticket.priority, "Urgent")
		self.assertLess(ticket.response_by, late)
		self.assertIn("level_chosen", self.events(name))

	def test_an_emptied_level_gives_it_back_to_the_rules(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		reply(name, "Thanks!")
		frappe.set_user(AGENT)
		ticket_api.change_level(name, "Non-critical", "False alarm")
		ticket_api.change_level(name, "")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertFalse(ticket.hotline_level_locked_by)
		self.assertIn("level_released", self.events(name))

	def test_a_choice_needs_a_reason_in_the_dialog(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		frappe.set_user(AGENT)
		self.assertRaises(frappe.ValidationError, ticket_api.change_level, name, "Important", " ")

	def test_an_old_reason_does_not_explain_a_new_choice(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		frappe.set_user(AGENT)
		ticket_api.change_level(name, "Important", "Audit")
		frappe.client.set_value("HD Ticket", name, "hotline_level", "Critical")
		self.assertFalse(frappe.db.get_value("HD Ticket", name, "hotline_level_reason"))

	def test_a_call_noted_by_an_agent_with_a_level_keeps_it(self) -> None:
		name = agent_ticket(
			subject="Call of Mr Jo", description="Asks for a manual.", hotline_level="Important"
		)
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Important", "High"))
		self.assertEqual((ticket.hotline_level_locked_by, ticket.hotline_channel), (AGENT, "Phone"))

	def test_a_call_noted_by_an_agent_is_ranked(self) -> None:
		name = agent_ticket(subject="Call of Mr Jo", description=f"<p>{STOPPED} {SERIAL}</p>")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertEqual(ticket.hotline_machine, self.machine)
		self.assertFalse(ticket.hotline_level_locked_by)
		self.assertEqual(len(self.assessments(name)), 1)
		self.assertTrue(self.assessments(name)[0].message)

	def test_a_note_of_an_agent_on_the_ticket_changes_nothing(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		frappe.set_user(AGENT)
		frappe.get_doc("HD Ticket", name).new_comment(content=STOPPED)
		self.assertEqual(self.levels(name)[0], "Non-critical")


class TestPriorityOfATicketType(SiteTestCase):
	def test_a_type_keeps_its_priority_unless_the_request_is_serious(self) -> None:
		frappe.db.set_value("HD Ticket Type", "Bug", "priority", "High")
		frappe.clear_document_cache("HD Ticket Type", "Bug")
		try:
			calm = agent_ticket(subject="Question", description="The manual, please.", ticket_type="Bug")
			down = agent_ticket(subject="Down", description=STOPPED, ticket_type="Bug")
		finally:
			frappe.db.set_value("HD Ticket Type", "Bug", "priority", None)
			frappe.clear_document_cache("HD Ticket Type", "Bug")
		self.assertEqual(self.levels(calm), ("Non-critical", "High"))
		self.assertEqual(self.levels(down), ("Critical", "Urgent"))


class TestTicketsFromBeforeTheApp(SiteTestCase):
	def old_ticket(self) -> str:
		name = mail_ticket(STOPPED, "Down")
		values = {**dict.fromkeys(TRIAGE_FIELDS), "hotline_score": 0, "priority": "Low"}
		frappe.db.set_value("HD Ticket", name, values)
		frappe.db.delete("Hotline Assessment", {"ticket": name})
		return name

	def test_an_ordinary_save_leaves_them_alone(self) -> None:
		name = self.old_ticket()
		frappe.get_doc("HD Ticket", name).save()
		self.assertEqual(self.levels(name), (None, "Low"))
		self.assertEqual(self.assessments(name), [])

	def test_a_new_message_ranks_them(self) -> None:
		name = self.old_ticket()
		reply(name, STOPPED)
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))

	def test_an_agent_can_have_them_ranked(self) -> None:
		name = self.old_ticket()
		frappe.set_user(AGENT)
		ticket_api.change_level(name, "Important", "To see")
		ticket_api.change_level(name, "")
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))


class TestMachineOfATicket(SiteTestCase):
	def test_a_ticket_placed_by_an_agent_stays_on_its_machine(self) -> None:
		name = mail_ticket(f"Machine {SERIAL} vibrates.", "Vibration")
		frappe.set_user(AGENT)
		ticket_api.place_on_machine(name, self.second_machine)
		frappe.set_user("Administrator")
		reply(name, f"It is machine {SERIAL}")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual(
			(ticket.hotline_machine, ticket.hotline_machine_match), (self.second_machine, "chosen")
		)
		self.assertIn("machine_placed", self.events(name))

	def test_placing_on_a_class_a_machine_reaches_the_reasons(self) -> None:
		frappe.db.set_value("Hotline Machine", self.second_machine, "criticality", "A")
		self.addCleanup(frappe.db.set_value, "Hotline Machine", self.second_machine, "criticality", "B")
		name = mail_ticket(STOPPED, "Down")
		frappe.set_user(AGENT)
		ticket_api.place_on_machine(name, self.second_machine)
		self.assertIn("HT2-48299: A", frappe.db.get_value("HD Ticket", name, "hotline_reasons"))


class TestAppendOnly(SiteTestCase):
	def test_assessments_and_events_cannot_be_changed_or_deleted(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		for doctype in ("Hotline Assessment", "Hotline Event"):
			doc = frappe.get_last_doc(doctype, {"ticket": name})
			self.assertRaises(frappe.PermissionError, doc.save)
			self.assertRaises(frappe.PermissionError, doc.delete)

	def test_they_go_with_their_ticket(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		frappe.delete_doc("HD Ticket", name)
		self.assertFalse(frappe.db.exists("HD Ticket", name))
		self.assertEqual(self.assessments(name), [])
		self.assertEqual(self.events(name), [])
