"""What the pure code asks of a registry of machines; a site and a directory of files answer alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from fixee_hotline.machines.model import Customer, FaultCode, Machine


class MachineSource(Protocol):
	"""Read access to machines, customers, models and fault codes; unknown names give empty answers."""

	def with_folded_serials(self, keys: Collection[str]) -> Mapping[str, Sequence[Machine]]:
		"""Machines by `serials.fold_serial` of their serial; only keys that are on record."""
		...

	def of_customer(self, name: str) -> Sequence[Machine]:
		"""All machines of one customer, case ignored."""
		...

	def with_product_uri(self, uri: str) -> Sequence[Machine]:
		"""Machines with exactly this identification link, to the character."""
		...

	def models(self) -> Mapping[str, str]:
		"""Names of all models by `serials.fold_serial` of the name."""
		...

	def fault_codes_like(self, keys: Collection[str]) -> Mapping[str, Sequence[FaultCode]]:
		"""Fault codes of all models by `codes.fold_code` of the code; only keys that are on record."""
		...

	def customer_named(self, name: str) -> Customer | None:
		"""The customer of this name, case and outer blanks ignored."""
		...

	def customer_of_sender(self, address: str) -> Customer | None:
		"""The customer a mail address (by domain or parent domain) or telephone number belongs to.

		None for a bare name, and where several customers share the domain or number.
		"""
		...
