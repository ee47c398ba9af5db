"""What the words around a number say it is."""

from __future__ import annotations

import re

from fixee_hotline.machines.labels import (
	CASE_WORDS,
	MACHINE_WORDS,
	NUMBER_WORDS,
	PAPER_WORDS,
	SERIAL_LINKS,
	SERIAL_WORDS,
)
from fixee_hotline.machines.words import Words, plain

_SENTENCE_END = re.compile(r"[!?;][\s\"'»)]|\n\s*\n")
_FULL_STOP = re.compile(r"\.[\s\"'»)]")
_PAPER_COMPOUND = re.compile(
	r"(?:artikel|bestell?|auftrags?|teile?|ersatzteil|rechnungs?|kunden|klant|zeichnungs?|liefer|order|factuur"
	r"|material|projekt|tekening)(?:nummern?|nr|nummer)",
	re.ASCII,
)
_MOST_STEPS = 5


def ends_sentence(gap: str, word: str) -> bool:
	"""Whether a sentence ends between `word` (plain) and the next one; the full stop of "no." ends none."""
	if gap == " ":
		return False
	if _FULL_STOP.match(gap):
		return not (word in NUMBER_WORDS or len(word) <= 3 or word in PAPER_WORDS)
	return _SENTENCE_END.search(gap) is not None


def is_paper_word(word: str) -> bool:
	"""Whether a plain word announces the number of a document, a part, a telephone and the like."""
	return word in PAPER_WORDS or _PAPER_COMPOUND.fullmatch(word) is not None


def number_label(words: Words, first: int) -> str | None:
	"""What stands right before word `first`: "serial", "paper" (order, part, telephone ...) or None."""
	numbered = False
	for index in range(first - 1, max(first - 1 - _MOST_STEPS, -1), -1):
		word = plain(words.tokens[index])
		if ends_sentence(words.gap(index), word):
			return None
		if word in SERIAL_WORDS or _is_slashed_serial(words, index):
			return "serial"
		if is_paper_word(word) or word in CASE_WORDS:
			return "paper"
		if word in MACHINE_WORDS:
			return "serial" if numbered or _number_word_before(words, index) else None
		if word not in SERIAL_LINKS:
			return None
		numbered = numbered or word in NUMBER_WORDS
	return None


def _is_slashed_serial(words: Words, index: int) -> bool:
	""" "S/N", "s.n." and "N/S"."""
	if index == 0 or words.gap(index - 1).strip() not in ("/", "."):
		return False
	return words.tokens[index - 1].lower() + words.tokens[index].lower() in ("sn", "ns")


def _number_word_before(words: Words, index: int) -> bool:
	""" "numéro de la machine 4711": the word for number stands before the machine."""
	for place in range(index - 1, max(index - 4, -1), -1):
		word = plain(words.tokens[place])
		if word in NUMBER_WORDS:
			return True
		if word not in SERIAL_LINKS:
			return False
	return False
