from __future__ import annotations

import json

import frappe
from helpdesk.api.doc import get_filterable_fields, get_list_data, get_quick_filters
from helpdesk.helpdesk.doctype.hd_ticket import api as helpdesk_api

from fixee_hotline.api import ticket as ticket_api
from fixee_hotline.host import compat, screens, wrapped
from fixee_hotline.tests.bench.support import (
	AGENT,
	MEMBER,
	OTHER_SERIAL,
	SERIAL,
	STOPPED,
	SiteTestCase,
	mail_ticket,
	portal_ticket,
	reply,
)

WRAPPED = "helpdesk.helpdesk.doctype.hd_ticket.api."


class TestWhatTheAgentSees(SiteTestCase):
	def test_why_shows_level_reasons_machine_codes_and_instruction(self) -> None:
		earlier = mail_ticket(f"Machine {SERIAL} vibrates", "Earlier")
		name = mail_ticket(f"{STOPPED} Machine {SERIAL}, code E17.", "Down")
		frappe.set_user(AGENT)
		card = ticket_api.why(name)
		for text in ("Critical", "(exact)", SERIAL, "HT-200", "Hotline Test Dairy", "Main drive overload"):
			self.assertIn(text, card)
		self.assertIn("Isolate, do not restart", card)
		self.assertIn(f"#{earlier}", card)
		self.assertIn(frappe.db.get_value("HD Ticket", name, "hotline_rule_version"), card)

	def test_recent_tickets_of_the_machine_are_the_similar_ones(self) -> None:
		earlier = mail_ticket(f"Machine {OTHER_SERIAL} vibrates", "Earlier", sender="one@else.example")
		name = mail_ticket(f"Machine {OTHER_SERIAL} is loud", "Loud", sender="two@other.example")
		frappe.set_user(AGENT)
		method = frappe.override_whitelisted_method(WRAPPED + "get_recent_similar_tickets")
		answer = frappe.call(method, ticket=name)
		self.assertEqual([row["name"] for row in answer["similar_tickets"]], [earlier])
		self.assertEqual(set(answer["similar_tickets"][0]), {"name", "subject", "creation", "status"})

	def test_wrapped_answers_keep_helpdesks_keys(self) -> None:
		name = portal_ticket(MEMBER, subject="Manual", description="Could you send it?")
		plain, ours = helpdesk_api.get_one(name), wrapped.get_one(name)
		self.assertEqual(set(plain), set(ours))
		plain = helpdesk_api.get_recent_similar_tickets(name)
		self.assertEqual(set(plain), set(wrapped.get_recent_similar_tickets(name)))

	def test_the_template_shows_our_fields_and_hides_the_internal_ones(self) -> None:
		frappe.set_user(AGENT)
		fields = {row.fieldname: row for row in helpdesk_api.get_meta("Default")}
		self.assertTrue({row["fieldname"] for row in screens.TEMPLATE_ROWS} <= set(fields))
		self.assertTrue(fields["hotline_reasons"].hide_from_customer)
		self.assertFalse(fields["hotline_machine"].hide_from_customer)

	def test_the_form_script_loads_the_versioned_asset(self) -> None:
		frappe.set_user(AGENT)
		scripts = "".join(helpdesk_api.get_ticket_customizations()["_form_script"])
		self.assertIn("/assets/fixee_hotline/js/agent.js?v=", scripts)

	def test_three_public_views_show_the_right_tickets(self) -> None:
		critical = mail_ticket(f"{STOPPED} Machine {SERIAL}", "Down")
		calm = mail_ticket("Could you send us the manual?", "Manual", sender="who@nowhere.example")
		frappe.set_user(AGENT)
		shown = {label: self.names_in(label) for label in ("Critical now", "Important", "No machine yet")}
		self.assertIn(critical, shown["Critical now"])
		self.assertNotIn(calm, shown["Critical now"])
		self.assertIn(calm, shown["No machine yet"])
		self.assertNotIn(critical, shown["No machine yet"])
		self.assertNotIn(critical, shown["Important"])

	def names_in(self, label: str) -> set[str]:
		view = frappe.get_doc("HD View", {"label": label, "public": 1})
		data = get_list_data(
			doctype="HD Ticket",
			filters=json.loads(view.filters),
			order_by=view.order_by,
			page_length=500,
			columns=json.loads(view.columns),
			rows=json.loads(view.rows),
		)
		return {str(row["name"]) for row in data["data"]}

	def test_the_list_is_filtered_by_level_and_machine(self) -> None:
		frappe.set_user(AGENT)
		names = {row["fieldname"] for row in get_filterable_fields("HD Ticket")}
		self.assertTrue({"hotline_level", "hotline_machine", "hotline_channel"} <= names)
		quick = {row["name"] for row in get_quick_filters("HD Ticket")}
		self.assertTrue({"hotline_level", "hotline_machine"} <= quick)

	def test_open_pages_hear_of_a_change_and_only_the_id(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		frappe.db.commit = frappe.db.commit
		heard = []
		original = frappe.publish_realtime

		def listening(event=None, message=None, *args, **values):
			heard.append((event, message, values.get("room")))
			return original(event, message, *args, **values)

		frappe.publish_realtime = listening
		try:
			reply(name, STOPPED)
		finally:
			frappe.publish_realtime = original
		updates = [one for one in heard if one[0] == "helpdesk:ticket-update" and one[2] == "website"]
		self.assertTrue(updates)
		self.assertTrue(all(message == {"ticket_id": name} for _, message, _ in updates))


class TestMergeAndSplit(SiteTestCase):
	def test_a_merged_ticket_gives_its_level_and_machine(self) -> None:
		source = mail_ticket(f"{STOPPED} Machine {SERIAL}", "Down")
		target = mail_ticket("Could you send us the manual?", "Manual", sender="who@nowhere.example")
		count = len(self.assessments(target))
		wrapped.merge_ticket(source, target)
		self.assertEqual(self.levels(target), ("Critical", "Urgent"))
		self.assertEqual(frappe.db.get_value("HD Ticket", target, "hotline_machine"), self.machine)
		self.assertEqual(len(self.assessments(target)), count)
		self.assertIn("merged", self.events(source))
		self.assertIn("merged_from", self.events(target))

	def test_a_merge_does_not_lower(self) -> None:
		target = mail_ticket(STOPPED, "Down")
		source = mail_ticket("It works again, production is back.", "Runs")
		wrapped.merge_ticket(source, target)
		self.assertEqual(self.levels(target), ("Critical", "Urgent"))

	def test_a_split_ticket_is_ranked_by_its_own_messages(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		question = reply(name, "By the way, could you send us the price list?")
		frappe.set_user("Administrator")
		frappe.db.set_value("Communication", question, "creation", frappe.utils.add_to_date(None, seconds=5))
		new = wrapped.split_ticket("Price list", question)
		self.assertEqual(self.levels(new), ("Non-critical", "Medium"))
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))
		self.assertIn("split_from", self.events(new))


class TestHelpdeskIsAsWeKnowIt(SiteTestCase):
	def test_everything_we_rely_on_is_there(self) -> None:
		self.assertEqual(compat.problems(), [])

	def test_a_change_would_be_noticed(self) -> None:
		original = compat.WRAPPED
		compat.WRAPPED = {**original, WRAPPED + "no_such_function": ["ticket"]}
		try:
			self.assertEqual(compat.problems(), [f"{WRAPPED}no_such_function is gone"])
			self.assertRaises(frappe.ValidationError, compat.require)
		finally:
			compat.WRAPPED = original
