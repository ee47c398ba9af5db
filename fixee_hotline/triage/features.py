"""What a learner looks at: pieces of words, pairs of words, and what the rules saw."""

from __future__ import annotations

from itertools import pairwise
from zlib import crc32

from fixee_hotline.triage.finder import Found
from fixee_hotline.triage.model import Reading

BUCKETS = 1 << 15
PIECES = (2, 3, 4, 5)
REMEMBERED = 100_000
SIGNALS = ("safety", "line_stopped", "production_degraded", "recurrent_incident")
GROUPS = (*SIGNALS, "restored", "producing")
CLASSES = (
	"machine", "part", "thing", "guard", "stopped", "stops", "defect", "run", "not", "without", "nothing",
	"unable", "bypassed", "again", "fault", "often", "planned", "future", "hypothetical", "howto", "was",
	"past", "longago", "since", "partial",
)  # fmt: skip

_word_buckets: dict[str, tuple[int, ...]] = {}


def rule_features(found: Found, reading: Reading) -> list[float]:
	"""0 or 1 for each thing the rules saw; the same meaning in every language."""
	raised = {hit.group for hit in found.phrases if not hit.blocker}
	blocked = {hit.group for hit in found.phrases if hit.blocker}
	seen = [
		*(code in reading.found for code in SIGNALS),
		*(code in reading.found and code not in reading.unsure for code in SIGNALS),
		*(code in reading.refused for code in SIGNALS),
		*(group in raised for group in GROUPS),
		*(group in blocked for group in GROUPS),
		*(bool(found.spans(name)) for name in CLASSES),
		reading.restored is not None,
		bool(found.tokens.questions),
		len(found.tokens.words) > 40,
	]
	return [float(one) for one in seen]


def word_buckets(found: Found) -> list[int]:
	"""Buckets (0..BUCKETS-1) of words, pairs and pieces of words, without doubles; numbers are one word."""
	words = [word for word in found.tokens.words if word.isalpha() or word[0].isdigit()]
	plain = ["#" if word[0].isdigit() else word for word in words]
	buckets: set[int] = set()
	for word in plain:
		buckets.update(_of_word(word))
	buckets.update(_bucket(f"{one} {other}") for one, other in pairwise(plain))
	return sorted(buckets)


def _bucket(name: str) -> int:
	return crc32(name.encode()) % BUCKETS


def _of_word(word: str) -> tuple[int, ...]:
	known = _word_buckets.get(word)
	if known is None:
		edged = f"^{word}$"
		pieces = [edged[at : at + length] for length in PIECES for at in range(len(edged) - length + 1)]
		known = tuple({_bucket(word), *(_bucket(f"~{piece}") for piece in pieces)})
		if len(_word_buckets) > REMEMBERED:
			_word_buckets.clear()
		_word_buckets[word] = known
	return known
