"""Serial numbers as people write them: folding, and the pieces of a text that could be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from fixee_hotline.machines.words import TIGHT, Words

# Read off a worn nameplate or typed on a phone these cannot be told apart; L is here for its small letter.
_CONFUSABLE = str.maketrans("OILSBZ", "011582")
_SEPARATORS = (" ", "\u00a0", *sorted(TIGHT))
_LINE_ENDS = ("\n", "\r\n", "\t", "  ", "-\n", "-\r\n", "/\n", "/\r\n")
_JOINS = frozenset(
	[*_SEPARATORS, *_LINE_ENDS] + [form.format(mark) for mark in TIGHT for form in (" {}", "{} ", " {} ")]
)
_GLUED_LABEL = re.compile(r"(?:sn|s|nr|no|n|num|serial)(?=\d{3})", re.IGNORECASE)
_MOST_WORDS = 4
_MOST_WORDS_UNBROKEN = 8
_MOST_CANDIDATES = 3000
_SHORTEST, _LONGEST = 2, 48


class Candidate(NamedTuple):
	"""A piece of text that could be a serial. `weak`: it reads as a date or a telephone number as well."""

	folded: str
	as_written: str
	start: int
	end: int
	weak: bool = False


def compact(text: str) -> str:
	"""Upper case, without accents, separators and blanks; characters that look alike stay apart."""
	if text.isascii():
		return text.upper() if text.isalnum() else "".join(filter(str.isalnum, text.upper()))
	decomposed = unicodedata.normalize("NFKD", text).upper()
	return "".join(filter(str.isalnum, decomposed))


def fold_serial(text: str) -> str:
	"""The key under which a serial is looked up: equal for spellings that people confuse.

	Upper case, no accents, separators or blanks, and O=0, I=L=1, S=5, B=8, Z=2. "" if nothing is left.
	"""
	return compact(text).translate(_CONFUSABLE)


def serial_candidates(text: str) -> list[Candidate]:
	"""Every word with a digit, and every join of up to 4 neighbouring words with one, that could be a serial.

	Addresses are left out; a date or telephone number is there only as a whole, marked `weak`. At most 3000,
	in order of appearance, so that a long text costs a bounded time.
	"""
	words = Words(text)
	return [
		Candidate(folded, text[start:end], start, end, weak)
		for folded, start, end, weak in candidate_spans(words)
	]


def candidate_spans(words: Words) -> list[tuple[str, int, int, bool]]:
	"""The same as plain tuples (folded, start, end, weak): cheaper where only the keys are needed."""
	if words.candidates is None:
		words.candidates = _find_spans(words)
	return words.candidates


def _find_spans(words: Words) -> list[tuple[str, int, int, bool]]:
	addresses, numbers = words.addresses, words.numbers
	found: list[tuple[str, int, int, bool]] = []
	previous = -1
	for index in words.numbered:
		if len(found) >= _MOST_CANDIDATES:
			break
		start = words.starts[index]
		if not (addresses and _inside(addresses, start)):
			for folded, first, last in _joins(words, index, previous):
				found.append((folded, words.starts[first], words.ends[last], False))
			_add_without_label(words, index, found)
		previous = index
	return _without_numbers(words.text, found, numbers) if numbers else found


def _inside(spans: list[tuple[int, int]], place: int) -> bool:
	return any(start <= place < end for start, end in spans)


def _joins(words: Words, index: int, previous: int) -> Iterator[tuple[str, int, int]]:
	"""Joins whose first word with a digit is `index`; `previous` is the one before it with a digit."""
	tokens, count, gap = words.tokens, len(words.tokens), words.gap
	prefix = ""
	first = index
	while True:
		folded = prefix + _fold_word(tokens[index])
		last = index
		while True:
			if _SHORTEST <= len(folded) <= _LONGEST:
				yield folded, first, last
			last += 1
			if last >= count or gap(last - 1) not in _JOINS:
				break
			length = last - first
			if length >= _MOST_WORDS and not (length < _MOST_WORDS_UNBROKEN and gap(last - 1) in TIGHT):
				break
			folded += _fold_word(tokens[last])
		first -= 1
		if first <= previous or first <= index - _MOST_WORDS or gap(first) not in _JOINS:
			return
		prefix = _fold_word(tokens[first]) + prefix


@lru_cache(maxsize=4096)
def _fold_word(token: str) -> str:
	return fold_serial(token)


def _add_without_label(words: Words, index: int, found: list[tuple[str, int, int, bool]]) -> None:
	""" "SN48213" and "nr48213" also stand for 48213."""
	token = words.tokens[index]
	if token[0] not in "sSnN":
		return
	label = _GLUED_LABEL.match(token)
	if label:
		start = words.starts[index] + label.end()
		found.append((fold_serial(token[label.end() :]), start, words.ends[index], False))


def _without_numbers(
	text: str, found: list[tuple[str, int, int, bool]], numbers: list[tuple[int, int]]
) -> list[tuple[str, int, int, bool]]:
	"""Drop what lies within a date or telephone number or joins digits to it; keep the whole, as weak."""
	kept = [(fold_serial(text[start:end]), start, end, True) for start, end in numbers]
	position = 0
	for candidate in found:
		_, start, end, _ = candidate
		while position < len(numbers) and numbers[position][1] <= start:
			position += 1
		touches = position < len(numbers) and numbers[position][0] < end
		# Capitals before make it a serial again ("BW 0630 004 18"), a plain word ("at 14:05") does not.
		if not touches or text[start : numbers[position][0]].isupper():
			kept.append(candidate)
	return sorted(kept, key=lambda one: one[1])
