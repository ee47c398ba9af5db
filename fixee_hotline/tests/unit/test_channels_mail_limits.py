"""Hostile and broken mails: bounded time, bounded results, and never another error than `MessageError`."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.channels.base import MessageError
from fixee_hotline.channels.mailbox.html_text import html_to_text
from fixee_hotline.channels.mailbox.parse import parse_mail

HEAD = b"From: ana@plant.example\nSubject: Press\n"


def timed_parse(raw: bytes, seconds: float = 5.0) -> object:
	started = time.perf_counter()
	message = parse_mail(raw)
	assert time.perf_counter() - started < seconds
	return message


@pytest.mark.parametrize(
	"raw", [b"", b"\r\n\r\n", b"\x00\x00", b"hello", b"\x89PNG\r\n\x1a\n", b'{"object": 1}', b"a: b\n\nc"]
)
def test_what_is_no_mail_is_refused_with_a_reason(raw: bytes) -> None:
	with pytest.raises(MessageError, match="mail"):
		parse_mail(raw)


def test_forty_megabytes_are_read_in_time() -> None:
	content = bytes(range(256)) * (30 * 4096)
	encoded = base64.encodebytes(content)
	raw = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nStuck.\n--b\n'
	raw += b"Content-Type: application/octet-stream; name=big.bin\nContent-Transfer-Encoding: base64\n\n"
	raw += encoded + b"\n--b--\n"
	assert len(raw) > 40 * 1024 * 1024
	message = parse_mail(raw)
	started = time.perf_counter()
	message = parse_mail(raw)
	assert time.perf_counter() - started < 5
	assert message.text == "Stuck."
	assert message.attachments[0].size == len(content)


def test_more_than_sixty_megabytes_are_refused() -> None:
	with pytest.raises(MessageError, match="60 MB"):
		parse_mail(HEAD + b"\n" + b"x" * (60 * 1024 * 1024))


@pytest.mark.parametrize(
	"body",
	[
		b"\n" * 20_000_000,
		b"--" * 10_000_000,
		b"> a b c d e\n" * 1_500_000,
		b"From: x\n" * 2_000_000,
		b"=" * 20_000_000,
	],
	ids=["lines", "dashes", "quotes", "headers", "equals"],
)
def test_twenty_megabytes_of_anything_take_bounded_time(body: bytes) -> None:
	timed_parse(HEAD + b"\n" + body)
	timed_parse(HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + body)
	timed_parse(HEAD + b'Content-Type: multipart/mixed; boundary="-"\n\n' + body)


def test_long_text_is_cut_visibly_and_kept_as_a_file() -> None:
	message = parse_mail(HEAD + b"\n" + b"press stuck\n" * 200_000)
	assert message.text.endswith("[text cut here: the rest is in the attached file]")
	assert message.attachments[0].size == 12 * 200_000


@pytest.mark.parametrize(
	"bad",
	[
		"<a",
		"<!--",
		"<a ",
		" <a x='",
		"<![CDATA[",
		"<script>",
		"<td>",
		"<table><td>",
		"<blockquote type=cite>",
	],
)
def test_broken_markup_takes_bounded_time(bad: str) -> None:
	started = time.perf_counter()
	html_to_text(bad * (1_000_000 // len(bad)))
	assert time.perf_counter() - started < 5


def test_ten_thousand_recipients_are_counted_and_the_first_two_hundred_kept() -> None:
	people = ", ".join(f'"Person, {number}" <p{number}@plant.example>' for number in range(10_000))
	message = parse_mail(b"From: ana@plant.example\nTo: " + people.encode() + b"\n\nHello")
	assert len(message.participants) == 200
	assert message.participants_count == 10_000
	assert message.participants[199].address == "p199@plant.example"


@pytest.mark.parametrize("piece", ['"\\"', "((", "<", "a@", '"', ",", "=?utf-8?q?", "<a@b.example> "])
def test_hostile_address_lists_take_bounded_time(piece: str) -> None:
	timed_parse(b"From: a@b.example\nTo: " + piece.encode() * (900_000 // len(piece)) + b"\n\nHello")


def test_endless_headers_do_not_hide_the_body() -> None:
	raw = HEAD + b"X-Filler: x\n" * 200_000 + b"\nStuck."
	assert parse_mail(raw).text == "Stuck."


def nested(levels: int) -> bytes:
	raw = b"Content-Type: text/plain\n\nInnermost."
	for level in range(levels):
		start = f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'.encode()
		raw = start + raw + f"\n--b{level}--\n".encode()
	return HEAD + raw


def test_depth_is_bounded_and_said() -> None:
	assert parse_mail(nested(9)).text == "Innermost."
	message = parse_mail(nested(60))
	assert message.text.endswith("[some parts of this mail were not read: see the original mail]")
	assert "Innermost." in message.text + message.quoted


def test_deep_nesting_takes_bounded_time() -> None:
	timed_parse(nested(20_000))


def test_number_of_parts_is_bounded_and_said() -> None:
	parts = b"".join(b"--b\nContent-Type: image/png; name=a.png\n\nx\n" for _number in range(100_000))
	message = parse_mail(
		HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nStuck.\n" + parts + b"--b--"
	)
	assert message.text.startswith("Stuck.")
	assert message.text.endswith("[some parts of this mail were not read: see the original mail]")
	assert len(message.attachments) < 500


def test_mail_in_mail_bomb() -> None:
	raw = b"From: x@y.example\nSubject: end\n\nCore"
	for _level in range(300):
		raw = b"From: x@y.example\nSubject: s\nContent-Type: message/rfc822\n\n" + raw
	message = parse_mail(raw)
	assert [one.mime_type for one in message.attachments] == ["message/rfc822"]


@pytest.mark.parametrize(
	("content_type", "body", "text"),
	[
		("multipart/mixed; boundary=b", b"--b\n\nStuck.", "Stuck."),
		("multipart/mixed; boundary=wrong", b"--b\n\nStuck.\n--b--\n", "Stuck."),
		("multipart/mixed", b"--b\n\nStuck.\n--b--\n", "Stuck."),
		("multipart/mixed; boundary=b", b"Stuck.", "Stuck."),
		(
			"multipart/mixed; boundary=b",
			b"preamble\n--b\nContent-Type: text/plain\n\nStuck.\n--b--\nepilogue",
			"Stuck.",
		),
		("nonsense", b"Stuck.", "Stuck."),
		("text", b"Stuck.", "Stuck."),
		('text/plain; charset="', b"Stuck.", "Stuck."),
		("text/plain; charset*=bad''%ZZ", b"Stuck.", "Stuck."),
		("", b"Stuck.", "Stuck."),
	],
)
def test_broken_structure_still_gives_the_text(content_type: str, body: bytes, text: str) -> None:
	assert parse_mail(HEAD + f"Content-Type: {content_type}\n\n".encode() + body).text == text


@pytest.mark.parametrize(
	("encoding", "body", "text"),
	[
		("base64", b"U3R1Y2su", "Stuck."),
		("base64", b"U3R1Y2s", "Stuck"),
		("base64", b"U3R1\n!!Y2su=", "Stuck."),
		("base64", b"The press is stuck.", "The press is stuck."),
		("quoted-printable", b"Stuck=ZZ=2E", "Stuck=ZZ."),
		("x-uuencode", b"begin 644 a\n&4W1U8VLN\n`\nend\n", "Stuck."),
		("unheard-of", b"Stuck.", "Stuck."),
	],
)
def test_broken_transfer_encodings_still_give_the_text(encoding: str, body: bytes, text: str) -> None:
	assert parse_mail(HEAD + f"Content-Transfer-Encoding: {encoding}\n\n".encode() + body).text == text


def test_mail_without_the_blank_line_and_with_old_line_ends() -> None:
	assert (
		parse_mail(b"From: a@b.example\nSubject: Press\nIt is stuck and hot.").text == "It is stuck and hot."
	)
	assert parse_mail(b"From: a@b.example\rSubject: Press\r\rStuck.").text == "Stuck."
	assert parse_mail(b"From ana Mon Nov  2 08:14:00 2026\nFrom: a@b.example\n\nStuck.").text == "Stuck."
	assert parse_mail(b"\xef\xbb\xbf\r\nFrom: a@b.example\r\n\r\nStuck.").text == "Stuck."


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes_never_break_the_parser(data: bytes) -> None:
	for raw in (data, HEAD + b"\n" + data, HEAD + data):
		try:
			message = parse_mail(raw)
		except MessageError:
			continue
		message.to_dict()


FRAGMENTS = st.sampled_from(
	[
		b"Content-Type: multipart/alternative; boundary=b\n",
		b"Content-Type: text/html; charset=utf-16\n",
		b"Content-Type: message/rfc822\n",
		b"Content-Type: text/calendar\n",
		b"Content-Transfer-Encoding: base64\n",
		b"Content-Disposition: attachment; filename*0*=x''%; filename*1=\"a\n",
		b"Content-Type: application/ms-tnef; name*=utf-8'\n",
		b'To: "a <b@c>, (d\n',
		b"Date: Mon, 31 Feb 99999 99:99:99 +9999\n",
		b"--b\n",
		b"--b--\n",
		b"\n",
		b"<div><table><tr><td><blockquote type=cite>x",
		b"On 2 Nov 2026 x@y.example wrote:\n> old\n",
		b"-- \nAna\n",
		b"=?utf-8?B?w6k\n",
		b"\xff\xfe\x00\xd8",
	]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=20))
def test_shuffled_mail_fragments_never_break_the_parser(fragments: list[bytes]) -> None:
	message = parse_mail(HEAD + b"".join(fragments))
	message.to_dict()
	assert "\x00" not in message.text
