"""The engine: a rule set compiled once, then texts in, readings out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

import regex

from fixee_hotline.triage.finder import Found
from fixee_hotline.triage.jury import Jury, Seen, Votes, load_jury, parts_of, settle
from fixee_hotline.triage.lexicon import Lexicon
from fixee_hotline.triage.model import Reading, RuleSet
from fixee_hotline.triage.rules import default_rules
from fixee_hotline.triage.situation import read_situation
from fixee_hotline.triage.text import tokenise

# A very long text (a pasted log) is read at both ends.
LONGEST_HEAD, LONGEST_TAIL = 4000, 2000
PATTERN_SECONDS = 0.05
# English words stand in requests of every language.
MIXED_IN = "en"


class Engine:
	"""Reads situations with one rule set. Not bound to a request; one per process and version is enough."""

	def __init__(self, rules: RuleSet, jury: Jury | None = None) -> None:
		self.rules = rules
		self.jury = jury
		self._lexicons: dict[tuple[str, ...], Lexicon] = {}
		# The learners back or raise what they were trained with; what somebody added stands by itself.
		self._trained = frozenset(default_rules().vocabulary)
		self._rows = [row for row in rules.vocabulary if row.kind != "pattern"]
		self._patterns = [
			(row.group, row.language, regex.compile(row.expression, regex.IGNORECASE))
			for row in rules.vocabulary
			if row.kind == "pattern"
		]

	def read(self, text: str, languages: Sequence[str]) -> Reading:
		"""The situation that `text` (what is new, readable) describes, understood in `languages`."""
		return self.read_all([(text, languages)])[0]

	def read_all(self, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Reading]:
		"""Readings of several texts, each with its languages; many at once are cheaper."""
		seen = [self.see(text, languages) for text, languages in texts]
		readings = self._settled(seen, texts) if self.jury else [one.reading for one in seen]
		return [
			self._with_patterns(reading, text, languages)
			for reading, (text, languages) in zip(readings, texts, strict=True)
		]

	def _settled(self, seen: Sequence[Seen], texts: Sequence[tuple[str, Sequence[str]]]) -> list[Reading]:
		"""Rules and votes put together. A long text is also voted on in parts: one sentence can matter."""
		assert self.jury is not None
		parts = [
			(index, self.see(part, languages))
			for index, (text, languages) in enumerate(texts)
			for part in parts_of(both_ends(text))
		]
		votes = self.jury.votes([*seen, *(part for _, part in parts)])
		of_parts: dict[int, list[tuple[Seen, Votes]]] = {}
		for (index, part), vote in zip(parts, votes[len(seen) :], strict=True):
			of_parts.setdefault(index, []).append((part, vote))
		return [
			settle(one, vote, self.rules.thresholds, of_parts.get(index, ()))
			for index, (one, vote) in enumerate(zip(seen, votes[: len(seen)], strict=True))
		]

	def see(self, text: str, languages: Sequence[str]) -> Seen:
		"""What the words of the vocabulary say, before anybody votes."""
		text = both_ends(text)
		lexicon = self._lexicon(languages)
		words = Found(tokenise(text, lexicon.breakers, lexicon.weak_breakers), lexicon)
		mentions = frozenset(name.strip("<>") for name in words.classes)
		return Seen(text, words, replace(read_situation(words, text), mentions=mentions))

	def _with_patterns(self, reading: Reading, text: str, languages: Sequence[str]) -> Reading:
		hits = self._pattern_hits(both_ends(text), languages)
		return replace(reading, found={**dict(hits), **reading.found}) if hits else reading

	def _lexicon(self, languages: Collection[str]) -> Lexicon:
		key = tuple(sorted(set(languages)))
		if key not in self._lexicons:
			self._lexicons[key] = Lexicon(self._rows, key, MIXED_IN, self._trained)
		return self._lexicons[key]

	def _pattern_hits(self, text: str, languages: Sequence[str]) -> list[tuple[str, str]]:
		hits = []
		for group, language, pattern in self._patterns:
			if language != "*" and language not in languages:
				continue
			try:
				match = pattern.search(text, timeout=PATTERN_SECONDS)
			except TimeoutError:
				continue
			if match:
				hits.append((group, " ".join(match.group().split())[:120]))
		return hits


def both_ends(text: str) -> str:
	"""The text, or its beginning and end when it is too long to be read whole."""
	if len(text) <= LONGEST_HEAD + LONGEST_TAIL:
		return text
	return f"{text[:LONGEST_HEAD]}\n{text[-LONGEST_TAIL:]}"


@lru_cache(maxsize=1)
def default_engine() -> Engine:
	"""The engine of the shipped rules and learners."""
	return Engine(default_rules(), load_jury())
