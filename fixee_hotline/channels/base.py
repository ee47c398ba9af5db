"""What a message is, whatever channel brought it. Plain values: no clock, no database, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Channel = Literal["mailbox", "whatsapp", "portal", "phone"]
Direction = Literal["in", "out"]
Kind = Literal[
	"text",
	"image",
	"video",
	"audio",
	"document",
	"location",
	"contacts",
	"reaction",
	"interactive",
	"edit",
	"revoke",
	"status",
	"unsupported",
]


class MessageError(ValueError):
	"""A message that cannot be read; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Party:
	"""A person or mailbox; `address` is a mail address, an E.164 number or a provider's user id."""

	name: str | None
	address: str | None

	def to_dict(self) -> dict[str, Any]:
		return {"name": self.name, "address": self.address}


@dataclass(frozen=True, slots=True)
class Participant:
	"""Somebody the message was also addressed to; `role` is "to" or "cc"."""

	name: str | None
	address: str | None
	role: str

	def to_dict(self) -> dict[str, Any]:
		return {"name": self.name, "address": self.address, "role": self.role}


@dataclass(frozen=True, slots=True)
class Attachment:
	"""A file of a message: size in bytes, sha256 in hex, `media_id` while the bytes are with the provider."""

	name: str
	mime_type: str
	size: int | None = None
	sha256: str | None = None
	media_id: str | None = None
	content: bytes | None = field(default=None, repr=False, compare=False)
	content_id: str | None = None

	def to_dict(self) -> dict[str, Any]:
		return {
			"name": self.name,
			"mime_type": self.mime_type,
			"size": self.size,
			"sha256": self.sha256,
			"media_id": self.media_id,
		}


@dataclass(frozen=True, slots=True)
class Message:
	"""One normalised message.

	`text` is what is new and readable, `quoted` what was cut (history, signature). `sent_at` is aware.
	`automatic` is true for bounces, out-of-office, receipts and lists: attached to a thread, never answered.
	`account` is the own side (mailbox address or phone number id); `references` are earlier provider ids.
	`in_reply_to` is the message answered, reacted to, edited, revoked, or the one a status speaks of.
	`participants_count` counts everybody addressed, also those beyond the limit kept in `participants`.
	`provider_user_id` is a provider's id of the person (WhatsApp: business-scoped), `group_id` of the group.
	"""

	provider_id: str
	channel: Channel
	direction: Direction
	sent_at: datetime | None
	sender: Party
	participants: tuple[Participant, ...] = ()
	subject: str | None = None
	text: str = ""
	quoted: str = ""
	language: str | None = None
	in_reply_to: str | None = None
	kind: Kind = "text"
	automatic: bool = False
	attachments: tuple[Attachment, ...] = ()
	references: tuple[str, ...] = ()
	account: str | None = None
	provider_user_id: str | None = None
	group_id: str | None = None
	participants_count: int = 0

	def to_dict(self) -> dict[str, Any]:
		"""The keys of `fixee-hotline message`, in their documented order."""
		return {
			"provider_id": self.provider_id,
			"channel": self.channel,
			"direction": self.direction,
			"sent_at": self.sent_at.isoformat() if self.sent_at else None,
			"sender": self.sender.to_dict(),
			"participants": [participant.to_dict() for participant in self.participants],
			"subject": self.subject,
			"text": self.text,
			"quoted": self.quoted,
			"language": self.language,
			"in_reply_to": self.in_reply_to,
			"kind": self.kind,
			"automatic": self.automatic,
			"attachments": [attachment.to_dict() for attachment in self.attachments],
		}
