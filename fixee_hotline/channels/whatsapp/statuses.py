"""How far an outgoing message came. Statuses arrive in any order and again: they only move forward."""

from __future__ import annotations

# "delivered" may be skipped; "played" is a voice message that was listened to.
RANK = {"sent": 1, "delivered": 2, "read": 3, "played": 4}
FAILED = "failed"
# `Communication.delivery_status` has no word for "delivered", and refuses others when a merge copies it.
LABELS = {"sent": "Sent", "delivered": "Sent", "read": "Read", "played": "Read", FAILED: "Error"}
_STATUS_OF_LABEL = {"Sent": "sent", "Read": "read", "Error": FAILED}


def next_status(current: str | None, new: str) -> str | None:
	"""The status to keep when `new` arrives, or None when it changes nothing.

	A failure counts until the message has reached the person; what reached the person has not failed.
	An unknown status changes nothing.
	"""
	if new == FAILED:
		return None if current == FAILED or RANK.get(current or "", 0) >= RANK["delivered"] else FAILED
	if new not in RANK:
		return None
	if current == FAILED:
		return new if RANK[new] >= RANK["delivered"] else None
	return new if RANK[new] > RANK.get(current or "", 0) else None


def status_of_label(label: str | None) -> str | None:
	"""The status behind a `delivery_status`; None for none and for what mail programs report."""
	return _STATUS_OF_LABEL.get(label or "")
