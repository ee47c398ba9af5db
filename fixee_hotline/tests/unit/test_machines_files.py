"""A registry read from files, with every kind of damage."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fixee_hotline.machines.files import RowProblem, read_registry
from fixee_hotline.machines.model import Customer, FaultCode, Machine

HEADER = "serial,manufacturer,model,customer,site,criticality\n"


def read(
	folder: Path, content: str | bytes, name: str = "machines.csv"
) -> tuple[list[str], list[RowProblem]]:
	data = content.encode() if isinstance(content, str) else content
	(folder / name).write_bytes(data)
	registry, problems = read_registry(folder)
	return [machine.serial for machine in registry.machines], problems


def test_all_three_files(tmp_path: Path) -> None:
	(tmp_path / "machines.csv").write_text(f'{HEADER}BW-1,Brunnhold,"KP, 630",Acme,Ulm,b\n', "utf-8")
	(tmp_path / "customers.csv").write_text(
		"name;strategic;language;domain;phone\nAcme;1;DE;acme.example|acme.test;+49 30 23125410\nBeta;;;;\n",
		"utf-8",
	)
	(tmp_path / "fault_codes.csv").write_text("model\tcode\tseverity\ttext\nKP\tE17\tstop\tOil\n", "utf-8")
	registry, problems = read_registry(tmp_path)
	assert problems == []
	assert registry.machines == (Machine("BW-1", "Brunnhold", "KP, 630", "Acme", "Ulm", "B", None, "BW-1"),)
	assert registry.customers == (
		Customer("Acme", True, "de", ("acme.example", "acme.test"), ("+49 30 23125410",)),
		Customer("Beta"),
	)
	assert registry.fault_codes == (FaultCode("KP", "E17", "stop", "Oil"),)


def test_missing_files_are_no_problem_but_a_missing_directory_is(tmp_path: Path) -> None:
	registry, problems = read_registry(tmp_path)
	assert (registry.machines, registry.customers, registry.fault_codes, problems) == ((), (), (), [])
	_, problems = read_registry(tmp_path / "nowhere")
	assert problems[0].line == 0 and "no such directory" in problems[0].reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_byte_order_mark_and_line_ends(
	tmp_path: Path, delimiter: str, mark: str, line_end: str
) -> None:
	rows = [
		["Serial ", "extra", "product_uri"],
		['"BW""1"', "x", "https://a.example/1"],
		["", "", ""],
		["BW-2"],
	]
	content = mark + line_end.join(delimiter.join(row) for row in rows)
	assert read(tmp_path, content) == (
		['BW"1', "BW-2"],
		[],
	)


@pytest.mark.parametrize(
	("row", "reason"),
	[
		(b",Brunnhold,KP,Acme,Ulm,A", "serial is missing"),
		(b"BW-9,Brunnhold,KP,Acme,Ulm,D", 'criticality is "D"; write A, B or C'),
		(b"BW-9,Br\xfcnn,KP,Acme,Ulm,A", "is not UTF-8"),
		(b"BW-9,Brunnhold,KP,Acme,Ulm,A,more", "7 fields, the header has 6"),
		(b"bw-1,BRUNNHOLD,KP,Acme,Ulm,A", 'serial "bw-1" of BRUNNHOLD stands on line 2 already'),
		(b"BW-9,Brunnhold\0,KP,Acme,Ulm,A", "NUL byte"),
		(b'"BW-9,Brunnhold,KP,Acme,Ulm,A', "a quote is opened and not closed"),
		(b"BW-9," + b"x" * 70_000, "longer than 64 kB"),
	],
)
def test_a_broken_row_is_reported_and_the_others_kept(tmp_path: Path, row: bytes, reason: str) -> None:
	content = HEADER.encode() + b"BW-1,Brunnhold,KP,Acme,Ulm,A\n" + row + b"\nBW-2,Brunnhold,KP,Acme,Ulm,\n"
	serials, problems = read(tmp_path, content)
	assert serials == ["BW-1", "BW-2"]
	assert [(problem.file, problem.line) for problem in problems] == [("machines.csv", 3)]
	assert reason in problems[0].reason


def test_the_same_serial_of_two_manufacturers_is_kept(tmp_path: Path) -> None:
	assert read(tmp_path, "serial,manufacturer\nX1,Arno\nX1,Brix\nX1,\n") == (["X1", "X1", "X1"], [])


def test_quotes_that_hold_line_ends_or_stand_inside(tmp_path: Path) -> None:
	content = 'serial,site\nBW-1,"two\nlines"\nBW-2,12" screen\nBW-3,"a ""b"" c"\n'
	assert read(tmp_path, content) == (["BW-1", "BW-2", "BW-3"], [])


def test_an_unclosed_quote_costs_only_its_own_row(tmp_path: Path) -> None:
	rows = "".join(f'BW-{number},"plant {number}"\n' for number in range(50))
	serials, problems = read(tmp_path, f'serial,site\nBW-A,"open\n{rows}')
	assert serials == [f"BW-{number}" for number in range(50)]
	assert problems == [RowProblem("machines.csv", 2, "a quote is opened and not closed")]


@pytest.mark.parametrize(
	("content", "reason"),
	[
		(b"", "the file is empty"),
		(b"\xff\xfes\0e\0r\0", "UTF-16"),
		(b"name,site\nBW-1,x\n", 'no column "serial"'),
		(b'"serial,site\n', "header"),
	],
)
def test_a_file_without_a_usable_header(tmp_path: Path, content: bytes, reason: str) -> None:
	serials, problems = read(tmp_path, content)
	assert serials == [] and reason in problems[0].reason


@pytest.mark.parametrize(
	("name", "content", "reason"),
	[
		("customers.csv", "name,strategic\nAcme,maybe\n", 'strategic is "maybe"; write 1 or 0'),
		("customers.csv", "name\nAcme\nACME\n", "stands on line 2 already"),
		("fault_codes.csv", "model,code\nKP,E17\nkp,e17\n", "stands on line 2 already"),
		("fault_codes.csv", "model,code\nKP,\n", "code is missing"),
	],
)
def test_rows_of_the_other_files(tmp_path: Path, name: str, content: str, reason: str) -> None:
	_, problems = read(tmp_path, content, name)
	assert len(problems) == 1 and problems[0].file == name and reason in problems[0].reason


def test_a_thousand_problems_are_listed_the_rest_counted(tmp_path: Path) -> None:
	_, problems = read(tmp_path, HEADER + ",x\n" * 1500)
	assert len(problems) == 1001
	assert problems[-1] == RowProblem("machines.csv", 0, "500 more rows left out, not listed")


@pytest.mark.parametrize(
	"content",
	[
		b"x" * 30_000_000,
		b'serial\n"' + b"a\n" * 200_000,
		b'serial\n"' + b"a" * 20_000_000,
		b"serial\n" + b'"a\n' * 100_000,
	],
	ids=["one line", "endless quote", "endless field", "quotes"],
)
def test_huge_and_endless_files_end(tmp_path: Path, content: bytes) -> None:
	begin = time.perf_counter()
	_, problems = read(tmp_path, content)
	assert time.perf_counter() - begin < 10
	assert problems
