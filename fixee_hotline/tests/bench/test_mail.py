from __future__ import annotations

import os
from email import message_from_bytes, policy
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import frappe

from fixee_hotline.tests.bench.support import (
	CUSTOMER,
	OTHER_SERIAL,
	RUNS_AGAIN,
	SERIAL,
	STOPPED,
	SiteTestCase,
	mail,
	mail_ticket,
	receive_raw,
	reply,
)


class TestMail(SiteTestCase):
	def test_a_mail_becomes_a_ranked_explained_ticket_on_its_machine(self) -> None:
		name = mail_ticket(f"{STOPPED} Machine {SERIAL}, code E17.", "Help needed")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertEqual((ticket.hotline_machine, ticket.hotline_machine_match), (self.machine, "exact"))
		self.assertEqual(ticket.hotline_fault_codes, "E17")
		self.assertEqual((ticket.hotline_channel, ticket.hotline_language), ("Email", "en"))
		self.assertEqual(ticket.customer, CUSTOMER)
		self.assertIn("(70): “", ticket.hotline_reasons)
		self.assertTrue(ticket.hotline_rule_version)

	def test_helpdesk_chooses_the_agreement_of_the_level(self) -> None:
		critical = frappe.get_doc("HD Ticket", mail_ticket(STOPPED, "One"))
		calm = frappe.get_doc(
			"HD Ticket", mail_ticket("Could you send us the price list for spare belts?", "Two")
		)
		self.assertEqual(calm.hotline_level, "Non-critical")
		self.assertLess(critical.response_by, calm.response_by)

	def test_the_subject_alone_ranks_before_the_text_is_there(self) -> None:
		ticket = frappe.get_doc(
			{"doctype": "HD Ticket", "subject": STOPPED, "raised_by": "jo@dairy.example"}
		).insert()
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))

	def test_the_text_corrects_what_the_subject_alone_seemed_to_say(self) -> None:
		name = mail_ticket("The line is not down. We only ask for the invoice of last month.", "Invoice")
		self.assertEqual(self.levels(name), ("Non-critical", "Medium"))

	def test_each_message_is_assessed_once_although_it_is_saved_again(self) -> None:
		communication = receive_raw(mail(STOPPED, "Once"))
		ticket = communication.reference_name
		before = len(self.assessments(ticket))
		frappe.get_doc("Communication", communication.name).save()
		frappe.get_doc("Communication", communication.name).save()
		self.assertEqual(len(self.assessments(ticket)), before)
		of_message = [row for row in self.assessments(ticket) if row.message == communication.name]
		self.assertEqual(len(of_message), 1)

	def test_the_same_mail_twice_is_one_message(self) -> None:
		raw = mail(STOPPED, "Twice", message_id="<twice@dairy.example>")
		first, second = receive_raw(raw), receive_raw(raw)
		self.assertEqual(first.name, second.name)

	def test_html_mail_is_read_as_text_and_its_script_is_not_kept(self) -> None:
		html = f"<div><p>{STOPPED}</p><script>alert(1)</script><img src=x onerror=alert(2)> {SERIAL}</div>"
		communication = receive_raw(mail("see html", "Help", html=html))
		ticket = frappe.get_doc("HD Ticket", communication.reference_name)
		self.assertEqual((ticket.hotline_level, ticket.hotline_machine), ("Critical", self.machine))
		for text in (communication.content, ticket.description, ticket.hotline_reasons):
			self.assertNotIn("<script", text)
			self.assertNotIn("onerror", text)

	def test_a_later_message_raises_the_level(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		reply(name, f"Now it got worse: {STOPPED.lower()}")
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))
		self.assertIn("level_raised", self.events(name))
		self.assertEqual(frappe.db.get_value("HD Ticket", name, "hotline_previous_level"), "Non-critical")

	def test_it_runs_again_lowers_the_level_with_a_fact(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		reply(name, RUNS_AGAIN)
		self.assertEqual(self.levels(name), ("Non-critical", "Medium"))
		self.assertIn("level_lowered", self.events(name))
		self.assertTrue(self.assessments(name)[-1].restored)

	def test_courtesy_and_short_follow_ups_never_lower(self) -> None:
		name = mail_ticket(STOPPED, "Down")
		for text in ("Thanks!", "ok", "Photo attached.", "I am at the machine now.", "Merci beaucoup"):
			reply(name, text)
			self.assertEqual(self.levels(name), ("Critical", "Urgent"), text)
		kept = [row.kept_because for row in self.assessments(name)[-5:]]
		self.assertEqual(kept, ["not restored"] * 5)
		self.assertIn("(70)", frappe.db.get_value("HD Ticket", name, "hotline_reasons"))

	def test_quoted_history_raises_nothing(self) -> None:
		name = mail_ticket("Could you send us the manual?", "Manual")
		quoted = "\n".join(
			["Thank you.", "", "On Mon, 23 Nov 2026 at 09:00, Jo wrote:", f"> URGENT! {STOPPED}"]
		)
		reply(name, quoted)
		self.assertEqual(self.levels(name)[0], "Non-critical")

	def test_a_later_message_names_the_machine(self) -> None:
		name = mail_ticket("One of our machines vibrates.", "Vibration")
		reply(name, f"It is serial {SERIAL}")
		self.assertEqual(frappe.db.get_value("HD Ticket", name, "hotline_machine"), self.machine)

	def test_confusable_characters_are_matched_and_said(self) -> None:
		name = mail_ticket("Machine HT2-482I3 vibrates a little.", "Vibration")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.hotline_machine, ticket.hotline_machine_match), (self.machine, "confusable"))

	def test_two_machines_are_asked_not_guessed(self) -> None:
		name = mail_ticket("One of our machines vibrates, which bearing is it?", "Bearing")
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertFalse(ticket.hotline_machine)
		self.assertIn("serial", ticket.hotline_missing)

	def test_strategic_customers_are_raised_by_one_level(self) -> None:
		frappe.db.set_value("HD Customer", CUSTOMER, "hotline_strategic", 1)
		self.addCleanup(frappe.db.set_value, "HD Customer", CUSTOMER, "hotline_strategic", 0)
		name = mail_ticket("The machine runs slower than yesterday, we have scrap.", "Slow")
		self.assertEqual(self.levels(name), ("Critical", "Urgent"))

	def test_the_same_fault_again_is_recurrent(self) -> None:
		mail_ticket(f"Machine {OTHER_SERIAL} shows E17, we reset it.", "E17", sender="jo@foundry.example")
		name = mail_ticket(f"Machine {OTHER_SERIAL}: E17.", "Code", sender="jo@foundry.example")
		signals = frappe.parse_json(frappe.db.get_value("HD Ticket", name, "hotline_signals"))
		self.assertIn("recurrent_incident", [signal["code"] for signal in signals])

	def test_a_colleague_in_the_thread_is_not_the_customer(self) -> None:
		settings = frappe.get_doc("Hotline Settings")
		settings.own_domains = "oem.example"
		settings.save()
		name = mail_ticket("Could you send us the manual?", "Manual")
		reply(name, STOPPED, sender="expert@oem.example")
		self.assertEqual(self.levels(name)[0], "Non-critical")


class TestBadMail(SiteTestCase):
	def test_broken_mime_still_becomes_a_ticket(self) -> None:
		raw = (
			b"From: jo@dairy.example\r\nTo: hotline@oem.example\r\nSubject: =?utf-8?q?broken=ZZ?=\r\n"
			b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n'
			b"The line is down, production has stopped.\r\n--y\r\n"
		)
		communication = receive_raw(raw)
		self.assertTrue(frappe.db.exists("HD Ticket", communication.reference_name))
		self.assertEqual(self.levels(communication.reference_name)[0], "Critical")

	def test_unknown_charset_still_becomes_a_ticket(self) -> None:
		raw = (
			b"From: jo@dairy.example\r\nTo: hotline@oem.example\r\nSubject: Charset\r\n"
			b"Content-Type: text/plain; charset=x-no-such\r\n\r\n"
			b"The line is down, production has stopped. \xff\xfe\r\n"
		)
		communication = receive_raw(raw)
		self.assertEqual(self.levels(communication.reference_name)[0], "Critical")

	def test_a_serial_that_is_sql_is_only_text(self) -> None:
		before = frappe.db.count("Hotline Machine")
		name = mail_ticket("S/N: HT2'; DROP TABLE `tabHotline Machine`; -- vibrates", "Serial")
		self.assertEqual(frappe.db.count("Hotline Machine"), before)
		self.assertTrue(frappe.db.exists("HD Ticket", name))

	def test_a_mail_of_forty_megabytes_is_ranked(self) -> None:
		message = message_from_bytes(mail(f"{STOPPED} See the video.", "Video"), policy=policy.default)
		message.add_attachment(os.urandom(30 * 1024 * 1024), "video", "mp4", filename="line.mp4")
		raw = message.as_bytes()
		self.assertGreater(len(raw), 40_000_000)
		self.assertEqual(self.levels(receive_raw(raw).reference_name)[0], "Critical")

	def test_an_archive_is_kept_as_it_is_and_never_unpacked(self) -> None:
		packed = BytesIO()
		with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
			archive.writestr("zeros.log", bytes(200 * 1024 * 1024))
		message = message_from_bytes(mail(f"{STOPPED} See the log.", "Log"), policy=policy.default)
		message.add_attachment(packed.getvalue(), "application", "zip", filename="log.zip")
		communication = receive_raw(message.as_bytes())
		self.assertEqual(self.levels(communication.reference_name)[0], "Critical")
		sizes = frappe.get_all("File", {"attached_to_name": communication.name}, pluck="file_size")
		self.assertEqual(sizes, [len(packed.getvalue())])

	def test_a_very_long_mail_is_ranked(self) -> None:
		name = mail_ticket(f"{STOPPED}\n" + "We checked the belt. " * 100_000, "Long")
		self.assertEqual(self.levels(name)[0], "Critical")
