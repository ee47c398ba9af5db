"""faster-whisper on this machine: the optional extra "speech". Loaded at the first recording of a process."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from fixee_hotline.speech.base import SpeechError, SpeechProvider, Transcript


class LocalSpeech(SpeechProvider):
	"""`model` is a folder with a converted model, or the name of one that is on this machine already."""

	def __init__(self, model: str) -> None:
		self.model = model or "small"

	def transcribe(self, recording: Path, prompt: str, language: str | None = None) -> Transcript:
		engine = _engine(self.model)
		try:
			segments, info = engine.transcribe(
				str(recording), initial_prompt=prompt or None, language=language, vad_filter=True, beam_size=5
			)
			rows = list(segments)
		except (RuntimeError, ValueError, OSError) as error:
			raise SpeechError(
				f"The recording could not be transcribed ({type(error).__name__})", retriable=False
			) from error
		text = " ".join(row.text.strip() for row in rows)
		confidence = _confidence(rows)
		return Transcript(text.strip(), info.language, confidence, f"faster-whisper {Path(self.model).name}")


@lru_cache(maxsize=1)
def _engine(model: str) -> Any:
	try:
		from faster_whisper import WhisperModel
	except ImportError:
		raise SpeechError(
			'Local transcription needs the extra "speech": pip install "fixee_hotline[speech]"',
			retriable=False,
		) from None
	try:
		return WhisperModel(model, device="auto", compute_type="int8", local_files_only=True)
	except (RuntimeError, ValueError, OSError) as error:
		raise SpeechError(
			f"The speech model {Path(model).name} is not on this machine ({type(error).__name__})",
			retriable=False,
		) from error


def _confidence(rows: list[Any]) -> float | None:
	lengths = [max(row.end - row.start, 0.01) for row in rows]
	if not rows:
		return None
	mean = sum(row.avg_logprob * length for row, length in zip(rows, lengths, strict=True)) / sum(lengths)
	return round(min(math.exp(mean), 1.0), 3)
