"""How a new reading meets the level a ticket already has. Plain values, no records."""

from __future__ import annotations

from dataclasses import dataclass

LABELS = {"critical": "Critical", "important": "Important", "non_critical": "Non-critical"}
RANK = {"": -1, "Non-critical": 0, "Important": 1, "Critical": 2}
LOCKED = "locked"
NOT_RESTORED = "not restored"


@dataclass(frozen=True, slots=True)
class Verdict:
	"""`level` is what the ticket gets; `kept_because` says why a proposed level was not taken."""

	level: str
	kept_because: str = ""


def next_level(current: str | None, proposed: str, *, locked: bool, restored: bool) -> Verdict:
	"""A person's choice stays; danger rises at once and falls only when production is said to be back."""
	if not current:
		return Verdict(proposed)
	if locked:
		return Verdict(current, "" if current == proposed else LOCKED)
	if RANK[proposed] >= RANK[current] or restored:
		return Verdict(proposed)
	return Verdict(current, NOT_RESTORED)


def level_of_priority(priority: str | None, priorities: dict[str, str]) -> str:
	"""The level whose priority this is; any other priority (Low, Medium) is Non-critical."""
	for level in ("Critical", "Important"):
		if priorities.get(level) == priority:
			return level
	return "Non-critical"
