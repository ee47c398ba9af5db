"""The engine: a rule set compiled once, then texts in, readings out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import regex

from fixee_hotline.triage.finder import Found
from fixee_hotline.triage.lexicon import Lexicon
from fixee_hotline.triage.model import Reading, RuleSet
from fixee_hotline.triage.rules import default_rules
from fixee_hotline.triage.situation import read_situation
from fixee_hotline.triage.text import tokenise

LONGEST = 6000
PATTERN_SECONDS = 0.05
# English words stand in requests of every language.
MIXED_IN = "en"


class Engine:
	"""Reads situations with one rule set. Not bound to a request; one per process and version is enough."""

	def __init__(self, rules: RuleSet) -> None:
		self.rules = rules
		self._lexicons: dict[tuple[str, ...], Lexicon] = {}
		self._rows = [row for row in rules.vocabulary if row.kind != "pattern"]
		self._patterns = [
			(row.group, row.language, regex.compile(row.expression, regex.IGNORECASE))
			for row in rules.vocabulary
			if row.kind == "pattern"
		]

	def read(self, text: str, languages: Sequence[str]) -> Reading:
		"""The situation that `text` (what is new, readable) describes, understood in `languages`."""
		text = text[:LONGEST]
		lexicon = self._lexicon(languages)
		words = Found(tokenise(text, lexicon.breakers, lexicon.weak_breakers), lexicon)
		reading = read_situation(words, text)
		found = dict(reading.found)
		for group, evidence in self._pattern_hits(text, languages):
			found.setdefault(group, evidence)
		mentions = frozenset(name.strip("<>") for name in words.classes)
		return Reading(found, reading.restored, mentions)

	def _lexicon(self, languages: Collection[str]) -> Lexicon:
		key = tuple(sorted(set(languages)))
		if key not in self._lexicons:
			self._lexicons[key] = Lexicon(self._rows, key, MIXED_IN)
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


@lru_cache(maxsize=1)
def default_engine() -> Engine:
	"""The engine of the shipped rules."""
	return Engine(default_rules())
