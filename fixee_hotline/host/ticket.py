"""HD Ticket as the hotline needs it: ranked before Helpdesk picks the agreement, closed to customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import frappe
from helpdesk.utils import is_agent

from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.host import automatic, decisions, outbox, outgoing, requests, window
from fixee_hotline.host.addresses import real_address
from fixee_hotline.host.custom_fields import INTERNAL_FIELDS, PROTECTED_FIELDS, TRIAGE_FIELDS
from fixee_hotline.host.realtime import refresh_open_pages
from fixee_hotline.host.replies import ReplyingTicket
from fixee_hotline.host.settings import enabled, is_service_user
from fixee_hotline.machines.store import SiteRegistry
from fixee_hotline.triage import store

# What one save was told; the next one starts without it.
DECIDED_BY = (
	"hotline_message",
	"hotline_choice",
	"hotline_afresh",
	"hotline_merged",
	"hotline_priority_given",
)


@dataclass(slots=True)
class Notes:
	"""Rows to write once the ticket is written."""

	assessments: list[store.AssessmentRow] = field(default_factory=list)
	events: list[store.EventRow] = field(default_factory=list)


class HotlineTicket(ReplyingTicket):
	def before_insert(self) -> None:
		"""The first ticket of a process loads the rules before Frappe locks the series of ticket numbers."""
		super().before_insert()
		if self.is_ranked():
			requests.warm()

	def before_validate(self) -> None:
		if not self.has_our_fields():
			super().before_validate()
			return
		self.protect()
		self.set_channel()
		super().before_validate()
		self.set_customer_of_sender()

	def set_priority(self) -> None:
		"""Helpdesk picks the agreement right after this."""
		if self.is_ranked():
			decisions.decide(self)
		super().set_priority()

	def after_insert(self) -> None:
		"""Helpdesk writes the description as the first Communication here: it is read already."""
		opening = frappe.flags.setdefault("hotline_opening", {})
		opening[self.name] = None
		try:
			super().after_insert()
		finally:
			message = opening.pop(self.name, None)
		self.write_notes(message)

	def on_update(self) -> None:
		super().on_update()
		self.write_notes()

	def on_trash(self) -> None:
		super().on_trash()
		store.delete_of_ticket(self.name)
		whatsapp_store.forget_ticket(self.name)
		outgoing.forget_ticket(self.name)

	def publish_update(self) -> None:
		super().publish_update()
		refresh_open_pages(self.name)

	def on_communication_update(self, c: Any) -> None:
		"""A message came (or was saved again): read it once, in the save that Helpdesk makes anyway."""
		if is_service_user():
			# The service user is in no team; what it may do was decided when the message was proved.
			self.flags.ignore_permissions = True
		if c.sent_or_received == "Received" and not (self.is_merged and self.merged_with):
			self.take_message(c)
		super().on_communication_update(c)

	def send_acknowledgement_email(self) -> None:
		if not self.raised_by_pseudo_address():
			super().send_acknowledgement_email()

	def handle_email_feedback(self) -> None:
		if self.raised_by_pseudo_address():
			automatic.ask_feedback(self)
		else:
			super().handle_email_feedback()

	@frappe.whitelist()
	def mark_seen(self) -> None:
		"""An agent opened the ticket: the customer sees that the newest message was read."""
		super().mark_seen()
		if self.get(window.ACCOUNT):
			outbox.ask_for_read_mark(self.name)

	def apply_fieldlevel_read_permissions(self) -> None:
		"""Reasons and scores are said among colleagues; a customer who reads the ticket does not get them."""
		super().apply_fieldlevel_read_permissions()
		if not is_agent():
			for fieldname in INTERNAL_FIELDS:
				self.set(fieldname, None)

	# What is ours alone ---------------------------------------------------------------------------

	def has_our_fields(self) -> bool:
		"""False while the app is being installed or removed: tickets then work as Helpdesk made them."""
		return bool(self.meta.has_field("hotline_level"))

	def is_ranked(self) -> bool:
		"""Whether requests are qualified on this site now."""
		return self.has_our_fields() and enabled()

	def protect(self) -> None:
		"""What customers sent for fields of rules and agents is put back; a split starts afresh."""
		if self.is_new() and self.ticket_split_from:
			self.reset((*TRIAGE_FIELDS, "priority"))
		if is_agent():
			return
		before = self.get_doc_before_save()
		for fieldname in (*PROTECTED_FIELDS, *(("priority",) if enabled() else ())):
			self.set(fieldname, before.get(fieldname) if before else None)
		decisions.refuse_foreign_machine(self)

	def reset(self, fieldnames: tuple[str, ...]) -> None:
		for fieldname in fieldnames:
			self.set(fieldname, None)

	def set_channel(self) -> None:
		"""How the request came in; kept from then on."""
		if self.hotline_channel or not self.is_new():
			return
		if self.email_account:
			self.hotline_channel = "Email"
		else:
			self.hotline_channel = "Phone" if is_agent() else "Portal"

	def set_customer_of_sender(self) -> None:
		"""Helpdesk finds the customer by contact only; mail domain and telephone number say it too."""
		if self.customer or not self.is_new() or not is_agent() or not self.is_ranked():
			return
		address = real_address(self.raised_by)
		found = SiteRegistry().customer_of_sender(address) if address else None
		self.customer = found.name if found else None

	def take_message(self, message: Any) -> None:
		"""Mark the message as the one to read; not again, not a merge's copy, not the opening itself."""
		if frappe.flags.hotline_copying or not self.is_ranked():
			return
		if not message.content:
			# Frappe saves a plain-text mail twice, first without its text.
			return
		opening = frappe.flags.hotline_opening or {}
		if self.name in opening:
			opening[self.name] = self.hotline_last_message = message.name
		elif message.name != self.hotline_last_message and not store.assessed(self.name, message.name):
			self.flags.hotline_message = message
		elif "photo" in (self.hotline_missing or "") and has_files(message.name):
			names = [name for name in self.hotline_missing.split(", ") if name != "photo"]
			self.hotline_missing = ", ".join(names)

	def read_again(self, message: Any) -> None:
		"""Assess a message once more in the next save: its words changed, or what was said is known now."""
		if self.is_ranked():
			self.flags.hotline_message = message

	def choose_level(self, level: str, reason: str) -> None:
		"""An agent's own choice, also of the level it has already; empty gives it back to the rules."""
		if not level:
			self.hotline_level = None
			return
		self.hotline_level = level
		self.hotline_level_reason = reason
		self.flags.hotline_choice = level

	def is_news(self, fieldname: str) -> bool:
		"""Whether a person gave this value in this very save."""
		before = self.get_doc_before_save()
		return self.is_new() or (bool(before) and before.get(fieldname) != self.get(fieldname))

	def hotline_notes(self) -> Notes:
		if not self.flags.hotline_notes:
			self.flags.hotline_notes = Notes()
		return self.flags.hotline_notes

	def write_notes(self, opening_message: str | None = None) -> None:
		"""Write what was decided, once; the first reading belongs to the opening message."""
		notes, self.flags.hotline_notes = self.flags.hotline_notes, None
		for name in DECIDED_BY:
			self.flags.pop(name, None)
		if notes:
			store.append([row.of_message(opening_message) for row in notes.assessments], notes.events)


def has_files(communication: str) -> bool:
	"""Whether files are attached to a message."""
	filters = {"attached_to_doctype": "Communication", "attached_to_name": communication}
	return bool(frappe.db.exists("File", filters))
