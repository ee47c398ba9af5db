"""Mails that no person wrote are told from mails of people."""

from __future__ import annotations

import pytest

from fixee_hotline.channels.mailbox.automatic import is_automatic

PERSON = {
	"From": "Ana <ana@plant.example>",
	"To": "hotline@oem.example",
	"Subject": "RE: Press stuck",
	"Return-Path": "<ana@plant.example>",
	"X-Mailer": "Microsoft Outlook 16.0",
}


@pytest.mark.parametrize(
	("name", "value"),
	[
		("Auto-Submitted", "auto-replied"),
		("Auto-Submitted", "auto-generated; owner-email=x"),
		("Auto-Submitted", "auto-notified"),
		("AUTO-SUBMITTED", "Auto-Replied (vacation)"),
		("Precedence", "bulk"),
		("Precedence", "Junk"),
		("Precedence", "list"),
		("Precedence", "auto_reply"),
		("List-Id", "<news.plant.example>"),
		("List-Unsubscribe", "<mailto:leave@plant.example>"),
		("X-Autoreply", "yes"),
		("X-Autorespond", "vacation"),
		("X-Failed-Recipients", "a@b.example"),
		("Return-Path", "<>"),
		("Content-Type", 'multipart/report; report-type=delivery-status; boundary="x"'),
		("Content-Type", "multipart/report; report-type=disposition-notification; boundary=x"),
		("From", "Mail Delivery System <MAILER-DAEMON@mx.example>"),
		("From", "postmaster@mx.example"),
		("From", "bounce+17@mx.example"),
		("X-Hotline", "ticket-17"),
		("X-Zammad-Ticket-Id", "17"),
		("X-OTRS-Loop", "yes"),
		("X-RT-Loop-Prevention", "desk"),
		("X-GitLab-Project", "x"),
		("Subject", "Out of Office: Press"),
		("Subject", "Automatic reply: Press"),
		("Subject", "Undeliverable: Press"),
		("Subject", "Réponse automatique : Presse"),
		("Subject", "Reponse automatique : Presse"),
		("Subject", "Absence du bureau"),
		("Subject", "Non remis : Presse"),
		("Subject", "Automatische Antwort: Presse"),
		("Subject", "Abwesenheitsnotiz: Presse"),
		("Subject", "Unzustellbar: Presse"),
		("Subject", "Respuesta automática: Prensa"),
		("Subject", "Fuera de la oficina"),
		("Subject", "Risposta automatica: Pressa"),
		("Subject", "Resposta automática: Prensa"),
		("Subject", "Fora do escritório"),
		("Subject", "Automatisch antwoord: Pers"),
		("Subject", "Afwezig: Pers"),
		("Subject", "Odpowiedź automatyczna: Prasa"),
		("Subject", "Automatyczna odpowiedź: Prasa"),
	],
)
def test_automatic(name: str, value: str) -> None:
	headers = [(key, one) for key, one in PERSON.items() if key != name]
	assert is_automatic([*headers, (name, value)]) is True


@pytest.mark.parametrize(
	("name", "value"),
	[
		("X-Mailer", "Outlook"),
		("Auto-Submitted", "no"),
		("X-Auto-Response-Suppress", "All"),
		("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),
		("Precedence", "normal"),
		("Importance", "high"),
		("Subject", "Automatic mode does not start"),
		("Subject", "Auto: mode manuel seulement"),
		("Subject", "Read: E17 on the display"),
		("Subject", "Non remis en marche depuis hier"),
		("Subject", "Fuori sede: albero della pressa"),
		("Subject", "Failure notice from the compressor"),
		("Subject", "Delivery failure of part 22"),
		("Subject", "Nie można dostarczyć części"),
		("Subject", "RE: Out of oil"),
		("Content-Type", "multipart/mixed; boundary=report-type"),
		("X-Frappe-Site", "erp.plant.example"),
	],
)
def test_written_by_a_person(name: str, value: str) -> None:
	headers = {key: one for key, one in PERSON.items() if key != name} | {name: value}
	assert is_automatic(headers) is False


@pytest.mark.parametrize(
	"subject", ["Read: Press", "Lu : Presse", "Gelesen: Presse", "Accepted: Visit", "Letto: Pressa"]
)
def test_receipts_need_a_second_sign(subject: str) -> None:
	assert is_automatic(PERSON | {"Subject": subject}) is False
	assert is_automatic(PERSON | {"Subject": subject, "X-Auto-Response-Suppress": "All"}) is True
	assert is_automatic(PERSON | {"Subject": subject}, content_type="text/calendar") is True


def test_nothing_known_is_no_sign() -> None:
	assert is_automatic({}) is False
