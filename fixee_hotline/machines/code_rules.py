"""Rules on the shape of a reading alone: what is a code without a list, what could be anything."""

from __future__ import annotations

import re

from fixee_hotline.machines.code_context import CodeContext
from fixee_hotline.machines.code_shapes import Shape
from fixee_hotline.machines.labels import AND_WORDS, SHORT_WORDS, words_of

_STRONG = re.compile(r"(?:(?:[EF]|AL|ALM|ERR?|FLT)[-\u2011]?|(?:ERR?|ALM?)\.)\d{2,5}", re.IGNORECASE)
_STRONG_LETTERS = frozenset(["E", "F", "AL", "ER", "Er"])
_STRONG_CAPITAL = re.compile(r"[AW]-?\d{2,5}")
_YEAR = re.compile(r"(?:19[89]\d|20[0-2]\d|203[0-5])")
# Standards, protection classes, sizes and control systems are written like codes.
_NEVER = words_of(
	"""
	IP DN PN ISO EN DIN IEC VDE ANSI ATEX RAL CPU PLC SPS HMI FW SW REV VER KW TN NPT BSP PH HRC IK SIL PL
	"""
)
_SIZES = frozenset("MRGH")
_LONGEST_LETTERS = 4


def is_year(shape: Shape) -> bool:
	"""A bare number that reads as a year between 1980 and 2035."""
	return not shape.letters and _YEAR.fullmatch(shape.digits) is not None


def is_strong(shape: Shape, shown: bool) -> bool:
	"""Looks like a code to anybody, without a word for fault: "E17", "F-0012", "AL204", "Er.30".

	`shown`: it stands on a display; then "AL 204" with a blank does as well.
	"""
	if shape.parts > 1:
		return False
	if shape.spaced:
		return shown and shape.letters in _STRONG_LETTERS and len(shape.digits) > 1
	return bool(_STRONG.fullmatch(shape.written) or _STRONG_CAPITAL.fullmatch(shape.written))


def unlisted_with_word(shape: Shape, context: CodeContext | None) -> bool:
	"""Whether a reading that no list has is a code when a word for fault stands beside it."""
	letters = shape.letters.upper()
	if not letters:
		return _number_with_word(shape, context)
	if len(letters) > _LONGEST_LETTERS or letters in _NEVER:
		return False
	if (letters in _SIZES and len(shape.digits) <= 2) or (letters == "S" and shape.parts > 1):
		return False
	if shape.spaced and is_short_word(shape):
		return (
			context is not None
			and context.direct
			and len(shape.digits) > 1
			and (shape.letters == "e" or shape.letters.isupper())
		)
	return not shape.spaced or shape.letters.isupper() or _typed_small(shape, context)


def _typed_small(shape: Shape, context: CodeContext | None) -> bool:
	""" "alarm tm 23", but not "error rate 40" nor the "Netz 400" of "Err 12, Netz 400 V"."""
	return context is not None and context.direct and not context.inherited and len(shape.letters) <= 2


def _number_with_word(shape: Shape, context: CodeContext | None) -> bool:
	if shape.parts > 1 and "/" in shape.written:
		return False
	if shape.parts == 1 and len(shape.digits) < 2:
		return False
	if context is None:
		return True
	if is_year(shape):
		return context.direct and context.numbered
	return context.direct or len(shape.digits) >= 3 or (context.numbered and shape.parts > 1)


def is_short_word(shape: Shape) -> bool:
	"""Letters before a blank that may be a word of the sentence: "a 217", "Er 14"."""
	return not (shape.letters.isupper() and len(shape.letters) > 1) and shape.letters.lower() in SHORT_WORDS


def is_and_word(shape: Shape) -> bool:
	"""Italian and Portuguese "12 e 17": the letter before the blank joins two numbers."""
	return shape.spaced and shape.letters.islower() and shape.letters in AND_WORDS


def is_ambiguous(shape: Shape, listed_for_machine: bool) -> bool:
	"""Whether a listed code could as well be a word and a number, or a place or key ("A3", "F5")."""
	if shape.spaced and is_short_word(shape):
		return True
	bare = len(shape.letters) == 1 and len(shape.digits) == 1 and shape.parts == 1
	return bare and not listed_for_machine


def as_code(written: str) -> str:
	"""How a code that no list has is written down: upper case, blanks and dots after a blank gone."""
	return re.sub(r"\s*([-._/])\s*|\s+", r"\1", written.upper())
