"""What the tests of outgoing WhatsApp messages share: an account at a fake Graph, tickets, the job."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
from frappe.utils import add_to_date, now_datetime

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.host import graph, outbox, outgoing, window
from fixee_hotline.tests.bench.fake_graph import TOKEN, WABA, FakeGraph
from fixee_hotline.tests.bench.support import AGENT, SiteTestCase, create_people, create_registry

NUMBER, SECRET, VERIFY = "900100200350", "outbound-app-secret", "outbound-verify-token"
PHONE = "33612340001"


class OutboundTestCase(SiteTestCase):
	"""Real HTTP to the fake Graph; everything is committed, and removed again."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		remove_traces()
		# Removing rolled back what the class above made; an agent and a customer stay, as others need them.
		create_registry()
		create_people()
		cls.addClassCleanup(remove_traces)
		cls.graph = FakeGraph(NUMBER).__enter__()
		cls.addClassCleanup(cls.graph.__exit__)
		frappe.get_doc(
			{
				"doctype": store.ACCOUNT,
				"phone_number_id": NUMBER,
				"title": "Outbound",
				"app_secret": SECRET,
				"verify_token": VERIFY,
				"access_token": TOKEN,
				"waba_id": WABA,
				"base_url": cls.graph.url,
				"pair_seconds": 0,
				"automatic_questions": 0,
			}
		).insert()
		frappe.db.commit()

	def setUp(self) -> None:
		super().setUp()
		fake = self.graph
		fake.sent, fake.calls, fake.marks, fake.failures = [], [], [], []
		fake.pair_seconds, fake.token = 0.0, TOKEN
		frappe.db.rollback()
		frappe.db.delete(outgoing.DOCTYPE)
		self.set_account(health="Healthy", health_reason="", paused_until=None, probe_first=0, pair_seconds=0)

	def set_account(self, **values: Any) -> None:
		frappe.db.set_value(store.ACCOUNT, NUMBER, values, update_modified=False)
		frappe.db.commit()

	def account(self) -> frappe._dict:
		frappe.db.rollback()
		return graph.account_of(NUMBER)

	def ticket(self, phone: str = PHONE, sent_at: datetime | None = None) -> Any:
		"""A ticket of somebody who wrote on WhatsApp just now."""
		doc = frappe.get_doc(
			{
				"doctype": "HD Ticket",
				"subject": f"Outbound {phone}",
				"raised_by": f"wa-{phone}@wa.invalid",
				"hotline_channel": "WhatsApp",
			}
		).insert()
		window.remember(doc.name, sent_at or datetime.now(timezone.utc), NUMBER, phone)
		frappe.db.commit()
		return frappe.get_doc("HD Ticket", doc.name)

	def closed_ticket(self) -> Any:
		return self.ticket(sent_at=datetime.now(timezone.utc) - timedelta(hours=25))

	def reply(self, ticket: Any, message: str = "<p>Hello</p>", **values: Any) -> None:
		"""Through the very method that Helpdesk's reply box calls."""
		frappe.set_user(AGENT)
		try:
			doc = frappe.get_doc("HD Ticket", ticket.name)
			doc.reply_via_agent(message, to=values.pop("to", doc.raised_by), **values)
			frappe.db.commit()
		finally:
			frappe.set_user("Administrator")

	def work(self, seconds: float = 20) -> None:
		"""The job, until nothing is open that may go out."""
		end = time.monotonic() + seconds
		while time.monotonic() < end:
			frappe.db.rollback()
			outbox.drain()
			frappe.db.commit()
			if not frappe.db.exists(outgoing.DOCTYPE, {"state": ("in", ("Pending", "Sending"))}):
				return
			time.sleep(0.05)

	def hurry(self) -> None:
		"""Let waiting times pass at once."""
		past = add_to_date(now_datetime(), seconds=-1)
		frappe.db.sql(f"UPDATE `tab{outgoing.DOCTYPE}` SET next_attempt_at=%s WHERE state='Pending'", past)
		self.set_account(paused_until=None)

	def rows(self, ticket: Any) -> list[frappe._dict]:
		frappe.db.rollback()
		return frappe.get_all(
			outgoing.DOCTYPE, {"ticket": ticket.name}, ["*"], order_by="creation asc, part asc"
		)

	def row(self, ticket: Any) -> frappe._dict:
		rows = self.rows(ticket)
		self.assertEqual(len(rows), 1)
		return rows[0]

	def delivery(self, ticket: Any) -> str:
		filters = {"reference_name": ticket.name, "sent_or_received": "Sent"}
		return frappe.db.get_value("Communication", filters, "delivery_status", order_by="creation desc")


def remove_traces() -> None:
	"""What an earlier run or this one committed."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.db.delete(outgoing.DOCTYPE)
	for ticket in frappe.get_all("HD Ticket", {"raised_by": ("like", "wa-%@wa.invalid")}, pluck="name"):
		frappe.db.delete("Communication", {"reference_doctype": "HD Ticket", "reference_name": ticket})
		frappe.delete_doc("HD Ticket", ticket, force=True)
	for contact in frappe.get_all("Contact", {"email_id": ("like", "wa-%@wa.invalid")}, pluck="name"):
		frappe.delete_doc("Contact", contact, force=True)
		frappe.db.delete("Hotline Contact Identity", {"contact": contact})
	frappe.db.delete("Hotline Received Message", {"account": NUMBER})
	frappe.db.delete(store.EVENT, {"phone_number_id": NUMBER})
	frappe.db.delete(graph.TEMPLATE, {"account": NUMBER})
	if frappe.db.exists(store.ACCOUNT, NUMBER):
		frappe.delete_doc(store.ACCOUNT, NUMBER, force=True)
	frappe.db.commit()
