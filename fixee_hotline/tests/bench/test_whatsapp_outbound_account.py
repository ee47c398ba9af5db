from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
import requests
from frappe.utils import add_to_date, now_datetime

from fixee_hotline.api import whatsapp as api
from fixee_hotline.channels.whatsapp import store
from fixee_hotline.host import automatic, graph, inbound, outgoing, replies, window
from fixee_hotline.tests.bench.outbound import NUMBER, PHONE, SECRET, OutboundTestCase
from fixee_hotline.tests.bench.server import SiteServer
from fixee_hotline.tests.bench.support import AGENT

PATH = "/api/method/fixee_hotline.api.whatsapp.webhook"
BODY = {"type": "BODY", "text": "Hello {{1}}, about {{2}}"}
TEMPLATES = [
	{
		"name": "follow_up",
		"language": "en",
		"status": "APPROVED",
		"category": "UTILITY",
		"components": [BODY],
	},
	{"name": "rejected", "language": "en", "status": "REJECTED", "category": "UTILITY", "components": [BODY]},
]


class TestAccount(OutboundTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.server = SiteServer().__enter__()
		cls.addClassCleanup(cls.server.__exit__)

	def setUp(self) -> None:
		super().setUp()
		self.graph.templates = [dict(template) for template in TEMPLATES]
		before = frappe.local.conf.host_name
		frappe.local.conf.host_name = self.server.url("")
		self.addCleanup(frappe.local.conf.__setitem__, "host_name", before)

	def test_check_and_subscribe_says_each_step(self) -> None:
		self.set_account(health="Blocked", health_reason="token")
		steps = api.check_and_subscribe(NUMBER)
		self.assertEqual([step["ok"] for step in steps], [True] * 4, steps)
		frappe.db.commit()
		self.assertTrue(self.graph.subscribed)
		self.assertEqual(self.account().health, "Healthy")
		self.assertEqual(frappe.db.count(graph.TEMPLATE, {"account": NUMBER}), 2)

	def test_a_wrong_token_and_an_unreachable_webhook_are_said_in_words(self) -> None:
		self.graph.token = "another"
		frappe.local.conf.host_name = "http://127.0.0.1:9"
		steps = api.check_and_subscribe(NUMBER)
		self.assertEqual([step["ok"] for step in steps], [False, False])
		self.assertIn("expired or was withdrawn", steps[0]["text"])
		frappe.db.commit()
		self.assertIn("no answer", steps[1]["text"])
		self.assertEqual(self.account().health, "Blocked")
		self.assertNotIn("a-test-token", json.dumps(steps))

	def test_the_test_message_says_what_became_of_it(self) -> None:
		self.assertEqual(api.send_test_message(NUMBER, "+33 6 12 34 00 99")["state"], "Sent")
		self.assertEqual(self.graph.sent[0]["to"], "33612340099")
		self.graph.fail(code=131047)
		answer = api.send_test_message(NUMBER, "+33612340099")
		self.assertEqual(answer["state"], "Failed")
		self.assertIn("24 hours", answer["error"])
		with self.assertRaises(frappe.ValidationError):
			api.send_test_message(NUMBER, "call me")

	def test_only_managers_may(self) -> None:
		frappe.set_user(AGENT)
		for call in (lambda: api.check_and_subscribe(NUMBER), lambda: api.send_test_message(NUMBER, "+33")):
			with self.assertRaises(frappe.PermissionError):
				call()

	def test_both_secrets_count_while_they_change(self) -> None:
		doc = frappe.get_doc(store.ACCOUNT, NUMBER)
		doc.app_secret = "the-next-secret"
		doc.save()
		frappe.db.commit()
		self.addCleanup(self.restore_secret)
		self.assertEqual(self.signed(SECRET), 200)
		self.assertEqual(self.signed("the-next-secret"), 200)
		self.set_account(previous_app_secret_until=add_to_date(now_datetime(), days=-1))
		self.assertEqual(self.signed(SECRET), 403)
		self.assertEqual(self.signed("the-next-secret"), 200)

	def restore_secret(self) -> None:
		doc = frappe.get_doc(store.ACCOUNT, NUMBER)
		doc.app_secret, doc.previous_app_secret = SECRET, ""
		doc.save()
		frappe.db.commit()

	def signed(self, secret: str) -> int:
		body = b'{"object": "whatsapp_business_account", "entry": []}'
		digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
		headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
		return requests.post(self.server.url(PATH), data=body, headers=headers, timeout=60).status_code

	def test_the_stored_token_does_not_follow_another_address(self) -> None:
		doc = frappe.get_doc(store.ACCOUNT, NUMBER)
		for url in (
			"http://graph.example",
			"https://evil.example",
			"https://a:b@graph.facebook.com",
			"ftp://x",
		):
			doc.reload()
			doc.base_url = url
			self.assertRaises(frappe.ValidationError, doc.save)

	def test_statuses_come_back_through_the_webhook(self) -> None:
		ticket = self.ticket()
		self.reply(ticket)
		self.work()
		row = self.row(ticket)
		at = str(int(datetime.now(timezone.utc).timestamp()))
		status = {"id": row.provider_id, "timestamp": at, "recipient_id": PHONE}
		key = {"biz_opaque_callback_data": row.idempotency_key}
		for name in ("delivered", "sent", "read", "read"):
			answer = self.graph.call_back(self.server.url(PATH), SECRET, {**status, **key, "status": name})
			self.assertEqual(answer.status_code, 200)
		inbound.drain()
		frappe.db.commit()
		self.assertEqual((self.row(ticket).state, self.delivery(ticket)), ("Read", "Read"))

	def test_a_message_in_opens_the_window_and_its_acknowledgement_goes_out(self) -> None:
		before = frappe.db.get_single_value("HD Settings", "send_acknowledgement_email")
		self.addCleanup(frappe.db.set_single_value, "HD Settings", "send_acknowledgement_email", before)
		frappe.db.set_single_value("HD Settings", "send_acknowledgement_email", 1)
		frappe.clear_document_cache("HD Settings", "HD Settings")
		frappe.db.commit()
		sent_at = int(datetime.now(timezone.utc).timestamp()) - 3600
		phone = "33612340777"
		message = {"from": phone, "id": "wamid.hello", "timestamp": str(sent_at), "type": "text"}
		value = {
			"messaging_product": "whatsapp",
			"metadata": {"display_phone_number": "33100000000", "phone_number_id": NUMBER},
			"contacts": [{"profile": {"name": "Jo"}, "wa_id": phone}],
			"messages": [{**message, "text": {"body": "The conveyor stops by itself"}}],
		}
		change = {"id": "1", "changes": [{"field": "messages", "value": value}]}
		body = json.dumps({"object": "whatsapp_business_account", "entry": [change]}).encode()
		digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
		headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
		for _again in range(3):
			requests.post(self.server.url(PATH), data=body, headers=headers, timeout=60)
		inbound.drain()
		frappe.db.commit()
		name = frappe.db.get_value("HD Ticket", {"raised_by": f"wa-{phone}@wa.invalid"})
		ticket = frappe.get_doc("HD Ticket", name)
		self.assertEqual((ticket.get(window.ACCOUNT), ticket.get(window.RECIPIENT)), (NUMBER, phone))
		left = (ticket.get(window.END) - now_datetime()).total_seconds()
		self.assertAlmostEqual(left, 23 * 3600, delta=60)
		self.reply(ticket, "<p>Look at the sensor</p>")
		self.work()
		texts = self.graph.texts(phone)
		self.assertEqual(len(texts), 2)
		self.assertIn(ticket.name, texts[0])
		self.assertEqual(texts[1], "Look at the sensor")

	# Templates ------------------------------------------------------------------------------------

	def template(self, name: str) -> str:
		graph.sync_templates(NUMBER)
		return frappe.db.get_value(graph.TEMPLATE, {"template_name": name, "account": NUMBER})

	def test_an_approved_template_arrives_outside_the_window(self) -> None:
		ticket = self.closed_ticket()
		form = api.template_form(ticket.name)
		name = self.template("follow_up")
		self.assertIn("follow_up", api.template_form(ticket.name))
		self.assertNotIn("rejected", api.template_form(ticket.name) + form)
		api.send_template(ticket.name, name, {"1": "Jo", "2": "E17"})
		frappe.db.commit()
		self.work()
		[body] = self.graph.sent
		values = [one["text"] for one in body["template"]["components"][0]["parameters"]]
		self.assertEqual((body["template"]["name"], values), ("follow_up", ["Jo", "E17"]))
		content = frappe.db.get_value("Communication", self.row(ticket).communication, "content")
		self.assertIn("Hello Jo, about E17", content)

	def test_a_template_without_its_values_or_approval_is_refused_before_anything_is_written(self) -> None:
		ticket = self.closed_ticket()
		for name, values in (
			("follow_up", {"1": "Jo"}),
			("follow_up", {"1": "Jo", "2": "two\nlines"}),
			("rejected", {"1": "Jo", "2": "x"}),
		):
			with self.assertRaises(frappe.ValidationError):
				api.send_template(ticket.name, self.template(name), values)
		self.assertEqual(self.rows(ticket), [])

	def test_approval_follows_meta(self) -> None:
		name = self.template("follow_up")
		self.graph.templates = [{**TEMPLATES[0], "status": "PAUSED"}]
		graph.sync_all_templates()
		states = frappe.get_all(graph.TEMPLATE, {"account": NUMBER}, ["template_name", "approval_state"])
		self.assertEqual(
			{row.template_name: row.approval_state for row in states},
			{"follow_up": "PAUSED", "rejected": "DELETED"},
		)
		self.graph.templates = [TEMPLATES[0]]
		self.template("follow_up")
		ticket = self.closed_ticket()
		self.graph.fail(code=132015)
		replies.send_template(ticket, name, {"1": "a", "2": "b"})
		frappe.db.commit()
		self.work()
		self.assertEqual(frappe.db.get_value(graph.TEMPLATE, name, "approval_state"), "PAUSED")

	# The ticket's dialog ----------------------------------------------------------------------------

	def test_the_dialog_shows_reasons_and_resends(self) -> None:
		ticket, other = self.ticket(), self.ticket("33612340003")
		self.graph.fail(code=131026)
		self.reply(ticket, "<p>&lt;script&gt;</p>")
		self.work()
		row = self.row(ticket)
		card = api.messages(ticket.name)
		self.assertIn(f'data-hotline-resend="{row.name}"', card)
		self.assertIn("not on WhatsApp", card)
		self.assertNotIn("<script", card)
		with self.assertRaises(frappe.PermissionError):
			api.resend(other.name, row.name)
		api.resend(ticket.name, row.name)
		frappe.db.commit()
		self.work()
		self.assertNotIn("data-hotline-resend", api.messages(ticket.name))
		self.assertEqual(len(self.graph.sent), 1)


class TestAutomatic(OutboundTestCase):
	def setUp(self) -> None:
		super().setUp()
		names = (
			"send_acknowledgement_email",
			"enable_email_ticket_feedback",
			"send_email_feedback_on_status",
		)
		for name in names:
			before = frappe.db.get_single_value("HD Settings", name)
			self.addCleanup(frappe.db.set_single_value, "HD Settings", name, before)
		frappe.db.set_single_value("HD Settings", names[0], 1)
		frappe.db.set_single_value("HD Settings", names[1], 1)
		frappe.db.set_single_value("HD Settings", names[2], "Closed")
		frappe.clear_document_cache("HD Settings", "HD Settings")
		self.set_account(automatic_questions=1)

	def received(self, ticket: Any, first: bool) -> None:
		doc = frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_medium": "Chat",
				"sent_or_received": "Received",
				"content": "The conveyor shows an error",
				"sender": ticket.raised_by,
				"reference_doctype": "HD Ticket",
				"reference_name": ticket.name,
			}
		).insert()
		automatic.after_message(ticket.name, doc.name, first=first)
		frappe.db.commit()

	def later(self, minutes: int) -> None:
		frappe.db.sql(
			f"UPDATE `tab{outgoing.DOCTYPE}` SET next_attempt_at = next_attempt_at - INTERVAL %s MINUTE",
			minutes,
		)
		frappe.db.commit()

	def missing(self, ticket: Any, names: str) -> None:
		frappe.db.set_value("HD Ticket", ticket.name, "hotline_missing", names, update_modified=False)

	def test_one_acknowledgement_with_its_question_is_no_first_response(self) -> None:
		ticket = self.ticket()
		self.received(ticket, first=True)
		self.received(ticket, first=False)
		self.work()
		[text] = self.graph.texts()
		self.assertIn(f"number {ticket.name}", text)
		self.assertIn("?", text)
		ticket.reload()
		self.assertIsNone(ticket.first_responded_on)
		self.assertFalse(ticket.has_agent_replied)
		kind = frappe.db.get_value("Communication", self.row(ticket).communication, "communication_type")
		self.assertEqual(kind, "Automated Message")

	def test_questions_are_few_and_end_when_an_agent_answers(self) -> None:
		ticket = self.ticket()
		for _round in range(3):
			self.received(ticket, first=False)
			self.received(ticket, first=False)
			self.later(11)
		self.work()
		texts = self.graph.texts()
		self.assertEqual(len(texts), len(set(texts)))
		self.assertEqual(len(texts), 1)
		self.reply(ticket)
		self.work()
		self.later(11)
		self.missing(ticket, "photo")
		self.received(ticket, first=False)
		self.assertEqual(len(self.rows(ticket)), 2)

	def test_the_feedback_request_waits_its_turn(self) -> None:
		ticket = self.ticket()
		self.received(ticket, first=True)
		doc = frappe.get_doc("HD Ticket", ticket.name)
		doc.status = "Closed"
		doc.save()
		frappe.db.commit()
		rows = self.rows(ticket)
		self.assertEqual([row.purpose for row in rows], ["Acknowledgement", "Feedback"])
		gap = rows[1].next_attempt_at - rows[0].next_attempt_at
		self.assertGreaterEqual(gap, timedelta(minutes=10))
		self.reply(ticket, "<p>An answer does not wait for it</p>")
		self.work(2)
		self.assertEqual(len(self.graph.sent), 2)
		self.later(11)
		self.work()
		self.assertIn("/ticket-feedback/new?key=", self.graph.texts()[-1])

	def test_nothing_automatic_outside_the_window(self) -> None:
		ticket = self.closed_ticket()
		self.received(ticket, first=True)
		self.assertEqual(self.rows(ticket), [])
		self.assertFalse(window.is_open(ticket))
