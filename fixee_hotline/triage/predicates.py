"""Candidates: places where a text says that something stands, does not run, is dangerous or came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixee_hotline.triage.finder import Found, Span

NOT_BEFORE_RUN = 4
# How far a negation may follow its verb ("läuft heute gar nicht", "marche plus"), by its word class.
NOT_AFTER_RUN = {"not_after": 6, "not_after_event": 2}
# How near "again" must stand to what came back; "8102 runs as before" is no fault.
AGAIN_NEAR = {"fault": 7, "stopped": 7, "stops": 7, "defect": 7, "code": 1}
NOUNS = ("machine", "part", "thing", "guard")


@dataclass(frozen=True, slots=True)
class Candidate:
	"""Words that may raise signal `code`; `state` tells a lasting state from an event that may repeat."""

	code: str
	start: int
	end: int
	kind: str
	negation_used: bool = False


def candidates(found: Found) -> list[Candidate]:
	"""All candidates in order of appearance; qualifiers (negation, plans, questions) are judged later."""
	all_found = [
		*_phrases(found),
		*_stops(found),
		*_not_running(found),
		*_guards(found),
		*_again(found),
	]
	return sorted(all_found, key=lambda one: (one.start, -one.end))


def _phrases(found: Found) -> Iterator[Candidate]:
	for hit in found.phrases:
		if not hit.blocker:
			used = bool(
				found.within("not", hit.start, hit.end) or found.within("without", hit.start, hit.end)
			)
			yield Candidate(hit.group, hit.start, hit.end, "own" if hit.own else "phrase", used)


def _stops(found: Found) -> Iterator[Candidate]:
	for name in ("stopped", "stops", "defect"):
		for span in found.spans(name):
			noun = subject(found, span)
			if noun in ("part", "thing", "guard") or (name == "defect" and noun is None):
				continue
			yield Candidate("line_stopped", span.start, span.end, name)


def _not_running(found: Found) -> Iterator[Candidate]:
	for run in found.spans("run"):
		negation = negation_of_run(found, run)
		if negation is None:
			continue
		span = Span(min(run.start, negation.start), max(run.end, negation.end))
		if subject(found, span) in ("part", "thing", "guard"):
			continue
		yield Candidate("line_stopped", span.start, span.end, "not_running", True)


def negation_of_run(found: Found, run: Span) -> Span | None:
	"""The negation that turns "runs" into "does not run", in its clause; None when there is none."""
	for name in ("not", "unable", "nothing"):
		for span in found.in_clause(name, run.start):
			if 0 <= run.start - span.end <= NOT_BEFORE_RUN:
				return span
	for name, reach in NOT_AFTER_RUN.items():
		for span in found.in_clause(name, run.start):
			if 0 <= span.start - run.end <= reach:
				return span
	return None


def _guards(found: Found) -> Iterator[Candidate]:
	"""A protective function that does not act, or a machine that runs without it."""
	for guard in found.spans("guard"):
		yield from _guard_defects(found, guard)
		for run in found.in_clause("run", guard.start):
			negation = negation_of_run(found, run)
			if negation is not None and _near(guard, run, 8):
				spans = (guard, run, negation)
				yield _joined("safety", spans, "guard_lost", True)
		for stop in [*found.in_sentence("stops", guard.start), *found.in_sentence("stopped", guard.start)]:
			negation = _negation_before(found, stop)
			if negation is not None:
				yield _joined("safety", (guard, stop), "guard_lost", True)


def _guard_defects(found: Found, guard: Span) -> Iterator[Candidate]:
	for name in ("defect", "bypassed"):
		for span in found.in_clause(name, guard.start):
			if _near(guard, span, 6):
				yield _joined("safety", (guard, span), "guard_lost", False)


def _negation_before(found: Found, stop: Span) -> Span | None:
	for name in ("not", "unable"):
		for span in found.in_clause(name, stop.start):
			if 0 <= stop.start - span.end <= 3 or 0 <= span.start - stop.end <= 3:
				return span
	return None


def _again(found: Found) -> Iterator[Candidate]:
	for again in found.spans("again"):
		for name, reach in AGAIN_NEAR.items():
			for span in found.in_clause(name, again.start):
				if _near(again, span, reach):
					yield _joined("recurrent_incident", (again, span), "again", False)


def subject(found: Found, span: Span) -> str | None:
	"""What the predicate speaks of: class of the nearest noun in its clause, else of one before it."""
	nouns = [
		(name, noun)
		for name in NOUNS
		for noun in found.in_clause(name, span.start)
		if not (span.start <= noun.start < span.end) and not _modifier(found, noun)
	]
	if nouns:
		return min(nouns, key=lambda pair: _distance(pair[1], span))[0]
	earlier = [
		(noun.start, name)
		for name in NOUNS
		if name != "thing"
		for noun in found.in_sentence(name, span.start)
		if noun.end <= span.start and not _modifier(found, noun)
	]
	return max(earlier)[1] if earlier else None


def _modifier(found: Found, noun: Span) -> bool:
	"""True for Y in "X of the Y"."""
	position = noun.start - 1
	seen_of = False
	while position >= 0 and "<of>" in found.atoms[position]:
		seen_of = True
		position -= 1
	if not seen_of or position < 0 or found.tokens.clauses[position] != found.tokens.clauses[noun.start]:
		return False
	heads = [span for name in NOUNS for span in found.spans(name) if span.start <= position < span.end]
	return bool(heads)


def _distance(noun: Span, span: Span) -> float:
	return span.start - noun.end if noun.end <= span.start else noun.start - span.end + 1.5


def _near(one: Span, other: Span, words: int) -> bool:
	first, second = (one, other) if one.start <= other.start else (other, one)
	return second.start - first.end <= words


def _joined(code: str, spans: tuple[Span, ...], kind: str, negation_used: bool) -> Candidate:
	start, end = min(span.start for span in spans), max(span.end for span in spans)
	return Candidate(code, start, end, kind, negation_used)
