"""How the level of a request moves from one message to the next."""

from __future__ import annotations

from fixee_hotline.triage.model import LEVELS, Level


def level_after(current: Level | None, new: Level, *, restored: bool, locked: bool = False) -> Level:
	"""Level once a further message has been read.

	A level an agent has locked stays. Else a message may raise it; only words that production is back lower
	it: "thanks" and "photo attached" change nothing.
	"""
	if current is None:
		return new
	if locked:
		return current
	if restored or LEVELS.index(new) >= LEVELS.index(current):
		return new
	return current
