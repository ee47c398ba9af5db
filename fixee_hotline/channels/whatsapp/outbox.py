"""When a message goes out, when it is tried again, which of two states counts. Pure: time is an argument."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from fixee_hotline.channels.whatsapp.errors import Verdict

# Waiting times of a message that may be tried again, then the last one again and again.
BACK_OFF = tuple(timedelta(seconds=value) for value in (5, 15, 30, 60, 120, 300, 600))
SLOW_DOWN = tuple(timedelta(seconds=value) for value in (5, 15, 60, 300))
LONG_WAIT = timedelta(hours=1)
PAIR_LIMIT_WAIT = timedelta(seconds=10)
# Nobody waits longer than the window for an answer; then the agent decides.
GIVE_UP_AFTER = timedelta(hours=24)
AFTER_UNANSWERED = timedelta(seconds=30)

PAIR_LIMIT = 131056
# A person in one chat gets few messages that nobody wrote.
AUTOMATIC_GAP = timedelta(minutes=10)

STATES = ("Pending", "Sending", "Unknown", "Sent", "Failed", "Delivered", "Read")
OF_STATUS = {"sent": "Sent", "delivered": "Delivered", "read": "Read", "played": "Read", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class Decision:
	"""What becomes of a message after a refusal.

	`state` is Pending (again at `again_at`) or Failed. `pause_until` holds the whole number back,
	`blocked` until somebody corrects the account.
	"""

	state: str
	again_at: datetime | None = None
	pause_until: datetime | None = None
	blocked: bool = False


def idempotency_key(*parts: object) -> str:
	"""The same parts always give the same key; goes out as biz_opaque_callback_data (at most 512)."""
	digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8")).hexdigest()
	return f"fixee-hotline:{digest[:48]}"


def after_refusal(verdict: Verdict, attempts: int, created_at: datetime, now: datetime) -> Decision:
	"""`attempts` counts from 1. A refusal proves that nothing went out: trying again doubles nothing."""
	if verdict.kind == "channel":
		return Decision("Pending", again_at=now, blocked=True)
	if verdict.kind not in ("back_off", "slow_down", "long_wait") or now - created_at > GIVE_UP_AFTER:
		return Decision("Failed")
	if verdict.kind == "long_wait":
		return Decision("Pending", again_at=now + LONG_WAIT, pause_until=now + LONG_WAIT)
	if verdict.kind == "slow_down":
		wait = _step(SLOW_DOWN, attempts)
		return Decision("Pending", again_at=now + wait, pause_until=now + wait)
	wait = _step(BACK_OFF, attempts)
	return Decision("Pending", again_at=now + (max(wait, PAIR_LIMIT_WAIT) if is_pair(verdict) else wait))


def after_no_connection(attempts: int, created_at: datetime, now: datetime) -> Decision:
	"""Nothing went out, and nothing else on this number would."""
	if now - created_at > GIVE_UP_AFTER:
		return Decision("Failed")
	wait = _step(BACK_OFF, attempts)
	return Decision("Pending", again_at=now + wait, pause_until=now + wait)


def is_pair(verdict: Verdict) -> bool:
	"""Whether only this person's chat must slow down."""
	return verdict.code == PAIR_LIMIT


def pair_free_at(last_attempt: datetime | None, pair_seconds: float) -> datetime | None:
	"""From when the next message to the same person may go out; None: at once."""
	return last_attempt + timedelta(seconds=pair_seconds) if last_attempt else None


def newer_state(current: str, reported: str) -> str:
	"""States only move forward, in whatever order they are reported; arriving proves more than failing."""
	return max(current, reported, key=STATES.index)


def state_of_all(states: Collection[str]) -> str:
	"""The state of a reply of several messages: trouble shows first, then the one that is least far."""
	for trouble in ("Failed", "Unknown"):
		if trouble in states:
			return trouble
	return min(states, key=STATES.index) if states else "Pending"


def may_send_automatic(last_automatic: datetime | None, now: datetime) -> bool:
	"""At most one automatic message in ten minutes and chat."""
	return last_automatic is None or now - last_automatic >= AUTOMATIC_GAP


def _step(steps: tuple[timedelta, ...], attempts: int) -> timedelta:
	return steps[min(max(attempts, 1), len(steps)) - 1]
