"""Classes and phrases found in a tokenised text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixee_hotline.triage.expressions import Element
from fixee_hotline.triage.lexicon import Lexicon, Node, Phrase
from fixee_hotline.triage.text import Tokens

SHORT_CLAUSE = 3
STATEMENT = frozenset({"<stopped>", "<stops>", "<defect>", "<run>", "<not>", "<without>", "<nothing>"})


@dataclass(frozen=True, slots=True)
class Span:
	"""Words `start` to `end` (excluded) of the text."""

	start: int
	end: int


@dataclass(frozen=True, slots=True)
class PhraseHit:
	"""A phrase of `group` that stands in the text; `own` as in `Phrase`."""

	group: str
	start: int
	end: int
	blocker: bool
	own: bool = False


class Found:
	"""What a text holds: atoms and class spans by position, and phrase hits."""

	def __init__(self, tokens: Tokens, lexicon: Lexicon) -> None:
		self.tokens = tokens
		self.atoms: list[set[str]] = [set(lexicon.atoms(word)) for word in tokens.words]
		self.ends: dict[tuple[int, str], int] = {}
		self._place_sequences(lexicon)
		self._merge_short_clauses()
		self.classes: dict[str, list[Span]] = defaultdict(list)
		present: set[str] = set()
		for position, atoms in enumerate(self.atoms):
			present |= atoms
			for atom in atoms:
				if atom[0] == "<":
					self.classes[atom].append(Span(position, self.ends.get((position, atom), position + 1)))
		self.phrases = list(self._phrases(lexicon, present))

	def _place_sequences(self, lexicon: Lexicon) -> None:
		"""Expressions of several words win over the single words inside them; the longest first."""
		spans = [
			span for position in range(len(self.atoms)) for span in self._sequences(lexicon.tree, position)
		]
		spans.sort(key=lambda span: (span[0] - span[1], span[0]))
		taken: dict[int, tuple[int, int]] = {}
		for start, end, name in spans:
			if any(taken.get(position, (start, end)) != (start, end) for position in range(start, end)):
				continue
			self._claim(start, end, name, first=start not in taken)
			taken.update(dict.fromkeys(range(start, end), (start, end)))

	def _sequences(self, tree: Node, start: int) -> Iterator[tuple[int, int, str]]:
		"""Class expressions of several words that begin at `start`, inside one sentence."""
		open_paths = [(tree, start)]
		while open_paths:
			node, position = open_paths.pop()
			for step, end in self._next_steps(node, position, start):
				if end - start > 1:
					yield from ((start, end, name) for name in step.names)
				if step.steps or step.leaps:
					open_paths.append((step, end))

	def _next_steps(self, node: Node, position: int, start: int) -> Iterator[tuple[Node, int]]:
		sentences, last = self.tokens.sentences, len(self.atoms)
		if position < last and sentences[position] == sentences[start]:
			for atom in self.atoms[position] & node.steps.keys():
				yield node.steps[atom], position + 1
		for atom, (gap, step) in node.leaps.items():
			for following in range(position, min(position + gap + 1, last)):
				if sentences[following] == sentences[start] and atom in self.atoms[following]:
					yield step, following + 1
					break

	def _merge_short_clauses(self) -> None:
		"""A short adverbial ("On Friday,") belongs to what follows, a short statement ("Line down,") not."""
		clauses, sentences = self.tokens.clauses, self.tokens.sentences
		start = 0
		for position in range(1, len(clauses)):
			if clauses[position] == clauses[start]:
				continue
			short = position - start <= SHORT_CLAUSE and sentences[position] == sentences[start]
			if short and not any(STATEMENT & atoms for atoms in self.atoms[start:position]):
				clauses[start:position] = [clauses[position]] * (position - start)
			start = position

	def _claim(self, start: int, end: int, name: str, first: bool) -> None:
		if first:
			for position in range(start, end):
				kept = set() if name == "<ignore>" else self.atoms[position]
				self.atoms[position] = {atom for atom in kept if atom[0] != "<"}
		self.atoms[start].add(name)
		self.ends[(start, name)] = end

	def _phrases(self, lexicon: Lexicon, present: set[str]) -> Iterator[PhraseHit]:
		for atom in present & lexicon.phrases.keys():
			for phrase in lexicon.phrases[atom]:
				if phrase.needed <= present:
					yield from self._hits(phrase)

	def _hits(self, phrase: Phrase) -> Iterator[PhraseHit]:
		first = phrase.elements[0].atom
		for position, atoms in enumerate(self.atoms):
			if first in atoms:
				end = self.match(phrase.elements, position)
				if end is not None:
					yield PhraseHit(phrase.group, position, end, phrase.blocker, phrase.own)

	def match(self, elements: Sequence[Element], position: int) -> int | None:
		"""End of the sequence when it stands at `position`, inside one sentence; else None."""
		if elements[0].atom not in self.atoms[position]:
			return None
		end = self.ends.get((position, elements[0].atom), position + 1)
		if len(elements) == 1:
			return end
		sentence = self.tokens.sentences[position]
		last = min(end + elements[1].gap, len(self.tokens.words) - 1)
		for following in range(end, last + 1):
			if self.tokens.sentences[following] != sentence:
				return None
			found = self.match(elements[1:], following)
			if found is not None:
				return found
		return None

	def spans(self, name: str) -> list[Span]:
		"""Spans of class `name` in order of appearance."""
		return self.classes.get(f"<{name}>", [])

	def within(self, name: str, start: int, end: int) -> list[Span]:
		"""Spans of class `name` that begin in `start` (included) to `end` (excluded)."""
		return [span for span in self.spans(name) if start <= span.start < end]

	def in_clause(self, name: str, position: int) -> list[Span]:
		"""Spans of class `name` in the clause of the word at `position`."""
		clause = self.tokens.clauses[position]
		return [span for span in self.spans(name) if self.tokens.clauses[span.start] == clause]

	def in_sentence(self, name: str, position: int) -> list[Span]:
		"""Spans of class `name` in the sentence of the word at `position`."""
		sentence = self.tokens.sentences[position]
		return [span for span in self.spans(name) if self.tokens.sentences[span.start] == sentence]
