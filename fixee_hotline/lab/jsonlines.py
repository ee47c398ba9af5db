"""JSON Lines in and out: a bad line is reported with its number, the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

LONGEST_LINE = 8_000_000


@dataclass(frozen=True, slots=True)
class BadLine:
	"""A line that could not be used: its number (from 1) and the reason."""

	number: int
	reason: str


def read_objects(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | BadLine]]:
	"""Number and object of each line; blank lines are skipped."""
	for number, line in enumerate(lines, 1):
		if line.strip():
			yield number, _read(number, line)


def _read(number: int, line: bytes) -> dict[str, Any] | BadLine:
	if len(line) > LONGEST_LINE:
		return BadLine(number, f"longer than {LONGEST_LINE} bytes; split the text")
	try:
		value = json.loads(line.decode("utf-8-sig"))
	except UnicodeDecodeError as error:
		return BadLine(number, f"not UTF-8 at byte {error.start}; save the file as UTF-8")
	except (ValueError, RecursionError) as error:
		return BadLine(number, f"not JSON: {error}")
	if not isinstance(value, dict):
		return BadLine(number, "not a JSON object; write one object a line")
	return value


def write_object(out: TextIO, value: dict[str, Any]) -> None:
	"""One object as one line."""
	out.write(json.dumps(value, ensure_ascii=False) + "\n")
