"""The command line as a user calls it: real processes, real files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DAY = ROOT / "examples" / "factory_day"


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
	command = [sys.executable, "-m", "fixee_hotline.lab.main", *arguments]
	return subprocess.run(command, input=data, capture_output=True, cwd=ROOT, timeout=120, check=False)


def objects(output: bytes) -> list[dict[str, Any]]:
	return [json.loads(line) for line in output.decode().splitlines()]


def test_triage_ranks_and_explains() -> None:
	lines = [
		{"id": "1", "channel": "whatsapp", "text": "Presse à l'arrêt, défaut E17"},
		{"id": "2", "channel": "email", "text": "URGENT: please send invoice 4711."},
	]
	done = run("triage", "-", data="\n".join(map(json.dumps, lines)).encode())
	assert done.returncode == 0, done.stderr
	critical, harmless = objects(done.stdout)
	assert (critical["id"], critical["level"], critical["language"]) == ("1", "critical", "fr")
	assert critical["fault_codes"] == ["E17"]
	assert critical["signals"][0]["code"] == "line_stopped"
	assert critical["signals"][0]["evidence"] in "Presse à l'arrêt, défaut E17"
	assert critical["next_question"] is None
	assert (harmless["level"], harmless["signals"]) == ("non_critical", [])
	assert set(critical) == {
		"id", "language", "level", "score", "signals", "machine", "fault_codes", "missing", "next_question",
		"rules_version",
	}  # fmt: skip


def test_a_bad_line_is_named_and_the_rest_goes_on() -> None:
	data = b'{"id": 1, "text": "hello"}\n{broken\n[1]\n{"id": 2}\n\xff\n{"id": 3, "text": "hello"}\n'
	done = run("triage", data=data)
	assert done.returncode == 1
	assert [one["id"] for one in objects(done.stdout)] == [1, 3]
	errors = done.stderr.decode()
	assert [f"line {number}:" in errors for number in (2, 3, 4, 5)] == [True] * 4
	assert "Traceback" not in errors


def test_a_deep_json_line_is_an_error_not_a_crash() -> None:
	done = run("triage", data=b"[" * 100_000 + b"\n")
	assert done.returncode == 1
	assert b"line 1:" in done.stderr
	assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
	"arguments", [("triage", "--rules", "nowhere.json"), ("triage", "nowhere.jsonl"), ("replay", "nowhere")]
)
def test_a_missing_file_is_named(arguments: tuple[str, ...]) -> None:
	done = run(*arguments)
	assert done.returncode == 2
	assert b"nowhere" in done.stderr
	assert b"Traceback" not in done.stderr


def test_broken_rules_are_refused_with_the_reason(tmp_path: Path) -> None:
	rules = tmp_path / "rules.json"
	rules.write_text('{"version": "x", "signals": [{"code": "a", "weight": 1000, "effect": "order"}]}')
	done = run("triage", "--rules", str(rules))
	assert done.returncode == 2
	assert b"0 to 100" in done.stderr


def test_own_rules_decide(tmp_path: Path) -> None:
	rules = tmp_path / "rules.json"
	data = {
		"version": "mine",
		"languages": ["en"],
		"signals": [{"code": "safety", "weight": 80, "effect": "critical"}],
		"vocabulary": [{"group": "safety", "language": "*", "kind": "phrase", "expression": "purple fog"}],
	}
	rules.write_text(json.dumps(data))
	done = run("triage", "--rules", str(rules), data=b'{"id": 1, "text": "There is purple fog here"}')
	(answer,) = objects(done.stdout)
	assert (answer["level"], answer["rules_version"]) == ("critical", "mine")


def test_demo_shows_the_day_and_its_figures(tmp_path: Path) -> None:
	done = run("demo", "--out", str(tmp_path))
	assert done.returncode == 0, done.stderr.decode()
	board = done.stdout.decode()
	assert "CRITICAL" in board
	assert "Backlog at the end" in board
	page = (tmp_path / "index.html").read_text(encoding="utf-8")
	assert "<script" not in page
	assert page.count("<tr class=") > 40


def test_replay_in_json_has_every_request_with_its_messages() -> None:
	done = run("replay", str(DAY), "--json")
	assert done.returncode == 0, done.stderr.decode()
	*tickets, figures = objects(done.stdout)
	assert figures["kpis"]["requests"] == len(tickets)
	ids = [message for ticket in tickets for message in ticket["messages"]]
	assert len(ids) == len(set(ids))


def test_half_a_character_does_not_stop_the_rest() -> None:
	done = run("triage", data=b'{"id": "\\ud83d", "text": "line down"}\n{"id": 2, "text": "hello"}\n')
	assert done.returncode == 0, done.stderr.decode()
	assert len(done.stdout.splitlines()) == 2


def test_a_broken_registry_row_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
	(tmp_path / "machines.csv").write_text("serial,model,criticality\nHP-1,Press,Z\nHP-2,Press,A\n")
	done = run("triage", "--registry", str(tmp_path), data=b'{"id": 1, "text": "HP-2 is down"}')
	(answer,) = objects(done.stdout)
	assert answer["machine"]["serial"] == "HP-2"
	assert done.returncode == 1
	assert b"machines.csv:2" in done.stderr


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
	target = tmp_path / "taken"
	target.write_text("")
	done = run("replay", str(DAY), "--out", str(target))
	assert done.returncode == 2
	assert b"cannot be written" in done.stderr


def test_the_end_of_a_very_long_text_is_read() -> None:
	text = "07:00:01 axis 1 position 17 ok\n" * 400 + "The line is down, we cannot produce."
	done = run("triage", data=json.dumps({"id": 1, "channel": "portal", "text": text}).encode())
	(answer,) = objects(done.stdout)
	assert answer["level"] == "critical"
