from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from typing import Any

import frappe
import requests

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.payload import read_webhook
from fixee_hotline.host import inbound
from fixee_hotline.host.settings import SERVICE_USER
from fixee_hotline.tests.bench.server import SiteServer
from fixee_hotline.tests.bench.support import CUSTOMER, MACHINE_PHONE, SERIAL, STOPPED, SiteTestCase

PATH = "/api/method/fixee_hotline.api.whatsapp.webhook"
NUMBER, SECRET, TOKEN = "900100200300", "test-app-secret", "test-verify-token"
SECOND_NUMBER, SECOND_SECRET = "900100200301", "another-app-secret"
UNKNOWN_NUMBER = "900100200399"
DRAIN = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=sys.argv[2])
frappe.connect()
from fixee_hotline.host import inbound
inbound.drain()
"""
OURS = (
	store.EVENT,
	"Hotline Contact Identity",
	"Hotline Received Message",
	"Hotline Reaction",
	"Hotline Media",
)
PHONES = ("33612345678", "491701234567", "34611222333")


def text(
	identifier: str, body: str, sender: str = PHONES[0], at: int = 1_795_000_000, **more: Any
) -> dict[str, Any]:
	return {
		"from": sender,
		"id": identifier,
		"timestamp": str(at),
		"type": "text",
		"text": {"body": body},
		**more,
	}


def body(
	*messages: dict[str, Any], number: str = NUMBER, statuses: list[dict[str, Any]] | None = None
) -> bytes:
	senders = {message["from"] for message in messages if "from" in message}
	value: dict[str, Any] = {
		"messaging_product": "whatsapp",
		"metadata": {"display_phone_number": "33100000000", "phone_number_id": number},
		"contacts": [{"profile": {"name": f"Tech {one[-3:]}"}, "wa_id": one} for one in senders],
	}
	if messages:
		value["messages"] = list(messages)
	if statuses:
		value["statuses"] = statuses
	entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
	return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def signature(data: bytes, secret: str = SECRET) -> str:
	return "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


class WhatsAppTestCase(SiteTestCase):
	"""Real HTTP to the webhook: everything is committed, and removed again."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		# Removing traces begins with a rollback.
		frappe.db.commit()
		remove_traces()
		for number, secret in ((NUMBER, SECRET), (SECOND_NUMBER, SECOND_SECRET)):
			frappe.get_doc(
				{
					"doctype": store.ACCOUNT,
					"phone_number_id": number,
					"title": f"Test {number}",
					"app_secret": secret,
					"verify_token": TOKEN,
				}
			).insert()
		frappe.db.commit()
		cls.server = SiteServer().__enter__()
		cls.addClassCleanup(remove_traces)
		cls.addClassCleanup(cls.server.__exit__)

	def post(self, data: bytes, signed: str | None = None, **headers: str) -> requests.Response:
		headers = {"Content-Type": "application/json", **headers}
		if signed is not None:
			headers["X-Hub-Signature-256"] = signed
		return requests.post(self.server.url(PATH), data=data, headers=headers, timeout=60)

	def send(self, *messages: dict[str, Any], **values: Any) -> None:
		"""Post, and wait until the job or we have worked on it."""
		data = body(*messages, **values)
		response = self.post(data, signature(data))
		self.assertEqual((response.status_code, response.text), (200, "EVENT_RECEIVED"))
		self.work()

	def work(self) -> None:
		end = time.monotonic() + 30
		while time.monotonic() < end:
			frappe.db.rollback()
			inbound.drain()
			frappe.db.commit()
			if not frappe.db.exists(store.EVENT, {"state": "Pending"}):
				return
			time.sleep(0.1)

	def events_of(self, provider_id: str) -> list[frappe._dict]:
		frappe.db.rollback()
		return frappe.get_all(store.EVENT, {"provider_id": provider_id}, ["*"])

	def event(self, provider_id: str) -> frappe._dict:
		rows = self.events_of(provider_id)
		self.assertEqual(len(rows), 1)
		return rows[0]

	def thread(self, ticket: str) -> list[str]:
		filters = {"reference_doctype": "HD Ticket", "reference_name": ticket, "sent_or_received": "Received"}
		return frappe.get_all("Communication", filters, pluck="message_id", order_by="creation asc")


def remove_traces() -> None:
	"""What an earlier run or this one committed."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for ticket in frappe.get_all("HD Ticket", {"raised_by": ("like", "wa-%@wa.invalid")}, pluck="name"):
		frappe.db.delete("Communication", {"reference_doctype": "HD Ticket", "reference_name": ticket})
		frappe.delete_doc("HD Ticket", ticket, force=True)
	for contact in frappe.get_all("Contact", {"email_id": ("like", "wa-%@wa.invalid")}, pluck="name"):
		frappe.delete_doc("Contact", contact, force=True)
	for doctype in OURS:
		frappe.db.delete(doctype)
	for number in (NUMBER, SECOND_NUMBER, UNKNOWN_NUMBER):
		if frappe.db.exists(store.ACCOUNT, number):
			frappe.delete_doc(store.ACCOUNT, number, force=True)
	frappe.db.commit()


class TestWebhook(WhatsAppTestCase):
	def test_the_challenge_comes_back_as_plain_text(self) -> None:
		query = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}
		response = requests.get(self.server.url(PATH), params=query, timeout=60)
		self.assertEqual((response.status_code, response.text), (200, "1158201444"))
		self.assertTrue(response.headers["Content-Type"].startswith("text/plain"))

	def test_a_wrong_verify_token_is_refused(self) -> None:
		for query in ({"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "1"}, {}):
			response = requests.get(self.server.url(PATH), params=query, timeout=60)
			self.assertIn(response.status_code, (400, 403))
			self.assertNotEqual(response.text, "1")

	def test_nothing_is_written_without_a_fitting_signature(self) -> None:
		data = body(text("wamid.forged", STOPPED))
		wrong = (
			None,
			"",
			"sha256=",
			signature(data, "guess"),
			signature(data + b" "),
			signature(data)[:-1],
			"sha1=0",
		)
		for signed in (*wrong, signature(data).upper()):
			response = self.post(data, signed)
			self.assertEqual(response.status_code, 403, signed)
		self.assertEqual(self.events_of("wamid.forged"), [])

	def test_what_is_no_webhook_is_refused_and_nothing_written(self) -> None:
		before = frappe.db.count(store.EVENT)
		for data in (b"{}", b"[]", b'{"object": "page", "entry": []}', b'{"object": 1, "entry": {"a": 1}}'):
			response = self.post(data, signature(data))
			self.assertEqual(response.status_code, 400, data)
			self.assertIn("webhook", response.text)
		# Frappe itself refuses a body that is neither an object nor a list.
		self.assertEqual(self.post(b'"text"', signature(b'"text"')).status_code, 417)
		frappe.db.rollback()
		self.assertEqual(frappe.db.count(store.EVENT), before)

	def test_broken_json_is_refused_and_nothing_written(self) -> None:
		before = frappe.db.count(store.EVENT)
		data = b'{"object": "whatsapp_business_account", "entry": ['
		response = self.post(data, signature(data), **{"Content-Type": "text/plain"})
		self.assertEqual(response.status_code, 400)
		self.assertIn("not JSON", response.text)
		# With the type of JSON Frappe itself stumbles over the body before any method is called.
		self.assertGreaterEqual(self.post(data, signature(data)).status_code, 400)
		frappe.db.rollback()
		self.assertEqual(frappe.db.count(store.EVENT), before)

	def test_more_than_three_megabytes_are_refused(self) -> None:
		data = body(text("wamid.huge", "x" * (3 * 1024 * 1024)))
		self.assertEqual(self.post(data, signature(data)).status_code, 413)
		self.assertEqual(self.events_of("wamid.huge"), [])

	def test_nearly_three_megabytes_are_taken(self) -> None:
		self.send(text("wamid.large", STOPPED + " x" * 1_400_000, PHONES[1]))
		self.assertEqual(self.event("wamid.large").state, "Processed")

	def test_a_message_of_one_account_signed_by_another_is_refused(self) -> None:
		data = body(text("wamid.crossed", STOPPED), number=SECOND_NUMBER)
		self.assertEqual(self.post(data, signature(data, SECRET)).status_code, 403)
		self.assertEqual(self.events_of("wamid.crossed"), [])
		self.assertEqual(self.post(data, signature(data, SECOND_SECRET)).status_code, 200)
		self.assertEqual(self.event("wamid.crossed").account, SECOND_NUMBER)

	def test_a_disabled_account_takes_nothing(self) -> None:
		frappe.db.set_value(store.ACCOUNT, SECOND_NUMBER, "enabled", 0)
		frappe.db.commit()
		data = body(text("wamid.disabled", STOPPED), number=SECOND_NUMBER)
		try:
			self.assertEqual(self.post(data, signature(data, SECOND_SECRET)).status_code, 403)
		finally:
			frappe.db.set_value(store.ACCOUNT, SECOND_NUMBER, "enabled", 1)
			frappe.db.commit()

	def test_an_unknown_number_is_kept_and_taken_up_when_its_account_is_there(self) -> None:
		self.send(text("wamid.early", STOPPED, PHONES[2]), number=UNKNOWN_NUMBER)
		event = self.event("wamid.early")
		self.assertEqual((event.state, event.account), ("Unknown Account", None))
		self.assertIn("phone number id", event.error)
		frappe.get_doc(
			{
				"doctype": store.ACCOUNT,
				"phone_number_id": UNKNOWN_NUMBER,
				"title": "Late",
				"app_secret": "late",
				"verify_token": "late",
			}
		).insert()
		frappe.db.commit()
		self.work()
		self.assertEqual(self.event("wamid.early").state, "Processed")


class TestConversations(WhatsAppTestCase):
	def setUp(self) -> None:
		super().setUp()
		for ticket in frappe.get_all("HD Ticket", {"raised_by": ("like", "wa-%@wa.invalid")}, pluck="name"):
			frappe.db.set_value("HD Ticket", ticket, {"status": "Closed", "status_category": "Resolved"})
		frappe.db.commit()

	def ticket_of(self, provider_id: str) -> Any:
		event = self.event(provider_id)
		self.assertEqual((event.state, event.error), ("Processed", None))
		return frappe.get_doc("HD Ticket", event.ticket)

	def test_a_message_becomes_a_ranked_ticket_of_its_customer(self) -> None:
		self.send(text("wamid.first", f"{STOPPED}\nMachine {SERIAL}, E17"))
		ticket = self.ticket_of("wamid.first")
		self.assertEqual((ticket.hotline_level, ticket.priority), ("Critical", "Urgent"))
		self.assertEqual((ticket.hotline_channel, ticket.customer), ("WhatsApp", CUSTOMER))
		self.assertEqual((ticket.hotline_machine, ticket.hotline_fault_codes), (self.machine, "E17"))
		self.assertEqual((ticket.raised_by, ticket.owner), (f"wa-{PHONES[0]}@wa.invalid", SERVICE_USER))
		message = frappe.get_doc("Communication", self.event("wamid.first").communication)
		self.assertEqual((message.communication_medium, message.sent_or_received), ("Chat", "Received"))
		self.assertEqual((message.phone_no, message.message_id), (MACHINE_PHONE, "wamid.first"))
		self.assertIn("<br>", message.content)

	def test_the_same_event_again_and_again_is_one_message(self) -> None:
		for _ in range(3):
			self.send(text("wamid.replay", STOPPED))
		self.assertEqual(self.thread(self.ticket_of("wamid.replay").name).count("wamid.replay"), 1)

	def test_a_conversation_goes_on_in_its_open_ticket_in_order(self) -> None:
		at = 1_795_000_000
		messages = [text(f"wamid.order.{number}", f"Part {number}", at=at + number) for number in range(8)]
		self.send(*reversed(messages))
		ticket = self.ticket_of("wamid.order.0").name
		self.assertEqual(self.thread(ticket), [f"wamid.order.{number}" for number in range(8)])

	def test_after_the_quiet_period_a_new_ticket_is_opened(self) -> None:
		self.send(text("wamid.quiet.1", "The film tears sometimes."))
		first = self.ticket_of("wamid.quiet.1").name
		old = frappe.utils.add_to_date(None, hours=-73)
		values = {"creation": old, "last_customer_response": old, "last_agent_response": None}
		frappe.db.set_value("HD Ticket", first, values, update_modified=False)
		frappe.db.commit()
		self.send(text("wamid.quiet.2", "Now something else."))
		self.assertNotEqual(self.ticket_of("wamid.quiet.2").name, first)

	def test_a_resolved_ticket_is_not_woken_by_a_new_question(self) -> None:
		self.send(text("wamid.done.1", "The film tears sometimes."))
		first = self.ticket_of("wamid.done.1").name
		frappe.db.set_value("HD Ticket", first, {"status": "Closed", "status_category": "Resolved"})
		frappe.db.commit()
		self.send(text("wamid.done.2", STOPPED))
		self.assertNotEqual(self.ticket_of("wamid.done.2").name, first)

	def test_two_people_have_two_tickets(self) -> None:
		self.send(text("wamid.two.1", STOPPED, PHONES[0]), text("wamid.two.2", "A question", PHONES[1]))
		one, two = self.ticket_of("wamid.two.1"), self.ticket_of("wamid.two.2")
		self.assertNotEqual(one.name, two.name)
		self.assertNotEqual(one.contact, two.contact)
		self.assertEqual((one.hotline_level, two.hotline_level), ("Critical", "Non-critical"))

	def test_an_answer_to_an_older_message_goes_to_its_ticket_and_never_to_a_stranger(self) -> None:
		self.send(text("wamid.old", "The film tears sometimes."))
		first = self.ticket_of("wamid.old").name
		context = {"from": "33100000000", "id": "wamid.old"}
		self.send(text("wamid.stranger", "Me too", PHONES[1], context=context))
		self.assertNotEqual(self.ticket_of("wamid.stranger").name, first)
		old = frappe.utils.add_to_date(None, hours=-100)
		frappe.db.set_value("HD Ticket", first, {"creation": old, "last_customer_response": old})
		frappe.db.commit()
		self.send(text("wamid.again", "About this one", context=context))
		self.assertEqual(self.ticket_of("wamid.again").name, first)

	def test_every_kind_is_visible_and_none_is_an_error(self) -> None:
		media = {"id": "1122334455667788", "mime_type": "image/jpeg", "sha256": "x"}
		kinds: list[dict[str, Any]] = [
			{"type": "image", "image": {**media, "caption": f"{SERIAL} display"}},
			{"type": "image", "image": media},
			{"type": "audio", "audio": {"id": "99", "mime_type": "audio/ogg; codecs=opus", "voice": True}},
			{
				"type": "document",
				"document": {"id": "98", "mime_type": "application/pdf", "filename": "../log<b>.pdf"},
			},
			{"type": "location", "location": {"latitude": 45.7, "longitude": 4.8, "name": "Hall 3"}},
			{
				"type": "contacts",
				"contacts": [{"name": {"formatted_name": "Jo"}, "phones": [{"phone": "+331"}]}],
			},
			{
				"type": "interactive",
				"interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}},
			},
			{"type": "reaction", "reaction": {"message_id": "wamid.kinds.0", "emoji": "👍"}},
			{"type": "sticker", "sticker": {"id": "97", "mime_type": "image/webp"}},
			{"type": "unsupported", "errors": [{"code": 131051, "title": "Unsupported"}]},
			{"type": "from_the_future", "from_the_future": {"a": 1}},
			{
				"type": "edit",
				"edit": {
					"original_message_id": "wamid.kinds.4",
					"message": {"type": "text", "text": {"body": "x"}},
				},
			},
			{"type": "revoke", "revoke": {"original_message_id": "wamid.kinds.5"}},
		]
		messages = [
			{
				"from": PHONES[0],
				"id": f"wamid.kinds.{number}",
				"timestamp": str(1_795_000_000 + number),
				**kind,
			}
			for number, kind in enumerate(kinds)
		]
		self.send(*messages)
		ticket = self.ticket_of("wamid.kinds.0")
		self.assertEqual(ticket.hotline_machine, self.machine)
		about_others = ("reaction", "edit", "revoke")
		shown = [message["id"] for message in messages if message["type"] not in about_others]
		self.assertEqual(self.thread(ticket.name), shown)
		first = frappe.get_doc("Communication", self.event("wamid.kinds.0").communication)
		self.assertIn('<p class="hotline-media">photo.jpg', first.content)
		self.assertEqual(self.event("wamid.kinds.0").media_id, "1122334455667788")
		self.assertNotIn("photo", (ticket.hotline_missing or "").split(", "))
		for message in messages:
			stored = frappe.get_doc("Communication", self.event(message["id"]).communication)
			self.assertTrue(frappe.utils.strip_html(stored.content).strip(), message["type"])
			self.assertNotIn("<b>", stored.content)

	def test_statuses_are_recorded_and_open_nothing(self) -> None:
		before = frappe.db.count("HD Ticket")
		status = {"id": "wamid.ours", "status": "read", "timestamp": "1795000000", "recipient_id": PHONES[0]}
		self.send(statuses=[status])
		self.send(statuses=[status])
		event = self.event("wamid.ours")
		self.assertEqual((event.state, event.kind), ("Waiting", "status"))
		self.assertEqual(frappe.db.count("HD Ticket"), before)

	def test_html_and_script_stay_text(self) -> None:
		evil = '<script>alert(1)</script><img src=x onerror="alert(2)"> \'; DROP TABLE tabUser; --'
		self.send({**text("wamid.evil", f"{STOPPED} {evil}"), "profile": evil})
		ticket = self.ticket_of("wamid.evil")
		stored = frappe.get_doc("Communication", self.event("wamid.evil").communication)
		for value in (stored.content, ticket.description, ticket.subject, ticket.hotline_reasons):
			self.assertNotIn("<script", value)
			self.assertNotIn("<img", value)
		self.assertIn("&lt;script&gt;", stored.content)

	def test_a_person_without_telephone_number_is_served_too(self) -> None:
		message = {
			"from_user_id": "US.13491208655302741918",
			"id": "wamid.username",
			"timestamp": "1795000000",
			"type": "text",
			"text": {"body": STOPPED},
		}
		self.send(message)
		ticket = self.ticket_of("wamid.username")
		self.assertEqual(ticket.raised_by, "wa-us.13491208655302741918@wa.invalid")
		self.assertEqual(ticket.hotline_level, "Critical")

	def test_a_failure_is_kept_with_its_reason_and_tried_again(self) -> None:
		original = inbound.take_in
		inbound.take_in = self.broken
		data = body(text("wamid.fails", STOPPED, "390612345678"))
		try:
			event = self.fail_once(data)
			self.assertEqual((event.state, event.attempts), ("Failed", 1))
			self.assertIn("database is tired", event.error)
		finally:
			inbound.take_in = original
		inbound.retry_failed()
		self.assertEqual(self.event("wamid.fails").state, "Processed")

	def fail_once(self, data: bytes) -> frappe._dict:
		"""Kept without the job, so that only this process works on it."""
		store.keep(read_webhook(data), [NUMBER])
		inbound.drain()
		return self.event("wamid.fails")

	@staticmethod
	def broken(event: Any) -> None:
		raise RuntimeError("the database is tired")

	def test_several_workers_at_once_keep_order_and_write_nothing_twice(self) -> None:
		phones = ("4915100000001", "4915100000002", "4915100000003")
		messages = [
			text(f"wamid.race.{phone[-1]}.{number:02}", f"Part {number}", phone, 1_795_000_000 + number)
			for number in range(12)
			for phone in phones
		]
		store.keep(read_webhook(body(*messages)), [NUMBER])
		frappe.db.commit()
		sites = os.path.abspath(frappe.local.sites_path)
		command = [sys.executable, "-W", "ignore", "-c", DRAIN, frappe.local.site, sites]
		workers = [subprocess.Popen(command, cwd=sites) for _ in range(3)]
		self.assertEqual([worker.wait(timeout=120) for worker in workers], [0, 0, 0])
		self.work()
		for phone in phones:
			expected = [f"wamid.race.{phone[-1]}.{number:02}" for number in range(12)]
			self.assertEqual(self.thread(self.ticket_of(expected[0]).name), expected)

	def test_old_events_go_and_open_ones_stay(self) -> None:
		store.keep(read_webhook(body(text("wamid.past", STOPPED), text("wamid.waiting", STOPPED))), [NUMBER])
		store.processed(self.event_name("wamid.past"), None, None)
		both = {"provider_id": ("in", ["wamid.past", "wamid.waiting"])}
		frappe.db.set_value(store.EVENT, both, "received_at", frappe.utils.add_to_date(None, days=-91))
		inbound.remove_old_events()
		self.assertEqual(frappe.get_all(store.EVENT, both, pluck="provider_id"), ["wamid.waiting"])

	def test_a_deadlock_is_tried_again_at_once(self) -> None:
		original, calls = inbound.take_in, []

		def deadlocked_once(event: Any) -> Any:
			calls.append(event.name)
			if len(calls) == 1:
				raise frappe.QueryDeadlockError
			return original(event)

		inbound.take_in = deadlocked_once
		try:
			store.keep(read_webhook(body(text("wamid.deadlock", STOPPED))), [NUMBER])
			inbound.drain()
		finally:
			inbound.take_in = original
		self.assertEqual(self.event("wamid.deadlock").state, "Processed")

	def test_attempts_end(self) -> None:
		store.keep(read_webhook(body(text("wamid.tired", STOPPED))), [NUMBER])
		name = self.event_name("wamid.tired")
		store.failed(name, 5, "again and again")
		frappe.db.commit()
		inbound.retry_failed()
		self.assertEqual(self.event("wamid.tired").state, "Failed")

	def event_name(self, provider_id: str) -> str:
		return frappe.db.get_value(store.EVENT, {"provider_id": provider_id})

	def test_what_a_lost_job_left_is_found(self) -> None:
		store.keep(read_webhook(body(text("wamid.lost", STOPPED))), [NUMBER])
		old = frappe.utils.add_to_date(None, seconds=-120)
		frappe.db.sql("UPDATE `tabHotline Inbound Event` SET modified=%s WHERE provider_id='wamid.lost'", old)
		frappe.db.commit()
		inbound.drain_left_over()
		self.assertEqual(self.event("wamid.lost").state, "Processed")
