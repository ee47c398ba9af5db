"""Folding of serials, and the pieces of a text that could be one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.machines.serials import fold_serial, serial_candidates

CONFUSED = {
	"O": "0",
	"0": "O",
	"I": "1",
	"1": "l",
	"L": "1",
	"S": "5",
	"5": "S",
	"B": "8",
	"8": "b",
	"Z": "2",
	"2": "z",
}
SERIAL_TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/. ", min_size=1, max_size=20)


@pytest.mark.parametrize(
	("written", "folded"),
	[
		("BW-630-00418", "8W63000418"),
		("bw 630 oo4l8", "8W63000418"),
		("BW–630—00418", "8W63000418"),
		("SÉRIE n° 12", "5ER1EN12"),
		(" IM250/88214-A ", "1M25088214A"),
		("---", ""),
		("", ""),
	],
)
def test_fold(written: str, folded: str) -> None:
	assert fold_serial(written) == folded


@given(SERIAL_TEXT)
def test_fold_is_stable_and_keeps_only_letters_and_digits(serial: str) -> None:
	folded = fold_serial(serial)
	assert fold_serial(folded) == folded
	assert folded == "" or folded.isalnum()
	assert not set(folded) & set("OILSBZ")


@given(SERIAL_TEXT, st.data())
def test_confused_characters_and_separators_fold_alike(serial: str, data: st.DataObject) -> None:
	written = "".join(
		data.draw(st.sampled_from([character, CONFUSED.get(character, character), character.lower()]))
		+ data.draw(st.sampled_from(["", "-", " "]))
		for character in serial
	)
	assert fold_serial(written) == fold_serial(serial)


@given(st.text(max_size=60))
def test_fold_takes_any_text(text: str) -> None:
	assert isinstance(fold_serial(text), str)


def keys(text: str) -> set[str]:
	return {candidate.folded for candidate in serial_candidates(text) if not candidate.weak}


@pytest.mark.parametrize(
	"text",
	[
		"BW-630-00418",
		"la presse BW 630 00418 est arrêtée",
		"(BW-630-00418).",
		"BW - 630 - 00418",
		"BW/630_00418",
		"BW-630-\n00418",
		"presse=BW63000418;",
		"nr BW\u2011630\u201300418",
	],
)
def test_joins_of_neighbours(text: str) -> None:
	assert "8W63000418" in keys(text)


def test_a_candidate_knows_its_place() -> None:
	text = "Presse BW 630 00418 steht"
	for candidate in serial_candidates(text):
		assert text[candidate.start : candidate.end] == candidate.as_written
		assert fold_serial(candidate.as_written) == candidate.folded


def test_unbroken_serials_may_have_more_than_four_parts() -> None:
	assert fold_serial("24-07-1182-A-3") in keys("Maschine 24-07-1182-A-3 steht")
	assert fold_serial("1 2 3 4 5") not in keys("1 2 3 4 5")


def test_a_label_glued_to_the_serial_is_taken_off() -> None:
	assert {"48213", "5N48213"} <= keys("machine SN48213")


@pytest.mark.parametrize(
	"text",
	[
		"le 12.03.2024",
		"2024-03-12",
		"at 14:05",
		"vers 14h30",
		"+33 1 99 00 41 28",
		"01 99 00 41 28",
		"030 / 23125410",
		"https://id.example/48213/BW-7",
		"write to bw48213@acme4.example",
		"no number at all",
	],
)
def test_dates_times_telephones_and_addresses_are_no_candidates(text: str) -> None:
	assert keys(text) == set()


def test_a_date_or_telephone_number_stays_as_a_whole_but_weak() -> None:
	weak = [candidate for candidate in serial_candidates("am 12.03.2024 um 14:05") if candidate.weak]
	assert [candidate.as_written for candidate in weak] == ["12.03.2024", "14:05"]


LONG_TEXTS = [
	"x1 " * 33_000,
	"1-" * 50_000,
	"a1" * 50_000,
	"@" * 100_000,
	"+1 " * 33_000,
	"S/N 0123 45 " * 8_000,
]


@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_long_texts_cost_a_bounded_time(text: str) -> None:
	begin = time.perf_counter()
	found = serial_candidates(text)
	assert time.perf_counter() - begin < 1.0
	assert len(found) < 50_000


@settings(max_examples=200)
@given(st.text(st.characters(codec="utf-16", exclude_categories=()), max_size=300))
def test_candidates_of_any_text_lie_in_the_text(text: str) -> None:
	for candidate in serial_candidates(text):
		assert 0 <= candidate.start < candidate.end <= len(text)
		assert text[candidate.start : candidate.end] == candidate.as_written
