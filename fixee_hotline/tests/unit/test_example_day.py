"""The example day against its answer file: every message read, placed and ranked as a careful person says."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixee_hotline.channels.base import Message
from fixee_hotline.intake.qualify import Qualification, Request, qualify
from fixee_hotline.lab.day import Day, read_day
from fixee_hotline.lab.replay import replay
from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.jury import load_jury
from fixee_hotline.triage.rules import default_rules

DAY = Path(__file__).resolve().parents[3] / "examples" / "factory_day"


@pytest.fixture(scope="module")
def day() -> Day:
	return read_day(DAY)


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
	with (DAY / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
		return {row["message_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def engine() -> Engine:
	return Engine(default_rules(), load_jury(with_vectors=False))


def judged(
	day: Day, answers: dict[str, dict[str, str]], engine: Engine
) -> Iterator[tuple[Message, dict[str, str], Qualification]]:
	for message in day.messages:
		answer = answers[message.provider_id]
		if answer["level"] and message.text.strip():
			channel = "email" if message.channel == "mailbox" else message.channel
			request = Request(message.text, channel, message.subject, message.sender.address)
			yield message, answer, qualify(request, engine, day.registry)


def test_the_day_reads_without_a_problem(day: Day, answers: dict[str, dict[str, str]]) -> None:
	assert day.problems == []
	assert {message.provider_id for message in day.messages} == set(answers)
	assert len(day.messages) >= 60


def test_automatic_mails_and_receipts_are_told_apart(day: Day, answers: dict[str, dict[str, str]]) -> None:
	wrong = [
		message.provider_id
		for message in day.messages
		if message.automatic != (answers[message.provider_id]["automatic"] == "1")
	]
	assert wrong == []


def test_levels_are_those_of_a_careful_person(
	day: Day, answers: dict[str, dict[str, str]], engine: Engine
) -> None:
	results = [(answer["level"], found.level) for _, answer, found in judged(day, answers, engine)]
	critical = [got for expected, got in results if expected == "critical"]
	assert critical.count("critical") / len(critical) >= 0.95
	assert sum(expected == got for expected, got in results) / len(results) >= 0.85


def test_fault_codes_are_found(day: Day, answers: dict[str, dict[str, str]], engine: Engine) -> None:
	wrong = [
		(answer["fault_codes"], found.fault_codes)
		for _, answer, found in judged(day, answers, engine)
		if answer["fault_codes"] != ";".join(found.fault_codes)
	]
	assert len(wrong) <= 3, wrong


def test_every_message_stands_in_one_thread_and_floods_make_one(day: Day, engine: Engine) -> None:
	replayed = replay(day, engine)
	placed = [message for ticket in replayed.tickets for message in ticket.thread.message_ids]
	assert len(placed) == len(set(placed))
	assert len(placed) + replayed.automatic == len(day.messages)
	flood = max(replayed.tickets, key=lambda ticket: len(ticket.thread.message_ids))
	assert len(flood.thread.message_ids) >= 8
