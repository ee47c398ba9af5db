"""What a transcription needs and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LONGEST_PROMPT = 800


class SpeechError(Exception):
	"""A recording that was not transcribed; the text says why. `retriable`: later it may be."""

	def __init__(self, text: str, *, retriable: bool) -> None:
		super().__init__(text)
		self.retriable = retriable


@dataclass(frozen=True, slots=True)
class Transcript:
	"""`language` is a code such as "fr"; `confidence` is between 0 and 1, None when the engine tells none."""

	text: str
	language: str | None
	confidence: float | None
	engine: str


class SpeechProvider(ABC):
	"""Turns a recording into words."""

	@abstractmethod
	def transcribe(self, recording: Path, prompt: str, language: str | None = None) -> Transcript:
		"""The words of a recording; `prompt` holds words that are likely. `SpeechError` when it fails."""


def glossary_prompt(words: Iterable[str]) -> str:
	"""Machine models and fault codes as an engine's prompt: each once, as many as fit in 800 characters."""
	kept: list[str] = []
	length = 0
	for word in dict.fromkeys(" ".join(one.split()) for one in words):
		length += len(word) + 2
		if length > LONGEST_PROMPT:
			break
		if word:
			kept.append(word)
	return ", ".join(kept)
