"""The one exit of replies: mail by Helpdesk itself, WhatsApp through the outbox, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html, get_url
from helpdesk.helpdesk.doctype.hd_ticket.hd_ticket import HDTicket
from helpdesk.utils import is_agent

from fixee_hotline.channels.whatsapp.formatting import LONGEST_TEXT, cut, images_of, to_whatsapp
from fixee_hotline.channels.whatsapp.outgoing import (
	Choice,
	OutgoingError,
	buttons_payload,
	file_of,
	in_reply_to,
	list_payload,
	location_request_payload,
	text_payload,
)
from fixee_hotline.channels.whatsapp.templates import TemplateError, fill, template_payload
from fixee_hotline.host import graph, outbox, outgoing, window
from fixee_hotline.host.addresses import pseudo_address, real_address
from fixee_hotline.host.outgoing import Conversation, Draft
from fixee_hotline.host.settings import SERVICE_USER
from fixee_hotline.machines.senders import phone_digits

NOTHING: list[str] = []


@dataclass(frozen=True, slots=True)
class Plan:
	"""A reply that was found possible: what goes to whom, and which files. Nothing is written yet."""

	conversations: tuple[Conversation, ...]
	drafts: tuple[Draft, ...]
	files: tuple[str, ...] = ()


class ReplyingTicket(HDTicket):
	"""HD Ticket whose replies reach each person on the channel that the person uses."""

	@frappe.whitelist()
	def reply_via_agent(
		self,
		message: str,
		from_email: dict | None = None,
		to: str | None = None,
		cc: str | None = None,
		bcc: str | None = None,
		attachments: list[str] = NOTHING,
	) -> None:
		"""Helpdesk's reply box, bulk reply, and its notices after merging and splitting (without `to`)."""
		mail, chat = [], []
		for recipients in (to, cc, bcc):
			of_mail, of_chat = divided(recipients)
			mail.append(of_mail)
			chat += [address for address in of_chat if address not in chat]
		notice = not to and not chat and self.raised_by_pseudo_address()
		if not chat and not notice:
			super().reply_via_agent(message, from_email, to, cc, bcc, attachments)
			return
		if not is_agent():
			frappe.throw(_("You are not permitted to reply as an agent"), frappe.PermissionError)
		if notice:
			self.send_notice(message)
			return
		plan = plan_of(self, message, chat, attachments)
		if any(mail):
			first = mail[0] or mail[1] or mail[2]
			super().reply_via_agent(message, from_email, first, mail[1] or None, mail[2] or None, attachments)
		carry_out(self, plan, message, purpose="Reply")

	def send_notice(self, message: str) -> None:
		"""What Helpdesk says by itself must not fail the merge or split it belongs to."""
		possible = graph.can_send(self.get(window.ACCOUNT)) and window.is_open(self)
		if possible:
			plan = plan_of(self, message, [self.raised_by], NOTHING)
			carry_out(self, plan, message, purpose="Notice")
		else:
			self.new_comment(
				_("Not sent on WhatsApp, because the 24-hour window is closed: {0}").format(message)
			)

	def raised_by_pseudo_address(self) -> bool:
		return is_pseudo(self.raised_by)

	@property
	def has_agent_replied(self) -> str | None:
		"""Helpdesk counts every sent message; what nobody wrote is no answer of an agent."""
		return frappe.db.exists(
			"Communication",
			{
				"reference_doctype": "HD Ticket",
				"reference_name": self.name,
				"sent_or_received": "Sent",
				"communication_type": ("!=", "Automated Message"),
			},
		)


# Plan: everything that can be refused is refused here -----------------------------------------------


def plan_of(ticket: Any, html: str, addresses: Sequence[str], files: Sequence[str]) -> Plan:
	"""Texts and files of a reply. Refused in words before anything is written."""
	conversations = tuple(conversation_of(ticket, address) for address in addresses)
	window.require_open(ticket)
	text = to_whatsapp(html, silent_links=(get_url("/helpdesk/"), get_url("/app/")))
	names = [*files, *_pictures(html)]
	drafts = [Draft("text", text_payload(piece)) for piece in cut(text, LONGEST_TEXT)]
	drafts += [_file_draft(name) for name in dict.fromkeys(names)]
	if not drafts:
		frappe.throw(_("The reply is empty: write something or attach a file."))
	return Plan(conversations, tuple(drafts), tuple(files))


def conversation_of(ticket: Any, address: str) -> Conversation:
	"""The chat with this person: the newest one of the ticket, else the last one with this address."""
	account, recipient = ticket.get(window.ACCOUNT), ticket.get(window.RECIPIENT)
	found = None
	if account and recipient and address in (pseudo_address(recipient), ticket.raised_by):
		found = Conversation(account, recipient, address)
	found = found or outgoing.conversation_with(address) or _by_number(address, account)
	if not found:
		frappe.throw(_("It is not known on which WhatsApp account {0} can be reached.").format(address))
	if not graph.can_send(found.account):
		frappe.throw(
			_(
				"The WhatsApp account {0} is disabled or has no access token: nothing can be sent. "
				"Ask an administrator."
			).format(found.account)
		)
	return found


def is_pseudo(address: str | None) -> bool:
	"""Whether this is the address of somebody without mail."""
	return bool(address) and real_address(address) != address


def divided(recipients: str | None) -> tuple[str, list[str]]:
	"""Mail recipients as Helpdesk wants them, and the addresses of people on WhatsApp."""
	if not recipients or not isinstance(recipients, str):
		return "", []
	found = [address for _name, address in getaddresses([recipients]) if address]
	chat = [address.lower() for address in found if is_pseudo(address)]
	if not chat:
		return recipients, []
	return ", ".join(address for address in found if not is_pseudo(address)), chat


def _by_number(address: str, account: str | None) -> Conversation | None:
	"""A telephone number can be written to from the ticket's account, or from the only one there is."""
	digits = phone_digits(real_address(address) or "")
	if not account:
		names = [name for name in graph.store.enabled_accounts() if graph.can_send(name)]
		account = names[0] if len(names) == 1 else None
	return Conversation(account, digits, address) if digits and account else None


def _pictures(html: str) -> list[str]:
	"""Files of the pictures that were pasted into the reply."""
	found = []
	for source in images_of(html):
		path = source.removeprefix(get_url()).partition("?")[0]
		if path.startswith(("/files/", "/private/files/")):
			found += frappe.get_all("File", {"file_url": path}, pluck="name", order_by="creation", limit=1)
	return found


def _file_draft(name: str) -> Draft:
	"""How a file goes out; whoever replies must be allowed to read it."""
	file = frappe.get_doc("File", name)
	file.check_permission("read")
	if not (file.file_url or "").startswith(("/files/", "/private/files/")):
		frappe.throw(_("{0} is only a link; WhatsApp needs the file itself.").format(file.file_name))
	path = Path(file.get_full_path())
	if not path.is_file():
		frappe.throw(_("{0} is missing on the server; attach it again.").format(file.file_name))
	try:
		kind = file_of(file.file_name, path.stat().st_size).kind
	except OutgoingError as error:
		frappe.throw(str(error), title=_("This file cannot be sent on WhatsApp"))
	return Draft(kind, {}, file=name)


# Carry out ----------------------------------------------------------------------------------------


def carry_out(ticket: Any, plan: Plan, html: str, *, purpose: str) -> str:
	"""The message in the thread, its files, and its rows in the outbox; returns the Communication."""
	communication = write_communication(ticket, html, [one.address for one in plan.conversations], purpose)
	for name in plan.files:
		url = frappe.db.get_value("File", name, "file_url")
		ticket.attach_file_with_doc("Communication", communication, url)
		ticket.attach_file_with_doc("HD Ticket", ticket.name, url)
	for conversation in plan.conversations:
		outgoing.queue(
			conversation,
			plan.drafts,
			purpose=purpose,
			ticket=ticket.name,
			communication=communication,
		)
	outbox.ask_for_send()
	return communication


def write_communication(ticket: Any, html: str, addresses: Sequence[str], purpose: str) -> str:
	"""The thread record. Automatic ones are marked so and never count as an answer."""
	by_person = purpose in ("Reply", "Template")
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication" if by_person else "Automated Message",
			"communication_medium": "Chat",
			"sent_or_received": "Sent",
			"status": "Linked",
			"delivery_status": "Sending",
			"subject": f"Re: {ticket.subject}"[:140],
			"content": html,
			"sender": frappe.session.user if by_person else SERVICE_USER,
			"recipients": ", ".join(addresses),
			"reference_doctype": "HD Ticket",
			"reference_name": ticket.name,
		}
	)
	# Agents may not create Communications themselves; that this one may reply was checked.
	doc.insert(ignore_permissions=True)
	return str(doc.name)


# What later steps of the hotline send ---------------------------------------------------------------


def send_draft(
	ticket: Any, draft: Draft, shown: str, *, purpose: str = "Reply", answers: str | None = None
) -> str:
	"""One message to the ticket's chat; `shown` is its HTML in the thread, `answers` a message replied to."""
	conversation = conversation_of(ticket, ticket.raised_by)
	if draft.kind != "template":
		window.require_open(ticket)
	draft = Draft(draft.kind, in_reply_to(draft.payload, answers), draft.file)
	return carry_out(ticket, Plan((conversation,), (draft,)), shown, purpose=purpose)


def send_text(ticket: Any, text: str, *, purpose: str = "Reply", answers: str | None = None) -> str:
	"""A plain text; with `answers` shown as the reply to that message."""
	return send_draft(
		ticket, Draft("text", text_payload(text)), as_html(text), purpose=purpose, answers=answers
	)


def send_choices(
	ticket: Any, text: str, choices: Sequence[Choice], *, button: str = "", purpose: str = "Reply"
) -> str:
	"""Up to three quick replies, or with the word on its `button` a list of up to ten rows."""
	payload = list_payload(text, button, choices) if button else buttons_payload(text, choices)
	shown = as_html("\n".join([text, *(f"[{choice.title}]" for choice in choices)]))
	return send_draft(ticket, Draft("interactive", payload), shown, purpose=purpose)


def ask_location(ticket: Any, text: str, *, purpose: str = "Reply") -> str:
	"""Ask where the machine stands; the customer answers with one tap."""
	return send_draft(
		ticket, Draft("interactive", location_request_payload(text)), as_html(text), purpose=purpose
	)


def send_template(ticket: Any, template: str, values: Mapping[str, str]) -> str:
	"""An approved template, the only thing that arrives outside the window."""
	doc = frappe.get_doc(graph.TEMPLATE, template)
	conversation = conversation_of(ticket, ticket.raised_by)
	if doc.account != conversation.account:
		frappe.throw(_("This template belongs to another WhatsApp account."))
	if doc.approval_state != "APPROVED":
		frappe.throw(_("Meta has not approved this template: {0}.").format(doc.approval_state))
	try:
		payload = template_payload(doc.template_name, doc.language, doc.body, values)
		shown = as_html(fill(doc.body, values))
	except TemplateError as error:
		frappe.throw(str(error))
	return send_draft(ticket, Draft("template", payload), shown, purpose="Template")


def send_test(account: str, to: str) -> dict[str, Any]:
	"""A short text to a telephone number, sent within the request; says what became of it."""
	digits = phone_digits(to)
	if not digits:
		frappe.throw(_("{0} is no telephone number with country code, such as +33 6 12 34 56 78.").format(to))
	if not graph.can_send(account):
		frappe.throw(_("The account is disabled or has no access token."))
	text = _("Test message of the hotline. Nothing needs to be done.")
	conversation = Conversation(account, digits, pseudo_address(digits))
	[name] = outgoing.queue(conversation, [Draft("text", text_payload(text))], purpose="Test")
	row = outbox.send_now(name)
	return {"state": row.state, "error": row.error or "", "advice": row.advice or ""}


def resend(name: str) -> str:
	"""Send a failed or unanswered message again, under a key of its own; returns the new row."""
	row = outgoing.locked({"name": name})
	if not row or row.state not in ("Failed", "Unknown"):
		frappe.throw(_("Only a message that failed or was not answered can be sent again."))
	if frappe.db.exists(outgoing.DOCTYPE, {"resend_of": name}):
		frappe.throw(_("This message was sent again already."))
	ticket = frappe.get_doc("HD Ticket", row.ticket) if row.ticket else None
	if ticket and row.kind != "template":
		window.require_open(ticket)
	rows = outgoing.queue(
		Conversation(row.account, row.recipient, row.address),
		[Draft(row.kind, frappe.parse_json(row.payload), row.file)],
		purpose=row.purpose,
		ticket=row.ticket,
		communication=row.communication,
		resend_of=row.name,
	)
	outgoing.set_values(rows[0], {"part": row.part})
	outgoing.show(row.communication)
	outbox.ask_for_send()
	return rows[0]


def as_html(text: str) -> str:
	"""A plain text as the thread shows it."""
	return "<div>{}</div>".format(escape_html(text).replace("\n", "<br>"))
