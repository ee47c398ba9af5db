"""Rule sets: what is refused and with which words; levels come from effects."""

from __future__ import annotations

from typing import Any

import pytest

from fixee_hotline.triage.course import level_after
from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.rules import RuleError, default_rules, default_rules_data, load_rules
from fixee_hotline.triage.scoring import assess


def small(**changes: Any) -> dict[str, Any]:
	data: dict[str, Any] = {
		"version": "test",
		"languages": ["en"],
		"signals": [{"code": "line_stopped", "weight": 70, "effect": "critical"}],
		"vocabulary": [
			{"group": "line_stopped", "language": "en", "kind": "phrase", "expression": "kaput ... today"}
		],
	}
	return {**data, **changes}


def test_the_shipped_rules_are_valid_and_cover_every_language() -> None:
	rules = default_rules()
	assert {row.language for row in rules.vocabulary} >= set(rules.languages)
	assert load_rules(default_rules_data()) == rules


def test_a_phrase_with_a_gap_raises_its_signal_with_its_words() -> None:
	found = Engine(load_rules(small())).read("It went kaput again today.", ["en"]).found
	assert found == {"line_stopped": "kaput again today"}


def test_a_pattern_raises_its_signal() -> None:
	row = {"group": "line_stopped", "language": "*", "kind": "pattern", "expression": r"ALM\s*999"}
	found = Engine(load_rules(small(vocabulary=[row]))).read("display: ALM 999", ["en"]).found
	assert found == {"line_stopped": "ALM 999"}


def test_a_pattern_that_would_take_for_ever_is_given_up() -> None:
	row = {"group": "line_stopped", "language": "*", "kind": "pattern", "expression": r"(a|aa)+$"}
	engine = Engine(load_rules(small(vocabulary=[row])))
	assert engine.read("a" * 3000 + "!", ["en"]).found == {}


BROKEN = [
	({"version": ""}, "version"),
	({"signals": []}, "signals"),
	({"signals": [{"code": "x", "weight": 101, "effect": "critical"}]}, "0 to 100"),
	({"signals": [{"code": "x", "weight": 10, "effect": "panic"}]}, "effect"),
	({"signals": [{"code": "x", "weight": 1, "effect": "order"}] * 2}, "twice"),
	({"vocabulary": [{"group": "x", "language": "xx", "kind": "word", "expression": "a"}]}, "language"),
	({"vocabulary": [{"group": "x", "language": "en", "kind": "verb", "expression": "a"}]}, "kind"),
	({"vocabulary": [{"group": "x", "language": "en", "kind": "pattern", "expression": "(a"}]}, "position"),
	({"vocabulary": [{"group": "x", "language": "en", "kind": "phrase", "expression": "... a"}]}, "gap"),
	({"vocabulary": [{"group": "x", "language": "en", "kind": "word", "expression": "<open"}]}, "closed"),
	({"vocabulary": [{"group": "x", "language": "en", "kind": "word", "expression": " | "}]}, "empty"),
	({"thresholds": {"recurrence_days": "soon"}}, "recurrence_days"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_a_broken_rule_set_is_refused_with_the_place(change: dict[str, Any], said: str) -> None:
	with pytest.raises(RuleError, match=said):
		load_rules(small(**change))


def test_levels_come_from_effects_and_strategic_raises_by_one() -> None:
	rules = default_rules()
	assert assess({"production_degraded": "a", "recurrent_incident": "b"}, rules).level == "important"
	assert assess({"safety": "a"}, rules).level == "critical"
	assert assess({"strategic_customer": "a"}, rules).level == "important"
	assert assess({"recurrent_incident": "a", "strategic_customer": "b"}, rules).level == "critical"
	assert assess({"waiting": "a", "negative_sentiment": "b"}, rules).level == "non_critical"


def test_the_score_stays_inside_the_band_of_its_level() -> None:
	rules = default_rules()
	every = {code: "x" for code in rules.signals}
	assert assess(every, rules).score == 100
	assert 40 <= assess({"production_degraded": "a", "recurrent_incident": "b"}, rules).score < 70
	assert assess({}, rules, extra=-5).score == 0


def test_a_critical_request_stays_critical_until_production_is_back_or_an_agent_says_so() -> None:
	assert level_after("critical", "non_critical", restored=False) == "critical"
	assert level_after("critical", "non_critical", restored=True) == "non_critical"
	assert level_after("non_critical", "critical", restored=False) == "critical"
	assert level_after("important", "critical", restored=False, locked=True) == "important"
	assert level_after(None, "important", restored=False) == "important"
