"""`make quality`: triage, serials and fault codes on labelled messages, with every miss.

Each set is a file of requests with the answer of a careful person under "expect", and a registry beside it.
Sets named "held_out*" were written apart and never used to build vocabulary or to train.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixee_hotline.intake.qualify import qualify
from fixee_hotline.lab.triage import request_of
from fixee_hotline.machines.files import read_registry
from fixee_hotline.triage.engine import Engine, default_engine

DATA = Path(__file__).resolve().parents[1] / "fixee_hotline" / "tests" / "data" / "triage"
LEVELS = ("critical", "important", "non_critical")


@dataclass(slots=True)
class Score:
	"""Counts of one set: (expected, found) levels, and hits, misses and false finds of serials and codes."""

	name: str
	levels: Counter[tuple[str, str]] = field(default_factory=Counter)
	languages: Counter[tuple[str, bool]] = field(default_factory=Counter)
	kinds: Counter[tuple[str, bool]] = field(default_factory=Counter)
	found: Counter[tuple[str, str]] = field(default_factory=Counter)
	misses: list[str] = field(default_factory=list)

	@property
	def accuracy(self) -> float:
		right = sum(count for (expected, got), count in self.levels.items() if expected == got)
		return right / max(sum(self.levels.values()), 1)

	def recall(self, level: str) -> float:
		wanted = sum(count for (expected, _), count in self.levels.items() if expected == level)
		return self.levels[(level, level)] / max(wanted, 1)

	def precision(self, level: str) -> float:
		claimed = sum(count for (_, got), count in self.levels.items() if got == level)
		return self.levels[(level, level)] / max(claimed, 1)

	def f1(self, what: str) -> float:
		right = self.found[(what, "right")]
		wrong = self.found[(what, "missed")] + self.found[(what, "false")]
		return 2 * right / max(2 * right + wrong, 1)


def registry_directory(path: Path) -> Path:
	"""The registry that belongs to a set."""
	own = path.with_name(f"{path.stem}_registry")
	return own if own.is_dir() else path.with_name("registry")


def measure(path: Path, engine: Engine) -> Score:
	"""The score of one set."""
	registry, _ = read_registry(registry_directory(path))
	score = Score(path.stem)
	for line in path.read_text(encoding="utf-8").splitlines():
		value = json.loads(line)
		answer = qualify(request_of(value), engine, registry).to_dict()
		_compare(score, value, answer)
	return score


def _compare(score: Score, value: dict[str, Any], answer: dict[str, Any]) -> None:
	expected = value["expect"]
	right = expected["level"] == answer["level"]
	score.levels[(expected["level"], answer["level"])] += 1
	score.languages[(expected["language"], right)] += 1
	score.kinds[(value.get("hard") or "plain", right)] += 1
	if answer["language"] != expected["language"]:
		score.found[("language", "undetermined" if answer["language"] is None else "wrong")] += 1
	if not right:
		signals = ", ".join(f"{one['code']} “{one['evidence']}”" for one in answer["signals"]) or "no signal"
		score.misses.append(f"{value['id']}: {expected['level']} seen as {answer['level']} ({signals})")
	serial = (answer["machine"] or {}).get("serial")
	_count(score, value["id"], "serial", _set(expected.get("serial")), _set(serial))
	_count(score, value["id"], "fault code", set(expected["fault_codes"]), set(answer["fault_codes"]))


def _set(value: str | None) -> set[str]:
	return {value} if value else set()


def _count(score: Score, name: str, what: str, expected: set[str], got: set[str]) -> None:
	score.found[(what, "right")] += len(expected & got)
	score.found[(what, "missed")] += len(expected - got)
	score.found[(what, "false")] += len(got - expected)
	if expected != got:
		score.misses.append(f"{name}: {what} {sorted(expected)} seen as {sorted(got)}")


def report(score: Score) -> list[str]:
	"""The table of one set and its misses."""
	total = sum(score.levels.values())
	lines = [
		f"== {score.name}: {total} messages",
		f"  critical   recall {score.recall('critical'):.3f}  precision {score.precision('critical'):.3f}",
		f"  accuracy   {score.accuracy:.3f} over the three levels",
		f"  serial     F1 {score.f1('serial'):.3f}    fault code F1 {score.f1('fault code'):.3f}",
		f"  language   {score.found[('language', 'undetermined')]} undetermined, "
		f"{score.found[('language', 'wrong')]} wrong",
		"  by language   " + _shares(score.languages),
		"  by difficulty " + _shares(score.kinds),
	]
	return [*lines, *(f"  - {miss}" for miss in score.misses)]


def _shares(counts: Counter[tuple[str, bool]]) -> str:
	names = sorted({name for name, _ in counts})
	return ", ".join(
		f"{name} {counts[(name, True)]}/{counts[(name, True)] + counts[(name, False)]}" for name in names
	)


def main(arguments: Sequence[str]) -> int:
	paths = [Path(one) for one in arguments] or sorted(DATA.glob("*.jsonl"))
	for path in paths:
		sys.stdout.write("\n".join(report(measure(path, default_engine()))) + "\n\n")
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
