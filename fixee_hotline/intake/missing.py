"""What is still missing to work on a request, and the one question to ask next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from fixee_hotline.machines.model import Machine, MachineMatch
from fixee_hotline.triage.model import Level, Reading

FALLBACK_LANGUAGE = "en"
STATES = frozenset({"line_stopped", "production_degraded", "safety"})
MOST_CHOICES = 3


def missing_facts(
	reading: Reading, match: MachineMatch | None, fault_codes: Sequence[str], attachments: int
) -> tuple[str, ...]:
	"""Names of missing facts, the one to ask first in front; none for a request about no machine."""
	about_fault = bool(reading.found or fault_codes or "fault" in reading.mentions or reading.restored)
	if not about_fault:
		unknown = match is None or match.machine is None
		return ("serial",) if unknown and "thing" not in reading.mentions else ()
	checks = (
		("serial", match is None or match.machine is None),
		("impact", not STATES & reading.found.keys() and reading.restored is None),
		("fault_code", not fault_codes),
		("since", "since" not in reading.mentions and "past" not in reading.mentions),
		("photo", attachments == 0),
	)
	return tuple(name for name, absent in checks if absent)


def next_question(
	missing: Sequence[str], match: MachineMatch | None, level: Level, language: str | None
) -> str | None:
	"""One short question in the customer's language; none for a critical request: people come first."""
	if level == "critical" or not missing:
		return None
	code = language or FALLBACK_LANGUAGE
	if missing[0] == "serial" and match is not None and len(match.candidates) > 1:
		return _question("which_machine", code).format(choices=_choices(match.candidates))
	return _question(missing[0], code)


def _choices(candidates: Sequence[Machine]) -> str:
	names = [" ".join(filter(None, (machine.model, machine.serial))) for machine in candidates]
	return ", ".join(names[:MOST_CHOICES])


def _question(name: str, language: str) -> str:
	texts = _questions()[name]
	return texts.get(language, texts[FALLBACK_LANGUAGE])


@lru_cache(maxsize=1)
def _questions() -> Mapping[str, Mapping[str, str]]:
	data: Mapping[str, Mapping[str, str]] = json.loads(
		(Path(__file__).parent / "questions.json").read_text(encoding="utf-8")
	)
	return data
