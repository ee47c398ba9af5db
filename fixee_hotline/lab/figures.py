"""The figures of a replayed day that its files can prove; what is not known is None, never zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from fixee_hotline.lab.day import Day

if TYPE_CHECKING:
	from fixee_hotline.lab.replay import Ticket


@dataclass(frozen=True, slots=True)
class Figures:
	"""Counts, and times in minutes (median and p90 of calendar time)."""

	requests: int
	by_level: dict[str, int]
	by_channel: dict[str, int]
	by_language: dict[str, int]
	machine_known: int
	resolved: int
	backlog: int
	resolution_median: float | None
	resolution_p90: float | None
	with_article: int
	call_minutes: float
	write_up_minutes: float
	calls_without_note: int

	def to_dict(self) -> dict[str, Any]:
		return {name: getattr(self, name) for name in self.__dataclass_fields__}


def measure(tickets: Sequence[Ticket], day: Day) -> Figures:
	"""The day's figures from its tickets and calls."""
	minutes = sorted(
		(ticket.resolved_at - ticket.thread.opened_at).total_seconds() / 60
		for ticket in tickets
		if ticket.resolved_at
	)
	resolved = len(minutes)
	return Figures(
		requests=len(tickets),
		by_level=dict(Counter(ticket.level for ticket in tickets)),
		by_channel=dict(Counter(ticket.channel for ticket in tickets)),
		by_language=dict(Counter(ticket.language or "?" for ticket in tickets)),
		machine_known=sum(ticket.machine is not None for ticket in tickets),
		resolved=resolved,
		backlog=len(tickets) - resolved,
		resolution_median=round(median(minutes), 1) if minutes else None,
		resolution_p90=round(quantiles(minutes, n=10)[-1], 1) if resolved > 1 else None,
		with_article=sum(ticket.article is not None for ticket in tickets if ticket.resolved_at),
		call_minutes=sum(call.minutes for call in day.calls.values()),
		write_up_minutes=sum(call.write_up_minutes for call in day.calls.values()),
		calls_without_note=sum(
			message.channel == "phone" and not message.text.strip() for message in day.messages
		),
	)
