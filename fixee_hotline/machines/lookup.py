"""Which machine a request is about: found on record, to be asked about, or not named at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fixee_hotline.machines.confusion import believable
from fixee_hotline.machines.context import number_label
from fixee_hotline.machines.given import Given, given_serial
from fixee_hotline.machines.model import Machine, MachineMatch
from fixee_hotline.machines.narrowing import match_of_customer, narrow, near_candidates
from fixee_hotline.machines.serials import candidate_spans, fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.machines.words import Words, words_of_text

MOST_CANDIDATES = 5


class Named(NamedTuple):
	"""A piece of text and the machines whose serial it is; `exact`: written as on record, case ignored."""

	start: int
	end: int
	written: str
	machines: tuple[Machine, ...]
	exact: bool


def find_machine(
	text: str,
	source: MachineSource,
	*,
	customer: str | None = None,
	serial_given: str | None = None,
	product_uri: str | None = None,
	subject: str | None = None,
) -> tuple[MachineMatch | None, str | None]:
	"""The machine a text is about, and the serial as the customer wrote it (whether on record or not).

	`customer` is a customer's name, `serial_given` and `product_uri` come from fields of a form or a QR code
	and go before the text, the text goes before the `subject`. Nothing is guessed: where several machines
	fit, the match is "ask" with at most 5 candidates; None says that the text names no machine.
	"""
	texts = [words_of_text(part) for part in (text, subject) if part]
	serial_given = (serial_given or "").strip() or None
	match = _by_product_uri(product_uri, texts, source)
	if not match and serial_given:
		match = _by_field(serial_given, source, customer, texts)
	if match:
		return match, serial_given
	for part in texts:
		match, written = _by_text(part, source, customer, texts)
		if match:
			return match, serial_given or written
	return _without_record(texts, source, customer, serial_given)


def _by_product_uri(
	product_uri: str | None, texts: Sequence[Words], source: MachineSource
) -> MachineMatch | None:
	"""An identification link, from a field or in the text, matched to the character and never fetched."""
	links = [product_uri] if product_uri else []
	for words in texts:
		for start, end in words.addresses:
			link = words.text[start:end]
			links += [link, link.rstrip(".,;:!?)>]}\"'»")]
	for link in links:
		machines = source.with_product_uri(link)
		if machines:
			return _match(tuple(machines), "exact", "product_uri")
	return None


def _by_field(
	serial: str, source: MachineSource, customer: str | None, texts: Sequence[Words]
) -> MachineMatch | None:
	"""A serial from a form's field needs no guard against look-alikes: it is one."""
	machines = tuple(source.with_folded_serials([fold_serial(serial)]).get(fold_serial(serial), ()))
	exact = tuple(one for one in machines if _same_serial(one, serial))
	found = narrow(exact or machines, customer, texts)
	return _match(found, "exact" if exact else "confusable", serial) if found else None


def _by_text(
	words: Words, source: MachineSource, customer: str | None, texts: Sequence[Words]
) -> tuple[MachineMatch | None, str | None]:
	named = _apart(_named_machines(words, source))
	if not named:
		return None, None
	written = named[0].written
	common = tuple(one for one in named[0].machines if all(one in group.machines for group in named))
	if common:
		found = narrow(common, customer, texts)
		kind = "exact" if any(group.exact for group in named) else "confusable"
		return _match(found, kind, written), written
	groups = [narrow(group.machines, customer, texts) for group in named]
	machines = tuple(dict.fromkeys(machine for group in groups for machine in group))
	return _match(machines, "confusable", ", ".join(dict.fromkeys(group.written for group in named))), written


def _match(machines: tuple[Machine, ...], kind: str, evidence: str) -> MachineMatch:
	"""One machine is found, several are to be asked about."""
	if len(machines) > 1:
		return MachineMatch("ask", None, machines[:MOST_CANDIDATES], evidence)
	return MachineMatch("exact" if kind == "exact" else "confusable", machines[0], (), evidence)


def _same_serial(machine: Machine, written: str) -> bool:
	return machine.serial.strip().casefold() == written.casefold()


def _named_machines(words: Words, source: MachineSource) -> list[Named]:
	"""Every piece of the text that is a serial on record and may be taken for one."""
	spans = candidate_spans(words)
	hits = source.with_folded_serials({span[0] for span in spans})
	if not hits:
		return []
	named = []
	for folded, start, end, weak in spans:
		machines = hits.get(folded)
		if machines:
			group = _named(words, start, end, weak, machines)
			if group:
				named.append(group)
	return named


def _named(words: Words, start: int, end: int, weak: bool, machines: Sequence[Machine]) -> Named | None:
	written = words.text[start:end]
	first = _word_at(words, start)
	label = number_label(words, first) if first >= 0 else None
	exact = tuple(one for one in machines if _same_serial(one, written))
	if exact:
		if _exact_counts(words, start, end, written, label):
			return Named(start, end, written, exact, True)
		return None
	if weak or label == "paper":
		return None
	alike = tuple(one for one in machines if believable(words, start, end, one.serial, label == "serial"))
	return Named(start, end, written, alike, False) if alike else None


def _exact_counts(words: Words, start: int, end: int, written: str, label: str | None) -> bool:
	"""Plain numbers are everywhere: a serial of digits alone must not be an order's number or part of one."""
	if label == "serial" or not written.isdigit():
		return True
	return len(written) >= 5 and label != "paper" and not _part_of_number(words.text, start, end)


def _part_of_number(text: str, start: int, end: int) -> bool:
	before, after = text[max(start - 2, 0) : start], text[end : end + 2]
	hangs_before = len(before) == 2 and before[1] in "-/.,_+" and before[0].isalnum()
	hangs_after = len(after) == 2 and after[0] in "-/.,_" and after[1].isalnum()
	return hangs_before or hangs_after or before[-1:] == "+"


def _word_at(words: Words, start: int) -> int:
	"""The word that begins at `start`; -1 where a label is glued to the serial ("SN48213")."""
	low, high = 0, len(words.starts)
	while low < high:
		middle = (low + high) // 2
		if words.starts[middle] < start:
			low = middle + 1
		else:
			high = middle
	return low if low < len(words.starts) and words.starts[low] == start else -1


def _apart(named: Iterable[Named]) -> list[Named]:
	"""Of overlapping pieces the exact one stays, then the longest; in order of appearance."""
	kept: list[Named] = []
	for group in sorted(named, key=lambda one: (not one.exact, one.start - one.end)):
		if all(group.end <= other.start or other.end <= group.start for other in kept):
			kept.append(group)
	return sorted(kept, key=lambda one: one.start)


def _without_record(
	texts: Sequence[Words], source: MachineSource, customer: str | None, serial_given: str | None
) -> tuple[MachineMatch | None, str | None]:
	"""No serial on record: one behind a label (perhaps mistyped), else what the customer has."""
	given = Given(serial_given, ()) if serial_given else given_serial(texts, source)
	if given and given.machines:
		return _match(narrow(given.machines, customer, texts), "exact", given.written), given.written
	machines = source.of_customer(customer) if customer else ()
	if given:
		near = near_candidates(given.written, machines)
		return (MachineMatch("ask", None, near, given.written) if near else None), given.written
	return match_of_customer(texts, machines, source), None
