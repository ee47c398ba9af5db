"""What stands above the closing formula: all that a careful reader takes as the message itself."""

from __future__ import annotations

from fixee_hotline.channels.mailbox.signature_lines import closing_strength, kind_of
from fixee_hotline.channels.mailbox.signatures import is_postscript

LONGEST_TAIL = 12


def above_closing(text: str) -> str:
	"""The text without a closing formula, a name and what follows, even where it is no clear signature.

	For judging a situation only: slogans and emergency lines under a name say nothing of it. Nothing is cut
	when no name follows the formula, or when a postscript does.
	"""
	lines = text.splitlines()
	for index in range(max(len(lines) - LONGEST_TAIL - 1, 1), len(lines)):
		if closing_strength(lines[index]) and _is_tail([line for line in lines[index + 1 :] if line.strip()]):
			return "\n".join(lines[:index])
	return text


def _is_tail(lines: list[str]) -> bool:
	if not lines or any(is_postscript(line) for line in lines if not line.isupper()):
		return False
	return kind_of(lines[0]) in ("name", "hard", "title")
