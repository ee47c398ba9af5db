"""An OpenAI-compatible endpoint: POST {base}/audio/transcriptions with the file and a prompt."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import requests

from fixee_hotline.speech.base import SpeechError, SpeechProvider, Transcript

CONNECT_SECONDS, READ_SECONDS = 5, 120
_LATER = {408, 409, 425, 429}
# Many engines name the language instead of its code.
_CODES = {
	"english": "en",
	"french": "fr",
	"german": "de",
	"spanish": "es",
	"italian": "it",
	"portuguese": "pt",
	"dutch": "nl",
	"polish": "pl",
}


class SpeechEndpoint(SpeechProvider):
	"""`base_url` goes up to and with /v1. The key stands in no error."""

	def __init__(self, base_url: str, model: str, api_key: str = "") -> None:
		self.base_url, self.model, self._key = base_url.rstrip("/"), model or "whisper-1", api_key

	def transcribe(self, recording: Path, prompt: str, language: str | None = None) -> Transcript:
		fields = {"model": self.model, "response_format": "verbose_json", "temperature": "0"}
		fields |= {"prompt": prompt} if prompt else {}
		fields |= {"language": language} if language else {}
		answer = self._post(recording, fields)
		if answer.status_code != 200:
			later = answer.status_code >= 500 or answer.status_code in _LATER
			raise SpeechError(f"The speech endpoint answered with HTTP {answer.status_code}", retriable=later)
		try:
			data = answer.json()
		except ValueError:
			data = None
		if not isinstance(data, dict) or not isinstance(data.get("text"), str):
			raise SpeechError("The speech endpoint's answer has no text", retriable=False)
		return Transcript(data["text"].strip(), _language(data), _confidence(data), self.model)

	def _post(self, recording: Path, fields: dict[str, str]) -> requests.Response:
		headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
		try:
			with recording.open("rb") as file:
				return requests.post(
					f"{self.base_url}/audio/transcriptions",
					headers=headers,
					data=fields,
					files={"file": (recording.name, file)},
					timeout=(CONNECT_SECONDS, READ_SECONDS),
					allow_redirects=False,
				)
		except requests.RequestException as error:
			raise SpeechError(
				f"The speech endpoint was not reached ({type(error).__name__})", retriable=True
			) from None


def _language(data: dict[str, Any]) -> str | None:
	language = data.get("language")
	if not isinstance(language, str) or not language:
		return None
	return _CODES.get(language.lower(), language.lower()[:16])


def _confidence(data: dict[str, Any]) -> float | None:
	"""The mean probability of the words, from the segments' mean logarithms, weighted by their length."""
	segments = [one for one in data.get("segments") or [] if isinstance(one, dict)]
	rows = [
		(float(one["avg_logprob"]), max(float(one.get("end", 1)) - float(one.get("start", 0)), 0.01))
		for one in segments
		if isinstance(one.get("avg_logprob"), (int, float))
	]
	if not rows:
		return None
	whole = sum(length for _mean, length in rows)
	return round(min(math.exp(sum(mean * length for mean, length in rows) / whole), 1.0), 3)
