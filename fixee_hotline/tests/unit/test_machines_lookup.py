"""Which machine a text is about: exact, confusable, several to ask about, none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixee_hotline.machines.lookup import find_machine
from fixee_hotline.machines.model import Machine, MachineMatch
from fixee_hotline.machines.registry import Registry

LINK = "https://id.brunnhold.example/M?s=BW%2F418"
MACHINES = [
	Machine("BW-630-00418", "Brunnhold", "KP-630", "Acme", product_uri=LINK),
	Machine("BW-630-00427", "Brunnhold", "KP-630", "Acme"),
	Machine("FX-20-77120", "Kolb", "FX 20", "Acme"),
	Machine("482137", "Kolb", "FX 20", "Beta"),
	Machine("4821", "Kolb", "FX 20", "Gamma"),
	Machine("BOSS-100-22", "Kolb", "Vega", "Delta"),
	Machine("ET-2000", "Kolb", "Vega", "Delta"),
	Machine("90 112 334", "Kolb", "Vega", "Delta"),
	Machine("S5B8-9911", "Kolb", "Vega", "Delta"),
	Machine("7048315", "Kolb", "Vega", "Delta"),
	Machine("ALPHA", "Kolb", "Orion", "Delta"),
	Machine("24-07-1182-A-3", "Kolb", "Orion", "Epsilon"),
	Machine("X1-770", "Arno", "XA", "Zeta"),
	Machine("X1-770", "Brix", "XB", "Eta"),
	Machine("QO-1100", "Arno", "XA", "Zeta"),
	Machine("Q0-1100", "Arno", "XA", "Eta"),
	Machine("'; DROP TABLE x1; --", "Arno", "XA", "Theta"),
]
REGISTRY = Registry(MACHINES)


def look(text: str, customer: str | None = None, **given: str) -> tuple[str | None, str | None]:
	match, _ = find_machine(text, REGISTRY, customer=customer, **given)
	if match is None:
		return None, None
	return match.match, match.machine.serial if match.machine else None


def asked(text: str, customer: str | None = None, **given: str) -> list[str]:
	match, _ = find_machine(text, REGISTRY, customer=customer, **given)
	assert match is not None and match.match == "ask" and match.machine is None
	return [candidate.serial for candidate in match.candidates]


@pytest.mark.parametrize(
	"text",
	[
		"Presse BW-630-00418 steht",
		"bw-630-00418",
		"S/N:BW-630-00418.",
		"(BW-630-00418)",
		"KP-630/BW-630-00418",
	],
)
def test_exact_in_any_case(text: str) -> None:
	assert look(text) == ("exact", "BW-630-00418")


@pytest.mark.parametrize(
	"text",
	[
		"BW 630 00418",
		"bw63000418 down",
		"8W-63O-OO4I8",
		"bw 630 oo418",
		"BW–630–00418",
		"BW - 630 / 00418",
		"BW-630-\n00418",
		"BW_630.00418",
	],
)
def test_confusable_characters_and_separators(text: str) -> None:
	assert look(text) == ("confusable", "BW-630-00418")


def test_evidence_is_what_was_written() -> None:
	match, written = find_machine("die bw 630 oo418 steht", REGISTRY)
	assert match is not None and match.evidence == written == "bw 630 oo418"


@pytest.mark.parametrize("text", ["XBW-630-00418", "BW-630-004189", "BW-630-00418A7"])
def test_part_of_a_longer_word_is_no_serial(text: str) -> None:
	assert look(text) == (None, None)


@pytest.mark.parametrize(
	"label",
	[
		"S/N", "s/n:", "SN", "serial no.", "Serial number is", "serial #", "n° de série :",
		"numéro de série est le", "Seriennummer", "Serien-Nr.", "SERIENNR", "Maschinennummer",
		"número de serie:", "n.º de serie", "matricola", "n. di serie", "nr seryjny",
		"numer seryjny to", "nr fabryczny", "serienummer", "número de série", "matricule",
	],
)  # fmt: skip
def test_a_short_number_needs_a_label(label: str) -> None:
	assert look(f"{label} 4821") == ("exact", "4821")
	assert look("wir haben 4821 davon") == (None, None)


@pytest.mark.parametrize(
	"text",
	[
		"commande 482137", "order no. 482137", "Bestellung Nr. 482137", "pedido 482137",
		"ordine n. 482137", "encomenda 482137", "bestelnummer 482137", "zamówienie nr 482137",
		"tel 482137", "Art. 482137", "ref 482137", "482 137 pieces", "482.137 €", "+48 482137",
		"12-482137", "482137-9", "part no 7048315", "ref 704 83 15", "704 83 15 €",
	],
)  # fmt: skip
def test_numbers_of_something_else(text: str) -> None:
	assert look(text) == (None, None)


@pytest.mark.parametrize(
	("text", "expected"),
	[
		("Maschine 482137 steht", ("exact", "482137")),
		("SN482137", ("exact", "482137")),
		("48Z137", ("confusable", "482137")),
		("90112334", ("confusable", "90 112 334")),
		("90-112-334", ("confusable", "90 112 334")),
		("le palettiseur 704 83 15", ("confusable", "7048315")),
		("24.07.1182.a.3", ("confusable", "24-07-1182-A-3")),
		("55B8-9911", ("confusable", "S5B8-9911")),
		("ET 2000", ("confusable", "ET-2000")),
		("et 2000 pièces", (None, None)),
		("8055100 22", (None, None)),
		("BOSS", (None, None)),
		("der alpha von gestern", (None, None)),
		("serial ALPHA", ("exact", "ALPHA")),
	],
)
def test_words_and_plain_numbers_are_not_folded_into_serials(
	text: str, expected: tuple[str | None, str | None]
) -> None:
	assert look(text) == expected


def test_a_tie_is_asked_and_narrowed_by_customer_maker_or_model() -> None:
	assert asked("machine X1-770") == ["X1-770", "X1-770"]
	match, _ = find_machine("machine X1-770", REGISTRY, customer=" zeta ")
	assert match is not None and match.machine == MACHINES[12]
	for text in ("X1-770 of Brix", "model XB, X1-770"):
		match, _ = find_machine(text, REGISTRY)
		assert match is not None and match.machine == MACHINES[13]


def test_an_exact_serial_goes_before_its_look_alike() -> None:
	assert look("Q0-1100") == ("exact", "Q0-1100")
	assert look("QO-1100") == ("exact", "QO-1100")
	assert asked("QO 1100") == ["QO-1100", "Q0-1100"]
	assert look("QO 1100", "Eta") == ("confusable", "Q0-1100")


def test_two_serials_of_one_text_are_asked() -> None:
	assert asked("BW-630-00418 or bw 630 00427?") == ["BW-630-00418", "BW-630-00427"]
	assert look("BW-630-00418 (BW 630 00418)") == ("exact", "BW-630-00418")
	assert look("BW-630-00418, not S/N ZZ-999-1") == ("exact", "BW-630-00418")


def test_identification_links_are_matched_to_the_character() -> None:
	assert find_machine("x", REGISTRY, product_uri=LINK)[0] == MachineMatch(
		"exact", MACHINES[0], (), "product_uri"
	)
	assert look(f"QR: {LINK}.") == ("exact", "BW-630-00418")
	assert look("", product_uri=LINK.lower()) == (None, None)
	assert look(f"{LINK}9") == (None, None)


def test_the_field_goes_before_the_text_and_the_text_before_the_subject() -> None:
	assert look("BW-630-00418", serial_given="4821") == ("exact", "4821")
	assert look("BW-630-00418", subject="BW-630-00427") == ("exact", "BW-630-00418")
	assert look("kaputt", subject="BW-630-00427") == ("exact", "BW-630-00427")
	match, written = find_machine("BW-630-00418", REGISTRY, serial_given=" ZZ 9 ")
	assert (match and match.machine) == MACHINES[0] and written == "ZZ 9"


def test_without_a_serial_the_only_machine_of_the_customer() -> None:
	match, written = find_machine("elle est en panne", REGISTRY, customer="beta")
	assert match == MachineMatch("exact", MACHINES[3], (), "customer") and written is None
	assert look("n° de série illisible", "Beta") == ("exact", "482137")
	assert look("unsere FX20 steht", "Acme") == ("exact", "FX-20-77120")
	assert look("steht", "Nobody") == (None, None)


def test_several_machines_of_the_customer_are_asked() -> None:
	assert asked("steht", "Acme") == ["BW-630-00418", "BW-630-00427", "FX-20-77120"]
	assert asked("kp 630 steht", "Acme") == ["BW-630-00418", "BW-630-00427"]
	assert look("steht", "Delta") == (None, None)
	assert len(asked("die Vega steht", "Delta")) == 5
	assert asked("our KP-630 is down", "Beta") == ["482137"]


@pytest.mark.parametrize(
	"label", ["S/N", "Seriennummer:", "n° de série", "matricola", "nr seryjny", "serienummer"]
)
def test_a_serial_that_is_not_on_record_is_not_replaced_by_a_guess(label: str) -> None:
	match, written = find_machine(f"{label} ZZ-999-1, steht", REGISTRY, customer="Beta")
	assert match is None and written == "ZZ-999-1"
	match, written = find_machine(f"{label} 482173 steht", REGISTRY, customer="Beta")
	assert match is not None and match.match == "ask" and match.candidates == (MACHINES[3],)
	assert written == "482173"


@pytest.mark.parametrize(
	("text", "written"),
	[
		("S/N: ZX-99-1 est en panne", "ZX-99-1"),
		("Seriennummer lautet ZX 99 1, bitte", "ZX 99 1"),
		("n° de série de la machine : zx99-1.", "zx99-1"),
		("serial number of the press is ZX99/1 thanks", "ZX99/1"),
		("matricola n. 77120 della pressa", "77120"),
		("nr seryjny maszyny to ZX-99-1", "ZX-99-1"),
		("número de série da máquina é ZX 991", "ZX 991"),
		("serienummer is ZX.99.1 volgens plaatje", "ZX.99.1"),
		("S/N A-1 / model KP-630", "A-1"),
		("Serial: ZX99\nModel: KP-630", "ZX99"),
		("numéro de série inconnu", None),
		("serial number not readable, since 2019", None),
		("la série 5 de pièces", None),
		("puede ser 5 días", None),
		("Seriennr siehe Foto vom 12.03.", None),
	],
)
def test_the_serial_as_given(text: str, written: str | None) -> None:
	assert find_machine(text, REGISTRY) == (None, written)


def test_a_mistyped_serial_without_label_is_asked() -> None:
	assert asked("BW-630-00419 steht", "Acme") == ["BW-630-00418"]


@pytest.mark.parametrize(
	"text", ["'; DROP TABLE machines; --", "<script>alert('4821x')</script>", "${7*7}", "%s%n\0"]
)
def test_hostile_text_is_only_text(text: str) -> None:
	assert look(text) == (None, None)
	match, written = find_machine(f"S/N {text}", REGISTRY, customer="Zeta", serial_given=text)
	assert written == text and (match is None or match.match == "ask")


def test_a_serial_may_be_any_free_string() -> None:
	assert look("x", serial_given="'; DROP TABLE x1; --") == ("exact", "'; DROP TABLE x1; --")


LONG_TEXTS = ["x1 " * 33_000, "S/N " * 25_000, "n° de série " * 8_000, "1-" * 50_000, "serial A" * 12_000]


@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_long_texts_cost_a_bounded_time(text: str) -> None:
	begin = time.perf_counter()
	find_machine(text, REGISTRY, customer="Acme", subject=text)
	assert time.perf_counter() - begin < 1.5


@given(st.text(max_size=200), st.sampled_from([None, "Acme", "Beta", "Zeta"]))
def test_any_text_gives_a_consistent_answer(text: str, customer: str | None) -> None:
	match, _ = find_machine(text, REGISTRY, customer=customer)
	if match is not None:
		assert (match.machine is None) == (match.match == "ask") == bool(match.candidates)
		assert len(match.candidates) <= 5


@given(st.sampled_from(MACHINES[:4]), st.text("abc .,\n", max_size=20), st.text("abc .,\n", max_size=20))
def test_a_serial_among_words_is_found(machine: Machine, before: str, after: str) -> None:
	assert look(f"{before} {machine.serial} {after}") == ("exact", machine.serial)
