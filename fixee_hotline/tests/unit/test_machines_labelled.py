"""Serials and fault codes measured on labelled messages of eight languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fixee_hotline.machines.fault_codes import find_fault_codes
from fixee_hotline.machines.files import read_registry
from fixee_hotline.machines.lookup import find_machine

MESSAGES = Path(__file__).parents[1] / "data" / "triage" / "development.jsonl"


def found_in(message: dict[str, Any], registry: Any) -> tuple[set[str], set[str]]:
	text = "\n".join(part for part in (message.get("subject"), message["text"]) if part)
	match, written = find_machine(text, registry, customer=message.get("customer"))
	machine = match.machine if match else None
	codes = find_fault_codes(text, registry, machine, [written] if written else [])
	named = match is not None and match.evidence != "customer" and machine is not None
	return {machine.serial} if machine and named else set(), {code.code for code in codes}


def f1(pairs: list[tuple[set[str], set[str]]]) -> float:
	right = sum(len(found & wanted) for found, wanted in pairs)
	return 2 * right / sum(len(found) + len(wanted) for found, wanted in pairs)


def test_f1_on_the_development_messages() -> None:
	registry, problems = read_registry(MESSAGES.with_name("registry"))
	assert problems == []
	serials, codes = [], []
	for line in MESSAGES.read_text("utf-8").splitlines():
		message = json.loads(line)
		serial, code = found_in(message, registry)
		expected = message["expect"]
		serials.append((serial, {expected["serial"]} if expected["serial"] else set()))
		codes.append((code, set(expected["fault_codes"])))
	assert f1(serials) >= 0.98
	assert f1(codes) >= 0.98
