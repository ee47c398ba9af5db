"""From several machines to one, or to a few worth asking about."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import DamerauLevenshtein

from fixee_hotline.machines.model import Machine, MachineMatch
from fixee_hotline.machines.serials import compact, fold_serial
from fixee_hotline.machines.source import MachineSource
from fixee_hotline.machines.words import Words, plain

_MOST_CANDIDATES = 5
_MOST_EDITS = 2
_MOST_MODEL_WORDS = 4
_MOST_WORDS = 4_000
_MOST_CHARACTERS = 5_000
_MOST_COMPARED = 500
_MOST_KEYS = 20
_SHORTEST_MISTYPED, _LONGEST_MISTYPED = 7, 40


def narrow(machines: Sequence[Machine], customer: str | None, texts: Sequence[Words]) -> tuple[Machine, ...]:
	"""Machines of one serial: those of the known customer, then those whose maker or model the text names."""
	remaining = tuple(machines)
	if len(remaining) > 1 and customer:
		wanted = customer.strip().casefold()
		remaining = _those(
			remaining, [(one.customer or "").strip().casefold() == wanted for one in remaining]
		)
	if len(remaining) > 1:
		keys = _name_keys(texts)
		remaining = _those(remaining, [_key(one.manufacturer) in keys for one in remaining])
		remaining = _those(remaining, [_key(one.model) in keys for one in remaining])
	return remaining


def _those(machines: tuple[Machine, ...], wanted: Sequence[bool]) -> tuple[Machine, ...]:
	"""The wanted ones; all of them where none is."""
	return tuple(one for one, keep in zip(machines, wanted, strict=True) if keep) or machines


def _key(name: str | None) -> str:
	return compact(plain(name)) if name else "?"


def _name_keys(texts: Sequence[Words]) -> set[str]:
	"""Every word and every join of neighbours of the texts, as the key of a name."""
	keys: set[str] = set()
	for words in texts:
		tokens = [compact(plain(token)) for token in words.tokens[:_MOST_WORDS]]
		for index in range(len(tokens)):
			key = ""
			for token in tokens[index : index + _MOST_MODEL_WORDS]:
				key += token
				keys.add(key)
	return keys


def models_named(texts: Sequence[Words], source: MachineSource) -> tuple[str, ...]:
	"""Names of models on record that the texts name, in any spelling of separators and case."""
	models = source.models()
	if not models:
		return ()
	keys = _name_keys(texts)
	return tuple(name for name in models.values() if _key(name) in keys)


def near_candidates(serial: str, machines: Sequence[Machine]) -> tuple[Machine, ...]:
	"""Machines whose serial is at most two typing slips away, nearest first, at most 5."""
	wanted = fold_serial(serial)
	scored = []
	for position, machine in enumerate(machines):
		distance = DamerauLevenshtein.distance(wanted, fold_serial(machine.serial), score_cutoff=_MOST_EDITS)
		if distance <= _MOST_EDITS < len(wanted):
			scored.append((distance, position, machine))
	return tuple(machine for _, _, machine in sorted(scored, key=lambda one: one[:2])[:_MOST_CANDIDATES])


def match_of_customer(
	texts: Sequence[Words], machines: Sequence[Machine], source: MachineSource
) -> MachineMatch | None:
	"""No serial given: the customer's only machine, the only one of the model named, or a few to ask for."""
	if not machines:
		return None
	mistyped = _mistyped(texts, machines)
	if mistyped:
		return MachineMatch("ask", None, mistyped, "customer")
	named = set(models_named(texts, source))
	of_model = tuple(one for one in machines if one.model in named)
	fitting = of_model or tuple(machines)
	if len(fitting) == 1 and (of_model or not named):
		return MachineMatch("exact", fitting[0], (), "customer")
	if of_model or len(machines) <= _MOST_CANDIDATES:
		return MachineMatch("ask", None, fitting[:_MOST_CANDIDATES], "customer")
	return None


def _mistyped(texts: Sequence[Words], machines: Sequence[Machine]) -> tuple[Machine, ...]:
	"""Machines whose serial the text misses by one slip, without saying that it is a serial."""
	keys = {key for words in texts for key in _written_keys(words)}
	if not keys:
		return ()
	found: dict[str, Machine] = {}
	for machine in machines[:_MOST_COMPARED]:
		serial = fold_serial(machine.serial)
		if any(DamerauLevenshtein.distance(key, serial, score_cutoff=1) <= 1 for key in keys):
			found[serial] = machine
	return tuple(found.values())[:_MOST_CANDIDATES]


def _written_keys(words: Words) -> list[str]:
	"""Folded words of letters and digits, dashes and slashes included, that are long enough for a serial."""
	keys = []
	for piece in words.text[:_MOST_CHARACTERS].split():
		if len(piece) >= _SHORTEST_MISTYPED and any(map(str.isdigit, piece)) and any(map(str.isalpha, piece)):
			key = fold_serial(piece)
			if _SHORTEST_MISTYPED <= len(key) <= _LONGEST_MISTYPED and "@" not in piece:
				keys.append(key)
	return keys[:_MOST_KEYS]
