"""Which request a message belongs to: by references and people, never by subject alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fixee_hotline.channels.base import Message

QUIET_PERIOD = timedelta(hours=72)
FLOOD_WINDOW = timedelta(minutes=10)
NUMBERS = re.compile(r"\d+")


@dataclass(slots=True)
class Thread:
	"""One request: the id of the message that opened it, its people and what was last said."""

	key: str
	opened_at: datetime
	last_at: datetime
	resolved_at: datetime | None = None
	machine: str | None = None
	message_ids: list[str] = field(default_factory=list)

	def is_open(self, at: datetime, quiet_period: timedelta = QUIET_PERIOD) -> bool:
		"""True while it is not resolved and somebody wrote within the quiet period."""
		return (self.resolved_at is None or at < self.resolved_at) and at - self.last_at <= quiet_period


class Threads:
	"""All requests of a day, found again by message id, by WhatsApp conversation and by repeated text."""

	def __init__(self, quiet_period: timedelta = QUIET_PERIOD) -> None:
		self.quiet_period = quiet_period
		self.by_message: dict[str, Thread] = {}
		self._by_person: dict[str, Thread] = {}
		self._by_text: dict[tuple[str, str], Thread] = {}

	def place(self, message: Message, at: datetime, machine: str | None) -> tuple[Thread, bool]:
		"""The thread of `message`, and whether the message opened it. `machine`: the serial it names."""
		thread = (
			self._referred(message, at, machine) or self._of_person(message, at) or self._flood(message, at)
		)
		opened = thread is None
		if thread is None:
			thread = Thread(message.provider_id, at, at)
		self._remember(thread, message, at, machine)
		return thread, opened

	def _referred(self, message: Message, at: datetime, machine: str | None) -> Thread | None:
		for reference in filter(None, (message.in_reply_to, *reversed(message.references))):
			thread = self.by_message.get(reference)
			if thread is None:
				continue
			other_machine = machine is not None and thread.machine is not None and machine != thread.machine
			if message.automatic or (thread.is_open(at, self.quiet_period) and not other_machine):
				return thread
			return None
		return None

	def _of_person(self, message: Message, at: datetime) -> Thread | None:
		if message.channel != "whatsapp":
			return None
		thread = self._by_person.get(_person(message))
		return thread if thread and thread.is_open(at, self.quiet_period) else None

	def _flood(self, message: Message, at: datetime) -> Thread | None:
		thread = self._by_text.get(_fingerprint(message))
		return thread if thread and at - thread.last_at <= FLOOD_WINDOW else None

	def _remember(self, thread: Thread, message: Message, at: datetime, machine: str | None) -> None:
		thread.last_at = max(thread.last_at, at)
		thread.machine = thread.machine or machine
		thread.message_ids.append(message.provider_id)
		self.by_message[message.provider_id] = thread
		if message.channel == "whatsapp":
			self._by_person[_person(message)] = thread
		elif message.text:
			self._by_text[_fingerprint(message)] = thread


def _person(message: Message) -> str:
	return message.provider_user_id or message.sender.address or message.provider_id


def _fingerprint(message: Message) -> tuple[str, str]:
	"""Sender and text with its numbers masked: a gateway repeats itself with another time each time."""
	text = NUMBERS.sub("#", f"{message.subject or ''} {message.text}".lower())
	return (message.sender.address or "", " ".join(text.split())[:500])
