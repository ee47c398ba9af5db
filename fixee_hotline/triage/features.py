"""What the learner looks at: words, pairs of words, pieces of words, and what the rules saw."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from fixee_hotline.triage.finder import Found

BUCKETS = 1 << 16
PIECES = (3, 4, 5)
REMEMBERED = 100_000
CLASSES = (
	"machine", "part", "thing", "guard", "stopped", "stops", "defect", "run", "not", "without", "nothing",
	"unable", "bypassed", "again", "fault", "often", "planned", "future", "hypothetical", "howto", "was",
	"past", "longago", "since", "partial",
)  # fmt: skip

_word_buckets: dict[str, tuple[int, ...]] = {}


def features(found: Found, signals: Iterable[str], refused: Iterable[str]) -> list[int]:
	"""Buckets (0..BUCKETS-1) of everything that speaks for or against a signal, without doubles."""
	words = [word for word in found.tokens.words if word.isalpha() or word[0].isdigit()]
	plain = ["#" if word[0].isdigit() else word for word in words]
	buckets: set[int] = set()
	for word in plain:
		buckets.update(_of_word(word))
	buckets.update(_bucket(f"{one} {other}") for one, other in zip(plain, plain[1:], strict=False))
	seen = [
		*(f"<{name}" for name in CLASSES if found.spans(name)),
		*(f"/{hit.group}{hit.blocker}" for hit in found.phrases),
		*(f"+{code}" for code in signals),
		*(f"-{code}" for code in refused),
		"?" if found.tokens.questions else "!",
	]
	buckets.update(_bucket(name) for name in seen)
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
