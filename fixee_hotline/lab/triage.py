"""`fixee-hotline triage`: requests in, levels with their reasons out."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from fixee_hotline.intake.qualify import PastIncident, Request, qualify_all
from fixee_hotline.lab.jsonlines import BadLine, read_objects, write_object
from fixee_hotline.machines.files import read_registry
from fixee_hotline.machines.registry import Registry
from fixee_hotline.triage.engine import Engine, default_engine
from fixee_hotline.triage.jury import load_jury
from fixee_hotline.triage.rules import RuleError, load_rules

CHANNELS = ("whatsapp", "email", "portal", "phone", "mailbox")
BATCH = 64


class InputError(ValueError):
	"""An input that cannot be used; the text says what is wrong with it."""


def run(lines: Iterable[bytes], registry: Registry, engine: Engine, out: TextIO, err: TextIO) -> int:
	"""Triage each line; exit code 1 if any was bad. Answers come in batches, in the order of the input."""
	# Registry and vocabulary live as long as the process: the collector need not walk them again and again.
	gc.freeze()
	failed = False
	batch: list[tuple[Any, Request]] = []
	for number, value in read_objects(lines):
		try:
			if isinstance(value, BadLine):
				raise InputError(value.reason)
			batch.append((value.get("id"), request_of(value)))
		except InputError as error:
			err.write(f"line {number}: {error}\n")
			failed = True
		if len(batch) >= BATCH:
			_answer(batch, registry, engine, out)
			batch = []
	_answer(batch, registry, engine, out)
	return 1 if failed else 0


def _answer(batch: Sequence[tuple[Any, Request]], registry: Registry, engine: Engine, out: TextIO) -> None:
	answers = qualify_all([request for _, request in batch], engine, registry)
	for (name, _), answer in zip(batch, answers, strict=True):
		write_object(out, {"id": name, **answer.to_dict()})
	out.flush()


def request_of(value: Mapping[str, Any]) -> Request:
	"""A request from one input object. Raises InputError naming the key that is wrong."""
	text = _text(value, "text", required=True) or ""
	channel = _text(value, "channel") or "email"
	if channel not in CHANNELS:
		raise InputError(f"channel “{channel}” is unknown; use one of {', '.join(CHANNELS[:4])}")
	return Request(
		text=text,
		channel=channel,
		subject=_text(value, "subject"),
		sender=_text(value, "sender"),
		customer=_text(value, "customer"),
		received_at=_moment(value.get("received_at"), "received_at"),
		history=_history(value.get("history")),
	)


def _text(value: Mapping[str, Any], key: str, required: bool = False) -> str | None:
	found = value.get(key)
	if found is None and not required:
		return None
	if not isinstance(found, str):
		raise InputError(f"“{key}” must be a text")
	return found


def _moment(value: Any, key: str) -> datetime | None:
	if value is None or value == "":
		return None
	try:
		return datetime.fromisoformat(str(value).replace("Z", "+00:00"))
	except ValueError:
		raise InputError(f"“{key}” is no ISO 8601 time: {str(value)[:40]}") from None


def _history(value: Any) -> tuple[PastIncident, ...]:
	if value is None:
		return ()
	if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
		raise InputError("“history” must be a list of {fault_codes, at}")
	return tuple(_past(item) for item in value)


def _past(item: Mapping[str, Any]) -> PastIncident:
	codes = item.get("fault_codes") or []
	if not isinstance(codes, list):
		raise InputError("“history.fault_codes” must be a list")
	return PastIncident(tuple(str(code) for code in codes), _moment(item.get("at"), "history.at"))


def engine_of(path: Path | None) -> Engine:
	"""The engine of a rules file, or of the shipped rules. Raises InputError with the file's name."""
	if path is None:
		return default_engine()
	try:
		return Engine(load_rules(json.loads(path.read_text(encoding="utf-8"))), load_jury())
	except OSError as error:
		raise InputError(f"{path}: {error.strerror}") from error
	except (RuleError, ValueError, RecursionError) as error:
		raise InputError(f"{path}: {error}") from error


def registry_of(path: Path | None, err: TextIO) -> tuple[Registry, int]:
	"""The registry of a directory (empty without one) and how many problems of its files went to `err`."""
	if path is None:
		return Registry((), (), ()), 0
	if not path.is_dir():
		raise InputError(f"{path}: no such directory")
	registry, problems = read_registry(path)
	for problem in problems:
		err.write(f"{problem.file}:{problem.line}: {problem.reason}\n")
	return registry, len(problems)
