"""The situation now: which candidates stand once negation, plans, questions, past and repair are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fixee_hotline.triage.finder import Found, Span
from fixee_hotline.triage.model import Reading
from fixee_hotline.triage.predicates import Candidate, candidates, subject

NEGATION_REACH = 3
NEGATION_AFTER = 2
SHORT_QUESTION = 3
SUBJECT_REACH = 4
NO_SIGNAL = ("restored", "producing")
CRITICAL = ("line_stopped", "safety")
STATES = ("line_stopped", "production_degraded", "safety")


def read_situation(found: Found, text: str) -> Reading:
	"""Signals that the text raises now, each with its words, and the words that say production is back."""
	meant = [one for one in candidates(found) if one.code not in NO_SIGNAL]
	standing = [one for one in meant if not _refused(found, one)]
	standing = [_lessened(found, one) for one in standing]
	standing = [one for one in standing if not _contradicted(found, one)]
	restored = _restored(found)
	if restored is not None:
		standing = [one for one in standing if not _repaired(found, one, restored)]
	signals: dict[str, str] = {}
	for one in standing:
		start, end = _with_subject(found, one)
		signals.setdefault(one.code, evidence(found, text, start, end))
	back = None
	if restored is not None and not set(signals) & {"line_stopped", "safety"}:
		back = evidence(found, text, restored.start, restored.end)
	refused = frozenset(one.code for one in meant) - signals.keys()
	return Reading(signals, back, refused=refused, unsure=_unsure_codes(found, standing))


def _with_subject(found: Found, one: Candidate) -> tuple[int, int]:
	"""The words of a candidate together with the machine they speak of, when it stands near."""
	if one.kind not in ("stopped", "stops", "defect", "not_running"):
		return one.start, one.end
	near = [
		machine
		for machine in found.in_clause("machine", one.start)
		if one.start - machine.end <= SUBJECT_REACH and machine.start - one.end <= SUBJECT_REACH
	]
	return min([one.start, *(span.start for span in near)]), max([one.end, *(span.end for span in near)])


def evidence(found: Found, text: str, start: int, end: int) -> str:
	"""The customer's own words from `start` to `end`, on one line, at most 120 characters."""
	words = text[found.tokens.starts[start] : found.tokens.ends[end - 1]]
	return " ".join(words.split())[:120]


def _unsure_codes(found: Found, standing: Sequence[Candidate]) -> frozenset[str]:
	"""Codes that rest on little: one weak expression, or a standstill beside production that goes on.

	What an administrator added is never among them: the learners know nothing of it.
	"""
	by_code: dict[str, list[Candidate]] = {}
	for one in standing:
		by_code.setdefault(one.code, []).append(one)
	degraded = "production_degraded" in by_code
	return frozenset(code for code, some in by_code.items() if not _sure(found, code, some, degraded))


def _sure(found: Found, code: str, some: Sequence[Candidate], degraded: bool) -> bool:
	if any(one.kind == "own" for one in some):
		return True
	if code not in CRITICAL or (code == "line_stopped" and degraded):
		return False
	return len(some) > 1 or some[0].kind == "guard_lost" or _plain_standstill(found, some[0])


def _plain_standstill(found: Found, one: Candidate) -> bool:
	"""A machine in the same clause is said to stand or not to run."""
	span = Span(one.start, one.end)
	said = one.kind in ("stopped", "not_running") and subject(found, span) == "machine"
	return said and bool(found.in_clause("machine", one.start))


def _refused(found: Found, one: Candidate) -> bool:
	checks: tuple[Callable[[Found, Candidate], bool], ...] = (
		_negated,
		_blocked,
		_hypothetical,
		_planned,
		_how_to,
		_past,
	)
	return any(check(found, one) for check in checks)


def _negated(found: Found, one: Candidate) -> bool:
	if one.negation_used:
		return False
	for negation in [*found.in_clause("not", one.start), *found.in_clause("without", one.start)]:
		before = one.start - negation.end
		if -(one.end - one.start) <= before <= NEGATION_REACH and not _consumed(found, negation):
			return True
	following = ("not_after", "not_after_event") if one.kind == "stops" else ("not_after",)
	for negation in [span for name in following for span in found.in_clause(name, one.start)]:
		if 0 <= negation.start - one.end < NEGATION_AFTER and not _consumed(found, negation):
			return True
	return any(0 <= one.start - span.end <= 1 for span in found.in_clause("nothing", one.start))


def _consumed(found: Found, negation: Span) -> bool:
	"""True for a negation that already belongs to another verb ("does not restart, line stopped")."""
	clauses = found.tokens.clauses
	near = range(max(negation.start - 2, 0), min(negation.end + 2, len(clauses)))
	return any(
		clauses[position] == clauses[negation.start] and "<run>" in found.atoms[position]
		for position in near
		if not negation.start <= position < negation.end
	)


def _blocked(found: Found, one: Candidate) -> bool:
	sentence = found.tokens.sentences[one.start]
	return any(
		hit.blocker and hit.group in (one.code, "any") and found.tokens.sentences[hit.start] == sentence
		for hit in found.phrases
	)


def _hypothetical(found: Found, one: Candidate) -> bool:
	return any(span.start < one.end for span in found.in_clause("hypothetical", one.start))


def _planned(found: Found, one: Candidate) -> bool:
	if one.code == "recurrent_incident":
		return False
	if found.in_clause("planned", one.start) or found.in_clause("future", one.start):
		return True
	# "After the planned stop it does not start": what fails now was not planned.
	now = one.kind in ("not_running", "defect") or found.in_clause("since", one.start)
	return bool(found.in_sentence("planned", one.start)) and not now


def _how_to(found: Found, one: Candidate) -> bool:
	asked = found.tokens.sentences[one.start] in found.tokens.questions
	if asked and _words_in_sentence(found, one.start) <= SHORT_QUESTION:
		return True
	if found.in_clause("howto", one.start):
		return asked or one.kind in ("stops", "defect")
	return asked and one.kind in ("stops", "phrase", "own") and bool(found.in_clause("modal", one.start))


def _words_in_sentence(found: Found, position: int) -> int:
	return found.tokens.sentences.count(found.tokens.sentences[position])


def _past(found: Found, one: Candidate) -> bool:
	"""A finished state: "was down yesterday"; a lasting one ("since this morning") is now."""
	if one.code == "recurrent_incident":
		return bool(found.in_clause("longago", one.start))
	if found.in_clause("since", one.start):
		return False
	if found.in_clause("longago", one.start):
		return True
	return bool(found.in_clause("was", one.start) and found.in_sentence("past", one.start))


def _lessened(found: Found, one: Candidate) -> Candidate:
	"""Short stops that come and go, or one unit of several, are degraded production."""
	if one.code != "line_stopped":
		return one
	lasting = one.kind == "stopped" and found.in_clause("since", one.start)
	less = [] if lasting else found.in_sentence("often", one.start)
	less = less or [span for span in found.in_clause("partial", one.start) if span.start <= one.end]
	if not less:
		return one
	start, end = min(one.start, less[0].start), max(one.end, less[0].end)
	return Candidate("production_degraded", start, end, "habit", one.negation_used)


def _contradicted(found: Found, one: Candidate) -> bool:
	"""A standstill without a machine as its subject, where the text says that production goes on."""
	if one.code != "line_stopped" or not _production_goes_on(found):
		return False
	return subject(found, Span(one.start, one.end)) != "machine"


def _production_goes_on(found: Found) -> bool:
	said = [
		Candidate(hit.group, hit.start, hit.end, "phrase")
		for hit in found.phrases
		if hit.group == "producing"
	]
	return any(not _negated(found, one) and not _hypothetical(found, one) for one in said)


def _restored(found: Found) -> Candidate | None:
	"""The last words that say that production is back, if they are about now."""
	said = [
		Candidate(hit.group, hit.start, hit.end, "phrase")
		for hit in found.phrases
		if hit.group == "restored" and not hit.blocker
	]
	said = [one for one in said if not (_negated(found, one) or _blocked(found, one) or _unsure(found, one))]
	return max(said, key=lambda one: one.end) if said else None


def _unsure(found: Found, one: Candidate) -> bool:
	if found.tokens.sentences[one.start] in found.tokens.questions:
		return True
	doubts = ("hypothetical", "future", "longago", "wish")
	return any(found.in_clause(name, one.start) for name in doubts)


def _repaired(found: Found, one: Candidate, restored: Candidate) -> bool:
	"""True for a state that the repair ended; what follows it stands, unless it tells how it was before."""
	if one.code not in STATES or one.kind in ("habit", "guard_lost"):
		return False
	if one.start < restored.end and one.code != "safety":
		return True
	if found.in_clause("since", one.start):
		return False
	return bool(found.in_clause("was", one.start) or found.in_sentence("past", one.start))
