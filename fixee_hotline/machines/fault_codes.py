"""The fault codes a text reports, told apart from all the other numbers technicians write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fixee_hotline.machines.code_context import (
	CodeContext,
	context_before,
	fault_word_after,
	has_key_or_unit_after,
	is_postal_code,
	shown_after,
	stands_alone,
)
from fixee_hotline.machines.code_rules import (
	as_code,
	is_ambiguous,
	is_and_word,
	is_strong,
	is_year,
	unlisted_with_word,
)
from fixee_hotline.machines.code_shapes import Shape, shapes
from fixee_hotline.machines.codes import fold_code
from fixee_hotline.machines.model import FaultCode, Machine
from fixee_hotline.machines.serials import candidate_spans, compact, fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.machines.words import Words, words_of_text

_MOST_CODES = 50
_MOST_NUMBERS = 2_000


@dataclass(frozen=True, slots=True)
class FoundCode:
	"""A fault code of a text: `code` in the spelling of the machine's list, else as written in upper case.

	`known` is the row of the list (None where no list has it or several differ), `evidence` what was written.
	"""

	code: str
	known: FaultCode | None
	evidence: str


def find_fault_codes(
	text: str,
	source: MachineSource,
	machine: Machine | None = None,
	exclude: Iterable[str | tuple[int, int]] = (),
) -> tuple[FoundCode, ...]:
	"""All fault codes of a text, in order of appearance, none twice, at most 50.

	`machine` decides whose list counts; unknown, all lists do. `exclude` holds texts (the serial as written)
	or spans (start, end) that are something else.
	"""
	words = words_of_text(text)
	if not words.numbered:
		return ()
	blocked = _blocked(words, [*exclude, *_serial_spans(words, machine)])
	groups = _unblocked_shapes(words, blocked)
	if not groups:
		return ()
	lists = source.fault_codes_like({shape.key for group in groups for shape in group})
	judge = _Judge(words, machine, lists, source.models())
	found: dict[str, FoundCode] = {}
	for group in groups:
		code = judge.first_code(group)
		if code:
			found.setdefault(fold_code(code.code), code)
			if len(found) >= _MOST_CODES:
				break
	return tuple(found.values())


def _serial_spans(words: Words, machine: Machine | None) -> list[tuple[int, int]]:
	"""Where the text names the machine itself, in any spelling."""
	key = fold_serial(machine.serial) if machine else ""
	return [(start, end) for folded, start, end, _ in candidate_spans(words) if folded == key] if key else []


def _blocked(words: Words, exclude: Iterable[str | tuple[int, int]]) -> list[tuple[int, int]]:
	spans = words.addresses + words.numbers
	for item in exclude:
		if not isinstance(item, str):
			spans.append(item)
		elif item:
			start = words.text.find(item)
			while start >= 0 and len(spans) < _MOST_NUMBERS:
				spans.append((start, start + len(item)))
				start = words.text.find(item, start + len(item))
	return sorted(spans)


def _unblocked_shapes(words: Words, blocked: Sequence[tuple[int, int]]) -> list[list[Shape]]:
	"""The possible readings of every number of the text that stands outside the blocked spans."""
	groups = []
	position = 0
	for index in words.numbered[:_MOST_NUMBERS]:
		start = words.starts[index]
		while position < len(blocked) and blocked[position][1] <= start:
			position += 1
		if position < len(blocked) and blocked[position][0] <= start:
			continue
		group = shapes(words, index)
		if group:
			groups.append(group)
	return groups


class _Judge:
	"""Decides for one text which readings are codes; remembers the last one, for "E17, E22 and E31"."""

	def __init__(
		self,
		words: Words,
		machine: Machine | None,
		lists: Mapping[str, Sequence[FaultCode]],
		models: Mapping[str, str],
	) -> None:
		self.words = words
		self.model = machine.model.casefold() if machine and machine.model else None
		self.lists = lists
		self.models = models
		self.last_code = -1

	def first_code(self, group: Sequence[Shape]) -> FoundCode | None:
		"""The first reading of one number that is a code."""
		for shape in group:
			if not stands_alone(self.words, shape, self.last_code):
				continue
			entries = self.lists.get(shape.key, ())
			own = self._own(entries) if entries and self.model else ()
			if self._counts(shape, own, entries) and not self._is_model(shape):
				self.last_code = shape.last
				return _found(shape, own, () if self.model and own else entries, self.model is not None)
		return None

	def _own(self, entries: Sequence[FaultCode]) -> tuple[FaultCode, ...]:
		"""Codes of the machine's model, and those that a list gives for every model."""
		return tuple(one for one in entries if one.model is None or one.model.casefold() == self.model)

	def _is_model(self, shape: Shape) -> bool:
		"""Whether the reading, alone or with a neighbour, is the name of a model on record."""
		words = self.words
		written = [shape.written]
		if shape.first > 0:
			written.append(words.written(shape.first - 1, shape.last))
		if shape.last + 1 < len(words.tokens):
			written.append(words.written(shape.first, shape.last + 1))
		names = [(self.models.get(fold_serial(text)), text) for text in written]
		return any(name is not None and compact(name) == compact(text) for name, text in names)

	def _counts(self, shape: Shape, own: Sequence[FaultCode], entries: Sequence[FaultCode]) -> bool:
		if has_key_or_unit_after(self.words, shape):
			return False
		context = context_before(self.words, shape, self.last_code)
		if context and context.kind == "other":
			return False
		if self.last_code >= 0 and self.last_code == shape.first - 1 and is_and_word(shape):
			return False
		named = (context is not None and context.kind == "fault") or fault_word_after(self.words, shape)
		if own or (entries and self.model is None):
			return named or self._listed_counts(shape, context)
		if named:
			return unlisted_with_word(shape, context)
		return is_strong(shape, context is not None) and not is_postal_code(self.words, shape)

	def _listed_counts(self, shape: Shape, context: CodeContext | None) -> bool:
		"""A code of the list needs no word for fault unless it could as well be something else."""
		shown = context is not None or shown_after(self.words, shape.last)
		if not shape.letters:
			if self.model is None:
				return shown and len(shape.digits) >= 4 and not is_year(shape)
			return (shown and len(shape.digits) >= 2) or (len(shape.digits) >= 4 and not is_year(shape))
		if is_ambiguous(shape, listed_for_machine=self.model is not None):
			return shown
		return True


def _found(
	shape: Shape, own: Sequence[FaultCode], others: Sequence[FaultCode], on_machine: bool
) -> FoundCode:
	"""The code in the spelling of the list: the machine's own, else the one all other lists agree on."""
	entries = own or others
	same = [one for one in entries if compact(one.code) == compact(shape.written)]
	spellings = {one.code for one in same or entries}
	if len(spellings) != 1:
		return FoundCode(as_code(shape.written), None, shape.written)
	agreed = same or list(entries)
	known = agreed[0] if len(agreed) == 1 and (own or not on_machine) else None
	return FoundCode(spellings.pop(), known, shape.written)
