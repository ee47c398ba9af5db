"""A registry of machines in memory: what the command line, the lab and the tests look up in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from fixee_hotline.machines.codes import fold_code
from fixee_hotline.machines.model import Customer, FaultCode, Machine
from fixee_hotline.machines.senders import mail_domains, phone_digits, phone_key, same_phone
from fixee_hotline.machines.serials import fold_serial

_Value = TypeVar("_Value")


class Registry:
	"""Implements `source.MachineSource` over plain values; every lookup is a dictionary access."""

	def __init__(
		self,
		machines: Iterable[Machine] = (),
		customers: Iterable[Customer] = (),
		fault_codes: Iterable[FaultCode] = (),
	) -> None:
		self.machines = tuple(machines)
		self.customers = tuple(customers)
		self.fault_codes = tuple(fault_codes)
		self._by_serial = _grouped((fold_serial(one.serial), one) for one in self.machines)
		self._by_customer = _grouped((_name_key(one.customer), one) for one in self.machines)
		self._by_uri = _grouped((one.product_uri or "", one) for one in self.machines)
		self._by_code = _grouped((fold_code(one.code), one) for one in self.fault_codes)
		self._customers = {_name_key(one.name): one for one in reversed(self.customers)}
		self._by_domain = _grouped(
			(domain.lower().lstrip("@"), one) for one in self.customers for domain in one.domains
		)
		self._by_phone = _grouped(_phone_entries(self.customers))
		self._models = MappingProxyType(_models(self.machines, self.fault_codes))

	def with_folded_serials(self, keys: Collection[str]) -> Mapping[str, Sequence[Machine]]:
		by_serial = self._by_serial
		return {key: by_serial[key] for key in keys if key in by_serial}

	def of_customer(self, name: str) -> Sequence[Machine]:
		return self._by_customer.get(_name_key(name), ())

	def with_product_uri(self, uri: str) -> Sequence[Machine]:
		return self._by_uri.get(uri, ())

	def models(self) -> Mapping[str, str]:
		return self._models

	def fault_codes_like(self, keys: Collection[str]) -> Mapping[str, Sequence[FaultCode]]:
		by_code = self._by_code
		return {key: by_code[key] for key in keys if key in by_code}

	def customer_named(self, name: str) -> Customer | None:
		return self._customers.get(_name_key(name))

	def customer_of_sender(self, address: str) -> Customer | None:
		if "@" in address:
			for domain in mail_domains(address):
				if domain in self._by_domain:
					return _only(self._by_domain[domain])
			return None
		digits = phone_digits(address)
		if digits is None:
			return None
		near = self._by_phone.get(phone_key(digits), ())
		return _only(customer for phone, customer in near if same_phone(phone, digits))


def _name_key(name: str | None) -> str:
	return " ".join(name.split()).casefold() if name else ""


def _grouped(pairs: Iterable[tuple[str, _Value]]) -> dict[str, tuple[_Value, ...]]:
	"""Values by key; what has an empty key cannot be looked up and is left out."""
	groups: dict[str, list[_Value]] = {}
	for key, value in pairs:
		if key:
			groups.setdefault(key, []).append(value)
	return {key: tuple(values) for key, values in groups.items()}


def _phone_entries(customers: Iterable[Customer]) -> Iterable[tuple[str, tuple[str, Customer]]]:
	for customer in customers:
		for phone in customer.phones:
			digits = phone_digits(phone)
			if digits:
				yield phone_key(digits), (digits, customer)


def _models(machines: Iterable[Machine], fault_codes: Iterable[FaultCode]) -> dict[str, str]:
	names = [one.model for one in machines] + [one.model for one in fault_codes]
	return {fold_serial(name): name for name in dict.fromkeys(names) if name and fold_serial(name)}


def _only(customers: Iterable[Customer]) -> Customer | None:
	"""The one customer among them; several are no answer."""
	different = {customer.name: customer for customer in customers}
	return next(iter(different.values())) if len(different) == 1 else None
