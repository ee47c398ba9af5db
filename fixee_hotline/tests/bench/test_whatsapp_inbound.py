from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import frappe

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.payload import read_webhook
from fixee_hotline.host import inbound, wrapped
from fixee_hotline.tests.bench.support import RUNS_AGAIN, SERIAL, STOPPED
from fixee_hotline.tests.bench.test_whatsapp import (
	NUMBER,
	PHONES,
	UNKNOWN_NUMBER,
	WhatsAppTestCase,
	body,
	text,
)

PAYLOADS = Path(__file__).parents[1] / "data" / "whatsapp"
AT = 1_795_000_000
SLOW_DRAIN = """
import sys, time, frappe
frappe.init(site=sys.argv[1], sites_path=sys.argv[2])
frappe.connect()
from fixee_hotline.host import inbound
original = inbound.take_in
def slow(event):
	taken = original(event)
	print("taken", flush=True)
	time.sleep(float(sys.argv[3]))
	return taken
inbound.take_in = slow
inbound.drain()
"""


class InboundTestCase(WhatsAppTestCase):
	def setUp(self) -> None:
		super().setUp()
		for ticket in frappe.get_all("HD Ticket", {"raised_by": ("like", "wa-%@wa.invalid")}, pluck="name"):
			frappe.db.set_value("HD Ticket", ticket, {"status": "Closed", "status_category": "Resolved"})
		frappe.db.commit()

	def keep(self, *messages: dict[str, Any], **values: Any) -> None:
		"""Kept without a job: only this process works on it."""
		store.keep(read_webhook(body(*messages, **values)), [NUMBER])
		frappe.db.commit()

	def take(self, *messages: dict[str, Any], **values: Any) -> None:
		self.keep(*messages, **values)
		inbound.drain()
		frappe.db.commit()

	def ticket_of(self, provider_id: str) -> Any:
		event = self.event(provider_id)
		self.assertEqual((event.state, event.error), ("Processed", None))
		return frappe.get_doc("HD Ticket", event.ticket)

	def content(self, provider_id: str) -> str:
		frappe.db.rollback()
		return frappe.db.get_value("Communication", {"message_id": provider_id}, "content")

	def shown(self, ticket: str) -> str:
		"""The thread as an agent reads it."""
		rows = wrapped.get_ticket_activities(str(ticket))["communications"]
		return "\n".join(row["content"] for row in rows)


class TestKinds(InboundTestCase):
	def test_a_reaction_stands_under_its_message_and_is_no_message(self) -> None:
		self.take(text("wamid.k.1", STOPPED))
		ticket = self.ticket_of("wamid.k.1").name
		self.take(self.reaction("wamid.k.r1", "wamid.k.1", "👍", AT + 5))
		self.assertEqual(self.thread(ticket), ["wamid.k.1"])
		self.assertIn("👍 Tech 678", self.shown(ticket))
		assessments = len(self.assessments(ticket))
		self.take(self.reaction("wamid.k.r2", "wamid.k.1", "", AT + 9))
		self.assertNotIn("👍", self.shown(ticket))
		self.take(self.reaction("wamid.k.r3", "wamid.k.1", "😡", AT + 7))
		self.assertNotIn("😡", self.shown(ticket))
		self.assertEqual(len(self.assessments(ticket)), assessments)

	def test_an_edit_shows_both_texts_and_is_assessed_again(self) -> None:
		self.take(text("wamid.e.1", "Where is the manual?"))
		ticket = self.ticket_of("wamid.e.1")
		self.assertEqual(ticket.hotline_level, "Non-critical")
		self.take(self.edit("wamid.e.2", "wamid.e.1", STOPPED))
		content = self.content("wamid.e.1")
		self.assertIn(f"<div>{STOPPED}</div>", content)
		self.assertIn("Where is the manual?", content)
		self.assertIn("Earlier version", content)
		self.assertEqual(self.ticket_of("wamid.e.2").hotline_level, "Critical")
		self.assertEqual(self.thread(ticket.name), ["wamid.e.1"])

	def test_only_its_author_edits_or_deletes_a_message(self) -> None:
		self.take(text("wamid.a.1", "The film tears sometimes."))
		edit = self.edit("wamid.a.2", "wamid.a.1", "Never mind", sender=PHONES[1])
		revoke = self.revoke("wamid.a.3", "wamid.a.1", sender=PHONES[1])
		self.take(edit, revoke)
		self.assertIn("The film tears", self.content("wamid.a.1"))
		self.assertNotIn("Never mind", self.content("wamid.a.1"))

	def test_a_deleted_message_is_marked_and_kept_for_agents_only(self) -> None:
		self.take(text("wamid.d.1", "The secret is out"))
		ticket = self.ticket_of("wamid.d.1").name
		self.take(self.revoke("wamid.d.2", "wamid.d.1"))
		self.assertIn("deleted by its sender", self.content("wamid.d.1"))
		self.assertNotIn("secret", self.content("wamid.d.1"))
		self.assertIn("The secret is out", self.shown(ticket))

	def test_what_speaks_of_a_message_may_come_before_it(self) -> None:
		self.take(
			self.reaction("wamid.o.2", "wamid.o.1", "🔥", AT + 1),
			self.edit("wamid.o.3", "wamid.o.1", STOPPED),
		)
		self.assertEqual(self.event("wamid.o.2").state, "Waiting")
		self.assertEqual(self.event("wamid.o.3").state, "Waiting")
		self.take(text("wamid.o.1", "The film tears"))
		ticket = self.ticket_of("wamid.o.1")
		self.assertEqual(ticket.hotline_level, "Critical")
		self.assertIn(STOPPED, self.content("wamid.o.1"))
		self.assertIn("🔥", self.shown(ticket.name))

	def test_an_edit_whose_message_never_comes_is_shown_by_itself(self) -> None:
		self.take(self.edit("wamid.n.1", "wamid.n.0", STOPPED))
		self.assertEqual(self.event("wamid.n.1").state, "Waiting")
		self.end_of_waiting("wamid.n.1")
		self.assertEqual(self.ticket_of("wamid.n.1").hotline_level, "Critical")

	def test_a_deletion_far_ahead_of_its_message_still_counts(self) -> None:
		self.take(self.revoke("wamid.f.2", "wamid.f.1"))
		self.end_of_waiting("wamid.f.2")
		self.assertEqual(self.event("wamid.f.2").state, "Ignored")
		self.take(text("wamid.f.1", "Too late"))
		self.assertIn("deleted by its sender", self.content("wamid.f.1"))

	def test_a_reply_quotes_its_message_also_when_that_comes_later(self) -> None:
		self.take(text("wamid.q.2", "This one", context={"from": PHONES[0], "id": "wamid.q.1"}))
		self.assertIn("an earlier message", self.content("wamid.q.2"))
		self.take(text("wamid.q.1", "Pump <b>seven</b> leaks", at=AT - 5))
		self.assertIn("<q>Pump &lt;b&gt;seven&lt;/b&gt; leaks</q>", self.content("wamid.q.2"))

	def test_forwarded_referral_location_and_group_are_shown(self) -> None:
		location = {"latitude": 45.9, "longitude": 6.1, "name": "Hall 3", "url": "https://evil.example"}
		self.take(
			text("wamid.s.1", "As I said", context={"forwarded": True}),
			text("wamid.s.2", "Hello", referral={"headline": "Hotline", "source_url": "https://oem.example"}),
			{**text("wamid.s.3", ""), "type": "location", "location": location},
		)
		self.assertIn("Forwarded message", self.content("wamid.s.1"))
		self.assertIn("referral: Hotline", self.content("wamid.s.2"))
		self.assertIn("45.9, 6.1, Hall 3", self.content("wamid.s.3"))
		self.assertNotIn("evil.example", self.content("wamid.s.3"))

	def test_a_group_has_its_own_ticket_for_all_its_people(self) -> None:
		self.take(text("wamid.p.1", "Alone"), text("wamid.g.1", "In the group", at=AT + 1, group_id="G1"))
		self.take(text("wamid.g.2", "Me too", PHONES[1], at=AT + 2, group_id="G1"))
		self.take(text("wamid.p.2", "Alone again", at=AT + 3))
		group, alone = self.ticket_of("wamid.g.1").name, self.ticket_of("wamid.p.1").name
		self.assertNotEqual(group, alone)
		self.assertEqual(self.ticket_of("wamid.g.2").name, group)
		self.assertEqual(self.ticket_of("wamid.p.2").name, alone)

	def test_every_stored_payload_three_times_is_worked_on_once(self) -> None:
		frappe.get_doc(
			{
				"doctype": store.ACCOUNT,
				"phone_number_id": "106540352242922",
				"title": "Corpus",
				"app_secret": "corpus",
				"verify_token": "corpus",
			}
		).insert(ignore_if_duplicate=True)
		self.addCleanup(frappe.delete_doc, store.ACCOUNT, "106540352242922", force=True)
		for path in sorted(PAYLOADS.glob("*.json")):
			data = json.loads(path.read_text())
			if not isinstance(data, dict) or "object" not in data:
				continue
			for _ in range(3):
				store.keep(read_webhook(data), ["106540352242922"])
				frappe.db.commit()
				inbound.drain()
		frappe.db.commit()
		failed = frappe.get_all(store.EVENT, {"state": ("in", ("Failed", "Pending"))}, ["event_key", "error"])
		self.assertEqual(failed, [])
		ids = frappe.get_all("Communication", {"message_id": ("like", "wamid.HB%")}, pluck="message_id")
		self.assertEqual(len(ids), len(set(ids)))
		self.assertGreater(len(ids), 10)

	def end_of_waiting(self, provider_id: str) -> None:
		name = frappe.db.get_value(store.EVENT, {"provider_id": provider_id})
		frappe.db.set_value(store.EVENT, name, "wait_until", frappe.utils.add_to_date(None, seconds=-1))
		frappe.db.commit()
		inbound.drain_left_over()
		frappe.db.commit()

	@staticmethod
	def reaction(identifier: str, target: str, emoji: str, at: int) -> dict[str, Any]:
		content = {"message_id": target, **({"emoji": emoji} if emoji else {})}
		return {**text(identifier, "", at=at), "type": "reaction", "reaction": content}

	@staticmethod
	def edit(identifier: str, target: str, words: str, sender: str = PHONES[0]) -> dict[str, Any]:
		inner = {"type": "text", "text": {"body": words}}
		content = {"original_message_id": target, "message": inner}
		return {**text(identifier, "", sender, AT + 60), "type": "edit", "edit": content}

	@staticmethod
	def revoke(identifier: str, target: str, sender: str = PHONES[0]) -> dict[str, Any]:
		content = {"original_message_id": target}
		return {**text(identifier, "", sender, AT + 90), "type": "revoke", "revoke": content}


class TestPeopleAndTickets(InboundTestCase):
	def test_a_user_id_and_a_number_are_one_person(self) -> None:
		both = {"from_user_id": "FR.Abc123"}
		self.take(text("wamid.i.1", "With both", **both))
		alone = {key: value for key, value in text("wamid.i.2", "Id only").items() if key != "from"}
		self.take({**alone, **both})
		self.take(text("wamid.i.3", "Number only"))
		names = {self.ticket_of(f"wamid.i.{number}").name for number in (1, 2, 3)}
		self.assertEqual(len(names), 1)

	def test_user_ids_are_never_normalised(self) -> None:
		for number, user in ((1, "FR.AbC9"), (2, "FR.aBc9"), (3, "FR." + "9" * 120), (4, "FR." + "9" * 121)):
			message = {**text(f"wamid.u.{number}", "Hello"), "from_user_id": user}
			message.pop("from")
			self.take(message)
		contacts = {self.ticket_of(f"wamid.u.{number}").contact for number in (1, 2, 3, 4)}
		self.assertEqual(len(contacts), 4)

	def test_a_changed_number_keeps_its_ticket(self) -> None:
		self.take(text("wamid.c.1", "The film tears"))
		ticket = self.ticket_of("wamid.c.1")
		system = {"body": "changed", "type": "user_changed_number", "wa_id": "33699999999"}
		self.take({**text("wamid.c.2", "", at=AT + 1), "type": "system", "system": system})
		self.assertEqual(self.thread(ticket.name), ["wamid.c.1"])
		self.take(text("wamid.c.3", "It is me", "33699999999", AT + 2))
		self.assertEqual(self.ticket_of("wamid.c.3").name, ticket.name)
		actions = frappe.get_all("HD Ticket Activity", {"ticket": ticket.name}, pluck="action")
		self.assertTrue(any("number changed" in action for action in actions))

	def test_rubbish_instead_of_a_number_is_a_person_of_its_own(self) -> None:
		self.take(text("wamid.b.1", "Hello", "<b>12'; --"))
		ticket = self.ticket_of("wamid.b.1")
		self.assertNotIn("<", ticket.raised_by)
		self.assertFalse(frappe.get_doc("Contact", ticket.contact).phone_nos)

	def test_a_message_follows_its_merged_ticket(self) -> None:
		self.take(text("wamid.m.1", "One"))
		first = self.ticket_of("wamid.m.1").name
		frappe.db.set_value("HD Ticket", first, {"status": "Closed", "status_category": "Resolved"})
		frappe.db.commit()
		self.take(text("wamid.m.2", "Two", at=AT + 5))
		second = self.ticket_of("wamid.m.2").name
		self.assertNotEqual(first, second)
		wrapped.merge_ticket(first, second)
		frappe.db.commit()
		self.take(text("wamid.m.3", "About one", at=AT + 9, context={"from": "1", "id": "wamid.m.1"}))
		self.assertEqual(self.ticket_of("wamid.m.3").name, second)

	def test_two_machines_of_one_customer_can_be_split(self) -> None:
		self.take(text("wamid.x.1", f"{SERIAL}: the film tears"), text("wamid.x.2", "And a leak", at=AT + 2))
		first = self.ticket_of("wamid.x.1").name
		communication = frappe.db.get_value("Communication", {"message_id": "wamid.x.2"})
		second = wrapped.split_ticket("The leak", communication)
		frappe.db.commit()
		self.take(text("wamid.x.3", "The film again", at=AT + 5, context={"from": "1", "id": "wamid.x.1"}))
		self.take(text("wamid.x.4", "The leak again", at=AT + 6, context={"from": "1", "id": "wamid.x.2"}))
		self.assertEqual(self.ticket_of("wamid.x.3").name, first)
		self.assertEqual(str(self.ticket_of("wamid.x.4").name), str(second))

	def test_unknown_numbers_are_told_to_the_administrator(self) -> None:
		self.take(text("wamid.w.1", "Hello"), text("wamid.w.2", "Hello"), number=UNKNOWN_NUMBER)
		rows = {row["phone_number_id"]: row["events"] for row in inbound.unknown_numbers()}
		self.assertEqual(rows[UNKNOWN_NUMBER], 2)

	def test_errors_are_kept_without_numbers(self) -> None:
		original = inbound.take_in

		def broken(event: Any) -> None:
			raise RuntimeError(f"no way for +{PHONES[0]}, token=abc123")

		inbound.take_in = broken
		try:
			self.keep(text("wamid.z.1", "Hello"))
			inbound.drain()
		finally:
			inbound.take_in = original
		event = self.event("wamid.z.1")
		self.assertEqual(event.state, "Failed")
		log = frappe.get_last_doc("Error Log")
		for words in (event.error, log.error, log.method or ""):
			self.assertNotIn(PHONES[0], words)
			self.assertNotIn("abc123", words)


class TestStatuses(InboundTestCase):
	def test_statuses_in_any_order_move_forward_only(self) -> None:
		self.take(text("wamid.st.0", "Hello"))
		ticket = self.ticket_of("wamid.st.0").name
		sent = self.sent(ticket, "wamid.st.ours")
		for status in ("read", "sent", "delivered", "failed", "read"):
			self.take(statuses=[self.status("wamid.st.ours", status)])
		frappe.db.rollback()
		self.assertEqual(frappe.db.get_value("Communication", sent, "delivery_status"), "Read")
		self.assertEqual(frappe.db.get_value("HD Ticket", ticket, "status"), "Open")

	def test_a_status_before_its_message_waits_for_it(self) -> None:
		self.take(text("wamid.st.1", "Hello"))
		self.take(statuses=[self.status("wamid.st.early", "read")])
		self.assertEqual(self.event("wamid.st.early").state, "Waiting")
		sent = self.sent(self.ticket_of("wamid.st.1").name, "wamid.st.early")
		inbound.drain_left_over()
		self.assertEqual(self.event("wamid.st.early").state, "Processed")
		self.assertEqual(frappe.db.get_value("Communication", sent, "delivery_status"), "Read")

	@staticmethod
	def status(identifier: str, status: str) -> dict[str, Any]:
		return {"id": identifier, "status": status, "timestamp": str(AT), "recipient_id": PHONES[0]}

	@staticmethod
	def sent(ticket: str, provider_id: str) -> str:
		doc = frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_type": "Communication",
				"communication_medium": "Chat",
				"sent_or_received": "Sent",
				"content": "An answer",
				"message_id": provider_id,
				"reference_doctype": "HD Ticket",
				"reference_name": ticket,
			}
		)
		doc.db_insert()
		frappe.db.commit()
		return doc.name


class TestOrderAndLoss(InboundTestCase):
	def test_twenty_messages_of_one_second_stay_in_order_also_on_the_page(self) -> None:
		self.take(*[text(f"wamid.t.{number:02}", f"Part {number}") for number in range(20)])
		ticket = self.ticket_of("wamid.t.00").name
		rows = wrapped.get_ticket_activities(str(ticket))["communications"]
		parts = [row["content"] for row in sorted(rows, key=lambda row: str(row["communication_date"]))]
		self.assertEqual(parts, [f"<div>Part {number}</div>" for number in range(20)])

	def test_two_hundred_conversations_interleaved(self) -> None:
		phones = [f"4917{number:08}" for number in range(200)]
		for part in range(2):
			self.keep(*[text(f"wamid.l.{one}.{part}", f"Part {part}", one, AT + part) for one in phones])
		workers = [self.worker("0") for _ in range(2)]
		self.assertEqual([worker.wait(timeout=300) for worker in workers], [0, 0])
		inbound.drain()
		frappe.db.rollback()
		pairs = [f"wamid.l.{one}.{part}" for one in phones for part in range(2)]
		found = frappe.get_all(
			"Communication", {"message_id": ("in", pairs)}, ["message_id", "reference_name"], limit=0
		)
		self.assertEqual(sorted(row.message_id for row in found), sorted(pairs))
		self.assertEqual(len({row.reference_name for row in found}), 200)

	def test_a_killed_worker_loses_nothing_and_doubles_nothing(self) -> None:
		ids = [f"wamid.kill.{number:02}" for number in range(10)]
		self.keep(*[text(one, f"Part {one}", at=AT + number) for number, one in enumerate(ids)])
		worker = self.worker("0.05", stdout=subprocess.PIPE)
		for _ in range(3):
			worker.stdout.readline()
		os.kill(worker.pid, signal.SIGKILL)
		worker.wait(timeout=20)
		worker.stdout.close()
		end = time.monotonic() + 30
		while time.monotonic() < end and frappe.db.exists(store.EVENT, {"state": "Pending"}):
			frappe.db.rollback()
			inbound.drain()
			frappe.db.commit()
		self.assertEqual(self.thread(self.ticket_of(ids[0]).name), ids)

	def test_a_restarted_redis_loses_the_job_and_no_message(self) -> None:
		with socket.socket() as free:
			free.bind(("127.0.0.1", 0))
			port = free.getsockname()[1]
		before = frappe.conf.redis_queue
		self.addCleanup(frappe.conf.update, {"redis_queue": before})
		frappe.conf.redis_queue = f"redis://127.0.0.1:{port}"
		redis = self.redis(port)
		self.keep(text("wamid.redis.1", "Before"))
		inbound.ask_for_drain()
		redis.kill()
		redis.wait(timeout=20)
		self.keep(text("wamid.redis.2", "While it is away", at=AT + 1))
		inbound.ask_for_drain()
		redis = self.redis(port)
		self.addCleanup(redis.kill)
		old = frappe.utils.add_to_date(None, seconds=-60)
		frappe.db.sql("UPDATE `tabHotline Inbound Event` SET modified=%s WHERE state='Pending'", old)
		frappe.db.commit()
		inbound.drain_left_over()
		frappe.db.commit()
		ticket = self.ticket_of("wamid.redis.1").name
		self.assertEqual(self.thread(ticket), ["wamid.redis.1", "wamid.redis.2"])

	def redis(self, port: int) -> subprocess.Popen:
		command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
		process = subprocess.Popen([*command, "--appendonly", "no"], stdout=subprocess.DEVNULL)
		end = time.monotonic() + 20
		while time.monotonic() < end:
			with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
				return process
			time.sleep(0.05)
		raise RuntimeError("Redis did not start")

	def test_a_conversation_is_worked_on_by_one_worker_only(self) -> None:
		self.keep(text("wamid.lock.1", RUNS_AGAIN))
		worker = self.worker("2", stdout=subprocess.PIPE)
		worker.stdout.readline()
		frappe.db.rollback()
		self.assertFalse(store.lock_conversation(NUMBER, PHONES[0]))
		self.assertEqual(worker.wait(timeout=60), 0)
		worker.stdout.close()
		self.assertEqual(self.event("wamid.lock.1").state, "Processed")

	def worker(self, pause: str, **values: Any) -> subprocess.Popen:
		sites = os.path.abspath(frappe.local.sites_path)
		command = [sys.executable, "-W", "ignore", "-c", SLOW_DRAIN, frappe.local.site, sites, pause]
		values = {"stdout": subprocess.DEVNULL, **values}
		return subprocess.Popen(command, cwd=sites, **values)
