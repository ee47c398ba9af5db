"""A registry from three CSV files; what cannot be read is reported by file and line, the rest is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from fixee_hotline.machines.model import Customer, FaultCode, Machine
from fixee_hotline.machines.registry import Registry
from fixee_hotline.machines.rows import Row, RowError, read_rows

MACHINES, CUSTOMERS, FAULT_CODES = "machines.csv", "customers.csv", "fault_codes.csv"
_YES = frozenset({"1", "true", "yes", "y", "x"})
_NO = frozenset({"", "0", "false", "no", "n"})
_MOST_PROBLEMS = 1000

_Value = TypeVar("_Value")


class RowProblem(NamedTuple):
	"""A row that was left out; `line` counts from 1, 0 stands for the file as a whole."""

	file: str
	line: int
	reason: str


def read_registry(directory: str | Path) -> tuple[Registry, list[RowProblem]]:
	"""Read machines.csv, customers.csv and fault_codes.csv of a directory; any of them may be missing.

	UTF-8 with or without a byte order mark, separated by comma, semicolon or tab. Never raises for what the
	files hold: each row left out is a RowProblem (at most 1000 a file, then one that says how many more).
	"""
	folder = Path(directory)
	problems: list[RowProblem] = []
	if not folder.is_dir():
		problems.append(
			RowProblem(str(directory), 0, "no such directory; give the one that holds machines.csv")
		)
	machines = _read(folder / MACHINES, "serial", _MachineReader(), problems)
	customers = _read(folder / CUSTOMERS, "name", _CustomerReader(), problems)
	fault_codes = _read(folder / FAULT_CODES, "code", _FaultCodeReader(), problems)
	return Registry(machines, customers, fault_codes), problems


def _read(
	path: Path, required: str, reader: Callable[[Row], _Value], problems: list[RowProblem]
) -> list[_Value]:
	values: list[_Value] = []
	faulty = 0
	for row in _rows(path, required):
		try:
			if isinstance(row, RowError):
				raise row
			values.append(reader(row))
		except RowError as error:
			faulty += 1
			if faulty <= _MOST_PROBLEMS:
				problems.append(RowProblem(path.name, error.line, error.reason))
	if faulty > _MOST_PROBLEMS:
		problems.append(RowProblem(path.name, 0, f"{faulty - _MOST_PROBLEMS} more rows left out, not listed"))
	return values


def _rows(path: Path, required: str) -> Iterator[Row | RowError]:
	if not path.exists():
		return
	try:
		yield from read_rows(path, required)
	except OSError as error:
		yield RowError(0, f"cannot be read: {error.strerror or error}")


class _MachineReader:
	"""Rows to machines; remembers serials, which are unique for each manufacturer."""

	def __init__(self) -> None:
		self.lines: dict[tuple[str, str], int] = {}

	def __call__(self, row: Row) -> Machine:
		serial = row.required("serial")
		criticality = row.text("criticality")
		if criticality and criticality.upper() not in ("A", "B", "C"):
			raise RowError(row.line, f'criticality is "{_short(criticality)}"; write A, B or C')
		manufacturer = row.text("manufacturer")
		first = self.lines.setdefault((serial.casefold(), (manufacturer or "").casefold()), row.line)
		if first != row.line:
			maker = manufacturer or "an unnamed manufacturer"
			raise RowError(
				row.line, f'serial "{_short(serial)}" of {_short(maker)} stands on line {first} already'
			)
		return Machine(
			serial=serial,
			manufacturer=manufacturer,
			model=row.text("model"),
			customer=row.text("customer"),
			site=row.text("site"),
			criticality=criticality.upper() if criticality else None,
			product_uri=row.text("product_uri"),
			key=serial,
		)


class _CustomerReader:
	"""Rows to customers; several domains or telephone numbers in one field are separated by blanks or "|"."""

	def __init__(self) -> None:
		self.lines: dict[str, int] = {}

	def __call__(self, row: Row) -> Customer:
		name = row.required("name")
		strategic = (row.text("strategic") or "").lower()
		if strategic not in _YES and strategic not in _NO:
			raise RowError(row.line, f'strategic is "{_short(strategic)}"; write 1 or 0')
		first = self.lines.setdefault(name.casefold(), row.line)
		if first != row.line:
			raise RowError(row.line, f'customer "{_short(name)}" stands on line {first} already')
		language = row.text("language")
		return Customer(
			name=name,
			strategic=strategic in _YES,
			language=language.lower() if language else None,
			domains=_several(row.text("domain"), ",;| "),
			phones=_several(row.text("phone"), ",;|"),
		)


class _FaultCodeReader:
	"""Rows to fault codes, unique for each model."""

	def __init__(self) -> None:
		self.lines: dict[tuple[str, str], int] = {}

	def __call__(self, row: Row) -> FaultCode:
		code = row.required("code")
		model = row.text("model")
		first = self.lines.setdefault((code.casefold(), (model or "").casefold()), row.line)
		if first != row.line:
			of_model = f" of {_short(model)}" if model else ""
			raise RowError(row.line, f'code "{_short(code)}"{of_model} stands on line {first} already')
		return FaultCode(model, code, row.text("severity"), row.text("text"))


def _several(text: str | None, separators: str) -> tuple[str, ...]:
	for separator in separators:
		text = (text or "").replace(separator, "\n")
	return tuple(part.strip() for part in (text or "").split("\n") if part.strip())


def _short(text: str) -> str:
	return text if len(text) <= 40 else f"{text[:40]}..."
