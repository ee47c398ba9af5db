"""Text to tokens: case, accents and doubled letters folded, sentences and clauses numbered, offsets kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

# A full stop after a number that goes on in small letters or with a comma is no end ("20.11., ab 13 Uhr").
TOKEN = re.compile(r"\d+(?:[.,:]\d+)*(?:\.(?=,| [a-zäöü]))?|[^\W_]+['’´`]t\b|[^\W_]+|[.!?;…\n,:()%–—•|]| - ")
CODE = re.compile(r"\b[A-Z]{1,6}[-./ ]?\d{2,}[\w./-]*|\b[\w.-]+@[\w.-]+|https?://\S+|\b\d{5,}\b")
SENTENCE_END = frozenset(".!?;…\n•|")
CLAUSE_END = frozenset({",", ":", "(", ")", "–", "—", " - "})
LIGATURES = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
DOUBLED = re.compile(r"([a-z])\1+")
COLLAPSED_FROM = 5
REMEMBERED = 200_000

_folded: dict[str, str] = {}


@dataclass(slots=True)
class Tokens:
	"""Parallel lists over the words of a text: folded word, offsets, clause and sentence number.

	`questions` holds the numbers of the sentences that end with a question mark.
	"""

	words: list[str]
	starts: list[int]
	ends: list[int]
	clauses: list[int]
	sentences: list[int]
	questions: set[int]


def strip_accents(word: str) -> str:
	"""Lower case without accents and ligatures; an apostrophe inside is dropped ("doesn't" is "doesnt")."""
	lowered = unicodedata.normalize("NFKD", word.lower().translate(LIGATURES))
	return "".join(char for char in lowered if not unicodedata.combining(char) and char not in "'’´`")


def collapse(word: str) -> str:
	"""Doubled letters once, as phone typing loses them ("stoped", "areter")."""
	return DOUBLED.sub(r"\1", word)


def without_codes(text: str) -> str:
	"""The text without serials, fault codes, addresses and links: they say nothing of the situation."""
	return " ".join(CODE.sub(" ", text).split())


def fold(word: str) -> str:
	"""The form in which words are compared; long words also lose doubled letters."""
	known = _folded.get(word)
	if known is not None:
		return known
	plain = strip_accents(word)
	if len(plain) >= COLLAPSED_FROM:
		plain = collapse(plain)
	if len(_folded) > REMEMBERED:
		_folded.clear()
	_folded[word] = plain
	return plain


def tokenise(text: str, breakers: Collection[str] = (), weak_breakers: Collection[str] = ()) -> Tokens:
	"""Words of `text`; a word in `breakers` ("but", "mais") starts a new sentence.

	A weak one ("aber") does so only at the beginning of a clause: "startet aber nicht" stays whole.
	"""
	tokens = Tokens([], [], [], [], [], set())
	clause = sentence = 0
	for found in TOKEN.finditer(text):
		piece = found.group()
		if piece in SENTENCE_END:
			if piece == "?":
				tokens.questions.add(sentence)
			clause, sentence = clause + 1, sentence + 1
			continue
		if piece in CLAUSE_END:
			clause += 1
			continue
		word = "%" if piece == "%" else fold(piece)
		first = not tokens.clauses or tokens.clauses[-1] != clause
		if word in breakers or (first and word in weak_breakers):
			clause, sentence = clause + 1, sentence + 1
		_append(tokens, word, found.start(), found.end(), clause, sentence)
	return tokens


def _append(tokens: Tokens, word: str, start: int, end: int, clause: int, sentence: int) -> None:
	tokens.words.append(word)
	tokens.starts.append(start)
	tokens.ends.append(end)
	tokens.clauses.append(clause)
	tokens.sentences.append(sentence)
