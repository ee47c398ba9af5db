from __future__ import annotations

import itertools
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import add_to_date, now_datetime
from helpdesk.api.ticket import bulk_reply
from helpdesk.helpdesk.doctype.hd_ticket import api as helpdesk_api
from PIL import Image

from fixee_hotline.channels.whatsapp.outgoing import Choice, OutgoingError
from fixee_hotline.host import outbox, outgoing, replies, window, wrapped
from fixee_hotline.tests.bench.outbound import NUMBER, PHONE, OutboundTestCase
from fixee_hotline.tests.bench.support import AGENT

DRAIN = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=sys.argv[2])
frappe.connect()
from fixee_hotline.host import outbox
outbox.drain(wait=False)
"""
BACK_OFF_CODES = (1, 2, 131000, 131016, 131056, 131057)
NUMBER_WAITS = (4, 80007, 130429, 133016, 131048)
CHANNEL_CODES = (0, 3, 10, 190, 200, 299, 368, 131005, 131031, 131042, 131045)
REFUSED_CODES = (
	100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052, 131053,
	131060, 131062, 131063, 131064, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068,
	132069, 135000, 137000, 999999,
)  # fmt: skip


def jpeg() -> bytes:
	data = BytesIO()
	Image.new("RGB", (8, 8), "red").save(data, "JPEG")
	return data.getvalue()


class TestReplies(OutboundTestCase):
	def test_the_reply_box_reaches_the_customer_in_whatsapp_writing(self) -> None:
		ticket = self.ticket()
		history = '<p class="reply-to-content"></p><blockquote>what the customer wrote</blockquote>'
		self.reply(
			ticket, "<p><b>Stop</b> the drive,<br>then <i>wait</i>.</p><ul><li>one</li></ul>" + history
		)
		self.assertEqual(self.graph.sent, [])
		self.work()
		[body] = self.graph.sent
		self.assertEqual(body["text"]["body"], "*Stop* the drive,\nthen _wait_.\n\n- one")
		self.assertEqual((body["to"], body["recipient_type"]), (PHONE, "individual"))
		row = self.row(ticket)
		self.assertEqual((row.state, row.provider_id), ("Sent", body["id"]))
		self.assertEqual(body["biz_opaque_callback_data"], row.idempotency_key)
		stored = frappe.get_doc("Communication", row.communication)
		self.assertEqual(
			(stored.communication_medium, stored.sender, stored.delivery_status, stored.message_id),
			("Chat", AGENT, "Sent", body["id"]),
		)
		self.assertTrue(frappe.db.get_value("HD Ticket", ticket.name, "first_responded_on"))

	def test_mail_and_whatsapp_recipients_each_get_it_on_their_channel(self) -> None:
		ticket = self.ticket()
		frappe.db.set_single_value("HD Settings", "skip_email_workflow", 1)
		self.addCleanup(frappe.db.set_single_value, "HD Settings", "skip_email_workflow", 0)
		self.reply(ticket, "<p>Both</p>", to=f"{ticket.raised_by},boss@dairy.example", cc="cc@dairy.example")
		self.work()
		self.assertEqual(self.graph.texts(), ["Both"])
		sent = frappe.get_all(
			"Communication",
			{"reference_name": ticket.name, "sent_or_received": "Sent"},
			["communication_medium", "recipients", "cc"],
			order_by="creation asc",
		)
		self.assertEqual(
			[(row.communication_medium, row.recipients, row.cc or "") for row in sent],
			[("", "boss@dairy.example", "cc@dairy.example"), ("Chat", ticket.raised_by, "")],
		)

	def test_a_long_text_is_cut_at_sentences_and_stays_in_order(self) -> None:
		ticket = self.ticket()
		sentences = [f"This is sentence number {number} of a long answer." for number in range(220)]
		self.reply(ticket, f"<p>{' '.join(sentences)}</p>")
		self.work()
		texts = self.graph.texts()
		self.assertGreater(len(texts), 2)
		self.assertTrue(all(len(text) <= 4096 and text.endswith(".") for text in texts))
		self.assertEqual(" ".join(texts), " ".join(sentences))

	def test_files_are_uploaded_and_sent_by_their_kind(self) -> None:
		ticket = self.ticket()
		names = [self.file("photo.jpg", jpeg()), self.file("log.csv", b"at,code\n1,E17\n")]
		self.reply(ticket, "<p>See</p>", attachments=names)
		self.work()
		self.assertEqual([body["type"] for body in self.graph.sent], ["text", "image", "document"])
		self.assertEqual(self.graph.sent[2]["document"]["filename"][-4:], ".csv")
		self.assertEqual([row.state for row in self.rows(ticket)], ["Sent"] * 3)
		communication = self.rows(ticket)[0].communication
		attached = {"attached_to_doctype": "Communication", "attached_to_name": communication}
		self.assertEqual(frappe.db.count("File", attached), 2)

	def test_a_file_that_is_too_large_stops_everything_before_it_is_written(self) -> None:
		ticket = self.ticket()
		name = self.file("huge.mp4", b"0" * (16 * 1024 * 1024 + 1))
		with self.assertRaisesRegex(
			frappe.ValidationError, "16.0 MB; WhatsApp takes videos of at most 16 MB"
		):
			self.reply(ticket, "<p>See</p>", attachments=[name])
		frappe.db.rollback()
		self.assertEqual(self.rows(ticket), [])
		self.assertIsNone(self.delivery(ticket))

	def file(self, name: str, content: bytes) -> str:
		frappe.set_user(AGENT)
		doc = frappe.get_doc({"doctype": "File", "file_name": name, "content": content, "is_private": 1})
		doc.insert()
		frappe.set_user("Administrator")
		frappe.db.commit()
		self.addCleanup(Path(doc.get_full_path()).unlink, missing_ok=True)
		return str(doc.name)

	def test_a_rolled_back_reply_sends_nothing(self) -> None:
		ticket = self.ticket()
		doc = frappe.get_doc("HD Ticket", ticket.name)
		doc.reply_via_agent("<p>Never</p>", to=doc.raised_by)
		frappe.db.rollback()
		self.work()
		self.assertEqual(self.graph.sent, [])

	def test_bulk_reply_and_merge_notice_use_the_same_exit(self) -> None:
		first, second = self.ticket(), self.ticket("33612340002")
		bulk_reply([first.name, second.name], "<p>We are back</p>")
		frappe.db.commit()
		self.work()
		self.assertEqual(self.graph.texts(), ["We are back"] * 2)
		wrapped.merge_ticket(second.name, first.name)
		frappe.db.commit()
		self.work()
		self.assertIn("has been merged with ticket", self.graph.texts("33612340002")[-1])
		self.assertNotIn("/helpdesk/", self.graph.texts("33612340002")[-1])
		self.assertEqual(len(self.graph.sent), 3)

	def test_split_notice_goes_out_and_history_is_not_sent_again(self) -> None:
		ticket = self.ticket()
		self.reply(ticket, "<p>First</p>")
		self.work()
		communication = self.row(ticket).communication
		wrapped.split_ticket("Second machine", communication)
		frappe.db.commit()
		self.work()
		self.assertEqual(len(self.graph.sent), 2)
		self.assertIn("has been split to a new ticket", self.graph.texts()[-1])

	def test_choices_lists_location_and_reply_in_context(self) -> None:
		ticket = self.ticket()
		replies.send_choices(ticket, "Does it run?", [Choice("y", "Yes"), Choice("n", "No")])
		rows = [Choice(str(number), f"Machine {number}", "Hall 3") for number in range(10)]
		replies.send_choices(ticket, "Which one?", rows, button="Choose")
		replies.ask_location(ticket, "Where are you?")
		replies.send_text(ticket, "This one", answers="wamid.earlier")
		frappe.db.commit()
		self.work()
		kinds = [body.get("interactive", {}).get("type") for body in self.graph.sent]
		self.assertEqual(kinds, ["button", "list", "location_request_message", None])
		self.assertEqual(self.graph.sent[-1]["context"], {"message_id": "wamid.earlier"})
		with self.assertRaises(OutgoingError):
			replies.send_choices(ticket, "Too many", [Choice(str(one), str(one)) for one in range(4)])

	def test_a_person_known_by_user_id_only_is_reached(self) -> None:
		ticket = self.ticket()
		window.remember(ticket.name, None, NUMBER, "US.13491208655302741918")
		frappe.db.commit()
		self.reply(ticket)
		self.work()
		[body] = self.graph.sent
		self.assertEqual((body.get("to"), body["recipient"]), (None, "US.13491208655302741918"))

	def test_read_marks_and_typing(self) -> None:
		ticket = self.ticket()
		frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_medium": "Chat",
				"sent_or_received": "Received",
				"content": "Hello",
				"sender": ticket.raised_by,
				"message_id": "wamid.theirs",
				"reference_doctype": "HD Ticket",
				"reference_name": ticket.name,
			}
		).insert()
		self.assertTrue(outbox.mark_read(ticket.name))
		self.assertFalse(outbox.mark_read(ticket.name))
		self.assertTrue(outbox.mark_read(ticket.name, typing=True))
		self.assertEqual([mark["message_id"] for mark in self.graph.marks], ["wamid.theirs"] * 2)
		self.assertIn("typing_indicator", self.graph.marks[1])

	def test_a_customer_may_not_reply_as_an_agent(self) -> None:
		ticket = self.ticket()
		frappe.set_user("member@dairy.example")
		with self.assertRaises(frappe.PermissionError):
			frappe.get_doc("HD Ticket", ticket.name).reply_via_agent("<p>x</p>", to=ticket.raised_by)


class TestFailures(OutboundTestCase):
	def fails_with(self, **failure: Any) -> Any:
		ticket = self.ticket()
		self.graph.fail(**failure)
		self.reply(ticket)
		outbox.drain(wait=False)
		return ticket

	def assert_sent_once(self, ticket: Any) -> None:
		self.assertEqual(self.row(ticket).state, "Sent")
		keys = self.graph.keys()
		self.assertEqual(keys.count(self.row(ticket).idempotency_key), 1)
		self.assertEqual(self.delivery(ticket), "Sent")

	def test_what_may_be_tried_again_is_sent_once_in_the_end(self) -> None:
		for code in (*BACK_OFF_CODES, *NUMBER_WAITS):
			with self.subTest(code=code):
				self.setUp()
				ticket = self.fails_with(code=code, status=400)
				row = self.row(ticket)
				self.assertEqual((row.state, row.error_code, row.attempts), ("Pending", code, 1))
				self.assertGreater(row.next_attempt_at, now_datetime())
				paused = self.account().paused_until
				self.assertEqual(bool(paused), code in NUMBER_WAITS)
				self.assertEqual(outbox.drain(wait=False), 0)
				self.hurry()
				self.work()
				self.assert_sent_once(ticket)

	def test_what_is_refused_shows_its_reason_and_can_be_sent_again(self) -> None:
		for code in REFUSED_CODES:
			with self.subTest(code=code):
				self.setUp()
				ticket = self.fails_with(code=code)
				row = self.row(ticket)
				self.assertEqual((row.state, row.error_code), ("Failed", code))
				self.assertTrue(row.error and row.advice)
				self.assertEqual(self.delivery(ticket), "Error")
				frappe.set_user(AGENT)
				thread = wrapped.get_ticket_activities(ticket.name)["communications"]
				frappe.set_user("Administrator")
				self.assertIn("not delivered", thread[-1]["content"])
				self.assertIn(f"({code}", thread[-1]["content"])
				replies.resend(row.name)
				frappe.db.commit()
				self.work()
				self.assertEqual(len(self.graph.sent), 1)
				self.assertEqual(self.delivery(ticket), "Sent")
				with self.assertRaises(frappe.ValidationError):
					replies.resend(row.name)

	def test_a_channel_error_flags_the_account_and_messages_wait_for_the_repair(self) -> None:
		for code in CHANNEL_CODES:
			with self.subTest(code=code):
				self.setUp()
				ticket = self.fails_with(code=code, status=401)
				self.reply(ticket, "<p>Second</p>")
				self.assertEqual(outbox.drain(wait=False), 0)
				account = self.account()
				self.assertEqual(account.health, "Blocked")
				self.assertIn("administrator", account.health_reason)
				self.assertEqual([row.state for row in self.rows(ticket)], ["Pending"] * 2)
				self.set_account(health="Healthy")
				self.work()
				self.assertEqual(self.graph.texts(), ["Hello", "Second"])

	def test_the_window_closed_at_meta(self) -> None:
		ticket = self.fails_with(code=131047)
		self.assertEqual(self.row(ticket).state, "Failed")
		with self.assertRaises(window.WindowClosed):
			self.reply(ticket)

	def test_a_time_out_is_unknown_and_never_resent_by_itself(self) -> None:
		from fixee_hotline.channels.whatsapp import client

		before, client.READ_SECONDS = client.READ_SECONDS, 1
		self.addCleanup(setattr, client, "READ_SECONDS", before)
		client.GraphClient._call.__defaults__ = (1,)
		self.addCleanup(setattr, client.GraphClient._call, "__defaults__", (before,))
		ticket = self.fails_with(hang=2.5, accept=True)
		row = self.row(ticket)
		self.assertEqual((row.state, self.delivery(ticket)), ("Unknown", "Delayed"))
		self.hurry()
		self.work(3)
		self.assertEqual(len(self.graph.sent), 1)
		self.assertTrue(outbox.apply_status("wamid.late", "delivered", None, None, row.idempotency_key))
		frappe.db.commit()
		self.assertEqual((self.row(ticket).state, self.row(ticket).provider_id), ("Delivered", "wamid.late"))

	def test_html_instead_of_graph(self) -> None:
		for status, state in ((500, "Unknown"), (502, "Unknown"), (504, "Unknown"), (503, "Pending")):
			with self.subTest(status=status):
				self.setUp()
				ticket = self.fails_with(html="<html>Bad gateway</html>", status=status)
				self.assertEqual(self.row(ticket).state, state)
		ticket = self.fails_with(html="<html>slow down</html>", status=429)

	def test_after_an_unknown_one_the_next_waits_until_graph_answers_a_question(self) -> None:
		ticket = self.fails_with(html="<html/>", status=502)
		self.reply(ticket, "<p>Second</p>")
		self.assertEqual(outbox.drain(wait=False), 0)
		self.set_account(paused_until=None)
		self.work()
		self.assertEqual(self.graph.texts(), ["Second"])
		self.assertIn(f"GET /v25.0/{NUMBER}", self.graph.calls)

	def test_graph_down_then_up_nothing_lost_nothing_twice_order_kept(self) -> None:
		tickets = [self.ticket(f"3361234{number:04}") for number in range(10, 15)]
		port = self.graph.port
		self.graph.stop()
		for number, ticket in itertools.product(range(4), tickets):
			self.reply(ticket, f"<p>Part {number}</p>")
		for _round in range(3):
			outbox.drain(wait=False)
			self.hurry()
		self.assertEqual(frappe.db.count(outgoing.DOCTYPE, {"state": "Pending"}), 20)
		self.assertEqual(self.account().health, "Warning")
		self.graph.start(port)
		self.hurry()
		self.work()
		for number in range(10, 15):
			texts = self.graph.texts(f"3361234{number:04}")
			self.assertEqual(texts, [f"Part {part}" for part in range(4)])
		self.assertEqual(len(set(self.graph.keys())), 20)
		self.assertEqual(self.account().health, "Healthy")

	def test_several_workers_at_once_send_nothing_twice_and_keep_the_order(self) -> None:
		tickets = [self.ticket(f"3361235{number:04}") for number in range(4)]
		for number, ticket in itertools.product(range(8), tickets):
			self.reply(ticket, f"<p>Part {number}</p>")
		sites = os.path.abspath(frappe.local.sites_path)
		command = [sys.executable, "-W", "ignore", "-c", DRAIN, frappe.local.site, sites]
		workers = [subprocess.Popen(command, cwd=sites) for _ in range(3)]
		self.assertEqual([worker.wait(timeout=120) for worker in workers], [0, 0, 0])
		self.work()
		for number in range(4):
			self.assertEqual(self.graph.texts(f"3361235{number:04}"), [f"Part {part}" for part in range(8)])
		self.assertEqual(len(set(self.graph.keys())), 32)
		self.assertEqual(len(self.graph.sent), 32)

	def test_a_worker_that_died_while_sending_leaves_an_unknown_message(self) -> None:
		ticket = self.ticket()
		self.reply(ticket)
		head = outgoing.heads([])[0]
		outgoing.claim(head)
		old = add_to_date(now_datetime(), seconds=-outgoing.LOST_AFTER_SECONDS - 1)
		frappe.db.set_value(outgoing.DOCTYPE, head.name, "attempted_at", old)
		frappe.db.commit()
		outbox.drain(wait=False)
		self.assertEqual(self.row(ticket).state, "Unknown")
		self.assertEqual(self.graph.sent, [])

	def test_the_pace_of_a_chat_is_kept(self) -> None:
		self.set_account(pair_seconds=0.5)
		self.graph.pair_seconds = 0.4
		ticket = self.ticket()
		for number in range(3):
			self.reply(ticket, f"<p>Part {number}</p>")
		start = now_datetime()
		self.work()
		self.assertEqual(self.graph.texts(), ["Part 0", "Part 1", "Part 2"])
		self.assertGreaterEqual((now_datetime() - start).total_seconds(), 1.0)
		self.assertEqual([row.attempts for row in self.rows(ticket)], [1, 1, 1])

	def test_the_pace_of_the_number_is_kept(self) -> None:
		self.set_account(messages_per_second=3)
		self.addCleanup(self.set_account, messages_per_second=80)
		for number in range(9):
			self.reply(self.ticket(f"3361236{number:04}"))
		start = now_datetime()
		self.work()
		self.assertEqual(len(self.graph.sent), 9)
		self.assertGreaterEqual((now_datetime() - start).total_seconds(), 1.0)

	def test_after_a_day_of_trying_the_agent_decides(self) -> None:
		ticket = self.ticket()
		self.reply(ticket)
		old = add_to_date(now_datetime(), hours=-25)
		frappe.db.sql(f"UPDATE `tab{outgoing.DOCTYPE}` SET creation=%s", old)
		frappe.db.commit()
		self.graph.fail(code=131016)
		outbox.drain(wait=False)
		self.assertEqual(self.row(ticket).state, "Failed")


class TestStatuses(OutboundTestCase):
	def test_statuses_in_every_order_end_the_same(self) -> None:
		ticket = self.ticket()
		self.reply(ticket)
		self.work()
		row = self.row(ticket)
		error = [{"code": 131026, "title": "undeliverable"}]
		expected = {
			("sent", "delivered", "read"): "Read",
			("sent", "delivered"): "Delivered",
			("sent", "failed"): "Failed",
			("sent", "delivered", "failed"): "Delivered",
		}
		for statuses, state in expected.items():
			for order in itertools.permutations(statuses):
				outgoing.set_values(row.name, {"state": "Sent", "error": None})
				for status in (*order, *order):
					errors = error if status == "failed" else None
					self.assertTrue(
						outbox.apply_status(row.provider_id, status, datetime.now(timezone.utc), errors, None)
					)
				self.assertEqual(frappe.db.get_value(outgoing.DOCTYPE, row.name, "state"), state, order)
		self.assertFalse(outbox.apply_status("wamid.foreign", "read", None, None, None))

	def test_the_thread_shows_how_far_it_came(self) -> None:
		ticket = self.ticket()
		self.reply(ticket)
		self.work()
		row = self.row(ticket)
		outbox.apply_status(row.provider_id, "read", datetime.now(timezone.utc), None, None)
		self.assertEqual(self.delivery(ticket), "Read")
		thread = helpdesk_api.get_ticket_activities(ticket.name)["communications"]
		shown = wrapped.get_ticket_activities(ticket.name)["communications"]
		self.assertNotIn("WhatsApp: read", thread[-1]["content"])
		self.assertIn("WhatsApp: read", shown[-1]["content"])

	def test_a_part_that_failed_shows_for_the_whole_reply(self) -> None:
		ticket = self.ticket()
		self.reply(ticket, f"<p>{'A sentence of words. ' * 300}</p>")
		self.work()
		first = self.rows(ticket)[0]
		outbox.apply_status(first.provider_id, "failed", None, [{"code": 131049}], first.idempotency_key)
		self.assertEqual(self.delivery(ticket), "Error")


class TestWindow(OutboundTestCase):
	def test_the_end_comes_from_the_message_itself_and_never_moves_back(self) -> None:
		ticket = self.ticket()
		now = datetime.now(timezone.utc)
		for hours, expected in ((3, 24), (30, 24), (-2, 24)):
			window.remember(ticket.name, now - timedelta(hours=hours), NUMBER, PHONE)
			end = frappe.db.get_value("HD Ticket", ticket.name, window.END)
			self.assertAlmostEqual(
				(end - now_datetime()).total_seconds(), expected * 3600, delta=60, msg=str(hours)
			)

	def test_outside_it_nothing_is_written_and_a_template_is_offered(self) -> None:
		ticket = self.closed_ticket()
		with self.assertRaisesRegex(window.WindowClosed, "Send template"):
			self.reply(ticket)
		frappe.db.rollback()
		self.assertEqual((self.rows(ticket), self.delivery(ticket)), ([], None))

	def test_one_reminder_before_it_closes(self) -> None:
		ticket = self.ticket(sent_at=datetime.now(timezone.utc) - timedelta(hours=23, minutes=30))
		values = {"_assign": f'["{AGENT}"]', "last_customer_response": add_to_date(now_datetime(), hours=-23)}
		frappe.db.set_value("HD Ticket", ticket.name, values)
		frappe.db.commit()
		for _run in range(3):
			window.remind()
		filters = {"reference_ticket": ticket.name, "user_to": AGENT}
		self.assertEqual(frappe.db.count("HD Notification", filters), 1)
		self.addCleanup(frappe.db.delete, "HD Notification", {"reference_ticket": ticket.name})

	def test_no_reminder_once_answered(self) -> None:
		ticket = self.ticket(sent_at=datetime.now(timezone.utc) - timedelta(hours=23, minutes=30))
		values = {
			"_assign": f'["{AGENT}"]',
			"last_customer_response": add_to_date(now_datetime(), hours=-23),
			"last_agent_response": now_datetime(),
		}
		frappe.db.set_value("HD Ticket", ticket.name, values)
		window.remind()
		self.assertFalse(frappe.db.exists("HD Notification", {"reference_ticket": ticket.name}))
