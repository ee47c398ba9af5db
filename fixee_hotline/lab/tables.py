"""CSV files of a day: rows as mappings, with forgiving column names and a clear error."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path


class DayError(ValueError):
	"""A day directory that cannot be replayed; the text names the file and what to do."""


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
	"""Line number and row of a CSV file; nothing when the file does not exist."""
	if not path.exists():
		return
	try:
		with path.open(encoding="utf-8-sig", newline="") as file:
			reader = csv.DictReader(file)
			for row in reader:
				yield (
					reader.line_num,
					{str(key).strip().lower(): (value or "").strip() for key, value in row.items() if key},
				)
	except UnicodeDecodeError as error:
		raise DayError(f"{path.name}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
	except csv.Error as error:
		raise DayError(f"{path.name}: {error}") from error


def first_of(row: Mapping[str, str], names: Sequence[str]) -> str:
	"""The first filled column among `names`, or ""."""
	return next((row[name] for name in names if row.get(name)), "")


def moment_of(text: str) -> datetime:
	"""An aware time; a naive one is taken as the machine's local time zone. Raises DayError."""
	try:
		found = datetime.fromisoformat(text.replace("Z", "+00:00"))
	except ValueError:
		raise DayError(f"“{text[:40]}” is no ISO 8601 time") from None
	return found if found.tzinfo else found.astimezone()


def minutes_of(text: str) -> float:
	"""Minutes as a number; 0 when empty. Raises DayError for anything else than a non-negative number."""
	if not text:
		return 0.0
	try:
		minutes = float(text.replace(",", "."))
	except ValueError:
		minutes = -1.0
	if not 0 <= minutes < 1_000_000:
		raise DayError(f"“{text[:40]}” is no number of minutes")
	return minutes
