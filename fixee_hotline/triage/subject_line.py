"""Subjects: whether one is new or that of an earlier mail."""

from __future__ import annotations

import re

REPLY = re.compile(
	r"\s*(?:re|ref|fw|fwd|aw|wg|tr|rv|res|enc|r|i|sv|vs|odp|pd|antw|doorst|betr|rif)\s*(?:\[\d+\]|\(\d+\))?\s*:",
	re.IGNORECASE,
)


def is_reply(subject: str) -> bool:
	"""True for a subject that a mail program made from an earlier one ("Re:", "AW:", "TR:", "Odp:")."""
	return bool(REPLY.match(subject))
