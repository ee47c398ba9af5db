"""What is new in a mail's text: each rule, and each guard that keeps a customer's words."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.channels.mailbox.cleaning import split_reply
from fixee_hotline.channels.mailbox.signature_words import STRONG_CLOSINGS

OLD = "> Hello,\n> is the line down?\n> This is URGENT, please answer today."

ATTRIBUTIONS = {
	"en gmail": "On Mon, Nov 2, 2026 at 8:14 AM OEM <h@oem.example> wrote:",
	"en gmail wrapped": "On Mon, Nov 2, 2026 at 8:14 AM OEM Support\n<h@oem.example> wrote:",
	"en wrapped twice": "On Monday, November 2, 2026 at 8:14 AM Long Name\nof the OEM Support Team\n<h@oem.example> wrote:",
	"fr gmail": "Le lun. 2 nov. 2026 à 08:14, OEM <h@oem.example> a écrit :",
	"fr narrow blanks": "Le lun. 2 nov. 2026 à 08:14, OEM <h@oem.example> a écrit\u202f:",
	"fr wrapped": "Le lun. 2 nov. 2026 à\n08:14, OEM <h@oem.example> a écrit :",
	"fr no accents": "Le 2 nov. 2026 a 08:14, OEM <h@oem.example> a ecrit :",
	"fr yahoo": "En date de : Lun 2.11.26, OEM <h@oem.example> a écrit :",
	"de gmail": "Am Mo., 2. Nov. 2026 um 08:14 Uhr schrieb OEM <\nh@oem.example>:",
	"de name first": "OEM <h@oem.example> schrieb am Mo., 2. Nov. 2026, 08:14:",
	"de thunderbird": "Am 02.11.26 um 08:14 schrieb OEM:",
	"es gmail": "El lun, 2 nov 2026 a las 8:14, OEM (<h@oem.example>) escribió:",
	"es no accents": "El lun, 2 nov 2026 a las 8:14, OEM (<h@oem.example>) escribio:",
	"it gmail": "Il giorno lun 2 nov 2026 alle ore 08:14 OEM <h@oem.example>\nha scritto:",
	"it thunderbird": "Il 02/11/2026 08:14, OEM ha scritto:",
	"pt gmail": "Em seg., 2 de nov. de 2026 às 08:14, OEM <h@oem.example> escreveu:",
	"pt thunderbird": "Às 08:14 de 02/11/2026, OEM escreveu:",
	"nl gmail": "Op ma 2 nov 2026 om 08:14 schreef OEM <h@oem.example>:",
	"nl apple": "Op 2 nov. 2026 om 08:14 heeft OEM <h@oem.example> het volgende geschreven:",
	"pl gmail": "pon., 2 lis 2026 o 08:14 OEM <h@oem.example> napisał(a):",
	"pl thunderbird": "W dniu 2.11.2026 o 08:14, OEM pisze:",
	"pl apple": "Wiadomość napisana przez OEM <h@oem.example> w dniu 2 lis 2026, o godz. 08:14:",
}

HEADER_BLOCKS = {
	"en": "From: OEM <h@oem.example>\nSent: Monday, November 2, 2026 8:14 AM\nTo: Ana\nSubject: Press",
	"en bold": "*From:* OEM <h@oem.example>\n*Sent:* Monday, November 2, 2026 8:14 AM\n*To:* Ana\n*Subject:* Press",
	"en without address": "From: OEM Support\nSent: Monday, November 2, 2026 8:14 AM\nTo: Ana\nSubject: Press",
	"en recipients wrapped": "From: h@oem.example\nSent: 2 Nov 2026 8:14\nTo: a@b.example; c@d.example;\n\te@f.example\nSubject: Press",
	"en date first": "Date: Mon, 2 Nov 2026 08:14\nFrom: h@oem.example\nTo: a@b.example\nSubject: Press",
	"fr": "De : OEM <h@oem.example>\nEnvoyé : lundi 2 novembre 2026 08:14\nÀ : Ana\nObjet : Presse",
	"fr mailto": "De : OEM [mailto:h@oem.example]\nEnvoyé : lundi 2 novembre 2026 08:14\nÀ : Ana\nObjet : Presse",
	"de": "Von: OEM <h@oem.example>\nGesendet: Montag, 2. November 2026 08:14\nAn: Ana\nBetreff: Presse",
	"es": "De: OEM <h@oem.example>\nEnviado el: lunes, 2 de noviembre de 2026 8:14\nPara: Ana\nAsunto: Prensa",
	"it": "Da: OEM <h@oem.example>\nInviato: lunedì 2 novembre 2026 08:14\nA: Ana\nOggetto: Pressa",
	"pt": "De: OEM <h@oem.example>\nEnviada em: segunda-feira, 2 de novembro de 2026 08:14\nPara: Ana\nAssunto: Prensa",
	"nl": "Van: OEM <h@oem.example>\nVerzonden: maandag 2 november 2026 08:14\nAan: Ana\nOnderwerp: Pers",
	"pl": "Od: OEM <h@oem.example>\nWysłano: poniedziałek, 2 listopada 2026 08:14\nDo: Ana\nTemat: Prasa",
}

SEPARATORS = [
	"-----Original Message-----",
	"----- Original Message -----",
	"-----Message d'origine-----",
	"-----Message d’origine-----",
	"-------- Message original --------",
	"-----Ursprüngliche Nachricht-----",
	"-------- Ursprüngliche Nachricht --------",
	"-----Mensaje original-----",
	"-----Messaggio originale-----",
	"-----Mensagem original-----",
	"-----Oorspronkelijk bericht-----",
	"-----Oryginalna wiadomość-----",
	"-----Wiadomość oryginalna-----",
]

PHONE_LINES = [
	"Sent from my iPhone",
	"Sent from my Samsung Galaxy smartphone.",
	"Sent from Outlook for iOS<https://aka.example/o0ukef>",
	"Get Outlook for Android",
	"Envoyé de mon iPhone",
	"Envoyé depuis mon téléphone Orange",
	"Envoyé à partir d’Outlook pour iOS",
	"Obtenez Outlook pour Android",
	"Télécharger Outlook pour Android",
	"Von meinem iPhone gesendet",
	"Gesendet mit der GMX Mail App",
	"Gesendet von Outlook für Android",
	"Enviado desde mi iPhone",
	"Obtener Outlook para Android",
	"Inviato da iPhone",
	"Inviato dal mio Galaxy",
	"Enviado do meu iPhone",
	"Verstuurd vanaf mijn iPhone",
	"Verzonden vanaf mijn Samsung-telefoon Galaxy",
	"Wysłane z iPhone'a",
	"Wysłano z Outlook dla systemu Android",
]


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
	assert split_reply(f"The valve is new.\n\n{line}\n\n{ATTRIBUTIONS['fr gmail']}\n{OLD}").text == "The valve is new."


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
	assert split_reply("New valve.\n\nMerci,\nUrgent", sender_name="Ana Ruiz").text == "New valve.\n\nMerci,\nUrgent"
	assert split_reply("New valve.\n\nDanke\nPumpe Defekt").text == "New valve.\n\nDanke\nPumpe Defekt"


def test_delimited_signature_is_cut() -> None:
	cleaned = split_reply("The valve is new.\n\n-- \nAna\nHotline 24/7: +44 1632 960 011 URGENT ONLY\n")
	assert cleaned.text == "The valve is new."
	assert split_reply("The valve is new.\n--\nAna Ruiz\nPlant Ltd").text == "The valve is new."


@pytest.mark.parametrize(
	"notice",
	[
		"This e-mail is confidential and intended for the addressee only.\nIf you are not the addressee, delete it.",
		"This message and its attachments\nare confidential and intended solely for the recipient. Delete it if received in error.",
		"Ce message et ses pièces jointes sont confidentiels et destinés à leur seul destinataire. Merci de le détruire.",
		"Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Empfänger sind, löschen Sie sie bitte.",
		"Este mensaje es confidencial y está dirigido exclusivamente a su destinatario. Si lo recibe por error, bórrelo.",
		"Questo messaggio contiene informazioni riservate al solo destinatario. Se ricevuto per errore, va cancellato.",
		"Esta mensagem é confidencial e destina-se apenas ao destinatário. Se a recebeu por engano, apague-a.",
		"Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. Verwijder het anders meteen.",
		"Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Prosimy o jej usunięcie w razie pomyłki.",
		"Please consider the environment before printing this e-mail.",
		"Sitz der Gesellschaft: Berlin, Amtsgericht Charlottenburg, HRB 12345",
		"Virus-free. www.avast.com",
	],
)
def test_legal_notice_is_cut(notice: str) -> None:
	cleaned = split_reply(f"The valve is new.\n\n{notice}\n")
	assert cleaned.text == "The valve is new."
	assert cleaned.quoted == notice


def test_emergency_number_of_a_signature_is_not_in_the_text() -> None:
	text = "Tout est rentré dans l'ordre.\n\nCordialement,\n\nAna Ruiz\nUsinage SAS\nURGENCE 24h/24 : +33 4 00 00 11 22"
	assert split_reply(text).text == "Tout est rentré dans l'ordre.\n\nCordialement,"


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
	forwarded = f"{mark}\nFrom: OEM <h@oem.example>\nDate: 2 Nov 2026 08:14\nSubject: Press\n\nThe press smokes."
	assert split_reply(forwarded).text == forwarded
	assert split_reply(f"We solved this one ourselves.\n\n{forwarded}").text == "We solved this one ourselves."


def test_reply_without_a_word_has_no_text_but_an_unsure_mail_is_kept() -> None:
	old = f"{HEADER_BLOCKS['en']}\n\nIs the line down?"
	assert split_reply(old, "RE: Press").text == ""
	assert split_reply(old, "Press").text == old


def test_answers_between_the_quotes_are_kept() -> None:
	text = (
		"On 2 Nov 2026 at 08:14, OEM <h@oem.example> wrote:\n> Serial number?\n\nHP-2201\n\n> Which code?\nF204\n> Since when?\n"
	)
	cleaned = split_reply(text)
	assert cleaned.text == "HP-2201\n\nF204"
	assert cleaned.quoted.count(">") == 4


def test_older_attributions_between_the_quotes_are_history() -> None:
	text = "Fixed.\n\nOn 2 Nov 2026 08:14, Ana <a@b.example> wrote:\n> ok\nOn 1 Nov 2026 10:00, OEM <h@oem.example> wrote:\n>> old\n"
	assert split_reply(text).text == "Fixed."


def test_line_of_a_ticket_system_is_cut() -> None:
	assert split_reply("New valve.\n\n##- Please type your reply above this line -##\nOld text").text == "New valve."


# Guards: the customer's own words


@pytest.mark.parametrize(
	"text",
	[
		"De : 8h à 12h\nÀ : atelier 2\nDate : 12/11/2026\nObjet : pompe\nLa pompe fuit.",
		"Horaires\nDe : 8h à 12h\nObjet : pompe\nLa pompe fuit.",
		"Von: Halle 2\nDatum: heute\nBetreff: Pumpe\nSie verliert Öl.",
		"From: station 3\nTo: station 4\nSubject: conveyor\nIt jams between both.",
		"The display shows:\n> ALM 204\n> PRESS RESET\nWhat now?",
		"> ALM 204\n> AXIS 3 LIMIT\nseen twice today",
		"Voici le journal\n> E17 06:12\n> E17 08:40\nque faire ?",
		"On 3 November at 09:12 the operator wrote:\nE17 and then nothing.",
		"Le 3/11/2026 à 9h12, l'opérateur a écrit :\nE17 puis plus rien.",
		"Sent from the machine: E17\nWhat does it mean?",
		"Regards the valve: it is new.\nStill leaking.",
		"Merci\nLigne 3 à l'arrêt",
		"Cordialement,\nLa ligne 3 est arrêtée, rappelez-moi au 06 00 00 00 11",
		"Kind regards,\nAna\nPS: the second press is down as well",
		"Saludos\n¿Cuándo vienen?",
		"Mit freundlichen Grüßen\nAna\nDie Presse steht immer noch.",
		"Bitte prüfen Sie den Druck im Ausdruck, die Maschine läuft nicht.",
		"Antes de imprimir la etiqueta, la máquina se para.",
		"--\nMachine 1: leaks and is very hot now\n--\nMachine 2: does not start since the morning",
		"Step 1: done\n----------\nStep 2: not done",
		"- belt\n- motor\n- sensor",
		"a > b\n5 > 3",
		"Original message on the display: LOW OIL",
	],
)
def test_customers_words_are_kept(text: str) -> None:
	assert split_reply(text, "Pompe").text == text


NO_MARK_LINES = st.lists(
	st.text(st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Zs"), max_codepoint=0x2FF), max_size=60), max_size=30
)


@settings(max_examples=300, deadline=None)
@given(NO_MARK_LINES)
def test_text_without_any_mark_is_never_shortened(lines: list[str]) -> None:
	text = "\n".join(f"x{line}" for line in lines)
	cleaned = split_reply(text)
	assert cleaned.text == text.strip()
	assert cleaned.quoted == ""


MARKED_LINES = st.lists(
	st.sampled_from(
		[*ATTRIBUTIONS.values(), *HEADER_BLOCKS.values(), *SEPARATORS, *PHONE_LINES, OLD, "", "-- ", "--", "> ALM 204"]
		+ ["Cordialement,", "Merci", "Ana Ruiz", "Tel: +44 1632 960 011", "The press is down.", "Begin forwarded message:"]
		+ ["To", "cc", "Subject", "2 Nov 2026 08:14", "This is confidential, for the addressee", "____________"]
	),
	max_size=14,
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
		"Bonjour,\nla machine XL-200 ne démarre plus depuis ce matin. L'écran affiche E17 et le voyant clignote.\n"
		"Nous avons redémarré deux fois, sans effet. Le variateur est chaud.\nPouvez-vous nous rappeler ?"
	)
	signature = "\n\nCordialement,\n\nAna Ruiz\nMaintenance\nUsinage SAS\nTél. : +33 4 00 00 11 22\n\n"
	# Budgets of 20 and 150 microseconds, doubled for slower machines.
	assert best_of(plain) < 40
	assert best_of(plain + signature + ATTRIBUTIONS["fr gmail"] + "\n\n" + OLD) < 300
	assert best_of(plain + signature + HEADER_BLOCKS["fr"] + "\n\nBonjour,\nvotre numéro de série ?\n") < 300
