"""Rule sets as data: reading, checking and the one that ships with the app."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import regex

from fixee_hotline.triage.expressions import ExpressionError, parse_alternatives
from fixee_hotline.triage.model import (
	EFFECTS,
	ROW_KINDS,
	Effect,
	RowKind,
	RuleSet,
	SignalRule,
	Thresholds,
	VocabularyRow,
)

SHIPPED = Path(__file__).parent / "rules"
LONGEST_EXPRESSION = 20_000
MOST_ROWS = 20_000


class RuleError(ValueError):
	"""A rule set that cannot be used; the text names the row and says what to do."""


def load_rules(data: Mapping[str, Any]) -> RuleSet:
	"""A checked rule set from its JSON form. Raises RuleError at the first row that is wrong."""
	if not isinstance(data, Mapping):
		raise RuleError("A rule set is a JSON object with “version”, “signals” and “vocabulary”.")
	version = data.get("version")
	if not isinstance(version, str) or not version.strip():
		raise RuleError("The rule set has no version: give it a short name, such as 2026.1.")
	signals = _signals(_list(data, "signals"))
	languages = tuple(str(code) for code in _list(data, "languages"))
	return RuleSet(
		version=version.strip(),
		languages=languages,
		signals=signals,
		vocabulary=_vocabulary(_list(data, "vocabulary"), languages),
		thresholds=_thresholds(data.get("thresholds") or {}),
	)


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
	value = data.get(key)
	if not isinstance(value, list) or not value:
		raise RuleError(f"The rule set needs a non-empty list “{key}”.")
	return value


def _signals(rows: Iterable[Any]) -> dict[str, SignalRule]:
	signals: dict[str, SignalRule] = {}
	for number, row in enumerate(rows, 1):
		rule = _signal(row, f"Signal {number}")
		if rule.code in signals:
			raise RuleError(f"Signal {number}: “{rule.code}” is there twice; remove one.")
		signals[rule.code] = rule
	return signals


def _signal(row: Any, where: str) -> SignalRule:
	if not isinstance(row, Mapping) or not isinstance(row.get("code"), str) or not row["code"]:
		raise RuleError(f"{where}: “code” is missing.")
	weight, effect = row.get("weight"), row.get("effect")
	if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 100:
		raise RuleError(f"{where} ({row['code']}): the weight must be a whole number from 0 to 100.")
	if effect not in EFFECTS:
		raise RuleError(f"{where} ({row['code']}): the effect must be one of {', '.join(EFFECTS)}.")
	enabled = bool(row.get("enabled", True))
	return SignalRule(
		row["code"], str(row.get("label") or row["code"]), weight, cast(Effect, effect), enabled
	)


def _vocabulary(rows: list[Any], languages: tuple[str, ...]) -> tuple[VocabularyRow, ...]:
	if len(rows) > MOST_ROWS:
		raise RuleError(f"The vocabulary has {len(rows)} rows; at most {MOST_ROWS} are allowed.")
	return tuple(_row(row, f"Vocabulary row {number}", languages) for number, row in enumerate(rows, 1))


def _row(row: Any, where: str, languages: tuple[str, ...]) -> VocabularyRow:
	if not isinstance(row, Mapping):
		raise RuleError(f"{where} is not an object with group, language, kind and expression.")
	group, language, kind, expression = (row.get(key) for key in ("group", "language", "kind", "expression"))
	if not isinstance(group, str) or not group:
		raise RuleError(f"{where}: “group” is missing.")
	if language != "*" and language not in languages:
		raise RuleError(f"{where}: language “{language}” is not among {', '.join(languages)} or *.")
	if kind not in ROW_KINDS:
		raise RuleError(f"{where}: the kind must be one of {', '.join(ROW_KINDS)}.")
	if not isinstance(expression, str) or not 0 < len(expression) <= LONGEST_EXPRESSION:
		raise RuleError(f"{where}: the expression must have 1 to {LONGEST_EXPRESSION} characters.")
	_check_expression(kind, expression, where)
	return VocabularyRow(group, str(language), cast(RowKind, kind), expression)


def _check_expression(kind: str, expression: str, where: str) -> None:
	try:
		if kind == "pattern":
			regex.compile(expression)
		else:
			parse_alternatives(expression)
	except regex.error as error:
		raise RuleError(f"{where}: the pattern is broken at position {error.pos}: {error.msg}.") from error
	except ExpressionError as error:
		raise RuleError(f"{where}: {error}") from error


def _thresholds(data: Any) -> Thresholds:
	if not isinstance(data, Mapping):
		raise RuleError("“thresholds” is an object of whole numbers.")
	names = {one.name for one in fields(Thresholds)}
	values = {}
	for name in names & data.keys():
		value = data[name]
		if isinstance(value, bool) or not isinstance(value, int) or not -100 <= value <= 3650:
			raise RuleError(f"Threshold “{name}” must be a whole number from -100 to 3650.")
		values[name] = value
	return Thresholds(**values)


def default_rules_data() -> dict[str, Any]:
	"""The shipped rule set in its JSON form: `rules/base.json` and one vocabulary file a language."""
	data: dict[str, Any] = json.loads((SHIPPED / "base.json").read_text(encoding="utf-8"))
	data["vocabulary"] = [row for language in ("common", *data["languages"]) for row in _shipped(language)]
	return data


def _shipped(language: str) -> list[dict[str, str]]:
	groups = json.loads((SHIPPED / f"{language}.json").read_text(encoding="utf-8"))
	code = "*" if language == "common" else language
	return [
		{"group": group, "language": code, "kind": kind, "expression": expression}
		for kind, by_group in groups.items()
		for group, expressions in by_group.items()
		for expression in expressions
	]


@lru_cache(maxsize=1)
def default_rules() -> RuleSet:
	"""The shipped rule set, checked."""
	return load_rules(default_rules_data())
