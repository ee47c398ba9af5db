"""The language of a short technical text: codes masked first, "undetermined" (None) rather than wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl", "pl")
SURE = 0.5
LONGEST = 500

CODE = re.compile(r"\S*\d\S*|\S+@\S+|https?://\S+|www\.\S+|\[[^\]]{1,40}\]|\b[A-Z]{2,}[-_/]\S+")
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
	if sum(len(word) for word in LETTERS.findall(masked)) < 4:
		return []
	ranked = _identifier(tuple(languages)).rank(masked)
	return [(str(code), float(probability)) for code, probability in ranked]


def detect_language(text: str, languages: Sequence[str] = LANGUAGES, sure: float = SURE) -> str | None:
	"""ISO 639-1 code, or None when undetermined."""
	ranked = rank_languages(text, languages)
	return ranked[0][0] if ranked and ranked[0][1] >= sure else None
