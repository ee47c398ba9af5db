"""The words of the machine registry. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Customer:
	"""Who operates machines; `domains` are mail domains, `phones` E.164 or as written."""

	name: str
	strategic: bool = False
	language: str | None = None
	domains: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
	"""One machine on record. `serial` is a free string, unique per manufacturer; `criticality` is A, B or C.

	`product_uri` is the IEC 61406 identification link, kept verbatim and matched exactly. `key` is the
	id of the record on a site.
	"""

	serial: str
	manufacturer: str | None = None
	model: str | None = None
	customer: str | None = None
	site: str | None = None
	criticality: str | None = None
	product_uri: str | None = None
	key: str | None = None


@dataclass(frozen=True, slots=True)
class FaultCode:
	"""A code of a model's list; `code` is the canonical spelling."""

	model: str | None
	code: str
	severity: str | None = None
	text: str | None = None


@dataclass(frozen=True, slots=True)
class MachineMatch:
	"""What a text says about the machine: one found, or several to ask about (never a silent guess).

	`evidence` is the text that named it, or the record that did ("customer", "product_uri").
	"""

	match: Literal["exact", "confusable", "ask"]
	machine: Machine | None = None
	candidates: tuple[Machine, ...] = ()
	evidence: str = ""

	def to_dict(self) -> dict[str, Any]:
		"""The `machine` value of `fixee-hotline triage`."""
		if self.machine is None:
			return {"match": self.match, "candidates": [machine_summary(one) for one in self.candidates]}
		return {**machine_summary(self.machine), "match": self.match}


def machine_summary(machine: Machine) -> dict[str, Any]:
	"""Serial, model and customer: what a machine is called in results."""
	return {"serial": machine.serial, "model": machine.model, "customer": machine.customer}
