"""Texts for logs and errors without the people and secrets in them."""

from __future__ import annotations

import re

# Telephone numbers with or without punctuation; shorter runs are dates, ports and line numbers.
_NUMBER = re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ().\-]?\d){6,18}(?![\w])")
_USER_ID = re.compile(r"\b([A-Z]{2})\.(?:ENT\.)?[A-Za-z0-9]{6,128}\b")
_PSEUDO = re.compile(r"\bwa-[\w.\-]+@wa\.invalid", re.I)
_SECRET = re.compile(
	r"(?i)(bearer\s+|(?:access_token|app_secret|verify_token|api_key|token|secret)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,)}]+"
)
_HIDDEN = "•••"


def masked(text: str) -> str:
	"""The text with numbers cut to two digits at each end, user ids to their country, secrets removed."""
	text = _SECRET.sub(lambda match: match.group(1) + _HIDDEN, text)
	text = _PSEUDO.sub(f"wa-{_HIDDEN}@wa.invalid", text)
	text = _USER_ID.sub(lambda match: f"{match.group(1)}.{_HIDDEN}", text)
	return _NUMBER.sub(_short, text)


def _short(match: re.Match[str]) -> str:
	whole = match.group(0)
	return f"{whole[:3] if whole[0] == '+' else whole[:2]}{_HIDDEN}{whole[-2:]}"
