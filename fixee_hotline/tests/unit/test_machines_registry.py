"""The registry in memory: lookups by serial, customer, link, code, sender."""

from __future__ import annotations

import pytest

from fixee_hotline.machines.model import Customer, FaultCode, Machine
from fixee_hotline.machines.registry import Registry
from fixee_hotline.machines.senders import mail_domains, phone_digits
from fixee_hotline.machines.serials import fold_serial
from fixee_hotline.machines.source import MachineSource

ACME = Customer("Acme  Dairy", domains=("acme.example",), phones=("+33 1 99 00 41 10", "+49 (0)30 231254"))
BETA = Customer("Beta", domains=("@Beta.Example", "shared.example"), phones=("0199004127",))
GAMMA = Customer("Gamma", domains=("shared.example",), phones=("+33 1 99 00 41 99",))
DELTA = Customer("Delta", phones=("0033199004199", "+52 55 1234 5678"))
OMEGA = Customer("Omega", phones=("+390212345678",))
MACHINES = [
	Machine("BW-1", "Brunnhold", "KP-630", "Acme Dairy", product_uri="https://a.example/1"),
	Machine("8W1", "Kolb", None, "acme dairy"),
	Machine("---", "Kolb", "Vega"),
]
REGISTRY: MachineSource = Registry(MACHINES, [ACME, BETA, GAMMA, DELTA, OMEGA], [FaultCode("FX 20", "E-017")])


def test_lookups() -> None:
	assert REGISTRY.with_folded_serials(["8W1", "NONE", ""]) == {"8W1": (MACHINES[0], MACHINES[1])}
	assert REGISTRY.of_customer(" ACME dairy ") == (MACHINES[0], MACHINES[1])
	assert REGISTRY.of_customer("") == ()
	assert REGISTRY.with_product_uri("https://a.example/1") == (MACHINES[0],)
	assert REGISTRY.with_product_uri("https://A.example/1") == REGISTRY.with_product_uri("") == ()
	assert REGISTRY.models() == {fold_serial(name): name for name in ("KP-630", "Vega", "FX 20")}
	assert REGISTRY.fault_codes_like({"E17", "E99"}) == {"E17": (FaultCode("FX 20", "E-017"),)}
	assert REGISTRY.customer_named("acme dairy") == ACME
	assert REGISTRY.customer_named("") is None


@pytest.mark.parametrize(
	("address", "customer"),
	[
		("jo@acme.example", ACME),
		("Jo <jo@Mail.Plant2.ACME.example>", ACME),
		("jo@beta.example", BETA),
		("jo@notacme.example", None),
		("jo@shared.example", None),
		("jo@example", None),
		("@", None),
		("+33199004110", ACME),
		("0033 1 99 00 41 10", ACME),
		("33199004110", ACME),
		("01.99.00.41.10", ACME),
		("+33 (0)1 99 00 41 10", ACME),
		("tel:+33-1-99-00-41-10", ACME),
		("01 99 00 41 10 poste 12", ACME),
		("030 231254", ACME),
		("+33 1 99 00 41 27", BETA),
		("+33 1 99 00 41 99", None),
		("5215512345678", DELTA),
		("+33 1 99 00 41 11", None),
		("99004110", None),
		("02 1234 5678", OMEGA),
		("+39 02 1234 5678", OMEGA),
		("Acme Dairy", None),
		("", None),
		("12", None),
	],
)
def test_customer_of_sender(address: str, customer: Customer | None) -> None:
	assert REGISTRY.customer_of_sender(address) == customer


def test_mail_domains_go_up_to_the_second_level() -> None:
	assert mail_domains("a@x.y.example") == ["x.y.example", "y.example"]
	assert mail_domains("x.y.example") == mail_domains("a@..") == []


def test_phone_digits_are_none_for_names() -> None:
	assert phone_digits("Line 4 / 030 1234567") is None
	assert phone_digits("(030) 1234567") == "0301234567"
	assert phone_digits("+" + "1" * 30) is None


def test_twenty_thousand_machines() -> None:
	machines = [Machine(f"M{number:05d}-X", customer=f"Customer {number % 500}") for number in range(20_000)]
	registry = Registry(machines)
	assert all(
		registry.with_folded_serials([fold_serial(one.serial)])[fold_serial(one.serial)] for one in machines
	)
	assert len(registry.of_customer("customer 7")) == 40
