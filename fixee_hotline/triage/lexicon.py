"""Vocabulary compiled for a set of languages: which words mean what, which phrases say what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from fixee_hotline.triage.expressions import Element, parse_alternatives
from fixee_hotline.triage.model import VocabularyRow
from fixee_hotline.triage.typos import TypoIndex

REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Phrase:
	"""A compiled phrase of a group; `needed` are the atoms without which it cannot match.

	`own`: the learners were not trained with it, somebody added it.
	"""

	group: str
	elements: tuple[Element, ...]
	needed: frozenset[str]
	blocker: bool
	own: bool


class Node:
	"""A step in the tree of class expressions: where the next word leads (or one after a gap), what ends."""

	__slots__ = ("leaps", "names", "steps")

	def __init__(self) -> None:
		self.steps: dict[str, Node] = {}
		self.leaps: dict[str, tuple[int, Node]] = {}
		self.names: list[str] = []

	def child(self, element: Element) -> Node:
		"""The node for `element` after this one, made if missing."""
		if not element.gap:
			return self.steps.setdefault(element.atom, Node())
		return self.leaps.setdefault(element.atom, (element.gap, Node()))[1]


class Lexicon:
	"""Words and phrases of some languages, with a memory of the words met so far.

	`second` is a language that people mix in: its words count where the others do not know the word.
	"""

	def __init__(
		self,
		rows: Iterable[VocabularyRow],
		languages: Sequence[str],
		second: str | None = None,
		trained: Set[VocabularyRow] = frozenset(),
	) -> None:
		self.classes: dict[str, set[str]] = defaultdict(set)
		self.tree = Node()
		self.phrases: dict[str, list[Phrase]] = defaultdict(list)
		self.known: dict[str, frozenset[str]] = {}
		self._trained = trained
		atoms: set[str] = set()
		self.own: set[str] = set()
		for row in rows:
			if row.language in ("*", *languages):
				self._add(row, self.own)
			elif row.language == second:
				self._add(row, atoms)
		atoms |= self.own
		self.exact = {atom for atom in atoms if "*" not in atom and not atom.startswith("<")}
		self.begins = _by_length(atom[:-1] for atom in atoms if atom.endswith("*") and atom[0] != "*")
		self.open = [atom for atom in atoms if atom[0] == "*"]
		self.typos = TypoIndex(self.exact, self.begins)
		self.breakers = self._members("<but>")
		self.weak_breakers = self._members("<but_first>")

	def _members(self, name: str) -> frozenset[str]:
		return frozenset(atom for atom, names in self.classes.items() if name in names)

	def _add(self, row: VocabularyRow, atoms: set[str]) -> None:
		for elements in parse_alternatives(row.expression):
			atoms.update(element.atom for element in elements)
			if row.kind == "word":
				self._add_word(f"<{row.group}>", elements)
			else:
				self._add_phrase(row, elements)

	def _add_word(self, name: str, elements: tuple[Element, ...]) -> None:
		if len(elements) == 1:
			self.classes[elements[0].atom].add(name)
		else:
			node = self.tree
			for element in elements:
				node = node.child(element)
			node.names.append(name)

	def _add_phrase(self, row: VocabularyRow, elements: tuple[Element, ...]) -> None:
		needed = frozenset(element.atom for element in elements)
		# The rarest atom is the key: words before classes.
		key = min(needed, key=lambda atom: (atom.startswith("<"), atom == "<machine>", atom))
		self.phrases[key].append(
			Phrase(row.group, elements, needed, row.kind == "blocker", row not in self._trained)
		)

	def atoms(self, word: str) -> frozenset[str]:
		"""Every atom a word stands for: itself, wildcards that fit, its classes; a near miss counts."""
		found = self.known.get(word)
		if found is None:
			if len(self.known) > REMEMBERED:
				self.known.clear()
			found = self.known[word] = self._look_up(word)
		return found

	def _look_up(self, word: str) -> frozenset[str]:
		if word[0].isdigit():
			return frozenset({"#", word}) if word in self.exact else frozenset({"#"})
		if not word.isalpha() and any(char.isdigit() for char in word) and word not in self.exact:
			return frozenset({"<code>"})
		found = self._fitting(word) or self.typos.near(word)
		found = found & self.own or found
		classes = {name for atom in found for name in self.classes.get(atom, ())}
		return frozenset(found | classes)

	def _fitting(self, word: str) -> set[str]:
		found = {word} if word in self.exact else set()
		for length, begins in self.begins.items():
			if len(word) >= length and word[:length] in begins:
				found.add(word[:length] + "*")
		found.update(atom for atom in self.open if _fits(atom, word))
		return found


def _fits(atom: str, word: str) -> bool:
	if atom.endswith("*"):
		return atom[1:-1] in word
	return word.endswith(atom[1:])


def _by_length(words: Iterable[str]) -> dict[int, set[str]]:
	grouped: dict[int, set[str]] = defaultdict(set)
	for word in words:
		grouped[len(word)].add(word)
	return dict(grouped)
