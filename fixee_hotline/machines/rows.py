"""Rows of a CSV file that may be damaged: each fault has its line, and reading goes on behind it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_DELIMITERS = ";,\t"
_LONGEST_LINE = 64 * 1024
_MOST_LINES_A_RECORD = 20
_UNCLOSED = "a quote is opened and not closed"
_MOST_ROWS = 1_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")


class RowError(Exception):
	"""Why the row that begins at `line` is left out."""

	def __init__(self, line: int, reason: str) -> None:
		super().__init__(reason)
		self.line = line
		self.reason = reason


class Row:
	"""One record: its fields by column name, and the line it begins on."""

	__slots__ = ("fields", "line")

	def __init__(self, line: int, fields: dict[str, str]) -> None:
		self.line = line
		self.fields = fields

	def text(self, column: str) -> str | None:
		"""The field without outer blanks, None if it is empty or missing."""
		return self.fields.get(column, "").strip() or None

	def required(self, column: str) -> str:
		"""The same; a RowError says that it is missing."""
		value = self.text(column)
		if value is None:
			raise RowError(self.line, f"{column} is missing")
		return value


def read_rows(path: Path, required: str) -> Iterator[Row | RowError]:
	"""The rows of a file in order, a RowError in the place of each that cannot be read.

	`required` is the column without which the file is of no use. Raises OSError if the file cannot be opened.
	"""
	with path.open("rb") as file:
		lines = _numbered_lines(file)
		header = _header(lines)
		if isinstance(header, RowError):
			yield header
			return
		columns, delimiter = header
		if required not in columns:
			yield RowError(
				1, f'no column "{required}" in the header; the columns are {", ".join(columns)[:200]}'
			)
			return
		for count, (line, record) in enumerate(_records(lines, delimiter, len(columns))):
			if count >= _MOST_ROWS:
				yield RowError(line, f"more than {_MOST_ROWS} rows; split the file, the rest was not read")
				return
			if isinstance(record, RowError):
				yield record
			elif any(record):
				yield _row(line, columns, record)


def _row(line: int, columns: list[str], record: list[str]) -> Row | RowError:
	if len(record) > len(columns) and any(field.strip() for field in record[len(columns) :]):
		return RowError(
			line, f"{len(record)} fields, the header has {len(columns)}; put fields with separators in quotes"
		)
	return Row(line, dict(zip(columns, record, strict=False)))


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, str | RowError]]:
	"""Decoded lines with their numbers; a line that is too long is read to its end and thrown away."""
	number = 0
	while raw := file.readline(_LONGEST_LINE):
		number += 1
		if number == 1:
			raw = raw.removeprefix(_BYTE_ORDER_MARK)
		too_long = len(raw) >= _LONGEST_LINE - 3 and not raw.endswith(b"\n")
		while too_long and (more := file.readline(_LONGEST_LINE)):
			if more.endswith(b"\n"):
				break
		yield number, RowError(number, "the line is longer than 64 kB") if too_long else _decoded(number, raw)


def _decoded(number: int, raw: bytes) -> str | RowError:
	if number == 1 and raw.startswith(_OTHER_ENCODINGS):
		return RowError(number, "the file is UTF-16; save it as UTF-8")
	if b"\0" in raw:
		return RowError(number, "a NUL byte in the line; the file is damaged or not UTF-8")
	try:
		return raw.decode("utf-8")
	except UnicodeDecodeError as error:
		return RowError(
			number, f"byte {error.start + 1} (0x{raw[error.start]:02x}) is not UTF-8; save the file as UTF-8"
		)


def _header(lines: Iterator[tuple[int, str | RowError]]) -> tuple[list[str], str] | RowError:
	"""Column names in lower case and the delimiter; a "sep=;" line and blank lines before are skipped."""
	for number, line in lines:
		if isinstance(line, RowError):
			return line
		if not line.strip() or line.lower().startswith("sep="):
			continue
		delimiter = max(_DELIMITERS, key=line.count)
		try:
			names = next(csv.reader([line], delimiter=delimiter, strict=True))
		except (csv.Error, StopIteration):
			return RowError(number, "the header cannot be read; check its quotes")
		return [name.strip().lower().replace(" ", "_") for name in names], delimiter
	return RowError(1, "the file is empty; the first line must name the columns")


def _records(
	lines: Iterator[tuple[int, str | RowError]], delimiter: str, width: int
) -> Iterator[tuple[int, list[str] | RowError]]:
	"""Records with the number of their first line; a quote that is never closed costs its own line only."""
	waiting: list[tuple[int, str | RowError]] = []
	while True:
		number, line = waiting.pop(0) if waiting else next(lines, (0, ""))
		if number == 0:
			return
		if isinstance(line, RowError):
			yield number, line
		elif '"' not in line:
			yield number, line.rstrip("\r\n").split(delimiter)
		else:
			record, taken = _quoted_record(number, line, waiting, lines, delimiter)
			if taken and not isinstance(record, RowError) and len(record) != width:
				record, taken = RowError(number, _UNCLOSED), 0
			del waiting[:taken]
			yield number, record


def _quoted_record(
	number: int,
	line: str,
	waiting: list[tuple[int, str | RowError]],
	lines: Iterator[tuple[int, str | RowError]],
	delimiter: str,
) -> tuple[list[str] | RowError, int]:
	"""A record whose quotes may hold line ends, and how many of the `waiting` lines belong to it."""
	text = [line]
	for taken in range(_MOST_LINES_A_RECORD):
		try:
			return next(csv.reader(text, delimiter=delimiter, strict=True)), taken
		except csv.Error as error:
			if "unexpected end" not in str(error):
				return (
					_loose_record(number, line, delimiter) if not taken else RowError(number, _UNCLOSED)
				), 0
		if taken == len(waiting):
			waiting.extend([following] if (following := next(lines, None)) else [])
		if taken == len(waiting) or isinstance(waiting[taken][1], RowError):
			break
		text.append(str(waiting[taken][1]))
	return RowError(number, _UNCLOSED), 0


def _loose_record(number: int, line: str, delimiter: str) -> list[str] | RowError:
	"""A quote inside a field (12" screen) is kept as it stands; a field over the limit is not."""
	try:
		return next(csv.reader([line], delimiter=delimiter))
	except (csv.Error, StopIteration) as error:
		return RowError(number, f"cannot be read: {error}")
