"""One request in, everything that is understood of it out: language, machine, codes, level, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fixee_hotline.channels.mailbox.cleaning import split_reply
from fixee_hotline.intake.missing import missing_facts, next_question
from fixee_hotline.machines.fault_codes import find_fault_codes
from fixee_hotline.machines.lookup import find_machine
from fixee_hotline.machines.model import Customer, Machine, MachineMatch
from fixee_hotline.machines.serials import fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.translation.detect import SURE, rank_languages
from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.model import Level, Reading, RuleSet, Signal, Thresholds
from fixee_hotline.triage.scoring import assess
from fixee_hotline.triage.subject_line import is_reply

POSSIBLE = 0.15
MOST_LANGUAGES = 3
ITEM_STATES = {"Down": "line_stopped", "Degraded": "production_degraded", "Hazardous": "safety"}


@dataclass(frozen=True, slots=True)
class PastIncident:
	"""An earlier request about the same machine; `at` is aware or None when unknown."""

	fault_codes: tuple[str, ...]
	at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
	"""What is known of a message before it is understood.

	`serial`, `product_uri` and `item_state` come from fields; `attachments` counts photos and logs.
	"""

	text: str
	channel: str = "email"
	subject: str | None = None
	sender: str | None = None
	customer: str | None = None
	received_at: datetime | None = None
	history: tuple[PastIncident, ...] = ()
	serial: str | None = None
	product_uri: str | None = None
	item_state: str | None = None
	attachments: int = 0
	participant_language: str | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
	"""Level with its reasons, machine, codes and what is missing; `restored` quotes that production is back."""

	language: str | None
	level: Level
	score: int
	signals: tuple[Signal, ...]
	machine: MachineMatch | None
	fault_codes: tuple[str, ...]
	missing: tuple[str, ...]
	next_question: str | None
	rules_version: str
	serial_given: str | None = None
	restored: str | None = None
	customer: str | None = None

	def to_dict(self) -> dict[str, Any]:
		"""The keys of `fixee-hotline triage` (without the id)."""
		return {
			"language": self.language,
			"level": self.level,
			"score": self.score,
			"signals": [signal.to_dict() for signal in self.signals],
			"machine": self.machine.to_dict() if self.machine else None,
			"fault_codes": list(self.fault_codes),
			"missing": list(self.missing),
			"next_question": self.next_question,
			"rules_version": self.rules_version,
		}


def qualify(request: Request, engine: Engine, source: MachineSource) -> Qualification:
	"""Everything a machine can understand of one request. Pure and deterministic."""
	text = newest_text(request)
	ranked = rank_languages(text, engine.rules.languages)
	language = ranked[0][0] if ranked and ranked[0][1] >= SURE else None
	customer = _customer(request, source)
	reading = engine.read(text, _reading_languages(ranked, request, customer, engine.rules))
	match, serial_given = find_machine(
		text,
		source,
		customer=customer.name if customer else request.customer,
		serial_given=request.serial,
		product_uri=request.product_uri,
	)
	machine = match.machine if match else None
	codes = tuple(found.code for found in find_fault_codes(text, source, machine))
	customer = customer or _owner(machine, source)
	return _result(request, engine, reading, language, match, codes, serial_given, customer)


def _result(
	request: Request,
	engine: Engine,
	reading: Reading,
	language: str | None,
	match: MachineMatch | None,
	codes: tuple[str, ...],
	serial_given: str | None,
	customer: Customer | None,
) -> Qualification:
	machine = match.machine if match else None
	found = dict(reading.found)
	_add_records(found, request, codes, machine, customer, engine.rules)
	assessment = assess(found, engine.rules, _machine_points(machine, engine.rules.thresholds))
	missing = missing_facts(Reading(found, reading.restored, reading.mentions), match, codes, request.attachments)
	spoken = language or request.participant_language or (customer.language if customer else None)
	return Qualification(
		language=language,
		level=assessment.level,
		score=assessment.score,
		signals=assessment.signals,
		machine=match,
		fault_codes=codes,
		missing=missing,
		next_question=next_question(missing, match, assessment.level, spoken),
		rules_version=assessment.rules_version,
		serial_given=serial_given,
		restored=reading.restored,
		customer=customer.name if customer else None,
	)


def newest_text(request: Request) -> str:
	"""What the customer wrote now: no quoted history, no signature; the subject when it is no reply."""
	body = split_reply(request.text).text if request.channel in ("email", "mailbox") else request.text
	if request.subject and not is_reply(request.subject):
		return f"{request.subject}.\n{body}"
	return body


def _customer(request: Request, source: MachineSource) -> Customer | None:
	named = source.customer_named(request.customer) if request.customer else None
	return named or (source.customer_of_sender(request.sender) if request.sender else None)


def _owner(machine: Machine | None, source: MachineSource) -> Customer | None:
	return source.customer_named(machine.customer) if machine and machine.customer else None


def _reading_languages(
	ranked: Sequence[tuple[str, float]], request: Request, customer: Customer | None, rules: RuleSet
) -> list[str]:
	likely = [code for code, probability in ranked[:MOST_LANGUAGES] if probability >= POSSIBLE]
	known = request.participant_language or (customer.language if customer else None)
	if not ranked or ranked[0][1] < SURE:
		likely.extend([known] if known in rules.languages and known else rules.languages)
	return likely


def _add_records(
	found: dict[str, str],
	request: Request,
	codes: Sequence[str],
	machine: Machine | None,
	customer: Customer | None,
	rules: RuleSet,
) -> None:
	"""Signals that come from records and fields, not from words."""
	if request.item_state in ITEM_STATES:
		found.setdefault(ITEM_STATES[request.item_state], f"item state: {request.item_state}")
	recurrence = _recurrence(request, codes, rules.thresholds)
	if recurrence:
		found.setdefault("recurrent_incident", recurrence)
	if customer and customer.strategic:
		found["strategic_customer"] = customer.name
	if machine and machine.criticality == "A":
		found["machine_criticality"] = f"{machine.serial}: A"


def _recurrence(request: Request, codes: Sequence[str], thresholds: Thresholds) -> str | None:
	"""The earlier incident with the same fault code on this machine inside the window, if any."""
	keys = {fold_serial(code): code for code in codes}
	window = timedelta(days=thresholds.recurrence_days)
	for past in request.history:
		same = [keys[fold_serial(code)] for code in past.fault_codes if fold_serial(code) in keys]
		if same and _inside(past.at, request.received_at, window):
			return f"{same[0]}, {past.at.date().isoformat()}" if past.at else same[0]
	return None


def _inside(at: datetime | None, now: datetime | None, window: timedelta) -> bool:
	if at is None or now is None:
		return True
	if (at.tzinfo is None) != (now.tzinfo is None):
		at, now = at.replace(tzinfo=None), now.replace(tzinfo=None)
	return timedelta(0) <= now - at <= window


def _machine_points(machine: Machine | None, thresholds: Thresholds) -> int:
	return thresholds.machine_c_points if machine and machine.criticality == "C" else 0
