"""Words of a text with their places, and the spans that are surely no serial and no fault code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

_WORD = re.compile(r"([^\W_]+)")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,100}@[^\s@]{1,255}", re.IGNORECASE)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NUMBER = re.compile(
	rf"(?:(?:19|20)\d\d([-./]){_DAY}\1{_DAY}|{_DAY}([-./]){_DAY}\2(?:(?:19|20)?\d\d))(?![^\W_]|[-./]\d)"
	r"|\d{1,2}(?::\d{2}){1,2}(?![^\W_])|\d{1,2}\s?[hH](?:\s?\d{2})?(?![^\W_])"
	r"|0\d{1,4}(?:(?: |\s?[\-./]\s?)\d{2,5}){2,6}(?![^\W_])|24/7(?!\d)"
	r"|0\d{2,4}(?: |\s?[\-/]\s?)\d{6,8}(?![^\W_])"
)
_PHONE = re.compile(r"\d{1,3}(?:[ ./\-]?\(?\d{1,6}\)?){2,8}(?![^\W_])")
_UNDECOMPOSED = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})


def plain(word: str) -> str:
	"""Lower case, without accents: "Störung" -> "storung", "BŁĄD" -> "blad"."""
	lowered = word.lower()
	if lowered.isascii():
		return lowered
	decomposed = unicodedata.normalize("NFKD", lowered.translate(_UNDECOMPOSED))
	return "".join(character for character in decomposed if not unicodedata.combining(character))


def readable(text: str) -> str:
	"""The same text in composed form (NFC), the ordinal signs of "nº" told apart from letters."""
	if text.isascii():
		return text
	return unicodedata.normalize("NFC", text).replace("º", "°").replace("ª", "°")


class Words:
	"""The words of one text; not to be changed.

	`tokens` as written, `starts` and `ends` their places, `numbered` the indexes of those with a digit;
	`addresses` are web and mail addresses, `numbers` are dates, times and telephone numbers, as (start, end).
	`candidates` is filled in by `serials.candidate_spans` when first asked.
	"""

	__slots__ = (
		"_gaps",
		"addresses",
		"candidates",
		"ends",
		"numbered",
		"numbers",
		"starts",
		"text",
		"tokens",
	)

	def __init__(self, text: str) -> None:
		pieces = _WORD.split(text)
		places = list(accumulate(map(len, pieces)))
		self.text = text
		self.tokens: list[str] = pieces[1::2]
		self._gaps: list[str] = pieces[2::2]
		self.starts = places[:-1:2]
		self.ends = places[1::2]
		self.numbered = [index for index, token in enumerate(self.tokens) if not token.isalpha()]
		self.candidates: list[tuple[str, int, int, bool]] | None = None
		self.addresses = _address_spans(text)
		self.numbers = list(_number_spans(self)) if self.numbered else []

	def gap(self, index: int) -> str:
		"""What stands between word `index` and the next one."""
		return self._gaps[index]

	def written(self, first: int, last: int) -> str:
		"""The text from word `first` to word `last`, as written."""
		return self.text[self.starts[first] : self.ends[last]]

	def tightly_bound(self, index: int) -> bool:
		"""Whether word `index` hangs on the next one by a dash, slash, dot or underscore without a blank."""
		return 0 <= index < len(self.tokens) - 1 and self._gaps[index] in TIGHT


@lru_cache(maxsize=4)
def words_of_text(text: str) -> Words:
	"""The words of the composed text; the last are kept, as serial and codes are sought in the same text."""
	return Words(readable(text))


TIGHT = frozenset("-/._\\\u2010\u2011\u2012\u2013\u2014\u2212")


def _number_spans(words: Words) -> Iterator[tuple[int, int]]:
	"""Dates, times of day and telephone numbers, in order of appearance, never overlapping."""
	text = words.text
	covered = 0
	for index in words.numbered:
		start = words.starts[index]
		if start < covered or not text[start].isdigit() or words.tightly_bound(index - 1):
			continue
		shape = _PHONE if start and text[start - 1] == "+" else _NUMBER
		match = shape.match(text, start)
		if match:
			covered = match.end()
			yield start, covered


def _address_spans(text: str) -> list[tuple[int, int]]:
	if "@" not in text and "://" not in text and "www." not in text:
		return []
	return [match.span() for match in _ADDRESS.finditer(text)]
