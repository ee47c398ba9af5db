"""Rule sets, assessments and events in the site's records. The only writer of all three."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import now_datetime

from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.jury import load_jury
from fixee_hotline.triage.model import RuleSet
from fixee_hotline.triage.rules import RuleError, default_rules_data, load_rules

if TYPE_CHECKING:
	from frappe.model.document import Document

__all__ = ["RuleError"]

ACTIVE_KEY = "hotline:active_rule_set"
SIGNAL_KEYS = ("code", "label", "weight", "effect", "enabled")
VOCABULARY_KEYS = ("group", "language", "kind", "expression")
BY_RULES = "Rules"
WARM_UP = "Bonjour, merci de nous rappeler"

# Site to (fingerprint, engine): a process compiles each version once.
_engines: dict[str, tuple[str, Engine]] = {}


@dataclass(frozen=True, slots=True)
class AssessmentRow:
	"""One row of Hotline Assessment, levels as the site labels them."""

	ticket: str
	level: str
	applied_level: str
	score: int = 0
	kept_because: str = ""
	signals: list[dict[str, Any]] = field(default_factory=list)
	reasons: str = ""
	rule_version: str | None = None
	language: str | None = None
	machine: str | None = None
	fault_codes: str | None = None
	message: str | None = None
	restored: str | None = None
	assessed_by: str = BY_RULES
	reason: str | None = None

	def of_message(self, message: str | None) -> AssessmentRow:
		"""The same row, belonging to `message` where it belongs to none."""
		return self if self.message or not message else replace(self, message=message)


@dataclass(frozen=True, slots=True)
class EventRow:
	"""One fact about a ticket; `data` holds plain values."""

	ticket: str
	event_type: str
	actor: str
	channel: str | None = None
	data: dict[str, Any] = field(default_factory=dict)


# Rule sets ----------------------------------------------------------------------------------------


def data_of(doc: Document) -> dict[str, Any]:
	"""The JSON form of a rule set's form. Raises RuleError when the thresholds are no JSON."""
	return {
		"version": (doc.version or "").strip(),
		"languages": _codes(doc.languages),
		"signals": [{**_picked(row, SIGNAL_KEYS), "enabled": bool(row.enabled)} for row in doc.signals],
		"vocabulary": [_picked(row, VOCABULARY_KEYS) for row in doc.vocabulary],
		"thresholds": _thresholds(doc.thresholds),
	}


def parse(data: dict[str, Any]) -> RuleSet:
	"""The checked rule set. Raises RuleError, whose text names the row."""
	return load_rules(data)


def fingerprint(data: dict[str, Any]) -> str:
	"""The same content has the same fingerprint, wherever it is stored."""
	return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def active_engine() -> Engine:
	"""The engine of the active rule set. Raises frappe.ValidationError when the site has none."""
	name, mark = frappe.cache.get_value(ACTIVE_KEY, generator=_active_mark)
	if not name:
		frappe.throw(_("No rule set is active. Open Hotline Rule Set and set one to Active."))
	site = frappe.local.site
	known = _engines.get(site)
	if known is None or known[0] != mark:
		known = _engines[site] = (mark, _warm(Engine(parse(_stored_data(name)), load_jury())))
	return known[1]


def _warm(engine: Engine) -> Engine:
	"""What is slow once a process happens here, before any row is locked."""
	engine.read(WARM_UP, engine.rules.languages)
	return engine


def forget_active() -> None:
	"""The next request asks the database again which set is active."""
	frappe.cache.delete_value(ACTIVE_KEY)


def retire_all_but(name: str) -> None:
	"""One set is active: `name`."""
	for other in frappe.get_all("Hotline Rule Set", {"state": "Active", "name": ("!=", name)}, pluck="name"):
		frappe.db.set_value("Hotline Rule Set", other, "state", "Retired")


def ensure_default() -> None:
	"""The shipped rule set: active on a site that has none, else a draft to try when its version is new."""
	data = default_rules_data()
	if frappe.db.exists("Hotline Rule Set", data["version"]):
		return
	doc = frappe.new_doc("Hotline Rule Set")
	doc.update(
		{
			"version": data["version"],
			"title": _("Rules shipped with the app"),
			"state": "Draft" if frappe.db.exists("Hotline Rule Set", {"state": "Active"}) else "Active",
			"languages": ",".join(data["languages"]),
			"thresholds": json.dumps(data.get("thresholds") or {}, indent=1),
		}
	)
	for row in data["signals"]:
		doc.append("signals", {**_picked(row, SIGNAL_KEYS), "enabled": int(row.get("enabled", True))})
	for row in data["vocabulary"]:
		doc.append("vocabulary", _picked(row, VOCABULARY_KEYS))
	# Nobody is logged in while the app is installed or migrated.
	doc.insert(ignore_permissions=True)


def _active_mark() -> tuple[str, str]:
	row = frappe.db.get_value("Hotline Rule Set", {"state": "Active"}, ["name", "fingerprint"])
	return (row[0], row[1] or "") if row else ("", "")


def _stored_data(name: str) -> dict[str, Any]:
	"""Plain rows instead of a thousand child documents: the first request after a change stays fast."""
	head = frappe.db.get_value("Hotline Rule Set", name, ["version", "languages", "thresholds"], as_dict=True)
	signals = _rows("Hotline Rule Signal", name, SIGNAL_KEYS)
	return {
		"version": head.version,
		"languages": _codes(head.languages),
		"signals": [{**row, "enabled": bool(row["enabled"])} for row in signals],
		"vocabulary": _rows("Hotline Vocabulary Row", name, VOCABULARY_KEYS),
		"thresholds": _thresholds(head.thresholds),
	}


def _rows(doctype: str, parent: str, keys: tuple[str, ...]) -> list[dict[str, Any]]:
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(*(table[key] for key in keys)).where(table.parent == parent)
	return [dict(row) for row in query.orderby(table.idx).run(as_dict=True)]


def _picked(row: Document | dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
	return {key: row.get(key) for key in keys}


def _codes(text: str | None) -> list[str]:
	return [code.strip() for code in (text or "").split(",") if code.strip()]


def _thresholds(text: str | None) -> dict[str, Any]:
	try:
		value = json.loads(text or "{}")
	except ValueError as error:
		raise RuleError(_("The thresholds are not valid JSON: {0}").format(error)) from error
	if not isinstance(value, dict):
		raise RuleError(
			_("The thresholds must be a JSON object, for example {0}").format('{"recurrence_days": 30}')
		)
	return value


# Assessments and events ---------------------------------------------------------------------------

ASSESSMENT_COLUMNS = (
	"ticket",
	"message",
	"assessed_by",
	"level",
	"applied_level",
	"kept_because",
	"score",
	"restored",
	"reasons",
	"reason",
	"rule_version",
	"language",
	"machine",
	"fault_codes",
	"signals",
)
EVENT_COLUMNS = ("ticket", "event_type", "at", "actor", "channel", "data")


def append(assessments: Iterable[AssessmentRow], events: Iterable[EventRow]) -> None:
	"""Add rows in one statement a table: this runs inside the creation of every ticket."""
	at = now_datetime()
	_insert("Hotline Assessment", ASSESSMENT_COLUMNS, [_assessment_values(row) for row in assessments], at)
	_insert("Hotline Event", EVENT_COLUMNS, [_event_values(row, at) for row in events], at)


def assessed(ticket: str, message: str) -> bool:
	"""Whether this message has been assessed for this ticket."""
	return bool(frappe.db.exists("Hotline Assessment", {"message": message, "ticket": ticket}))


def assessments_of(ticket: str, limit: int = 20) -> list[dict[str, Any]]:
	"""The newest assessments of a ticket, newest first."""
	fields = ["creation", *(column for column in ASSESSMENT_COLUMNS if column != "ticket")]
	return frappe.get_all(
		"Hotline Assessment", {"ticket": ticket}, fields, order_by="creation desc", limit=limit
	)


def readings_of(ticket: str) -> list[dict[str, Any]]:
	"""What the rules said of each message, oldest first; of the bare subject while there is no message."""
	columns = ["message", "level", "score", "restored", "reasons", "signals"]
	filters = {"ticket": ticket, "assessed_by": BY_RULES}
	rows = frappe.get_all("Hotline Assessment", filters, columns, order_by="creation asc")
	return [row for row in rows if row.message] or rows


def delete_of_ticket(ticket: str) -> None:
	"""Assessments and events go with their ticket, and only so."""
	for doctype in ("Hotline Assessment", "Hotline Event"):
		frappe.db.delete(doctype, {"ticket": ticket})


def erase_words(tickets: Collection[str]) -> None:
	"""The customer's words among the reasons of these tickets; levels, scores and times stay."""
	for ticket in tickets:
		values = {"reasons": None, "signals": "[]"}
		frappe.db.set_value("Hotline Assessment", {"ticket": ticket}, values, update_modified=False)


def _assessment_values(row: AssessmentRow) -> list[Any]:
	values = {column: getattr(row, column) for column in ASSESSMENT_COLUMNS}
	values["signals"] = json.dumps(row.signals, ensure_ascii=False)
	values["restored"] = (row.restored or "")[:140] or None
	return list(values.values())


def _event_values(row: EventRow, at: Any) -> list[Any]:
	data = json.dumps(row.data, ensure_ascii=False, default=str)
	return [row.ticket, row.event_type, at, row.actor, row.channel, data]


def _insert(doctype: str, columns: tuple[str, ...], rows: list[list[Any]], at: Any) -> None:
	if not rows:
		return
	user = frappe.session.user
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.into(table).columns("name", "creation", "modified", "owner", "modified_by", *columns)
	for row in rows:
		query = query.insert(frappe.generate_hash(length=16), at, at, user, user, *row)
	query.run()
