"""Which ticket a chat message belongs to. Times are those of the tickets' last messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TicketState:
	"""`resolved`: an agent closed it. `last_activity`: when anybody last wrote in it."""

	name: str
	resolved: bool
	last_activity: datetime


def choose(
	answered: TicketState | None, open_tickets: Sequence[TicketState], now: datetime, quiet_hours: int
) -> str | None:
	"""The ticket that a message continues, or None: it opens a new one.

	1. A reply to a message of this person's own ticket goes there: while it is open at any time, once it is
	   resolved within the quiet period (Helpdesk then opens it again).
	2. Otherwise the person's open ticket with the newest activity within the quiet period.
	3. A new question never wakes a resolved ticket. Of a merged ticket the caller names the one it went into.
	"""
	since = now - timedelta(hours=quiet_hours)
	if answered and (not answered.resolved or answered.last_activity >= since):
		return answered.name
	recent = [one for one in open_tickets if not one.resolved and one.last_activity >= since]
	return max(recent, key=lambda one: one.last_activity).name if recent else None
