"""The language of a short technical text: codes masked first, "undetermined" (None) rather than wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl", "pl")
SURE = 0.5
SHORT_TEXT, SURE_OF_SHORT = 5, 0.75
LONGEST = 500

CODE = re.compile(r"\S*\d\S*|\S+@\S+|https?://\S+|www\.\S+|\[[^\]]{1,40}\]|\b[A-Z]{2,}[-_/]\S+")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
LETTERS = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=8)
def _identifier(languages: tuple[str, ...]) -> Any:
	from py3langid.langid import MODEL_FILE, LanguageIdentifier

	identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
	identifier.set_languages(list(languages))
	return identifier


def readable(text: str) -> str:
	"""The words of a text without codes, serials, numbers, addresses and links; lower case when it shouts."""
	masked = CODE.sub(" ", text[:LONGEST])
	return masked.lower() if masked.isupper() else masked


def rank_languages(text: str, languages: Sequence[str] = LANGUAGES) -> list[tuple[str, float]]:
	"""Languages with their probability (0..1), the best first; empty when nothing readable is left."""
	masked = readable(text)
	words = LETTERS.findall(masked)
	letters = sum(map(len, words))
	if letters < 4 or len(LATIN.findall(masked)) < letters / 2:
		return []
	ranked = _identifier(tuple(languages)).rank(masked)
	return [(str(code), float(probability)) for code, probability in ranked]


def detect_language(text: str, languages: Sequence[str] = LANGUAGES, sure: float = SURE) -> str | None:
	"""ISO 639-1 code, or None when undetermined."""
	return surest(text, rank_languages(text, languages), sure)


def surest(text: str, ranked: Sequence[tuple[str, float]], sure: float = SURE) -> str | None:
	"""The best of ranked languages if it is sure enough; a few words ask for more."""
	if len(text.split()) < SHORT_TEXT:
		sure = max(sure, SURE_OF_SHORT)
	return ranked[0][0] if ranked and ranked[0][1] >= sure else None
