"""The words of triage: rules as data, signals with evidence, levels. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["critical", "important", "non_critical"]
Effect = Literal["critical", "important", "raise", "order"]
RowKind = Literal["word", "phrase", "pattern", "blocker"]

LEVELS: tuple[Level, ...] = ("non_critical", "important", "critical")
EFFECTS: tuple[Effect, ...] = ("critical", "important", "raise", "order")
ROW_KINDS: tuple[RowKind, ...] = ("word", "phrase", "pattern", "blocker")


@dataclass(frozen=True, slots=True)
class SignalRule:
	"""One signal an administrator can weigh: `weight` in points (0..100), `effect` on the level."""

	code: str
	label: str
	weight: int
	effect: Effect
	enabled: bool = True


@dataclass(frozen=True, slots=True)
class VocabularyRow:
	"""One row: `group` is a signal code or a word class, `expression` is explained in triage/README.md."""

	group: str
	language: str
	kind: RowKind
	expression: str


@dataclass(frozen=True, slots=True)
class Thresholds:
	"""Numbers an administrator may change: days, points and percent.

	`raise_*`: votes of the learners that raise a level without words of the vocabulary; 101 switches it off.
	`back_*`: votes that an unsure finding of the rules needs to stand; 0 lets every finding stand.
	"""

	recurrence_days: int = 30
	critical_score: int = 70
	important_score: int = 40
	raise_critical: int = 30
	raise_important: int = 60
	back_critical: int = 30
	back_important: int = 35
	machine_c_points: int = -5


@dataclass(frozen=True, slots=True)
class RuleSet:
	"""A version of the rules, ready to be compiled by `Engine`."""

	version: str
	languages: tuple[str, ...]
	signals: Mapping[str, SignalRule]
	vocabulary: tuple[VocabularyRow, ...]
	thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True)
class Signal:
	"""A raised signal with the words or the record that raised it."""

	code: str
	weight: int
	evidence: str

	def to_dict(self) -> dict[str, Any]:
		return {"code": self.code, "weight": self.weight, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Reading:
	"""What a text says: signal code to evidence, and the words that say production is back, if any.

	`mentions` are the word classes that occur ("since", "thing"), for what is still missing; `refused` the
	codes of signals whose words occur but are denied, planned, past or asked about; `unsure` the found ones
	that rest on one expression alone.
	"""

	found: Mapping[str, str]
	restored: str | None = None
	mentions: frozenset[str] = frozenset()
	refused: frozenset[str] = frozenset()
	unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Assessment:
	"""Level and score (0..100) with every signal that led to them."""

	level: Level
	score: int
	signals: tuple[Signal, ...]
	rules_version: str
