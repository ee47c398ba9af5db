"""What the words around a number say about its being a fault code."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from fixee_hotline.machines.code_shapes import Shape
from fixee_hotline.machines.context import ends_sentence, is_paper_word
from fixee_hotline.machines.labels import (
	AND_WORDS,
	AT_WORDS,
	CASE_WORDS,
	FAULT_LINKS,
	FAULT_WORD,
	FAULT_WORD_AFTER,
	KEY_WORDS,
	NOT_A_CODE_BEFORE,
	NUMBER_LINKS,
	SHOW_WORDS,
	UNIT_LETTERS,
	UNIT_WORDS,
)
from fixee_hotline.machines.words import Words, plain

Kind = Literal["fault", "show", "other"]
_MOST_STEPS = 7
_MOST_STEPS_AFTER = 5
# Words that may stand between the word for fault and a colon: "défauts successifs : D12".
_MOST_STRANGE = 2
_LIST_GAP = re.compile(r"\s*(?:[,;/+&|\u2022*]|-\s)?\s*[-\u2022*]?\s*")
_BREAK = re.compile(r"[,;()\u2013\u2014]|\s-\s|\n\s*\n")
_POSTCODE = re.compile(r"F-\d{5}|A-\d{4}")
_POSTCODE_END = re.compile(r"\d[A-Z]{2}")
_BOUND_AFTER = re.compile(r"[@#]\w|:\d")
_UNIT_SIGNS = ("%", "°", "€", "$", "£", "‰")


class CodeContext(NamedTuple):
	"""`kind`: a word for fault, a word for showing, or a word for something else.

	`direct`: nothing but words for number stand between; `numbered`: one of these or a colon does;
	`inherited`: the word stood before an earlier code of the same list.
	"""

	kind: Kind
	direct: bool
	numbered: bool = False
	inherited: bool = False


def context_before(words: Words, shape: Shape, last_code: int) -> CodeContext | None:
	"""What announces a reading; `last_code` is the last word of the code accepted before it, -1 for none."""
	first = shape.first
	if last_code >= 0 and _continues_list(words, last_code, first):
		return CodeContext("fault", True, True, True)
	shown, direct, numbered, colon, strange = False, True, False, False, 0
	for index in range(first - 1, max(first - 1 - _MOST_STEPS, -1), -1):
		gap = words.gap(index)
		word = plain(words.tokens[index])
		if gap != " " and _breaks(gap, word):
			break
		colon = colon or ":" in gap
		numbered = numbered or colon or word in NUMBER_LINKS
		kind = _kind(words, index, word, bool(shape.letters))
		if kind in ("fault", "other"):
			return CodeContext(
				kind, direct, numbered or word.startswith(("cod", "kod")) or word.endswith("code")
			)
		shown = shown or kind == "show"
		strange += not (word in FAULT_LINKS or (shown and word in AT_WORDS))
		if strange > (_MOST_STRANGE if colon else 0):
			break
		direct = direct and (word in NUMBER_LINKS or ":" in gap)
	return CodeContext("show", False) if shown else None


def _breaks(gap: str, word: str) -> bool:
	return ends_sentence(gap, word) or (":" not in gap and _BREAK.search(gap) is not None)


def _kind(words: Words, index: int, word: str, lettered: bool) -> Kind | None:
	if word in SHOW_WORDS:
		return "show"
	if FAULT_WORD.fullmatch(word):
		return "other" if _is_other_code(words, index, word) else "fault"
	if word in NOT_A_CODE_BEFORE or is_paper_word(word) or (word in CASE_WORDS and not lettered):
		return "other"
	return None


def _is_other_code(words: Words, index: int, word: str) -> bool:
	""" "article code", "QR code": the word before tells that it is no fault's."""
	if index == 0 or not word.startswith(("cod", "kod", "nummer")):
		return False
	before = plain(words.tokens[index - 1])
	return is_paper_word(before) and not ends_sentence(words.gap(index - 1), before)


def _continues_list(words: Words, last_code: int, first: int) -> bool:
	"""Whether only commas, slashes and a word for "and" stand between the last code and this number."""
	between = first - last_code - 1
	if between < 0 or between > 2:
		return False
	joining = words.tokens[last_code + 1 : first]
	if any(plain(token) not in AND_WORDS or (token.isupper() and len(token) == 1) for token in joining):
		return False
	gaps = [words.gap(index) for index in range(last_code, first)]
	return (between > 0 or gaps[0].strip() != "") and all(_LIST_GAP.fullmatch(gap) for gap in gaps)


def fault_word_after(words: Words, shape: Shape) -> bool:
	""" "E17-Fehler", "204 alarm": the word for fault follows at once."""
	following = shape.last + 1
	if following >= len(words.tokens) or words.gap(shape.last) not in (" ", "-", "\u2011", "\u2013", " - "):
		return False
	word = plain(words.tokens[following])
	if shape.letters:
		return FAULT_WORD.fullmatch(word) is not None
	hangs = words.tightly_bound(shape.last)
	return (hangs or 3 <= len(shape.digits) <= 5) and FAULT_WORD_AFTER.fullmatch(word) is not None


def shown_after(words: Words, last: int) -> bool:
	""" "E 17 on the display": the place where codes are read follows within a few words."""
	for index in range(last + 1, min(last + 1 + _MOST_STEPS_AFTER, len(words.tokens))):
		gap = words.gap(index - 1)
		if gap != " " and (ends_sentence(gap, plain(words.tokens[index - 1])) or _BREAK.search(gap)):
			return False
		if plain(words.tokens[index]) in SHOW_WORDS:
			return True
	return False


# "3 mal" counts; nobody counts "3007 mal", which is Portuguese for a code and "badly".
_COUNTED = frozenset({"mal", "fois", "times", "veces", "vezes", "volte"})
_NO_COUNT = 4


def has_key_or_unit_after(words: Words, shape: Shape) -> bool:
	""" "F2 key", "230 V", "40%", "3 times": the word behind makes it something else."""
	rest = words.text[words.ends[shape.last] : words.ends[shape.last] + 3].lstrip()
	if not shape.letters and rest.startswith(_UNIT_SIGNS):
		return True
	following = shape.last + 1
	if following >= len(words.tokens) or words.gap(shape.last) not in (" ", "\u00a0", "-", ". "):
		return False
	token = words.tokens[following]
	if shape.letters:
		return plain(token) in KEY_WORDS
	if len(token) == 1:
		return token in UNIT_LETTERS and words.text[words.ends[following] :][:1] not in ("'", "’")
	if len(shape.digits) >= _NO_COUNT and plain(token) in _COUNTED:
		return False
	return plain(token) in UNIT_WORDS and words.gap(shape.last) != ". "


def stands_alone(words: Words, shape: Shape, last_code: int) -> bool:
	"""Whether the reading is no part of something longer ("KP-630-0042", "S7-1500", "FS24.175.02")."""
	before, after = shape.first - 1, shape.last
	if not shape.letters and _is_decimal(words, shape):
		return False
	if words.tightly_bound(before) and not _may_hang(words, before, before == last_code):
		return False
	if not words.tightly_bound(after):
		return _BOUND_AFTER.match(words.text, words.ends[after]) is None
	if words.gap(after) == "/":
		return bool(shape.letters) or len(shape.digits) >= 3
	following = plain(words.tokens[after + 1])
	return FAULT_WORD.fullmatch(following) is not None or following in KEY_WORDS


def is_postal_code(words: Words, shape: Shape) -> bool:
	""" "F-67000 Strasbourg", "A-4020 Linz", "London W12 8QT"."""
	following = shape.last + 1
	if following >= len(words.tokens) or words.gap(shape.last) != " ":
		return False
	token = words.tokens[following]
	if _POSTCODE_END.fullmatch(token):
		return True
	return _POSTCODE.fullmatch(shape.written) is not None and token.istitle() and token.isalpha()


def _is_decimal(words: Words, shape: Shape) -> bool:
	""" "12,5": a comma between digits, unless both sides are long enough for a list of codes."""
	for left in (shape.first - 1, shape.last):
		if 0 <= left < len(words.tokens) - 1 and words.gap(left) == ",":
			sides = words.tokens[left : left + 2]
			if all(map(str.isdigit, sides)) and min(map(len, sides)) < 3:
				return True
	return False


def _may_hang(words: Words, before: int, is_code: bool) -> bool:
	if is_code and words.gap(before) == "/":
		return True
	token = words.tokens[before]
	return token.isalpha() and FAULT_WORD.fullmatch(plain(token)) is not None
