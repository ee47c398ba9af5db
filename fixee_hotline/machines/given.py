"""A serial that a text announces ("S/N", "n° de série", "Seriennummer") and that no record has as written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from fixee_hotline.machines.model import Machine
from fixee_hotline.machines.serials import fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.machines.words import TIGHT, Words

_HINT = re.compile(
	r"s\s?[/.]\s?n|n/s|\bsn|s[eé]r|matr[ií]c|fabr|masch|machine|m[aá]quina|macchina|maszyn", re.IGNORECASE
)
_NUMBER = r"(?:n|no|nr|num|number|n[uú]m[eé]?ro|n[uú]mer|nummer)?\b[\s.°:]{0,3}"
_LABEL = re.compile(
	r"(?<![^\W_])(?:s\s?[/.]\s?n\b|n/s\b|sn\b|serial(?:\s?number)?\b|ser\.|s[eé]rie\b(?=\s?[:#=])"
	r"|n(?:[uú]m[eé]ro|[uú]m|r|o)?[.°\s]{1,3}(?:de |di |d')?s[eé]rie\b|serien?\s?-?(?:nummer|nr)\b"
	r"|matricola\b|matricule\b|matr[ií]cula\b|(?:nr\s|numer\s)?(?:seryjny|fabryczny)\b"
	r"|fabri(?:k|eks|kations)(?:nummer|nr)\b|masch(?:inen)?\.?\s?-?(?:nummer|nr)\b|machine(?:nummer|nr)\b"
	r"|machine (?:no|nr|number)\b|n(?:um[eé]ro|°|o) (?:de |de la )?machine\b)"
	rf"[\s.:#=°\-]{{0,4}}{_NUMBER}",
	re.IGNORECASE,
)
_LINK = re.compile(
	r"(?:(?:of|on|the|de|du|della|del|la|le|da|do|der|die|das|van|von|this|our|machine|maschine|m[aá]quina|macchina"
	r"|maszyny|press|presse|pressa|prensa|prasy|pers|is|ist|est|es|è|é|to|jest|lautet|reads|laut|nr|no|n)\b"
	r"[\s.:=#°]{0,3}){1,5}",
	re.IGNORECASE,
)
_SPACE = re.compile(r"[\s\"'«»“”(\[:=#*]{0,4}")
_VALUE = re.compile(r"[^\W_]+(?:(?:[-/._\u2010-\u2015]|\s?[-/]\s?| )[^\W_]+){0,5}")
_MOST_LABELS = 20
_LONGEST_VALUE = 60


class Given(NamedTuple):
	"""The serial as written and the machines on record for it (only where it has no digit at all)."""

	written: str
	machines: tuple[Machine, ...]


def given_serial(texts: Sequence[Words], source: MachineSource) -> Given | None:
	"""The first serial behind a word for serial number; its digits decide where it ends."""
	for text in (words.text for words in texts):
		if not _HINT.search(text):
			continue
		for label, _ in zip(_LABEL.finditer(text), range(_MOST_LABELS), strict=False):
			given = _value_at(text, label.end(), source)
			if given:
				return given
	return None


def _value_at(text: str, place: int, source: MachineSource) -> Given | None:
	starts = [_skip(_SPACE, text, place)]
	linked = _skip(_LINK, text, starts[0])
	if linked != starts[0]:
		starts.append(_skip(_SPACE, text, linked))
	for start in reversed(starts):
		match = _VALUE.match(text, start, start + _LONGEST_VALUE)
		if not match:
			continue
		words = Words(match.group())
		last = _last_word(words)
		if last >= 0:
			return Given(words.written(0, last), ())
		lettered = _lettered(words, source)
		if lettered:
			return lettered
	return None


def _skip(pattern: re.Pattern[str], text: str, place: int) -> int:
	match = pattern.match(text, place)
	return match.end() if match else place


def _last_word(words: Words) -> int:
	"""The last word that still belongs to the serial; -1 if what follows is no serial ("not known yet")."""
	last = -1
	for index, token in enumerate(words.tokens):
		gap = words.gap(index - 1) if index else " "
		hangs = last == index - 1 and (gap in TIGHT or (gap != " " and token.isupper()))
		begins = last < 0 and (len(token) <= 3 or words.tightly_bound(index))
		if not token.isalpha() or hangs:
			last = index
		elif not (token.isupper() or begins):
			break
	return last


def _lettered(words: Words, source: MachineSource) -> Given | None:
	"""A serial without any digit counts only right here, behind its label, and only if it is on record."""
	for count in range(min(4, len(words.tokens)), 0, -1):
		written = words.written(0, count - 1)
		machines = source.with_folded_serials([fold_serial(written)]).get(fold_serial(written))
		if machines:
			return Given(written, tuple(machines))
	return None
