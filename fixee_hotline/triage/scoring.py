"""Signals to a level and a score. The level comes from effects, the score orders within it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fixee_hotline.triage.model import LEVELS, Assessment, Level, RuleSet, Signal


def weigh(found: Mapping[str, str], rules: RuleSet) -> tuple[Signal, ...]:
	"""Raised signals with their weights, the heaviest first; disabled and unknown ones are left out."""
	signals = [
		Signal(code, rules.signals[code].weight, evidence)
		for code, evidence in found.items()
		if code in rules.signals and rules.signals[code].enabled
	]
	return tuple(sorted(signals, key=lambda signal: (-signal.weight, signal.code)))


def level_of(signals: Iterable[Signal], rules: RuleSet) -> Level:
	"""Highest effect among the signals; each `raise` lifts the level by one, once."""
	effects = {rules.signals[signal.code].effect for signal in signals}
	rank = 2 if "critical" in effects else 1 if "important" in effects else 0
	if "raise" in effects:
		rank = min(rank + 1, len(LEVELS) - 1)
	return LEVELS[rank]


def score_of(signals: Iterable[Signal], level: Level, rules: RuleSet, extra: int = 0) -> int:
	"""Points 0..100: the sum of weights and `extra`, kept inside the band of the level."""
	thresholds = rules.thresholds
	bands = {
		"critical": (thresholds.critical_score, 100),
		"important": (thresholds.important_score, thresholds.critical_score - 1),
		"non_critical": (0, thresholds.important_score - 1),
	}
	low, high = bands[level]
	return max(low, min(high, sum(signal.weight for signal in signals) + extra))


def assess(found: Mapping[str, str], rules: RuleSet, extra: int = 0) -> Assessment:
	"""Level, score and reasons for the signals found; `extra` are points for the machine's criticality."""
	signals = weigh(found, rules)
	level = level_of(signals, rules)
	return Assessment(level, score_of(signals, level, rules, extra), signals, rules.version)
