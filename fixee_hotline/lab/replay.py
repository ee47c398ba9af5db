"""`fixee-hotline replay`: a day through the very code of the site: board, why, figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from fixee_hotline.channels.base import Message
from fixee_hotline.conversation.threading import Thread, Threads
from fixee_hotline.intake.qualify import PastIncident, Qualification, Request, qualify
from fixee_hotline.lab.board import write_board, write_kpis
from fixee_hotline.lab.day import UNKNOWN_TIME, Day, read_day
from fixee_hotline.lab.figures import Figures, measure
from fixee_hotline.lab.jsonlines import write_object
from fixee_hotline.lab.page import write_page
from fixee_hotline.lab.tables import DayError
from fixee_hotline.triage.course import level_after
from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.model import LEVELS, Level, Signal

NO_QUESTION_KINDS = frozenset({"reaction", "revoke", "status"})


@dataclass(slots=True)
class Ticket:
	"""A request on the board: how it came in, what was understood, and how it ended.

	`level`, `score` and `signals` are those of its gravest moment; `level_now` is where it ended.
	"""

	thread: Thread
	channel: str
	sender: str
	customer: str | None
	machine: str | None
	model: str | None
	language: str | None
	level: Level
	level_now: Level
	score: int
	signals: tuple[Signal, ...]
	fault_codes: tuple[str, ...]
	missing: tuple[str, ...]
	next_question: str | None
	subject: str
	agent: str | None = None
	resolved_at: datetime | None = None
	result: str | None = None
	article: str | None = None
	call_minutes: float = 0.0
	write_up_minutes: float = 0.0
	messages: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
	"""A replayed day: tickets in order of arrival, messages that are attached but never answered, figures."""

	tickets: list[Ticket]
	automatic: int
	figures: Figures


def run(directory: Path, engine: Engine, out: TextIO, err: TextIO, to: Path | None, as_json: bool) -> int:
	"""Replays `directory`; writes the page to `to`. Exit code 1 when some input could not be read."""
	day = read_day(directory)
	replayed = replay(day, engine)
	for problem in day.problems:
		err.write(problem + "\n")
	if as_json:
		for ticket in replayed.tickets:
			write_object(out, ticket_to_dict(ticket))
		write_object(out, {"kpis": replayed.figures.to_dict()})
	else:
		write_board(replayed.tickets, out)
		write_kpis(replayed.figures, out)
	if to is not None:
		err.write(f"Page: {_written(replayed, to)}\n")
	return 1 if day.problems else 0


def _written(replayed: Replayed, to: Path) -> Path:
	try:
		return write_page(replayed.tickets, replayed.figures, to)
	except OSError as error:
		raise DayError(f"{to}: the page cannot be written there: {error.strerror}") from error


def replay(day: Day, engine: Engine) -> Replayed:
	"""All messages of the day in order of time, each placed in its thread and understood."""
	threads = Threads()
	tickets: dict[str, Ticket] = {}
	history: dict[str, list[PastIncident]] = {}
	automatic = 0
	for message in day.messages:
		if message.automatic or message.direction == "out" or message.kind in NO_QUESTION_KINDS:
			automatic += 1
			continue
		_take(day, engine, threads, tickets, history, message)
	found = list(tickets.values())
	return Replayed(found, automatic, measure(found, day))


def _take(
	day: Day,
	engine: Engine,
	threads: Threads,
	tickets: dict[str, Ticket],
	history: dict[str, list[PastIncident]],
	message: Message,
) -> None:
	at = (message.sent_at or UNKNOWN_TIME).astimezone(day.time_zone)
	request = _request(message)
	understood = qualify(request, engine, day.registry)
	serial = understood.machine.machine.serial if understood.machine and understood.machine.machine else None
	thread, opened = threads.place(message, at, serial)
	known = [one for one in history.get(serial or "", ()) if one.at != at]
	if opened and known and understood.fault_codes:
		understood = qualify(replace(request, history=tuple(known)), engine, day.registry)
	if opened:
		tickets[thread.key] = _open(day, thread, message, understood)
	_follow(day, tickets[thread.key], message, understood)
	if opened and serial and understood.fault_codes:
		history.setdefault(serial, []).append(PastIncident(understood.fault_codes, at))


def _request(message: Message) -> Request:
	return Request(
		text=message.text,
		channel="email" if message.channel == "mailbox" else message.channel,
		subject=message.subject,
		sender=message.sender.address,
		received_at=message.sent_at,
		attachments=len(message.attachments),
	)


def _open(day: Day, thread: Thread, message: Message, understood: Qualification) -> Ticket:
	resolution = day.resolutions.get(thread.key)
	thread.resolved_at = resolution.resolved_at if resolution else None
	machine = understood.machine.machine if understood.machine else None
	return Ticket(
		thread=thread,
		channel=message.channel,
		sender=message.sender.name or message.sender.address or "?",
		customer=understood.customer,
		machine=machine.serial if machine else None,
		model=machine.model if machine else None,
		language=understood.language,
		level=understood.level,
		level_now=understood.level,
		score=understood.score,
		signals=understood.signals,
		fault_codes=understood.fault_codes,
		missing=understood.missing,
		next_question=understood.next_question,
		subject=message.subject or message.text[:60],
		agent=resolution.agent if resolution else None,
		resolved_at=thread.resolved_at,
		result=resolution.result if resolution else None,
		article=resolution.article if resolution else None,
	)


def _follow(day: Day, ticket: Ticket, message: Message, understood: Qualification) -> None:
	"""What a message adds to its ticket; the first one too."""
	ticket.messages += 1
	call = day.calls.get(message.provider_id)
	if call:
		ticket.call_minutes += call.minutes
		ticket.write_up_minutes += call.write_up_minutes
		ticket.agent = ticket.agent or call.agent or None
	ticket.level_now = level_after(
		ticket.level_now, understood.level, restored=understood.restored is not None
	)
	if LEVELS.index(understood.level) > LEVELS.index(ticket.level):
		ticket.level, ticket.score, ticket.signals = understood.level, understood.score, understood.signals
	machine = understood.machine.machine if understood.machine else None
	if machine and ticket.machine is None:
		ticket.machine, ticket.model = machine.serial, machine.model
	ticket.customer = ticket.customer or understood.customer
	ticket.language = ticket.language or understood.language
	ticket.fault_codes = tuple(dict.fromkeys((*ticket.fault_codes, *understood.fault_codes)))


def ticket_to_dict(ticket: Ticket) -> dict[str, Any]:
	"""A ticket as `replay --json` prints it."""
	return {
		"ticket": ticket.thread.key,
		"opened_at": ticket.thread.opened_at.isoformat(),
		"channel": ticket.channel,
		"customer": ticket.customer,
		"machine": ticket.machine,
		"model": ticket.model,
		"language": ticket.language,
		"level": ticket.level,
		"level_now": ticket.level_now,
		"score": ticket.score,
		"signals": [signal.to_dict() for signal in ticket.signals],
		"fault_codes": list(ticket.fault_codes),
		"agent": ticket.agent,
		"resolved_at": ticket.resolved_at.isoformat() if ticket.resolved_at else None,
		"messages": ticket.thread.message_ids,
	}
