"""What fetching a file from the provider needs and gives. The real one is `media_client.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path


class MediaError(Exception):
	"""A file that was not fetched; the text says why. `retriable`: the same call may succeed later."""

	def __init__(self, text: str, *, retriable: bool, gone: bool = False) -> None:
		super().__init__(text)
		self.retriable = retriable
		self.gone = gone


@dataclass(frozen=True, slots=True)
class Fetched:
	"""A file on disk: size in bytes, sha256 in hex, and what the provider said of it."""

	path: Path
	size: int
	sha256: str
	declared_type: str | None = None
	declared_sha256: str | None = None


class MediaSource(ABC):
	"""Where the files of received messages are."""

	@abstractmethod
	def fetch(self, media_id: str, target: Path, largest: int) -> Fetched:
		"""Write the file to `target`; `MediaError` when that fails or it has more than `largest` bytes."""
