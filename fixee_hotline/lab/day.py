"""A day on disk: mails, WhatsApp bodies and calls read into one list of messages in order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from fixee_hotline.channels.base import Message, MessageError, Party
from fixee_hotline.lab.message import messages_of_file
from fixee_hotline.lab.tables import DayError, first_of, minutes_of, moment_of, read_rows
from fixee_hotline.machines.files import read_registry
from fixee_hotline.machines.registry import Registry

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Call:
	"""One phone call: who took it, how long it was and how long its note took (minutes)."""

	agent: str
	minutes: float
	write_up_minutes: float


@dataclass(frozen=True, slots=True)
class Resolution:
	"""How a request ended; `article` is the knowledge article used, if any."""

	resolved_at: datetime
	agent: str
	result: str
	article: str | None


@dataclass(slots=True)
class Day:
	"""Everything of one day, and the problems met while reading it (file and reason)."""

	registry: Registry
	messages: list[Message] = field(default_factory=list)
	calls: dict[str, Call] = field(default_factory=dict)
	resolutions: dict[str, Resolution] = field(default_factory=dict)
	agents: dict[str, dict[str, str]] = field(default_factory=dict)
	problems: list[str] = field(default_factory=list)

	@property
	def time_zone(self) -> tzinfo:
		"""The zone most mails and calls were written in; UTC when there is none (WhatsApp knows no zone)."""
		zones = Counter(
			message.sent_at.utcoffset()
			for message in self.messages
			if message.sent_at and message.channel in ("mailbox", "phone")
		)
		return timezone(zones.most_common(1)[0][0] or timedelta(0)) if zones else timezone.utc


def read_day(directory: Path) -> Day:
	"""The day of a directory. Raises DayError when there is nothing to replay."""
	if not directory.is_dir():
		raise DayError(f"{directory}: no such directory")
	registry_directory = directory / "registry"
	registry, problems = (
		read_registry(registry_directory) if registry_directory.is_dir() else (Registry((), (), ()), [])
	)
	day = Day(registry, problems=[f"{one.file}:{one.line}: {one.reason}" for one in problems])
	_read_files(day, directory)
	_read_calls(day, directory / "calls.csv")
	_read_resolutions(day, directory / "resolutions.csv")
	for _, row in read_rows(directory / "agents.csv"):
		day.agents[first_of(row, ("agent", "email", "user", "id", "name"))] = row
	if not day.messages:
		raise DayError(f"{directory}: no mailbox/*.eml, whatsapp/*.json or calls.csv to replay")
	day.messages.sort(key=lambda message: message.sent_at or UNKNOWN_TIME)
	return day


def _read_files(day: Day, directory: Path) -> None:
	paths = [*sorted((directory / "mailbox").glob("*.eml")), *sorted((directory / "whatsapp").glob("*.json"))]
	seen: set[tuple[str, str, str]] = set()
	for path in paths:
		try:
			for message in messages_of_file(path):
				# A provider delivers at least once: the same message again is no new one.
				key = (message.channel, message.provider_id, message.kind if message.kind == "status" else "")
				if message.kind == "status" or key not in seen:
					seen.add(key)
					day.messages.append(message)
		except (MessageError, OSError) as error:
			day.problems.append(f"{path.name}: {error}")


def _read_calls(day: Day, path: Path) -> None:
	for line, row in read_rows(path):
		try:
			call_id, message, call = _call(line, row)
		except DayError as error:
			day.problems.append(f"{path.name}:{line}: {error}")
			continue
		day.messages.append(message)
		day.calls[call_id] = call


def _call(line: int, row: dict[str, str]) -> tuple[str, Message, Call]:
	call_id = first_of(row, ("call_id", "id")) or f"call-{line}"
	caller = Party(
		first_of(row, ("caller_name", "name")) or None,
		first_of(row, ("caller_phone", "phone", "caller", "from")) or None,
	)
	message = Message(
		provider_id=call_id,
		channel="phone",
		direction="in",
		sent_at=moment_of(first_of(row, ("at", "started_at", "start", "time"))),
		sender=caller,
		text=first_of(row, ("note", "text", "summary")),
	)
	call = Call(
		first_of(row, ("agent",)),
		minutes_of(first_of(row, ("duration_minutes", "duration", "minutes"))),
		minutes_of(first_of(row, ("write_up_minutes", "write_up", "writeup_minutes"))),
	)
	return call_id, message, call


def _read_resolutions(day: Day, path: Path) -> None:
	for line, row in read_rows(path):
		key = first_of(row, ("message_id", "ticket", "id")).strip("<>")
		try:
			resolved_at = moment_of(first_of(row, ("resolved_at", "at")))
		except DayError as error:
			day.problems.append(f"{path.name}:{line}: {error}")
			continue
		day.resolutions[key] = Resolution(
			resolved_at,
			first_of(row, ("agent",)),
			first_of(row, ("result", "text")),
			row.get("article") or None,
		)


def inbound(day: Day) -> Iterator[Message]:
	"""Messages that people wrote to us, without receipts."""
	return (message for message in day.messages if message.direction == "in")
