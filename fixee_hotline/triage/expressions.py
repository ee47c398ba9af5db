"""The language of vocabulary rows: `word`, `begin*`, `*end`, `<class>`, `#` (number), `...` (a gap)."""

from __future__ import annotations

from dataclasses import dataclass

from fixee_hotline.triage.text import TOKEN, collapse, fold, strip_accents

GAP = 4


class ExpressionError(ValueError):
	"""An expression that cannot be read; the text says which one and why."""


@dataclass(frozen=True, slots=True)
class Element:
	"""One element: `atom` names a word, wildcard or class; `gap` is how many words may stand before it."""

	atom: str
	gap: int = 0


def parse_alternatives(expression: str) -> list[tuple[Element, ...]]:
	"""All alternatives of a row (separated by `|`) as sequences of elements."""
	alternatives = [parse_sequence(part) for part in expression.split("|") if part.strip()]
	if not alternatives:
		raise ExpressionError("The expression is empty: write at least one word.")
	return alternatives


def parse_sequence(text: str) -> tuple[Element, ...]:
	"""One alternative. A gap may not stand at either end."""
	elements: list[Element] = []
	gap = 0
	for piece in text.split():
		if piece == "...":
			gap += GAP
			continue
		for atom in _atoms(piece, text):
			elements.append(Element(atom, gap if elements else 0))
			gap = 0
	if not elements or gap or text.split()[0] == "...":
		raise ExpressionError(f"“{text.strip()}”: a gap (...) needs a word before and after it.")
	return tuple(elements)


def _atoms(piece: str, text: str) -> list[str]:
	if piece == "#":
		return ["#"]
	if piece.startswith("<"):
		if not piece.endswith(">") or len(piece) < 3:
			raise ExpressionError(f"“{text.strip()}”: “{piece}” is not closed; write <class>.")
		return [piece]
	if "*" in piece:
		return [_wildcard(piece, text)]
	return [fold(word) if word != "%" else "%" for word in TOKEN.findall(piece)]


def _wildcard(piece: str, text: str) -> str:
	core = piece.strip("*")
	if "*" in core or len(core) < 2:
		raise ExpressionError(f"“{text.strip()}”: “{piece}” is too open; keep two letters and * at an end.")
	plain = collapse(strip_accents(core))
	return ("*" if piece.startswith("*") else "") + plain + ("*" if piece.endswith("*") else "")
