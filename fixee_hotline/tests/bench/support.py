"""What the tests on a site share: a small registry, people, and ways for a message to come in."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import frappe
from frappe.email.receive import InboundMail
from frappe.tests.utils import FrappeTestCase
from helpdesk.helpdesk.doctype.hd_ticket import api as helpdesk_api
from helpdesk.test_utils import create_agent

MANUFACTURER = "Hotline Test Works"
MODEL = "HT-200"
CUSTOMER, OTHER_CUSTOMER = "Hotline Test Dairy", "Hotline Test Foundry"
DOMAIN, OTHER_DOMAIN = "dairy.example", "foundry.example"
SERIAL, SECOND_SERIAL, OTHER_SERIAL = "HT2-48213", "HT2-48299", "FD9-11720"
MACHINE_PHONE = "+33612345678"
AGENT = "hotline.agent@oem.example"
MEMBER, OTHER_MEMBER = "member@dairy.example", "member@foundry.example"
ACCOUNT = "hotline@oem.example"

STOPPED = "The line is down, production has stopped."
RUNS_AGAIN = "It works again, the line is running, production is back."


class SiteTestCase(FrappeTestCase):
	"""Two customers with machines and a portal user each, one agent. Rolled back after the class."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		frappe.set_user("Administrator")
		frappe.flags.mute_emails = True
		create_registry()
		create_people()
		cls.machine = machine_named(SERIAL)
		cls.second_machine = machine_named(SECOND_SERIAL)
		cls.other_machine = machine_named(OTHER_SERIAL)

	def setUp(self) -> None:
		frappe.set_user("Administrator")
		self.addCleanup(frappe.set_user, "Administrator")

	def levels(self, ticket: str) -> tuple[str, str]:
		doc = frappe.get_doc("HD Ticket", ticket)
		return doc.hotline_level, doc.priority

	def assessments(self, ticket: str) -> list[frappe._dict]:
		return frappe.get_all("Hotline Assessment", {"ticket": ticket}, ["*"], order_by="creation asc")

	def events(self, ticket: str) -> list[str]:
		return frappe.get_all(
			"Hotline Event", {"ticket": ticket}, pluck="event_type", order_by="at asc, creation asc"
		)


def create_registry() -> None:
	ensure("Hotline Manufacturer", manufacturer_name=MANUFACTURER)
	ensure("Hotline Machine Model", model_name=MODEL, manufacturer=MANUFACTURER, family="Packaging")
	ensure("HD Customer", customer_name=CUSTOMER, hotline_domains=DOMAIN, hotline_phone=MACHINE_PHONE)
	ensure("HD Customer", customer_name=OTHER_CUSTOMER, hotline_domains=OTHER_DOMAIN)
	for serial, customer in ((SERIAL, CUSTOMER), (SECOND_SERIAL, CUSTOMER), (OTHER_SERIAL, OTHER_CUSTOMER)):
		ensure("Hotline Machine", serial=serial, model=MODEL, customer=customer, criticality="B", site="Lyon")
	ensure(
		"Hotline Fault Code",
		model=MODEL,
		code="E17",
		severity="Critical",
		text="Main drive overload",
		provisional_instruction="Isolate, do not restart",
	)


def create_people() -> None:
	create_agent(AGENT)
	for email, customer in ((MEMBER, CUSTOMER), (OTHER_MEMBER, OTHER_CUSTOMER)):
		user = ensure("User", email=email, first_name=email.split("@")[0], send_welcome_email=0)
		user.add_roles("HD Customer")
		contact = frappe.db.get_value("Contact", {"user": email}) or frappe.db.get_value(
			"Contact", {"email_id": email}
		)
		if not contact:
			doc = frappe.get_doc({"doctype": "Contact", "first_name": email, "user": email})
			doc.add_email(email, is_primary=True)
			contact = doc.insert(ignore_permissions=True).name
		record = frappe.get_doc("HD Customer", customer)
		if contact not in [row.contact_name for row in record.contacts]:
			record.append("contacts", {"contact_name": contact})
			record.save()


def ensure(doctype: str, **values: Any) -> Any:
	"""The record with these values, created when missing."""
	key = next(iter(values))
	name = frappe.db.get_value(doctype, {key: values[key]})
	return frappe.get_doc(doctype, name) if name else frappe.get_doc({"doctype": doctype, **values}).insert()


def machine_named(serial: str) -> str:
	return frappe.db.get_value("Hotline Machine", {"serial": serial})


def email_account() -> Any:
	"""A central mailbox whose mails become tickets."""
	name = frappe.db.get_value("Email Account", {"email_id": ACCOUNT})
	if name:
		return frappe.get_doc("Email Account", name)
	doc = frappe.new_doc("Email Account")
	doc.update(
		{"email_account_name": "Hotline Test", "email_id": ACCOUNT, "use_imap": 1, "enable_incoming": 0}
	)
	doc.name = doc.email_account_name
	doc.append("imap_folder", {"folder_name": "INBOX", "append_to": "HD Ticket"})
	doc.db_insert()
	for row in doc.imap_folder:
		row.update({"parent": doc.name, "parenttype": doc.doctype, "parentfield": "imap_folder"})
		row.db_insert()
	return doc


def receive_raw(raw: bytes) -> Any:
	"""What Frappe does with each mail it pulls; returns the Communication."""
	return InboundMail(raw, email_account(), uid=uuid4().int % 10**9, append_to="HD Ticket").process()


def mail(
	text: str, subject: str, sender: str = f"jo@{DOMAIN}", html: str | None = None, **headers: str
) -> bytes:
	message = EmailMessage()
	message["From"], message["To"], message["Subject"] = sender, ACCOUNT, subject
	message["Message-ID"] = headers.pop("message_id", f"<{uuid4()}@{DOMAIN}>")
	for name, value in headers.items():
		message[name.replace("_", "-")] = value
	message.set_content(text)
	if html:
		message.add_alternative(html, subtype="html")
	return message.as_bytes()


def mail_ticket(text: str, subject: str = "Question", **values: Any) -> str:
	"""The ticket that a new mail opens."""
	return receive_raw(mail(text, subject, **values)).reference_name


def reply(ticket: str, text: str, sender: str = f"jo@{DOMAIN}", subject: str | None = None) -> str:
	"""A customer's answer in the thread of a ticket; returns the Communication."""
	filters = {"reference_doctype": "HD Ticket", "reference_name": ticket, "message_id": ("is", "set")}
	first = frappe.db.get_value("Communication", filters, "message_id", order_by="creation asc")
	subject = subject or "Re: " + frappe.db.get_value("HD Ticket", ticket, "subject")
	return receive_raw(mail(text, subject, sender, In_Reply_To=f"<{first}>")).name


def portal_ticket(user: str, **values: Any) -> str:
	"""The ticket a customer opens in Helpdesk's portal, through the very call the portal makes."""
	frappe.set_user(user)
	try:
		return helpdesk_api.new(values).name
	finally:
		frappe.set_user("Administrator")


def agent_ticket(**values: Any) -> str:
	"""The ticket an agent notes down during a call."""
	frappe.set_user(AGENT)
	try:
		return helpdesk_api.new(values).name
	finally:
		frappe.set_user("Administrator")
