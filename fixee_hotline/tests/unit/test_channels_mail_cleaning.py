"""What is new in a mail's text: each rule, and each guard that keeps a customer's words."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.channels.mailbox.cleaning import split_reply
from fixee_hotline.channels.mailbox.signature_words import STRONG_CLOSINGS

OLD = "> Hello,\n> is the line down?\n> This is URGENT, please answer today."

MARKS = json.loads((Path(__file__).parents[1] / "data" / "mail" / "marks.json").read_text(encoding="utf-8"))
ATTRIBUTIONS: dict[str, str] = MARKS["attributions"]
HEADER_BLOCKS: dict[str, str] = MARKS["header_blocks"]
SEPARATORS: list[str] = MARKS["separators"]
PHONE_LINES: list[str] = MARKS["phone_lines"]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_attribution_and_quote_are_cut(attribution: str) -> None:
	cleaned = split_reply(f"The valve is new.\n\n{attribution}\n\n{OLD}\n")
	assert cleaned.text == "The valve is new."
	assert cleaned.quoted == f"{attribution}\n\n{OLD}"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_answer_below_the_quote_is_kept(attribution: str) -> None:
	cleaned = split_reply(f"{attribution}\n{OLD}\n\nThe valve is new.\n")
	assert cleaned.text == "The valve is new."
	assert cleaned.quoted.endswith(OLD)


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
@pytest.mark.parametrize("rule", ["", "________________________________\n", "\n"])
def test_header_block_and_all_below_are_cut(block: str, rule: str) -> None:
	cleaned = split_reply(f"The valve is new.\n\n{rule}{block}\n\nIs the line down?\n", "RE: Press")
	assert cleaned.text == "The valve is new."
	assert "Is the line down?" in cleaned.quoted


@pytest.mark.parametrize("separator", SEPARATORS)
def test_separator_is_cut(separator: str) -> None:
	cleaned = split_reply(f"The valve is new.\n\n{separator}\nDe : OEM\nObjet : Presse\n\nIs the line down?")
	assert cleaned.text == "The valve is new."


@pytest.mark.parametrize("line", PHONE_LINES)
def test_phone_line_is_cut(line: str) -> None:
	assert split_reply(f"The valve is new.\n\n{line}").text == "The valve is new."
	assert (
		split_reply(f"The valve is new.\n\n{line}\n\n{ATTRIBUTIONS['fr gmail']}\n{OLD}").text
		== "The valve is new."
	)


@pytest.mark.parametrize("closing", STRONG_CLOSINGS)
def test_block_below_a_closing_is_cut(closing: str) -> None:
	text = f"The valve is new.\n\n{closing.capitalize()},"
	block = "Ana Ruiz\nMaintenance\nPlant Ltd\n12 rue des Forges, 74000 Annecy\nTel: +44 1632 960 011"
	cleaned = split_reply(f"{text}\n{block}")
	assert cleaned.text == text
	assert cleaned.quoted == block


@pytest.mark.parametrize(
	"text",
	[
		"Cordialement,\nAna Ruiz",
		"Mit freundlichen Grüßen / Kind regards\n\nAna Ruiz",
		"Kind regards,\nAna\n\nAna Ruiz | Plant Ltd | www.plant.example",
		"Pozdrawiam\nŁukasz",
		"Saludos,\n\nAna Ruiz\nJefa de mantenimiento",
	],
)
def test_name_below_a_closing_is_cut(text: str) -> None:
	assert "Ana" not in split_reply(f"The valve is new.\n\n{text}").text
	assert "Łukasz" not in split_reply(f"The valve is new.\n\n{text}").text


def test_thanks_close_only_with_the_senders_name_or_contact_lines() -> None:
	assert split_reply("New valve.\n\nMerci,\nAna", sender_name="Ana Ruiz").text == "New valve.\n\nMerci,"
	assert split_reply("New valve.\n\nThanks\nAna\n+44 1632 960 011").text == "New valve.\n\nThanks"
	assert (
		split_reply("New valve.\n\nMerci,\nUrgent", sender_name="Ana Ruiz").text
		== "New valve.\n\nMerci,\nUrgent"
	)
	assert split_reply("New valve.\n\nDanke\nPumpe Defekt").text == "New valve.\n\nDanke\nPumpe Defekt"


def test_delimited_signature_is_cut() -> None:
	cleaned = split_reply("The valve is new.\n\n-- \nAna\nHotline 24/7: +44 1632 960 011 URGENT ONLY\n")
	assert cleaned.text == "The valve is new."
	assert split_reply("The valve is new.\n--\nAna Ruiz\nPlant Ltd").text == "The valve is new."


@pytest.mark.parametrize("notice", MARKS["notices"])
def test_legal_notice_is_cut(notice: str) -> None:
	cleaned = split_reply(f"The valve is new.\n\n{notice}\n")
	assert cleaned.text == "The valve is new."
	assert cleaned.quoted == notice


@pytest.mark.parametrize(
	"block",
	[
		"Ana Ruiz\nUsinage, atelier\nAstreinte 24h/24 : 01 99 00 41 28",
		"i. A. Ana Ruiz\nBrauhaus, Abfüllung\nBereitschaft 24/7: 030 23125 438",
		"Ana Ruiz\nStores\nEMERGENCY BREAKDOWN LINE 24/7: +44 1632 960 011\n** Line down? **",
		"Ana Ruiz\nCalidad\nTel. EMERGENCIAS planta (24 h, línea parada): 955 550 139\nEn caso de fuego, 112",
		"Ana Ruiz\nUfficio Tecnico\nNUMERO EMERGENZE (fermo macchina, h24): 06 55501 158",
		"Ana Ruiz\nMoldes, Lda.\nLINHA DE EMERGÊNCIA 24h (máquina parada): 21 555 0130",
		"Ana Ruiz\nMetaal\nStoringsnummer 24/7: 020 555 0125\nBij brand of ongeval: bel 112",
		"Ana Ruiz\nZakłady\nDyżur (awaria maszyny) 24h: 22 555 01 13\nW razie pożaru lub wypadku dzwoń 112",
	],
)
@pytest.mark.parametrize("above", ["The valve is new.", "The valve is new.\n\nMerci,"])
def test_block_with_an_on_call_number_is_cut(block: str, above: str) -> None:
	cleaned = split_reply(f"{above}\n\n{block}")
	assert cleaned.text == above
	assert cleaned.quoted == block


def test_last_paragraph_with_the_senders_name_is_a_signature() -> None:
	text = "The valve is new.\n\nAna Ruiz\nProduction Supervisor, Unit 3"
	assert split_reply(text, sender_name="Ana Ruiz").text == "The valve is new."
	assert split_reply(text, sender_name="Bo Lind").text == text
	assert split_reply("Ana Ruiz\nhere again", sender_name="Ana Ruiz").text == "Ana Ruiz\nhere again"


def test_emergency_number_of_a_signature_is_not_in_the_text() -> None:
	text = "Tout est rentré dans l'ordre.\n\nCordialement,"
	signature = "Ana Ruiz\nUsinage SAS\nURGENCE 24h/24 : +33 4 00 00 11 22"
	assert split_reply(f"{text}\n\n{signature}").text == text


# Forwarded mails


@pytest.mark.parametrize(
	("subject", "own"),
	[
		("WG: Presse", ""),
		("TR: Presse", "Pour info\n\n"),
		("FW: Press", "Hello,\nsee below\n\nSent from my iPhone\n\n"),
		("RV: Prensa", "Buenos días,\nver abajo\nSaludos,\n\n"),
	],
)
def test_mail_passed_on_keeps_its_text(subject: str, own: str) -> None:
	cleaned = split_reply(f"{own}{HEADER_BLOCKS['de']}\n\nThe press smokes.", subject)
	assert cleaned.text.endswith("The press smokes.")


@pytest.mark.parametrize(
	"mark",
	[
		"---------- Forwarded message ---------",
		"-------- Forwarded Message --------",
		"-------- Message transféré --------",
		"-------- Weitergeleitete Nachricht --------",
		"---------- Mensaje reenviado ---------",
		"---------- Messaggio inoltrato ---------",
		"---------- Mensagem encaminhada ---------",
		"---------- Doorgestuurd bericht ---------",
		"-------- Przekazana wiadomość --------",
		"Begin forwarded message:",
		"Début du message transféré :",
		"Anfang der weitergeleiteten Nachricht:",
		"Inizio messaggio inoltrato:",
	],
)
def test_forward_marks_are_known(mark: str) -> None:
	forwarded = (
		f"{mark}\nFrom: OEM <h@oem.example>\nDate: 2 Nov 2026 08:14\nSubject: Press\n\nThe press smokes."
	)
	assert split_reply(forwarded).text == forwarded
	assert (
		split_reply(f"We solved this one ourselves.\n\n{forwarded}").text == "We solved this one ourselves."
	)


def test_reply_without_a_word_has_no_text_but_an_unsure_mail_is_kept() -> None:
	old = f"{HEADER_BLOCKS['en']}\n\nIs the line down?"
	assert split_reply(old, "RE: Press").text == ""
	assert split_reply(old, "Press").text == old


def test_answers_between_the_quotes_are_kept() -> None:
	answers = "> Serial number?\n\nHP-2201\n\n> Which code?\nF204\n> Since when?\n"
	text = f"{ATTRIBUTIONS['en gmail']}\n{answers}"
	cleaned = split_reply(text)
	assert cleaned.text == "HP-2201\n\nF204"
	assert cleaned.quoted.count(">") == 4


def test_attribution_that_is_quoted_itself_is_history() -> None:
	old = f"> {ATTRIBUTIONS['de thunderbird']}\n>\n> Guten Tag,\n> Seriennummer?"
	assert split_reply(f"Ventil ist neu.\n\n{old}").text == "Ventil ist neu."
	assert split_reply(f"{old}\n\nHP-2201").text == "HP-2201"


def test_older_attributions_between_the_quotes_are_history() -> None:
	older = "On 1 Nov 2026 10:00, OEM <h@oem.example> wrote:\n>> old\n"
	text = f"Fixed.\n\nOn 2 Nov 2026 08:14, Ana <a@b.example> wrote:\n> ok\n{older}"
	assert split_reply(text).text == "Fixed."


def test_line_of_a_ticket_system_is_cut() -> None:
	assert (
		split_reply("New valve.\n\n##- Please type your reply above this line -##\nOld text").text
		== "New valve."
	)


# Guards: the customer's own words


@pytest.mark.parametrize("text", MARKS["kept"])
def test_customers_words_are_kept(text: str) -> None:
	assert split_reply(text, "Pompe").text == text


NO_MARK_LINES = st.lists(
	st.text(st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Zs"), max_codepoint=0x2FF), max_size=60),
	max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(NO_MARK_LINES)
def test_text_without_any_mark_is_never_shortened(lines: list[str]) -> None:
	text = "\n".join(f"x{line}" for line in lines)
	cleaned = split_reply(text)
	assert cleaned.text == text.strip()
	assert cleaned.quoted == ""


SENTENCES = st.sampled_from(
	[
		"De plus, la pompe 2 siffle : c'est nouveau.",
		"De la vapeur sort du capot",
		"À 8h12 : arrêt complet, puis E17",
		"Von der Pumpe kommt ein Pfeifen.",
		"An Station 3: Stau",
		"From the panel: alarm 12",
		"To restart it we press twice",
		"Merci de nous rappeler avant midi.",
		"Danke, aber das half nicht",
		"Best result so far: 40 bars",
		"Met de hand gaat het wel",
		"Mit neuem Ventil dasselbe",
		"Bien reçu, on essaie",
		"Saludos no bastan, la prensa no abre",
		"Pozdrawiam i czekam na telefon w sprawie prasy",
		"Objet trouvé sur le convoyeur : une vis",
		"Date de mise en service : 2019",
		"On a écrit au fournisseur :",
		"L'écran a écrit E17 :",
		"Le voyant rouge clignote",
		"El operario escribió en el parte:",
		"Sent two photos yesterday",
		"Enviado el repuesto equivocado",
		"12:40 ALM 204",
		"",
	]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SENTENCES, max_size=12))
def test_ordinary_sentences_are_kept_in_any_order(lines: list[str]) -> None:
	text = "\n".join(lines)
	assert split_reply(text, "RE: Pompe").text == text.strip()


PIECES = [
	"",
	"-- ",
	"--",
	"> ALM 204",
	"Cordialement,",
	"Merci",
	"Ana Ruiz",
	"Tel: +44 1632 960 011",
	"To",
	"cc",
]
PIECES += ["Subject", "2 Nov 2026 08:14", "This is confidential, for the addressee", "____________", OLD]
PIECES += ["The press is down.", "Begin forwarded message:", *SEPARATORS, *PHONE_LINES]
MARKED_LINES = st.lists(
	st.sampled_from([*PIECES, *ATTRIBUTIONS.values(), *HEADER_BLOCKS.values()]), max_size=14
)


@settings(max_examples=500, deadline=None)
@given(MARKED_LINES, st.sampled_from([None, "RE: Press", "WG: Press", "Press"]))
def test_every_line_is_in_the_text_or_in_what_was_cut(blocks: list[str], subject: str | None) -> None:
	text = "\n".join(blocks)
	cleaned = split_reply(text, subject)
	kept = Counter(line.strip() for line in f"{cleaned.text}\n{cleaned.quoted}".split("\n") if line.strip())
	assert kept == Counter(line.strip() for line in text.split("\n") if line.strip())


# Cost


@pytest.mark.parametrize(
	"text",
	[
		"\n" * 1_000_000,
		"> a b c d e f\n" * 70_000,
		"From: x\n" * 125_000,
		"To: a@b.example;\n\tx@y.example\n" * 35_000,
		"On 3 Nov 2026 x@x.example wrote:\n> a\n" + "answer line\n" * 85_000,
		"a b c wrote:\n" * 75_000,
		"Merci\n" * 160_000,
		"--\n" * 330_000,
		"a" * 1_000_000,
		"-" * 1_000_000,
		" " * 1_000_000,
		"_" * 1_000_000 + "x",
		"sent from " * 100_000,
		"confidential recipient " * 45_000,
		"Merci\n" + "1 " * 500_000,
	],
	ids=range(15),
)
def test_a_megabyte_of_anything_takes_bounded_time(text: str) -> None:
	started = time.perf_counter()
	split_reply(text, "Re: x")
	assert time.perf_counter() - started < 3


def best_of(text: str, rounds: int = 7, calls: int = 200) -> float:
	"""Microseconds a call in the quietest round: other work on the machine only ever adds."""
	times = []
	for _round in range(rounds):
		started = time.perf_counter()
		for _call in range(calls):
			split_reply(text)
		times.append((time.perf_counter() - started) / calls * 1e6)
	return min(times)


def test_cost_of_ordinary_texts() -> None:
	plain = (
		"Bonjour,\nla machine XL-200 ne démarre plus depuis ce matin. L'écran affiche E17.\n"
		"Nous avons redémarré deux fois, sans effet. Le variateur est chaud.\nPouvez-vous nous rappeler ?"
	)
	signature = "\n\nCordialement,\n\nAna Ruiz\nMaintenance\nUsinage SAS\nTél. : +33 4 00 00 11 22\n\n"
	# Budgets of 20 and 150 microseconds, doubled for slower machines.
	assert best_of(plain) < 40
	assert best_of(plain + signature + ATTRIBUTIONS["fr gmail"] + "\n\n" + OLD) < 300
	assert best_of(plain + signature + HEADER_BLOCKS["fr"] + "\n\nBonjour,\nvotre numéro de série ?\n") < 300
