"""The registry of a site: machines, models, fault codes and customers in Frappe's records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import frappe

from fixee_hotline.machines.codes import fold_code
from fixee_hotline.machines.model import Customer, FaultCode, Machine
from fixee_hotline.machines.senders import mail_domains, phone_digits, phone_key, same_phone
from fixee_hotline.machines.serials import fold_serial

MODELS_KEY = "hotline:models"
ADDRESSES_KEY = "hotline:customer_addresses"
MACHINE_COLUMNS = (
	"name",
	"serial",
	"manufacturer",
	"model",
	"customer",
	"site",
	"criticality",
	"product_instance_uri",
)
STAFF_ROLES = frozenset({"System Manager", "Agent Manager", "Agent"})
MOST_MACHINES = 2000


class SiteRegistry:
	"""Implements `source.MachineSource` with one indexed query a question."""

	def with_folded_serials(self, keys: Collection[str]) -> Mapping[str, Sequence[Machine]]:
		found: dict[str, list[Machine]] = {}
		for row in _machines("folded_serial", keys):
			found.setdefault(row.folded_serial, []).append(machine_of_row(row))
		return found

	def of_customer(self, name: str) -> Sequence[Machine]:
		return [machine_of_row(row) for row in _machines("customer", [name])]

	def with_product_uri(self, uri: str) -> Sequence[Machine]:
		rows = _machines("product_instance_uri", [uri])
		return [machine_of_row(row) for row in rows if row.product_instance_uri == uri]

	def models(self) -> Mapping[str, str]:
		return frappe.cache.get_value(MODELS_KEY, generator=_models)

	def fault_codes_like(self, keys: Collection[str]) -> Mapping[str, Sequence[FaultCode]]:
		found: dict[str, list[FaultCode]] = {}
		for row in _fault_codes(keys):
			code = FaultCode(row.model, row.code, row.severity or None, row.text)
			found.setdefault(row.folded_code, []).append(code)
		return found

	def customer_named(self, name: str) -> Customer | None:
		columns = ["name", "hotline_strategic", "hotline_language"]
		row = frappe.db.get_value("HD Customer", name.strip(), columns, as_dict=True)
		return Customer(row.name, bool(row.hotline_strategic), row.hotline_language or None) if row else None

	def customer_of_sender(self, address: str) -> Customer | None:
		name = customer_of_contact(address) or customer_of_address(address)
		return self.customer_named(name) if name else None


# What the records say -----------------------------------------------------------------------------


def folded_serial(serial: str) -> str:
	"""The key under which a machine's serial is looked up."""
	return fold_serial(serial)[:140]


def folded_code(code: str) -> str:
	"""The key under which a fault code is looked up."""
	return fold_code(code)[:140]


def machine_with_serial(serial: str, manufacturer: str | None, but_not: str | None) -> str | None:
	"""Another machine of the same manufacturer with this very serial."""
	filters = {
		"serial": serial,
		"manufacturer": manufacturer or ("is", "not set"),
		"name": ("!=", but_not or ""),
	}
	return frappe.db.get_value("Hotline Machine", filters)


def fault_code_with(model: str | None, code: str, but_not: str | None) -> str | None:
	"""Another record of this code for the same model."""
	filters = {"code": code, "model": model or ("is", "not set"), "name": ("!=", but_not or "")}
	return frappe.db.get_value("Hotline Fault Code", filters)


def is_staff(user: str) -> bool:
	"""Whether `user` works for the hotline and sees every machine."""
	return user == "Administrator" or not STAFF_ROLES.isdisjoint(frappe.get_roles(user))


def customers_of_user(user: str) -> tuple[str, ...]:
	"""The customers whose member the user's contact is."""
	contact = frappe.db.get_value("Contact", {"user": user})
	return _customers_of_contact(contact) if contact else ()


def customer_of_contact(address: str) -> str | None:
	"""The one customer of the contact with this mail address; several are no answer."""
	if "@" not in address:
		return None
	contact = frappe.db.get_value("Contact", {"email_id": address})
	customers = _customers_of_contact(contact) if contact else ()
	return customers[0] if len(customers) == 1 else None


def customer_of_address(address: str) -> str | None:
	"""The one customer to whom this mail domain or telephone number belongs."""
	known = frappe.cache.get_value(ADDRESSES_KEY, generator=_addresses)
	for domain in mail_domains(address):
		if names := known["domains"].get(domain):
			return names[0] if len(names) == 1 else None
	digits = phone_digits(address)
	if not digits:
		return None
	names = {name for phone, name in known["phones"].get(phone_key(digits), ()) if same_phone(phone, digits)}
	return names.pop() if len(names) == 1 else None


def details(name: str) -> dict[str, Any]:
	"""What an agent is shown of a machine; empty when it is gone."""
	columns = [*MACHINE_COLUMNS, "status", "location", "warranty_end", "commissioned_on", "firmware"]
	return frappe.db.get_value("Hotline Machine", name, columns, as_dict=True) or {}


def fault_code_texts(codes: Collection[str], model: str | None) -> list[dict[str, Any]]:
	"""Records of these codes for the model, or for any model; in the order of `codes`."""
	keys = [folded_code(code) for code in codes]
	rows = [row for row in _fault_codes(keys) if not row.model or not model or row.model == model]
	return sorted(rows, key=lambda row: keys.index(row.folded_code))


def search(text: str, customer: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
	"""Machines whose serial begins like `text`, however it is spelt, the ones of `customer` first."""
	table = frappe.qb.DocType("Hotline Machine")
	columns = ("name", "serial", "model", "manufacturer", "customer", "site", "status")
	query = frappe.qb.from_(table).select(*(table[column] for column in columns)).limit(limit)
	if key := folded_serial(text):
		query = query.where(table.folded_serial.like(f"{key}%"))
	if customer and not key:
		query = query.where(table.customer == customer)
	rows = query.orderby(table.serial).run(as_dict=True)
	return sorted(rows, key=lambda row: row.customer != customer)


def forget_models() -> None:
	"""The next request reads the list of models again."""
	frappe.cache.delete_value(MODELS_KEY)


def forget_addresses(*_: Any) -> None:
	"""The next request reads customers' domains and telephone numbers again."""
	frappe.cache.delete_value(ADDRESSES_KEY)


def machine_of_row(row: frappe._dict) -> Machine:
	"""A record's columns (MACHINE_COLUMNS) as a machine."""
	return Machine(
		serial=row.serial,
		manufacturer=row.manufacturer,
		model=row.model,
		customer=row.customer,
		site=row.site,
		criticality=row.criticality,
		product_uri=row.product_instance_uri,
		key=row.name,
	)


def _machines(column: str, values: Collection[str]) -> list[frappe._dict]:
	values = [value for value in values if value]
	if not values:
		return []
	table = frappe.qb.DocType("Hotline Machine")
	query = frappe.qb.from_(table).select(*(table[name] for name in (*MACHINE_COLUMNS, "folded_serial")))
	return query.where(table[column].isin(values)).limit(MOST_MACHINES).run(as_dict=True)


def _fault_codes(keys: Collection[str]) -> list[frappe._dict]:
	keys = [key for key in keys if key]
	if not keys:
		return []
	table = frappe.qb.DocType("Hotline Fault Code")
	columns = (
		"name",
		"model",
		"code",
		"folded_code",
		"severity",
		"text",
		"provisional_instruction",
		"article",
	)
	query = frappe.qb.from_(table).select(*(table[column] for column in columns))
	return query.where(table.folded_code.isin(keys)).limit(MOST_MACHINES).run(as_dict=True)


def _models() -> dict[str, str]:
	names = frappe.get_all("Hotline Machine Model", pluck="name")
	return {fold_serial(name): name for name in names if fold_serial(name)}


def _customers_of_contact(contact: str) -> tuple[str, ...]:
	member = frappe.qb.DocType("HD Customer Member")
	query = frappe.qb.from_(member).select(member.parent).distinct().where(member.contact_name == contact)
	return tuple(query.where(member.parenttype == "HD Customer").run(pluck=True))


def _addresses() -> dict[str, dict[str, list[Any]]]:
	domains: dict[str, list[str]] = {}
	phones: dict[str, list[tuple[str, str]]] = {}
	for row in frappe.get_all("HD Customer", fields=["name", "hotline_domains", "hotline_phone"]):
		# Not Helpdesk's own field `domain`: customers' managers may write it.
		for domain in _lines(row.hotline_domains):
			domains.setdefault(domain.lower().lstrip("@"), []).append(row.name)
		for digits in filter(None, map(phone_digits, _lines(row.hotline_phone))):
			phones.setdefault(phone_key(digits), []).append((digits, row.name))
	return {"domains": domains, "phones": phones}


def _lines(text: str | None) -> list[str]:
	return [line.strip() for line in (text or "").splitlines() if line.strip()]
