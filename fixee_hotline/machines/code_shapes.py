"""The readings of a number that have the shape of a fault code: "E17", "E 17", "E-17", "204", "12.3"."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixee_hotline.machines.codes import fold_code
from fixee_hotline.machines.labels import NUMBER_WORDS
from fixee_hotline.machines.words import Words

_TOKEN = re.compile(r"([^\W\d_]{0,6})(\d{1,6})([A-Za-z]?)|0[xX][0-9A-Fa-f]{1,8}")
_LETTERS_GAPS = frozenset(
	[" ", "\u00a0", "-", ".", "_", ". ", " - ", "- ", " -", "\u2010", "\u2011", "\u2013"]
)
_PART_GAPS = frozenset([".", "-", "_"])


class Shape(NamedTuple):
	"""One reading: words `first` to `last`, `key` for the lists, `letters` before the digits if any."""

	first: int
	last: int
	key: str
	written: str
	letters: str
	digits: str
	spaced: bool
	parts: int


def shapes(words: Words, index: int) -> list[Shape]:
	"""The readings of the number at word `index`, the longest first; empty if it is no code by its shape."""
	match = _TOKEN.fullmatch(words.tokens[index])
	if not match:
		return []
	letters, digits, suffix = match.group(1) or "", match.group(2) or "", match.group(3) or ""
	if match.group(1) is None:
		letters, digits = "0x", words.tokens[index][2:]
	if suffix and not letters:
		return []
	readings = []
	lasts = [index + 1, index] if _has_part(words, index) else [index]
	firsts = [index] if letters else _firsts(words, index)
	for first in firsts:
		for last in lasts:
			before = letters or (words.tokens[first] if first != index else "")
			readings.append(_shape(words, first, index, last, before, digits))
	return readings


def _has_part(words: Words, index: int) -> bool:
	""" "12.3", "E17-2": a second number hangs on the first."""
	following = index + 1
	if following >= len(words.tokens) or words.gap(index) not in _PART_GAPS:
		return False
	return words.tokens[following].isdigit() and len(words.tokens[following]) <= 5


def _firsts(words: Words, index: int) -> list[int]:
	"""Where the reading may begin: at the letters before the number, or at the number."""
	before = index - 1
	if before < 0 or words.gap(before) not in _LETTERS_GAPS:
		return [index]
	token = words.tokens[before]
	return (
		[before, index]
		if len(token) <= 6 and token.isalpha() and token.lower() not in NUMBER_WORDS
		else [index]
	)


def _shape(words: Words, first: int, index: int, last: int, letters: str, digits: str) -> Shape:
	written = words.written(first, last)
	spaced = first != index and not words.tightly_bound(first)
	return Shape(first, last, fold_code(written), written, letters, digits, spaced, 1 + last - index)
