"""The jury: learners that vote on what the rules read, raise what words miss and back what words suggest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fixee_hotline.triage.features import rule_features, word_buckets
from fixee_hotline.triage.finder import Found
from fixee_hotline.triage.learners import (
	LABELS,
	VECTORS_FILE,
	Encoder,
	Matrix,
	VectorLearner,
	WordLearner,
	load_encoder,
)
from fixee_hotline.triage.model import Reading, Thresholds
from fixee_hotline.triage.text import without_codes

CRITICAL = ("line_stopped", "safety")
IMPORTANT = ("production_degraded", "recurrent_incident")
# Above this the words alone are as good as the vectors (measured by cross-validation, see docs/quality.md).
WORDS_ARE_SURE = 0.8
# Share of the votes for "none" that votes for a critical signal must reach.
OUTVOTED = 0.6
# Share of the votes that outweighs words that production is back.
CERTAIN = 0.6
FEWEST_WORDS = 3
SHORT_TEXT, CERTAIN_SHORT = 9, 0.45
# A text of more words is also voted on in parts, whose votes must be surer: they lack their context.
LONG_TEXT, PART_WORDS, FEWEST_IN_PART = 45, 30, 6
CERTAIN_PART = 0.55
SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Seen:
	"""A text as the rules saw it."""

	text: str
	found: Found
	reading: Reading


@dataclass(frozen=True, slots=True)
class Votes:
	"""Probability of each label (0..1, sum 1) for one text; empty when nobody voted."""

	shares: dict[str, float] = field(default_factory=dict)

	@property
	def critical(self) -> float:
		return sum(self.shares[code] for code in CRITICAL)

	@property
	def important(self) -> float:
		"""At least important."""
		return 1 - self.shares["none"]


class Jury:
	"""Votes of the word learner; of the vectors where words are not sure and the extra is installed."""

	def __init__(self, words: WordLearner, vectors: VectorLearner | None, encoder: Encoder | None) -> None:
		self.words, self.vectors, self.encoder = words, vectors, encoder

	def votes(self, some: Sequence[Seen]) -> list[Votes]:
		"""One vote a text; many at once are cheaper. No votes where they would change or mean nothing."""
		voted = [index for index, one in enumerate(some) if not (_settled(one.reading) or _too_short(one))]
		shares = dict(zip(voted, self._shares([some[index] for index in voted]), strict=True))
		return [
			Votes(dict(zip(LABELS, shares[index].tolist(), strict=True)) if index in shares else {})
			for index in range(len(some))
		]

	def _shares(self, some: Sequence[Seen]) -> list[Matrix]:
		rules = [rule_features(one.found, one.reading) for one in some]
		shares = [
			self.words.probabilities(word_buckets(one.found), features)
			for one, features in zip(some, rules, strict=True)
		]
		asked = [index for index, share in enumerate(shares) if share.max() < WORDS_ARE_SURE]
		if asked and self.vectors is not None and self.encoder is not None:
			texts = [without_codes(some[index].text) for index in asked]
			encoded = np.asarray(self.encoder.encode(texts), dtype=np.float32)
			features = np.array([rules[index] for index in asked], dtype=np.float32)
			for index, share in zip(asked, self.vectors.probabilities(encoded, features), strict=True):
				shares[index] = share
		return shares


def load_jury(with_vectors: bool = True) -> Jury:
	"""The shipped jury. Raises FileNotFoundError when its weights are missing: the installation is broken."""
	encoder = load_encoder() if with_vectors and VECTORS_FILE.exists() else None
	return Jury(WordLearner.load(), VectorLearner.load() if encoder else None, encoder)


def settle(
	seen: Seen, votes: Votes, thresholds: Thresholds, parts: Sequence[tuple[Seen, Votes]] = ()
) -> Reading:
	"""What stands once rules and votes are put together.

	A sure finding of the rules stands whatever the votes; an unsure one needs backing. Without a finding,
	enough votes raise the signal; the evidence is the text itself, or the part of a long text that got them.
	"""
	if not votes.shares:
		return seen.reading
	found = {
		code: evidence
		for code, evidence in seen.reading.found.items()
		if code not in seen.reading.unsure or _backed(code, votes, thresholds)
	}
	code = _raised(found, votes, thresholds)
	if code and votes.shares[code] >= _bar(seen):
		found[code] = quotation(seen.text)
	elif not found.keys() & set(CRITICAL) and seen.reading.restored is None:
		found.update(_raised_by_part(parts))
	restored = None if found.keys() & set(CRITICAL) else seen.reading.restored
	return replace(seen.reading, found=found, restored=restored)


def _bar(seen: Seen) -> float:
	"""The share that a raised signal needs on its own: a few words, or words of repair, ask for more."""
	if seen.reading.restored:
		return CERTAIN
	return CERTAIN_SHORT if _words_in(seen) < SHORT_TEXT else 0.0


def _raised_by_part(parts: Sequence[tuple[Seen, Votes]]) -> dict[str, str]:
	"""The signal of the part that most surely tells of a critical situation, if one does."""
	certain = [
		(votes.critical, max(CRITICAL, key=lambda code: votes.shares[code]), one.text)
		for one, votes in parts
		if votes.shares and votes.critical >= CERTAIN_PART
	]
	if not certain:
		return {}
	_, code, text = max(certain)
	return {code: quotation(text)}


def parts_of(text: str) -> list[str]:
	"""Runs of sentences of some thirty words of a long text; none for a short one."""
	if len(text.split()) <= LONG_TEXT:
		return []
	parts: list[str] = []
	for sentence in SENTENCES.split(text):
		if parts and len(parts[-1].split()) + len(sentence.split()) <= PART_WORDS:
			parts[-1] = f"{parts[-1]} {sentence}"
		else:
			parts.append(sentence)
	return [part for part in parts if len(part.split()) >= FEWEST_IN_PART]


def _words_in(seen: Seen) -> int:
	return sum(word.isalpha() for word in seen.found.tokens.words)


def _too_short(seen: Seen) -> bool:
	return _words_in(seen) < FEWEST_WORDS


def _settled(reading: Reading) -> bool:
	"""The rules are sure of a critical signal: no vote can change the level."""
	return any(code in reading.found and code not in reading.unsure for code in CRITICAL)


def _backed(code: str, votes: Votes, thresholds: Thresholds) -> bool:
	if code in CRITICAL:
		return _critical(votes, thresholds.back_critical)
	return code not in IMPORTANT or votes.important * 100 >= thresholds.back_important


def _critical(votes: Votes, percent: int) -> bool:
	"""Missing a critical request is the worst error: it need not win, only not be outvoted."""
	return votes.critical * 100 >= percent and votes.critical >= OUTVOTED * votes.shares["none"]


def _raised(found: dict[str, str], votes: Votes, thresholds: Thresholds) -> str | None:
	if found.keys() & set(CRITICAL):
		return None
	if _critical(votes, thresholds.raise_critical):
		return max(CRITICAL, key=lambda code: votes.shares[code])
	if not found.keys() & set(IMPORTANT) and votes.important * 100 >= thresholds.raise_important:
		return max(IMPORTANT, key=lambda code: votes.shares[code])
	return None


def quotation(text: str) -> str:
	"""The text on one line, cut at a word after at most 120 characters."""
	flat = " ".join(text.split())
	return flat if len(flat) <= 120 else flat[:119].rsplit(" ", 1)[0] + "…"
