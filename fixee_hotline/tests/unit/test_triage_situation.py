"""Sentences that share their words and differ in their meaning, in the languages of the site."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.triage.engine import Engine, default_engine
from fixee_hotline.triage.rules import default_rules

LANGUAGES = default_engine().rules.languages


RULES_ALONE = Engine(default_rules())


def codes(text: str, language: str) -> set[str]:
	return set(RULES_ALONE.read(text, [language]).found)


STOPPED = [
	("fr", "La ligne est à l'arrêt depuis 6h40."),
	("fr", "demarre plus du tout, defaut E17"),
	("en", "The press does not start any more."),
	("en", "our filler is down since this morning"),
	("de", "Die Anlage steht seit heute früh komplett."),
	("de", "Maschine läuft nicht mehr an, Fehler 31"),
	("es", "La línea está parada desde las siete."),
	("es", "no arranca la prensa"),
	("it", "La linea è ferma da un'ora."),
	("it", "la pressa non parte più"),
	("pt", "A máquina está parada desde as seis."),
	("pt", "A prensa não arranca."),
	("nl", "De lijn staat stil sinds vanochtend."),
	("nl", "de pers start niet meer"),
	("pl", "Linia stoi od rana."),
	("pl", "maszyna nie startuje"),
]

NOTHING_NOW = [
	("fr", "La ligne n'est pas arrêtée, je voulais juste la notice."),
	("fr", "Nous prévoyons un arrêt de la ligne vendredi."),
	("fr", "La machine se trouve dans le hall 3, URGENT : envoyez la facture."),
	("en", "The line is not down, I only need the manual."),
	("en", "We plan to stop the line on Friday for maintenance."),
	("en", "It is running again, thank you."),
	("de", "Die Linie steht nicht, ich brauche nur das Handbuch."),
	("de", "Die Maschine steht in Halle 3."),
	("de", "Die Anlage läuft wieder, danke."),
	("es", "La línea no está parada, solo necesito el manual."),
	("es", "Ya funciona de nuevo, gracias."),
	("it", "La linea non è ferma, mi serve solo il manuale."),
	("it", "È ripartita, grazie."),
	("pt", "A linha não está parada, só preciso do manual."),
	("nl", "De lijn staat niet stil, ik heb alleen de handleiding nodig."),
	("nl", "De machine staat in hal 3."),
	("pl", "Linia nie stoi, potrzebuję tylko instrukcji."),
	("pl", "Maszyna stoi w hali 3."),
]


@pytest.mark.parametrize(("language", "text"), STOPPED)
def test_a_standstill_is_seen(language: str, text: str) -> None:
	assert "line_stopped" in codes(text, language)


@pytest.mark.parametrize(("language", "text"), NOTHING_NOW)
def test_negation_plans_places_and_repair_raise_nothing(language: str, text: str) -> None:
	assert not codes(text, language) & {"line_stopped", "safety"}


def test_what_is_said_last_counts() -> None:
	assert "line_stopped" not in codes("The line was down this morning. It is running again now.", "en")
	assert "line_stopped" in codes("It was running again at nine. Now the line is down again.", "en")


def test_words_that_say_production_is_back_are_quoted() -> None:
	reading = default_engine().read("Thank you, the filler is running again.", ["en"])
	assert reading.restored is not None
	assert "running again" in reading.restored


def test_a_component_is_no_line() -> None:
	assert "line_stopped" not in codes("The display does not work, production goes on.", "en")


def test_short_stops_are_degraded_production() -> None:
	found = codes("The line stops every 10 minutes and we restart it.", "en")
	assert "production_degraded" in found
	assert "line_stopped" not in found


def test_a_guard_that_does_not_act_is_a_danger_and_its_certificate_is_not() -> None:
	assert "safety" in codes("The light curtain does not work, the press keeps moving.", "en")
	assert "safety" not in codes("Please send the certificate of the light curtain.", "en")


def test_evidence_is_what_the_customer_wrote() -> None:
	text = "Bonjour,\nla ligne est à l'arrêt."
	found = default_engine().read(text, ["fr"]).found
	assert found["line_stopped"] in " ".join(text.split())


@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_the_same_text_the_same_way(text: str, language: str) -> None:
	engine = default_engine()
	assert engine.read(text, [language]) == engine.read(text, [language])


def test_a_long_text_is_read_in_bounded_time() -> None:
	text = "the line is down " * 20_000
	assert "line_stopped" in codes(text, "en")
