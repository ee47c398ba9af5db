"""The 24 hours in which a customer may be answered freely. Moments are aware; the window is kept in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

WINDOW = timedelta(hours=24)
# A message that is on its way while the window closes would be refused.
MARGIN = timedelta(seconds=60)
REMIND_BEFORE = timedelta(hours=1)


def window_end(sent_at: datetime, now: datetime) -> datetime:
	"""End of the window that a customer's message opens; a clock that runs ahead opens it from now."""
	return min(sent_at, now).astimezone(timezone.utc) + WINDOW


def later(known: datetime | None, end: datetime) -> datetime:
	"""Messages may arrive in any order: the window never moves backwards."""
	return max(known, end) if known else end


def is_open(end: datetime | None, now: datetime) -> bool:
	"""Whether a free message sent now still arrives; never without a message of the customer."""
	return end is not None and now < end - MARGIN


def reminder_due(
	end: datetime | None, now: datetime, answer_owed: bool, reminded_for: datetime | None
) -> bool:
	"""Whether the agent must be told now that the window closes: once for each window."""
	if end is None or not answer_owed or reminded_for == end:
		return False
	return end - REMIND_BEFORE <= now < end
