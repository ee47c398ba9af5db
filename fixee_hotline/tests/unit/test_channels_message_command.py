"""The `message` subcommand: files in, JSON Lines out, errors with their place."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Literal

import pytest

from fixee_hotline.channels.base import MessageError
from fixee_hotline.lab.message import messages_of_file, run

DATA = Path(__file__).parents[1] / "data"
KEYS = [
	"provider_id",
	"channel",
	"direction",
	"sent_at",
	"sender",
	"participants",
	"subject",
	"text",
	"quoted",
	"language",
]
KEYS += ["in_reply_to", "kind", "automatic", "attachments"]


def command(
	*files: Path, channel: Literal["mailbox", "whatsapp"] | None = None
) -> tuple[int, list[dict[str, object]], str]:
	out, err = io.StringIO(), io.StringIO()
	code = run(files, channel, out, err)
	return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_mail_and_webhook_files_give_one_line_a_message() -> None:
	code, lines, errors = command(DATA / "mail" / "fr-gmail.eml", DATA / "whatsapp" / "batch.json")
	assert (code, errors) == (0, "")
	assert [line["channel"] for line in lines] == ["mailbox"] + ["whatsapp"] * 5
	assert all(list(line) == KEYS for line in lines)
	assert lines[0]["sender"] == {"name": "Hélène Aubry", "address": "service@cartonnages-lac.example"}


def test_language_is_that_of_the_senders_words() -> None:
	_code, lines, _errors = command(
		DATA / "mail" / "de-thunderbird.eml", DATA / "whatsapp" / "image_without_caption.json"
	)
	assert [line["language"] for line in lines] == ["de", None]


def test_bad_files_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
	(tmp_path / "a.json").write_text("{", encoding="utf-8")
	(tmp_path / "b.eml").write_bytes(b"")
	(tmp_path / "c.txt").write_text("x", encoding="utf-8")
	code, lines, errors = command(
		tmp_path / "a.json",
		tmp_path / "b.eml",
		tmp_path / "c.txt",
		tmp_path / "missing.eml",
		DATA / "whatsapp" / "text.json",
	)
	assert code == 1
	assert len(lines) == 1
	for name, reason in zip(("a.json", "b.eml", "c.txt", "missing.eml"), errors.splitlines(), strict=True):
		assert str(tmp_path / name) in reason


def test_bad_line_is_named_with_its_number(tmp_path: Path) -> None:
	good = json.dumps(json.loads((DATA / "whatsapp" / "text.json").read_text(encoding="utf-8")))
	path = tmp_path / "day.json"
	path.write_text(f"{good}\n\n{{}}\n{good}\n", encoding="utf-8")
	code, lines, errors = command(path)
	assert (code, len(lines)) == (1, 2)
	assert errors.startswith(f"{path}:3: ")


def test_channel_decides_over_the_suffix(tmp_path: Path) -> None:
	path = tmp_path / "mail.txt"
	path.write_bytes((DATA / "mail" / "en-gmail.eml").read_bytes())
	code, lines, _errors = command(path, channel="mailbox")
	assert (code, lines[0]["channel"]) == (0, "mailbox")


def test_messages_of_file_yields_or_raises(tmp_path: Path) -> None:
	assert [one.kind for one in messages_of_file(DATA / "whatsapp" / "batch.json")] == ["text"] * 3 + [
		"status"
	] * 2
	with pytest.raises(MessageError, match="neither"):
		list(messages_of_file(tmp_path / "x.doc"))
	assert len(list(messages_of_file(str(DATA / "mail" / "pl-iphone.eml"), "mailbox"))) == 1
