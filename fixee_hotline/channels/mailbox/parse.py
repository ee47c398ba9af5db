"""Raw mail in, one normalised message out. The mailbox channel's entrance."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from fixee_hotline.channels.base import Message, MessageError, Party
from fixee_hotline.channels.mailbox.automatic import is_automatic
from fixee_hotline.channels.mailbox.body import TOO_MANY_PARTS, Content, read_content
from fixee_hotline.channels.mailbox.cleaning import Cleaned, split_reply
from fixee_hotline.channels.mailbox.headers import (
	message_ids,
	participants_of,
	parties,
	same_mailbox_key,
	sent_at_of,
	subject_of,
)
from fixee_hotline.channels.mailbox.mime import Headers, Part, read_tree

MAX_MAIL_BYTES = 60 * 1024 * 1024
# At least one of these stands in every mail; without any the bytes are something else.
_KNOWN_FIELDS = frozenset(
	{"from", "to", "cc", "bcc", "subject", "date", "message-id", "received", "return-path", "content-type"}
	| {"mime-version", "sender", "reply-to", "delivered-to", "in-reply-to", "references", "x-mailer"}
)
_NO_REPLY = re.compile(r"(?i)^(?:no|do-?not|ne-?pas|kein|nicht)[-_.]?(?:reply|repondre|antwort\w*)")


def parse_mail(raw: bytes, *, own_addresses: Iterable[str] = ()) -> Message:
	"""The message in a raw RFC 5322 mail of at most 60 MB.

	`own_addresses` are the hotline's mailboxes: they are left out of the participants, name the account, and
	make a mail that they sent an outgoing one. Raises `MessageError` where there is no mail to read.
	"""
	root, incomplete = _checked_tree(raw)
	own = frozenset(map(same_mailbox_key, own_addresses))
	headers = root.headers
	sender = _sender(headers, own)
	subject = subject_of(headers)
	content = read_content(root)
	cleaned = _cleaned(content, subject, sender, incomplete)
	participants, count = participants_of(headers, own)
	replied, references = _thread(headers)
	return Message(
		provider_id=_provider_id(headers, raw),
		channel="mailbox",
		direction="out" if same_mailbox_key(sender.address) in own else "in",
		sent_at=sent_at_of(headers),
		sender=sender,
		participants=participants,
		participants_count=count,
		subject=subject,
		text=cleaned.text,
		quoted=cleaned.quoted,
		in_reply_to=replied,
		references=references,
		automatic=is_automatic(
			headers.fields, content_type=root.mime_type, sender=sender.address, subject=subject
		),
		attachments=tuple(content.attachments),
		account=_account(headers, own),
	)


def _checked_tree(raw: bytes) -> tuple[Part, bool]:
	if len(raw) > MAX_MAIL_BYTES:
		limit = MAX_MAIL_BYTES // (1024 * 1024)
		raise MessageError(
			f"the mail has {len(raw):,} bytes, more than {limit} MB: ask for the files on another way"
		)
	start = raw.lstrip(b"\xef\xbb\xbf\r\n \t\x00")
	if not start:
		raise MessageError("the mail is empty: fetch it again from the mailbox")
	if b"\n" not in start[:100_000] and b"\r" in start[:100_000]:
		start = start.replace(b"\r", b"\n")
	tree = read_tree(start)
	if not any(name in _KNOWN_FIELDS for name, _value in tree.root.headers.fields):
		raise MessageError("this is not a mail: it does not begin with header lines such as From or Subject")
	return tree.root, tree.incomplete


def _cleaned(content: Content, subject: str | None, sender: Party, incomplete: bool) -> Cleaned:
	cleaned = split_reply(content.text, subject, sender.name)
	if not incomplete:
		return cleaned
	return Cleaned(f"{cleaned.text}\n\n{TOO_MANY_PARTS}".strip(), cleaned.quoted)


def _sender(headers: Headers, own: frozenset[str]) -> Party:
	"""Who wrote: Reply-To stands in where a web form or a machine sends for somebody."""
	people, _count = parties([headers.first("from") or headers.first("sender")], 1)
	sender = people[0] if people else Party(None, None)
	is_machine = same_mailbox_key(sender.address) in own or bool(_NO_REPLY.match(sender.address or ""))
	replies, _count = parties([headers.first("reply-to")], 1) if is_machine else ([], 0)
	if replies and same_mailbox_key(replies[0].address) not in own:
		return replies[0]
	return sender


def _thread(headers: Headers) -> tuple[str | None, tuple[str, ...]]:
	references = message_ids(headers.first("references"))
	replied = message_ids(headers.first("in-reply-to"))
	return (replied or references[-1:] or (None,))[0], references


def _provider_id(headers: Headers, raw: bytes) -> str:
	"""The message id without brackets; a digest of the mail where it has none, the same on each fetch."""
	ids = message_ids(headers.first("message-id"))
	return ids[0] if ids else f"sha256-{hashlib.sha256(raw).hexdigest()[:40]}"


def _account(headers: Headers, own: frozenset[str]) -> str | None:
	"""The own mailbox that got (or sent) the mail."""
	if not own:
		return None
	for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "from"):
		people, _count = parties(headers.every(name))
		for person in people:
			if same_mailbox_key(person.address) in own:
				return same_mailbox_key(person.address)
	return None
