"""Fault codes told apart from the other numbers of a message, in eight languages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixee_hotline.machines.codes import fold_code
from fixee_hotline.machines.fault_codes import FoundCode, find_fault_codes
from fixee_hotline.machines.model import FaultCode, Machine
from fixee_hotline.machines.registry import Registry

PRESS = Machine("BW-630-00418", "Brunnhold", "KP-630", "Acme")
FILLER = Machine("482137", "Kolb", "FX 20", "Beta")
OVEN = Machine("90-1123", "Kolb", "Vega", "Beta")
LABELLER = Machine("24-07-1182", "Kolb", "Orion", "Beta")
CODES = [
	FaultCode("KP-630", "E17", "stop", "Pump pressure"),
	FaultCode("KP-630", "F0012"),
	FaultCode("KP-630", "204"),
	FaultCode("KP-630", "E4"),
	FaultCode("FX 20", "AL-31"),
	FaultCode("FX 20", "E17", "warning", "Nozzle"),
	FaultCode("FX 20", "25201"),
	FaultCode("FX 20", "Er.22"),
	FaultCode("Vega", "12.3"),
	FaultCode("Orion", "E017"),
	FaultCode("Orion", "E17"),
	FaultCode(None, "X99"),
]
REGISTRY = Registry([PRESS, FILLER, OVEN, LABELLER], (), CODES)


def codes(text: str, machine: Machine | None = None, exclude: tuple[str, ...] = ()) -> list[str]:
	return [found.code for found in find_fault_codes(text, REGISTRY, machine, exclude)]


@pytest.mark.parametrize(
	("written", "folded"),
	[
		("E 017", "E17"),
		("e-17", "E17"),
		("F0012", "F12"),
		("000", "0"),
		("12.3", "12.3"),
		("GRP-031", "GRP31"),
		("", ""),
	],
)
def test_fold_code(written: str, folded: str) -> None:
	assert fold_code(written) == folded


@pytest.mark.parametrize(
	("text", "machine", "expected"),
	[
		("e 17 affiché", PRESS, ["E17"]),
		("E-17", PRESS, ["E17"]),
		("e017 again", PRESS, ["E17"]),
		("f12 kommt wieder", PRESS, ["F0012"]),
		("F 0012 steht an", PRESS, ["F0012"]),
		("25201 steht an", FILLER, ["25201"]),
		("al 31 affiché", FILLER, ["AL-31"]),
		("Er 22 op het scherm", FILLER, ["Er.22"]),
		("er 22 flessen per minuut", FILLER, []),
		("Alarm 12.3 keeps coming", OVEN, ["12.3"]),
		("Alarm 12,3 bar", OVEN, []),
		("display shows 204", PRESS, ["204"]),
		("X99 on it", OVEN, ["X99"]),
	],
)
def test_codes_of_the_machines_list_in_any_spelling(text: str, machine: Machine, expected: list[str]) -> None:
	assert codes(text, machine) == expected


def test_leading_zeros_are_kept_apart_where_the_list_tells_them_apart() -> None:
	assert codes("E017 popped up", LABELLER) == ["E017"]
	assert codes("E17 popped up", LABELLER) == ["E17"]
	assert codes("défaut e 017", LABELLER) == ["E017"]
	assert find_fault_codes("E0017", REGISTRY, LABELLER) == (FoundCode("E0017", None, "E0017"),)


def test_the_row_of_the_list_is_given_only_where_it_is_certain() -> None:
	assert find_fault_codes("e17!", REGISTRY, PRESS) == (FoundCode("E17", CODES[0], "e17"),)
	assert find_fault_codes("e17!", REGISTRY, FILLER) == (FoundCode("E17", CODES[5], "e17"),)
	assert find_fault_codes("alarm e17", REGISTRY) == (FoundCode("E17", None, "e17"),)
	assert find_fault_codes("alarm 25201", REGISTRY) == (FoundCode("25201", CODES[6], "25201"),)
	assert find_fault_codes("alarm AL31", REGISTRY, PRESS) == (FoundCode("AL-31", None, "AL31"),)


@pytest.mark.parametrize(
	("text", "expected"),
	[
		("code d'erreur E17", ["E17"]),
		("défaut n° 42", ["42"]),
		("Panne nº 42", ["42"]),
		("J'ai le message 4711 à l'écran", ["4711"]),
		("l'alarme 204 s'affiche", ["204"]),
		("Code défaut : 0045", ["0045"]),
		("it shows E-204 on the display", ["E-204"]),
		("the 204 alarm keeps coming", ["204"]),
		("fault code is 310", ["310"]),
		("Error [E17]", ["E17"]),
		("SRVO-023 alarm on the pendant", ["SRVO-023"]),
		("Fehler: F0012", ["F0012"]),
		("Störmeldung A05012", ["A05012"]),
		("Stoerung F30001 am Antrieb", ["F30001"]),
		("Fehler-Nr.: 0815", ["0815"]),
		("E17-Fehler", ["E17"]),
		("Fehler 33 am Display", ["33"]),
		("código de fallo A32", ["A32"]),
		("la avería 51 y el error E45", ["51", "E45"]),
		("guasto E.45 sul display", ["E.45"]),
		("allarme n. 33", ["33"]),
		("errore 204 ma riparte", ["204"]),
		("código de erro 77", ["77"]),
		("avaria F204 a piscar", ["F204"]),
		("Storingscode 88, pomp stopt", ["88"]),
		("foutcode F 23", ["F23"]),
		("błędu E45 nie da się skasować", ["E45"]),
		("usterka 123 na ekranie", ["123"]),
		("alarm o kodzie 512", ["512"]),
		("kod bledu: 0x1A04", ["0X1A04"]),
		("alarm nr 204", ["204"]),
		("W12 and A05012 and Flt-23", ["W12", "A05012", "FLT-23"]),
	],
)
def test_codes_that_no_list_has(text: str, expected: list[str]) -> None:
	assert codes(text) == expected


@pytest.mark.parametrize(
	("text", "expected"),
	[
		("E17, E22 und E31 stehen an", ["E17", "E22", "E31"]),
		("alarmes 204 et 205", ["204", "205"]),
		("alarmy 204, 205 i 206 na panelu", ["204", "205", "206"]),
		("alarmas 12 y 13", ["12", "13"]),
		("errori 12 e 17 sul display", ["12", "17"]),
		("erro 204 e 205", ["204", "205"]),
		("storingen 45 en 46", ["45", "46"]),
		("Meldungen 1234/1235", ["1234", "1235"]),
		("Fehlercodes:\n- E17\n- E22\n- 204", ["E17", "E22", "204"]),
		("l'erreur 17 puis l'erreur 22, encore 17", ["17", "22"]),
		("E17 e-17 E 17", ["E17"]),
	],
)
def test_several_codes_in_order_and_none_twice(text: str, expected: list[str]) -> None:
	assert codes(text) == expected


DECOYS = [
	"hall A3, ligne L4, gate E4, line 3", "Halle B2 Linie 204",
	"press F1 key or touche F5, Taste F12", "F12-Taste",
	"230 V, 6 bar, 40%, IP65, M8, DN50, ISO 9001, EN 13306, S7-1500",
	"firmware v2.31, version 4.1", "Alarm S7-1500", "alarm, 230 V fehlt",
	"alarm 3 times today", "12 alarms since this morning", "200 alarms",
	"erreur sur facture 2024-118", "order 4711 error in delivery", "panne le 12 mars",
	"panne du 12/03", "Störung seit 14:30 Uhr", "alarm at 6 this morning", "Fehler seit 2023",
	"panne 2024", "alarm o 6 rano", "code article 4711", "article code 4711", "QR code 1234",
	"code postal 75011", "PIN code 1234", "appelez le +33 1 99 00 41 28",
	"Störungshotline 0800 123 456", "STORINGSNUMMER 24/7 112", "storing 24/7",
	"fault on press KP-630", "alarm KP630", "Fehler an Presse 204", "message du 14.03.2024",
	"message de 14h30", "fusible F12 grillé", "Sicherung F12 defekt", "sensor B4 fault",
	"le défaut vient du capteur B12", "Fehler liegt an Klemme X12", "204 pieces today",
	"204 Stück", "204 Teile", "week W44", "alarm 10 min ago", "Alarm 80 °C", "alarme 80°C",
	"fout in factuur F-2026-1190", "invoice F2026", "a 217 km", "subió a 217 grados",
	"error in line 3", "awaria na hali 12", "avaria na linha 12", "fallo en la línea 3",
	"guasto alla linea 3", "ref. E17-220-A", "art. E4711", "part no. F1234",
	"http://x.example/E17?code=204", "a@e17.example", "page E12", "Seite 204", "tel 204",
	"error rate 40%", "Auftrag 204", "collet ER32", "panne depuis 3 jours", "défaut 2 heures",
	"fault current 16 A", "alarme incendie bâtiment 12", "3x400 V fault", "FS24.175.02 alarm",
	"F-67000 Strasbourg", "A-4020 Linz", "12 High Road, London W12 8QT",
	"'; DROP TABLE codes; -- 17", "<script>alert(204)</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", DECOYS)
@pytest.mark.parametrize("machine", [None, PRESS])
def test_other_numbers_are_no_codes(text: str, machine: Machine | None) -> None:
	assert codes(text, machine) == []


@pytest.mark.parametrize(
	("text", "expected"),
	[
		(
			"Bonjour, presse KP-630 n° BW-630-00418, hall A3 : alarme E17 puis F0012 depuis 6h10."
			" Commande 4500123 du 12/03/2024, tél 01 99 00 41 28",
			["E17", "F0012"],
		),
		(
			"Linie 4 steht, F30001 und A07089, Sicherung F3 ok, IP54, 24 V da, Bestellung 4711-22",
			["F30001", "A07089"],
		),
		("la máquina de la nave 3 da la alarma 512 y el código E45, llame al 600 123 456", ["512", "E45"]),
		("Sulla linea 2 compare l'allarme 33 (codice E.45) da lunedì 12, pressione 6 bar", ["33", "E.45"]),
		("Na linha 3 aparece erro 77 e falha F204, encomenda 2024-118, 3x400 V", ["77", "F204"]),
		(
			"Op lijn 5 staat storing 88 op het scherm, daarna fout E33, bestelnr 30-5518, M12 bout",
			["88", "E33"],
		),
		("Na stanowisku 7 błąd 4502 i alarm E-17, zamówienie ZK-5519, tel. 22 555 01 40", ["4502", "E17"]),
		("Down at 14:05, alarm code 3045-2, PLC S7-1500, part no. 6ES7 315-2AH14", ["3045-2"]),
	],
)
def test_whole_messages(text: str, expected: list[str]) -> None:
	assert codes(text, PRESS) == expected


def test_the_serial_and_what_the_caller_excludes_are_no_codes() -> None:
	assert codes("error 482137", FILLER) == []
	assert codes("error 482 137 with E22", FILLER) == ["E22"]
	assert codes("error F1234 on it", None, ("F1234",)) == []
	assert find_fault_codes("E22 then E31", REGISTRY, None, [(0, 3)]) == (FoundCode("E31", None, "E31"),)


LONG_TEXTS = [
	"alarm 1 " * 12_000,
	"E17, " * 20_000,
	"1-" * 50_000,
	"alarm 1.2.3." * 8_000,
	"e " * 50_000,
	"A1" * 50_000,
]


@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_long_texts_cost_a_bounded_time(text: str) -> None:
	begin = time.perf_counter()
	found = find_fault_codes(text, REGISTRY, PRESS, ["1", "E"])
	assert time.perf_counter() - begin < 1.5
	assert len(found) <= 50


@given(st.text(max_size=200), st.sampled_from([None, PRESS, OVEN]))
def test_any_text_gives_codes_that_stand_in_it_once(text: str, machine: Machine | None) -> None:
	found = find_fault_codes(text, REGISTRY, machine)
	assert len({fold_code(code.code) for code in found}) == len(found)


@given(
	st.sampled_from(CODES[:3]),
	st.sampled_from(["error", "Fehler", "défaut", "alarma", "guasto", "fout", "błąd"]),
)
def test_a_listed_code_behind_its_word_is_always_found(code: FaultCode, word: str) -> None:
	assert codes(f"{word} {code.code.lower()}", PRESS) == [code.code]
