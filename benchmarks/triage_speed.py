"""Messages a second through the pure triage on one core, with a registry of 20,000 machines."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from fixee_hotline.lab.triage import run
from fixee_hotline.machines.files import read_registry
from fixee_hotline.machines.model import Machine
from fixee_hotline.machines.registry import Registry
from fixee_hotline.triage.engine import default_engine

DATA = Path(__file__).resolve().parents[1] / "fixee_hotline" / "tests" / "data" / "triage"
MACHINES = 20_000
ROUNDS = 5
GOAL = 1_500


def registry() -> Registry:
	"""The development registry, filled up with made-up machines to 20,000."""
	known, _ = read_registry(DATA / "registry")
	return Registry([*known.machines, *_filling()], known.customers, known.fault_codes)


def _filling() -> Iterator[Machine]:
	for number in range(MACHINES):
		serial = f"{'ABCDEFGH'[number % 8]}{number % 97:02d}-{number:05d}{'KLMNPR'[number % 6]}"
		yield Machine(serial, "Filler", f"Model {number % 40}", f"Customer {number % 900}")


def messages() -> list[bytes]:
	"""The development messages five times over, numbered anew."""
	lines = (DATA / "development.jsonl").read_text(encoding="utf-8").splitlines()
	values = [json.loads(line) for line in lines] * 5
	return [json.dumps({**value, "id": number}).encode() for number, value in enumerate(values)]


def main() -> int:
	engine, source, lines = default_engine(), registry(), messages()
	run(lines[:300], source, engine, io.StringIO(), sys.stderr)
	rates = []
	for _ in range(ROUNDS):
		started = time.perf_counter()
		run(lines, source, engine, io.StringIO(), sys.stderr)
		rates.append(len(lines) / (time.perf_counter() - started))
	sys.stdout.write(
		f"triage: {median(rates):.0f} messages/s on one core ({min(rates):.0f}-{max(rates):.0f}, "
		f"{ROUNDS} rounds of {len(lines)}), {MACHINES} machines; {median(rates) / GOAL:.2f} of {GOAL}\n"
	)
	return 0 if median(rates) >= GOAL else 1


if __name__ == "__main__":
	sys.exit(main())
