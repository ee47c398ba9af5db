"""What a ticket is told by a message or by a person: fields, and the rows that record why.

Runs inside the ticket's save, before Helpdesk chooses the service level agreement: indexed look-ups only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _

from fixee_hotline.host import requests
from fixee_hotline.host.levels import LABELS, RANK, level_of_priority, next_level
from fixee_hotline.host.settings import priorities
from fixee_hotline.intake.qualify import Qualification, qualify
from fixee_hotline.triage import store
from fixee_hotline.triage.store import BY_RULES, AssessmentRow, EventRow

if TYPE_CHECKING:
	from fixee_hotline.host.ticket import HotlineTicket

CHOSEN = "chosen"
FACTS = ("hotline_machine", "hotline_serial_given", "hotline_item_state", "customer")


def decide(ticket: HotlineTicket) -> None:
	"""Set level, priority and everything the newest text says; note what must be recorded."""
	if ticket.flags.hotline_afresh:
		ticket.reset(("hotline_level", "hotline_last_message"))
	else:
		note_placed_machine(ticket)
	chosen = chosen_level(ticket)
	if chosen and ticket.is_new():
		ticket.hotline_level = None
	if needs_reading(ticket):
		read(ticket)
	if ticket.flags.hotline_merged:
		take_over(ticket, ticket.flags.hotline_merged)
	if chosen:
		lock(ticket, chosen)
	elif ticket.hotline_level and not ticket.hotline_level_locked_by:
		ticket.priority = priority_of(ticket)


def priority_of(ticket: HotlineTicket) -> str | None:
	"""The priority of the level; where nothing is serious a type's own one stays. None: Helpdesk chooses."""
	if ticket.hotline_level == "Non-critical" and ticket.ticket_type:
		of_type = frappe.get_cached_value("HD Ticket Type", ticket.ticket_type, "priority")
		if of_type:
			return of_type
	return priorities().get(ticket.hotline_level)


def needs_reading(ticket: HotlineTicket) -> bool:
	"""A new ticket, a new message, a changed fact; a ticket from before the app is left alone until then."""
	if ticket.is_new() or ticket.flags.hotline_message or ticket.flags.hotline_afresh:
		return True
	before = ticket.get_doc_before_save()
	return bool(before) and any(before.get(name) != ticket.get(name) for name in FACTS)


# A person's choices -------------------------------------------------------------------------------


def chosen_level(ticket: HotlineTicket) -> str | None:
	"""The level an agent set in this save, as level or as priority. Customers' values are put back by now."""
	if ticket.flags.hotline_choice or ticket.flags.hotline_afresh:
		return ticket.flags.hotline_choice
	before = ticket.get_doc_before_save()
	old_level, old_priority = (before.hotline_level, before.priority) if before else (None, None)
	if ticket.hotline_level and ticket.hotline_level != old_level:
		ticket.flags.hotline_priority_given = bool(ticket.priority and ticket.priority != old_priority)
		return ticket.hotline_level
	if ticket.priority and ticket.priority != old_priority:
		ticket.flags.hotline_priority_given = True
		return level_of_priority(ticket.priority, priorities())
	if before and before.hotline_level and not ticket.hotline_level:
		unlock(ticket)
	return None


def lock(ticket: HotlineTicket, level: str) -> None:
	"""The agent's choice, kept from now on."""
	before = ticket.get_doc_before_save()
	previous = (before.hotline_level if before else None) or ""
	user = frappe.session.user
	ticket.hotline_previous_level = previous
	ticket.hotline_level = level
	ticket.hotline_level_locked_by = user
	if (
		not ticket.flags.hotline_choice
		and ticket.is_news("hotline_level")
		and not ticket.is_news("hotline_level_reason")
	):
		# An earlier choice's reason does not explain this one.
		ticket.hotline_level_reason = None
	if not ticket.flags.hotline_priority_given:
		ticket.priority = priorities().get(level) or ticket.priority
	note(
		ticket,
		AssessmentRow(
			ticket=ticket.name,
			level=level,
			applied_level=level,
			score=ticket.hotline_score or 0,
			assessed_by=user,
			reason=ticket.hotline_level_reason,
			machine=ticket.hotline_machine,
			rule_version=ticket.hotline_rule_version,
		),
	)
	note_event(ticket, "level_chosen", user, before=previous, after=level, reason=ticket.hotline_level_reason)


def unlock(ticket: HotlineTicket) -> None:
	"""The agent emptied the level: what the rules said of every message so far counts again."""
	ticket.hotline_level_locked_by = None
	ticket.hotline_level_reason = None
	note_event(ticket, "level_released", frappe.session.user)
	readings = store.readings_of(ticket.name)
	ticket.flags.hotline_afresh = not readings
	for row in readings:
		verdict = next_level(ticket.hotline_level, row.level, locked=False, restored=bool(row.restored))
		if verdict.level == row.level:
			ticket.hotline_score, ticket.hotline_reasons = row.score, row.reasons
			ticket.hotline_signals = row.signals
		ticket.hotline_level = verdict.level


def note_placed_machine(ticket: HotlineTicket) -> None:
	"""A person placed the ticket on a machine: later messages do not move it."""
	before = ticket.get_doc_before_save()
	old = before.hotline_machine if before else None
	if ticket.hotline_machine == old or (ticket.is_new() and not ticket.hotline_machine):
		return
	ticket.hotline_machine_match = CHOSEN if ticket.hotline_machine else None
	ticket.hotline_machine_candidates = None
	note_event(ticket, "machine_placed", frappe.session.user, before=old, after=ticket.hotline_machine)


def take_over(ticket: HotlineTicket, merged: HotlineTicket) -> None:
	"""Of a ticket merged into this one: its machine if this has none, its level if it is more serious."""
	if not ticket.hotline_machine and merged.hotline_machine:
		ticket.hotline_machine = merged.hotline_machine
		ticket.hotline_machine_match = merged.hotline_machine_match
	before, level = ticket.hotline_level or "", merged.hotline_level or ""
	if ticket.hotline_level_locked_by or RANK[level] <= RANK[before]:
		return
	ticket.hotline_previous_level, ticket.hotline_level = before, level
	for fieldname in ("hotline_score", "hotline_reasons", "hotline_signals"):
		ticket.set(fieldname, merged.get(fieldname))
	note_event(ticket, "level_raised", BY_RULES, before=before, after=level, merged=merged.name)


# What a text says ---------------------------------------------------------------------------------


def read(ticket: HotlineTicket) -> None:
	"""Qualify the newest text and let it meet what the ticket already has."""
	reading = requests.newest(ticket)
	if reading is None:
		return
	qualification = understand(ticket, reading)
	apply_machine(ticket, qualification)
	apply_facts(ticket, qualification, first=reading.first)
	apply_level(ticket, qualification, reading)
	if reading.message:
		ticket.hotline_last_message = reading.message


def understand(ticket: HotlineTicket, reading: requests.Reading) -> Qualification:
	"""Qualify once; again where the ticket's own machine or its history adds what the text does not say."""
	engine = store.active_engine()
	placed = requests.machine_of(ticket) if ticket.hotline_machine_match == CHOSEN else None
	source = requests.registry(placed)
	if placed:
		reading = reading.having(serial=placed.serial)
	qualification = qualify(reading.request, engine, source)
	more: dict[str, Any] = {}
	if not qualification.machine and ticket.hotline_machine and qualification.signals:
		known = requests.machine_of(ticket)
		source = requests.registry(known)
		more["serial"] = known.serial if known else None
	if past := requests.history(ticket, qualification, engine.rules.thresholds.recurrence_days):
		more["history"] = past
	return qualify(reading.having(**more).request, engine, source) if more else qualification


def apply_machine(ticket: HotlineTicket, qualification: Qualification) -> None:
	"""A person's choice stays; a found machine replaces an earlier find; a tie is asked, never guessed."""
	if qualification.serial_given and not ticket.hotline_serial_given:
		ticket.hotline_serial_given = qualification.serial_given[:140]
	match = qualification.machine
	if match is None or ticket.hotline_machine_match == CHOSEN:
		return
	if match.machine and match.machine.key:
		found_by = "customer" if match.evidence == "customer" else match.match
		if ticket.hotline_machine and found_by == "customer":
			return
		ticket.hotline_machine = match.machine.key
		ticket.hotline_machine_match = found_by
		ticket.hotline_machine_candidates = None
	elif not ticket.hotline_machine:
		ticket.hotline_machine_match = "ask"
		ticket.hotline_machine_candidates = json.dumps(
			[{"key": one.key, "serial": one.serial, "model": one.model} for one in match.candidates]
		)


def apply_facts(ticket: HotlineTicket, qualification: Qualification, first: bool) -> None:
	"""Fault codes, language, what is still missing: later messages add, they do not take away."""
	if qualification.fault_codes:
		ticket.hotline_fault_codes = ", ".join(qualification.fault_codes)[:140]
	ticket.hotline_language = ticket.hotline_language or qualification.language
	ticket.hotline_rule_version = qualification.rules_version
	missing = set(qualification.missing)
	if not first:
		missing &= set((ticket.hotline_missing or "").split(", "))
	if ticket.hotline_machine:
		missing -= {"machine", "serial"}
	ticket.hotline_missing = ", ".join(name for name in qualification.missing if name in missing)


def apply_level(ticket: HotlineTicket, qualification: Qualification, reading: requests.Reading) -> None:
	"""Level, score and reasons; the assessment is recorded whether or not the ticket takes its level."""
	proposed = LABELS[qualification.level]
	locked = bool(ticket.hotline_level_locked_by)
	current = None if reading.first and not locked else ticket.hotline_level
	restored = bool(qualification.restored) or reading.request.item_state == "Up"
	verdict = next_level(current, proposed, locked=locked, restored=restored)
	if qualification.restored and ticket.hotline_item_state in ("Down", "Degraded"):
		ticket.hotline_item_state = "Up"
	reasons = readable_reasons(qualification)
	if verdict.level == proposed and (qualification.signals or verdict.level != current):
		ticket.hotline_score = qualification.score
		ticket.hotline_signals = json.dumps(
			[signal.to_dict() for signal in qualification.signals], ensure_ascii=False
		)
		ticket.hotline_reasons = reasons
	note_level_change(ticket, verdict.level, reading)
	note(
		ticket,
		AssessmentRow(
			ticket=ticket.name,
			level=proposed,
			applied_level=verdict.level,
			score=qualification.score,
			kept_because=verdict.kept_because,
			signals=[signal.to_dict() for signal in qualification.signals],
			reasons=reasons,
			rule_version=qualification.rules_version,
			language=qualification.language,
			machine=ticket.hotline_machine,
			fault_codes=", ".join(qualification.fault_codes)[:140] or None,
			message=reading.message,
			restored=qualification.restored,
		),
	)


def note_level_change(ticket: HotlineTicket, level: str, reading: requests.Reading) -> None:
	"""Remember the level before, and record the fact that it rose or fell."""
	current = ticket.hotline_level or ""
	if current == level:
		return
	if current:
		ticket.hotline_previous_level = current
	kind = "level_set" if not current else "level_raised" if RANK[level] > RANK[current] else "level_lowered"
	ticket.hotline_level = level
	note_event(ticket, kind, BY_RULES, before=current, after=level, message=reading.message)


def readable_reasons(qualification: Qualification) -> str:
	"""One line a signal: its label, its weight, the words or the record that raised it."""
	rules = store.active_engine().rules.signals
	return "\n".join(
		f"{rules[signal.code].label} ({signal.weight}): “{signal.evidence}”"
		for signal in qualification.signals
	)


# What must be recorded ----------------------------------------------------------------------------


def note(ticket: HotlineTicket, row: AssessmentRow) -> None:
	"""Keep an assessment until the ticket is written."""
	ticket.hotline_notes().assessments.append(row)


def note_event(ticket: HotlineTicket, event_type: str, actor: str, **data: Any) -> None:
	"""Keep a fact until the ticket is written."""
	kept = {key: value for key, value in data.items() if value not in (None, "")}
	ticket.hotline_notes().events.append(
		EventRow(
			ticket=ticket.name, event_type=event_type, actor=actor, channel=ticket.hotline_channel, data=kept
		)
	)


def refuse_foreign_machine(ticket: HotlineTicket) -> None:
	"""A customer places a ticket on machines of the own customers only."""
	before = ticket.get_doc_before_save()
	if not ticket.hotline_machine or (before and before.hotline_machine == ticket.hotline_machine):
		return
	if not frappe.has_permission("Hotline Machine", "read", ticket.hotline_machine):
		frappe.throw(
			_("This machine is not on record for you. Choose one from the list."), frappe.PermissionError
		)
