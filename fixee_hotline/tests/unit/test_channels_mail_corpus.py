"""Mails as five mail programs write them in eight languages: the new text is kept, the rest is cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixee_hotline.channels.mailbox.parse import parse_mail

FOLDER = Path(__file__).parents[1] / "data" / "mail"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
OWN = ("hotline@oem.example",)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_mail_gives_its_new_text(name: str) -> None:
	expected = EXPECTED[name]
	message = parse_mail((FOLDER / name).read_bytes(), own_addresses=OWN)
	assert message.text == expected["text"]
	assert message.sender.address == expected["sender"]
	assert message.automatic is expected["automatic"]
	assert message.direction == "in"
	assert message.account == "hotline@oem.example"
	assert message.participants == ()


def test_corpus_covers_eight_languages_and_five_programs() -> None:
	files = {path.name for path in FOLDER.glob("*.eml")}
	assert files == set(EXPECTED)
	assert len(files) >= 40
	languages = {entry["language"] for entry in EXPECTED.values()}
	assert languages == {"fr", "en", "de", "es", "it", "pt", "nl", "pl"}
	pairs = {(entry["language"], entry["program"]) for entry in EXPECTED.values()}
	for program in ("Outlook", "Gmail", "Apple Mail", "Thunderbird", "Outlook on the web"):
		assert {language for language, name in pairs if name == program} == languages


def test_old_shouting_never_stays_in_the_new_text() -> None:
	for name in EXPECTED:
		text = parse_mail((FOLDER / name).read_bytes()).text
		assert not any(word in text for word in ("URGENT", "DRINGEND", "PILNE", "Emergenze")), name


def test_thread_and_date_come_from_the_headers() -> None:
	message = parse_mail((FOLDER / "fr-gmail.eml").read_bytes(), own_addresses=OWN)
	assert message.provider_id == "fr.gmail.2026@cartonnages-lac.example"
	assert message.in_reply_to == "h1@oem.example"
	assert message.references == ("h0@oem.example", "h1@oem.example")
	assert message.subject == "Re: Thermoformeuse TF-40 à l’arrêt"
	assert message.sender.name == "Hélène Aubry"
	assert message.sent_at is not None
	assert message.sent_at.isoformat() == "2026-11-02T09:05:00+01:00"


def test_bounce_keeps_the_returned_mail_as_a_file() -> None:
	message = parse_mail((FOLDER / "en-bounce.eml").read_bytes(), own_addresses=OWN)
	assert [(one.name, one.mime_type) for one in message.attachments] == [
		("delivery-status.txt", "message/delivery-status"),
		("Your request.eml", "message/rfc822"),
	]
