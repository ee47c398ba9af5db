"""One request in, what is understood of it out: language, machine, codes, level, what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fixee_hotline.channels.mailbox.cleaning import split_reply
from fixee_hotline.channels.mailbox.closing import above_closing
from fixee_hotline.intake.missing import missing_facts, next_question
from fixee_hotline.machines.fault_codes import find_fault_codes
from fixee_hotline.machines.lookup import find_machine
from fixee_hotline.machines.model import Customer, Machine, MachineMatch
from fixee_hotline.machines.serials import fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.translation.detect import rank_languages, surest
from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.model import Level, Reading, RuleSet, Signal, Thresholds
from fixee_hotline.triage.scoring import assess
from fixee_hotline.triage.subject_line import is_reply

MAIL = ("email", "mailbox")
POSSIBLE = 0.15
MOST_LANGUAGES = 3
# A line that stands for something that is no text: "[photo]", "[location: ...]".
PLACEHOLDER = re.compile(r"^\[[^\[\]\n]*\]$", re.MULTILINE)
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
	"""Level with its reasons, machine, codes, what is missing; `restored` quotes that production is back."""

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


@dataclass(frozen=True, slots=True)
class _Prepared:
	"""A request whose text is cut and whose language and customer are known, before it is read."""

	request: Request
	text: str
	situation: str
	language: str | None
	languages: tuple[str, ...]
	customer: Customer | None


def qualify(request: Request, engine: Engine, source: MachineSource) -> Qualification:
	"""Everything a machine can understand of one request. Pure and deterministic."""
	return qualify_all([request], engine, source)[0]


def qualify_all(requests: Sequence[Request], engine: Engine, source: MachineSource) -> list[Qualification]:
	"""Several requests, each as by `qualify`; many at once are cheaper."""
	prepared = [_prepare(request, engine.rules, source) for request in requests]
	readings = engine.read_all([(one.situation, one.languages) for one in prepared])
	return [
		_qualify(one, reading, engine.rules, source) for one, reading in zip(prepared, readings, strict=True)
	]


def _prepare(request: Request, rules: RuleSet, source: MachineSource) -> _Prepared:
	text = newest_text(request)
	ranked = rank_languages(text, rules.languages)
	language = surest(text, ranked)
	customer = _customer(request, source)
	situation = above_closing(text) if request.channel in MAIL else text
	languages = _reading_languages(ranked, language, request, customer, rules)
	return _Prepared(request, text, situation, language, languages, customer)


def _qualify(prepared: _Prepared, reading: Reading, rules: RuleSet, source: MachineSource) -> Qualification:
	request, customer = prepared.request, prepared.customer
	match, serial_given = find_machine(
		prepared.text,
		source,
		customer=customer.name if customer else request.customer,
		serial_given=request.serial,
		product_uri=request.product_uri,
		subject=request.subject,
	)
	machine = match.machine if match else None
	unknown_serial = [serial_given] if serial_given and machine is None else []
	codes = find_fault_codes(prepared.text, source, machine, exclude=unknown_serial)
	if not codes and request.subject:
		codes = find_fault_codes(request.subject, source, machine, exclude=unknown_serial)
	facts = _Facts(
		match, tuple(found.code for found in codes), serial_given, customer or _owner(machine, source)
	)
	return _result(prepared, reading, facts, rules)


@dataclass(frozen=True, slots=True)
class _Facts:
	"""What the registry knows of a request."""

	match: MachineMatch | None
	fault_codes: tuple[str, ...]
	serial_given: str | None
	customer: Customer | None

	@property
	def machine(self) -> Machine | None:
		return self.match.machine if self.match else None


def _result(prepared: _Prepared, reading: Reading, facts: _Facts, rules: RuleSet) -> Qualification:
	request, customer = prepared.request, facts.customer
	found = {**reading.found, **_records(request, facts, rules)}
	assessment = assess(found, rules, _machine_points(facts.machine, rules.thresholds))
	known = replace(reading, found=found)
	missing = missing_facts(known, facts.match, facts.fault_codes, request.attachments)
	spoken = prepared.language or request.participant_language or (customer.language if customer else None)
	return Qualification(
		language=prepared.language,
		level=assessment.level,
		score=assessment.score,
		signals=assessment.signals,
		machine=facts.match,
		fault_codes=facts.fault_codes,
		missing=missing,
		next_question=next_question(missing, facts.match, assessment.level, spoken),
		rules_version=assessment.rules_version,
		serial_given=facts.serial_given,
		restored=reading.restored,
		customer=customer.name if customer else None,
	)


def newest_text(request: Request) -> str:
	"""What the customer wrote now: no quoted history, no signature; the subject when it is no reply."""
	body = split_reply(request.text).text if request.channel in MAIL else request.text
	body = PLACEHOLDER.sub("", body)
	if request.subject and not is_reply(request.subject):
		return f"{request.subject}.\n{body}"
	return body


def _customer(request: Request, source: MachineSource) -> Customer | None:
	named = source.customer_named(request.customer) if request.customer else None
	return named or (source.customer_of_sender(request.sender) if request.sender else None)


def _owner(machine: Machine | None, source: MachineSource) -> Customer | None:
	return source.customer_named(machine.customer) if machine and machine.customer else None


def _reading_languages(
	ranked: Sequence[tuple[str, float]],
	language: str | None,
	request: Request,
	customer: Customer | None,
	rules: RuleSet,
) -> tuple[str, ...]:
	likely = [code for code, probability in ranked[:MOST_LANGUAGES] if probability >= POSSIBLE]
	known = request.participant_language or (customer.language if customer else None)
	if language is None:
		likely.extend([known] if known in rules.languages and known else rules.languages)
	return tuple(likely)


def _records(request: Request, facts: _Facts, rules: RuleSet) -> dict[str, str]:
	"""Signals that come from records and fields, not from words."""
	found: dict[str, str] = {}
	if request.item_state in ITEM_STATES:
		found[ITEM_STATES[request.item_state]] = f"item state: {request.item_state}"
	recurrence = _recurrence(request, facts.fault_codes, rules.thresholds)
	if recurrence:
		found["recurrent_incident"] = recurrence
	if facts.customer and facts.customer.strategic:
		found["strategic_customer"] = facts.customer.name
	if facts.machine and facts.machine.criticality == "A":
		found["machine_criticality"] = f"{facts.machine.serial}: A"
	return found


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
