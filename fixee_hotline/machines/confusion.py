"""Whether a piece of text that folds like a serial may be taken for it, or is an ordinary word or number."""

from __future__ import annotations

from fixee_hotline.machines.labels import SHORT_WORDS, UNIT_WORDS
from fixee_hotline.machines.serials import compact
from fixee_hotline.machines.words import Words, plain

_SHORTEST = 5
_SHORTEST_JOINED_NUMBER = 7


def believable(words: Words, start: int, end: int, serial: str, labelled: bool) -> bool:
	"""Whether `text[start:end]`, which folds like `serial` without being equal, names it.

	`labelled`: a word for serial number stands right before, then it does.
	"""
	if labelled:
		return True
	written = words.text[start:end]
	bare, recorded = compact(written), compact(serial)
	if len(bare) < _SHORTEST or bare.isalpha():
		return False
	if bare.isdigit():
		return _believable_number(words, start, end, written, serial)
	tokens = Words(written)
	if _starts_with_short_word(tokens):
		return False
	return bare == recorded or not _word_became_number(tokens, recorded)


def _believable_number(words: Words, start: int, end: int, written: str, serial: str) -> bool:
	"""A plain number: grouped in other ways only if long, read for letters only in the same shape."""
	if not compact(serial).isdigit():
		same_shape = len(written) == len(serial) and all(
			one.isalnum() == other.isalnum() for one, other in zip(written, serial, strict=True)
		)
		return same_shape and not written.isdigit() and len(written) > _SHORTEST_JOINED_NUMBER
	if _hangs_on(words.text, start, end) or _unit_follows(words.text, end):
		return False
	return written.isdigit() or len(compact(written)) >= _SHORTEST_JOINED_NUMBER


def _hangs_on(text: str, start: int, end: int) -> bool:
	"""Part of a longer number, amount or telephone number."""
	return text[start - 1 : start] in tuple("-/.,_+") or (
		text[end : end + 1] in tuple("-/.,_") and text[end + 1 : end + 2].isalnum()
	)


def _unit_follows(text: str, end: int) -> bool:
	following = text[end : end + 16].split(maxsplit=1)
	if not following or text[end : end + 1] in "\n":
		return False
	return following[0][0] in "%°€$£" or plain(following[0].strip(".,;:!?)")) in UNIT_WORDS


def _starts_with_short_word(tokens: Words) -> bool:
	""" "et 20417", "at 100 200": an article or preposition and a number are no serial."""
	first = tokens.tokens[0]
	return (
		first.isalpha()
		and len(tokens.tokens) > 1
		and not tokens.tightly_bound(0)
		and not first.isupper()
		and first.lower() in SHORT_WORDS
	)


def _word_became_number(tokens: Words, recorded: str) -> bool:
	"""Whether a word of two letters or more would have to be digits, or a number of two or more letters."""
	position = 0
	for token in tokens.tokens:
		length = len(compact(token))
		original = recorded[position : position + length]
		position += length
		if length < 2:
			continue
		if (token.isalpha() and original.isdigit()) or (token.isdigit() and original.isalpha()):
			# "OO" for "00" and "IO" for "10" are misreadings all the same when written in capitals.
			if token.isupper() and set(token) <= set("OIL") and len(tokens.tokens) > 1:
				continue
			return True
	return False
