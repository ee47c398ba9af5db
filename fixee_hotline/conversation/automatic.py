"""The few messages that nobody writes, in the customer's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FALLBACK_LANGUAGE = "en"
MOST_QUESTIONS = 3


def acknowledgement(ticket: str, language: str | None, question: str | None) -> str:
	"""Received, under which number, and what is missing: one message instead of two."""
	text = _text("acknowledgement", language).format(ticket=ticket)
	return f"{text}\n\n{question}" if question else text


def feedback(ticket: str, url: str, language: str | None) -> str:
	"""The request is closed: how was it?"""
	return _text("feedback", language).format(ticket=ticket, url=url)


def may_ask(question: str | None, asked: tuple[str, ...], agent_answered: bool) -> bool:
	"""At most three questions, none twice, and none once a person has taken over."""
	return bool(question) and not agent_answered and len(asked) < MOST_QUESTIONS and question not in asked


def _text(name: str, language: str | None) -> str:
	texts = _texts()[name]
	code = (language or FALLBACK_LANGUAGE).replace("_", "-").partition("-")[0].lower()
	return texts.get(code, texts[FALLBACK_LANGUAGE])


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
	data: Mapping[str, Mapping[str, str]] = json.loads(
		(Path(__file__).parent / "automatic.json").read_text(encoding="utf-8")
	)
	return data
