"""Near misses: a long word that is one slip of the finger away from a word of the vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA

SHORTEST = 6
SHORTEST_BEGIN = 6
# A changed letter makes another word ("halved", "halted") more often than a lost or swapped one does.
SHORTEST_CHANGED = 8


class TypoIndex:
	"""Words and word beginnings indexed by every form with one letter left out."""

	def __init__(self, words: Iterable[str], begins: Mapping[int, Iterable[str]]) -> None:
		self.words = _index(word for word in words if len(word) >= SHORTEST)
		long_begins = [one for length, some in begins.items() if length >= SHORTEST_BEGIN for one in some]
		self.begins = _index(long_begins)
		self.lengths = sorted({len(one) for one in long_begins})

	def near(self, word: str) -> set[str]:
		"""Atoms that `word` may be a slip of; empty for short words and words with digits."""
		if len(word) < SHORTEST or not word.isalpha():
			return set()
		found = {one for one in _candidates(self.words, word) if _one_slip(one, word)}
		for length in self.lengths:
			for cut in {length - 1, length, length + 1}:
				if cut <= len(word):
					start = word[:cut]
					found |= {one + "*" for one in _candidates(self.begins, start) if _one_slip(one, start)}
		return found


def _one_slip(known: str, word: str) -> bool:
	if known[0] != word[0] or OSA.distance(known, word, score_cutoff=1) > 1:
		return False
	changed = len(known) == len(word) and sorted(known) != sorted(word)
	return not changed or len(word) >= SHORTEST_CHANGED


def _deletes(word: str) -> Iterator[str]:
	yield word
	for position in range(len(word)):
		yield word[:position] + word[position + 1 :]


def _index(words: Iterable[str]) -> dict[str, set[str]]:
	index: dict[str, set[str]] = defaultdict(set)
	for word in words:
		for form in _deletes(word):
			index[form].add(word)
	return dict(index)


def _candidates(index: Mapping[str, set[str]], word: str) -> set[str]:
	found: set[str] = set()
	for form in _deletes(word):
		found |= index.get(form, set())
	return found
