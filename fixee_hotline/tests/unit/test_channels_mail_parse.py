"""Reading one mail: headers, character sets, parts, files, and everything that may be broken in them."""

from __future__ import annotations

import base64
import hashlib

import pytest

from fixee_hotline.channels.base import Message
from fixee_hotline.channels.mailbox.parse import parse_mail

PNG = base64.b64decode(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def mail(body: str | bytes = "Hello", **headers: str) -> bytes:
	"""A mail with the usual headers, any of them replaced."""
	fields = {"from": "Ana <ana@plant.example>", "to": "hotline@oem.example", "subject": "Press"}
	fields |= {name.replace("_", "-"): value for name, value in headers.items()}
	head = "\n".join(f"{name.title()}: {value}" for name, value in fields.items())
	return head.encode("utf-8") + b"\n\n" + (body if isinstance(body, bytes) else body.encode("utf-8"))


def multipart(kind: str, *parts: str | bytes) -> bytes:
	pieces = [part if isinstance(part, bytes) else part.encode("utf-8") for part in parts]
	body = b"".join(b"--b0\n" + piece + b"\n" for piece in pieces) + b"--b0--\n"
	return mail(body, content_type=f'multipart/{kind}; boundary="b0"')


def attachment(name: str, mime_type: str, content: bytes, disposition: str = "attachment") -> bytes:
	head = f"Content-Type: {mime_type}\nContent-Transfer-Encoding: base64\n"
	head += f"Content-Disposition: {disposition}; filename={name}\n\n"
	return head.encode("utf-8") + base64.encodebytes(content)


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nThe press is stuck."


# Headers


@pytest.mark.parametrize(
	("written", "read"),
	[
		("=?utf-8?Q?Presse_=C3=A0_l=27arr=C3=AAt?=", "Presse à l'arrêt"),
		("=?iso-8859-1?B?RulmYXV0?=", "Féfaut"),
		("=?UTF-8?B?w6k=?= =?UTF-8?B?w6g=?=", "éè"),
		("=?utf-8?B?w?= =?utf-8?B?6k=?=", None),
		("=?utf-8?q?=C3?= =?utf-8?q?=A9t=C3=A9?=", "été"),
		("=?x-none?Q?caf=C3=A9?=", "café"),
		("=?utf-8*fr?Q?=C3=A9t=C3=A9?= chaud", "été chaud"),
		("plain é written raw", "plain é written raw"),
		("=?utf-8?B?!!!!?=", None),
	],
)
def test_subject_is_decoded(written: str, read: str | None) -> None:
	subject = parse_mail(mail(subject=written)).subject
	if read is not None:
		assert subject == read


def test_raw_eight_bit_headers_are_read() -> None:
	raw = "From: René <r@plant.example>\nSubject: Pression élevée\n\nx".encode("cp1252")
	message = parse_mail(raw)
	assert message.subject == "Pression élevée"
	assert message.sender.name == "René"


@pytest.mark.parametrize(
	("written", "name", "address"),
	[
		("ana@plant.example", None, "ana@plant.example"),
		('"Ruiz, Ana" <ana@Plant.EXAMPLE>', "Ruiz, Ana", "ana@plant.example"),
		("=?utf-8?Q?Zo=C3=AB?= <zoe@plant.example>", "Zoë", "zoe@plant.example"),
		('"=?utf-8?Q?Zo=C3=AB?=" <zoe@plant.example>', "Zoë", "zoe@plant.example"),
		("ana@plant.example (Ana)", "Ana", "ana@plant.example"),
		("o'neil@plant.example", None, "o'neil@plant.example"),
		("<ana@plant.example>", None, "ana@plant.example"),
		('"ana@plant.example" <ana@plant.example>', None, "ana@plant.example"),
		("Ana", None, None),
	],
)
def test_sender_is_read(written: str, name: str | None, address: str | None) -> None:
	sender = parse_mail(mail(**{"from": written})).sender
	assert (sender.name, sender.address) == (name, address)


def test_participants_are_everybody_but_the_hotline() -> None:
	raw = mail(
		to='Team: Bo <bo@plant.example>, "Hotline" <hotline+t12@oem.example>;',
		cc="BO@plant.example, Cy <cy@plant.example>",
	)
	message = parse_mail(raw, own_addresses=["Hotline@OEM.example"])
	assert [(one.name, one.address, one.role) for one in message.participants] == [
		("Bo", "bo@plant.example", "to"),
		("Cy", "cy@plant.example", "cc"),
	]
	assert message.participants_count == 2
	assert message.account == "hotline@oem.example"


def test_own_mail_is_outgoing() -> None:
	raw = mail(**{"from": "Hotline <hotline@oem.example>", "to": "ana@plant.example"})
	assert parse_mail(raw, own_addresses=["hotline@oem.example"]).direction == "out"
	assert parse_mail(raw).direction == "in"


def test_web_form_is_answered_to_the_person() -> None:
	raw = mail(**{"from": "no-reply@site.example", "reply_to": "Ana <ana@plant.example>"})
	assert parse_mail(raw).sender.address == "ana@plant.example"
	other = mail(**{"from": "bo@plant.example", "reply_to": "ana@plant.example"})
	assert parse_mail(other).sender.address == "bo@plant.example"


def test_injected_header_lines_become_text_of_one_line() -> None:
	raw = mail(
		subject="=?utf-8?Q?Press=0D=0ABcc:_all@plant.example?=",
		**{
			"from": "=?utf-8?Q?Ana=0D=0ACc:_x@y.example?= <ana@plant.example>",
			"message_id": "<a\tb@c.example>",
		},
	)
	message = parse_mail(raw)
	assert message.subject == "Press Bcc: all@plant.example"
	assert message.sender.name == "Ana Cc: x@y.example"
	assert message.participants == parse_mail(mail()).participants
	for value in (message.subject, message.sender.name, message.provider_id):
		assert value is not None and "\n" not in value and "\r" not in value


@pytest.mark.parametrize(
	("written", "read"),
	[
		("Mon, 2 Nov 2026 08:14:00 +0100", "2026-11-02T08:14:00+01:00"),
		("Mon, 2 Nov 2026 08:14:00 -0000", "2026-11-02T08:14:00+00:00"),
		("2 Nov 26 08:14 GMT", "2026-11-02T08:14:00+00:00"),
		("yesterday", None),
		("Mon, 99 Nov 2026 08:14:00 +0100", None),
		("Mon, 2 Nov 1899 00:00:00 +1400", None),
		("", None),
	],
)
def test_date_is_aware_or_missing(written: str, read: str | None) -> None:
	sent_at = parse_mail(mail(date=written)).sent_at
	assert (sent_at.isoformat() if sent_at else None) == read


def test_broken_date_is_taken_from_the_first_server() -> None:
	raw = mail(date="soon", received="from a by b; Mon, 2 Nov 2026 07:14:05 +0000")
	sent_at = parse_mail(raw).sent_at
	assert sent_at is not None
	assert sent_at.isoformat() == "2026-11-02T07:14:05+00:00"


def test_mail_without_id_gets_the_same_one_each_time() -> None:
	first, again, other = parse_mail(mail("a")), parse_mail(mail("a")), parse_mail(mail("b"))
	assert first.provider_id == again.provider_id != other.provider_id
	assert first.provider_id.startswith("sha256-")


# Character sets


@pytest.mark.parametrize(
	("charset", "data", "text"),
	[
		("utf-8", "été".encode(), "été"),
		("utf-8", "été".encode("cp1252"), "été"),
		("iso-8859-1", "l’été €".encode("cp1252"), "l’été €"),
		("us-ascii", "été".encode(), "été"),
		("iso-8859-1", "été".encode(), "été"),
		("iso-8859-2", "łódź".encode("iso-8859-2"), "łódź"),
		("klingon", "été".encode(), "été"),
		("klingon", "été".encode("cp1252"), "été"),
		('"gb2312"', "机器".encode("gb18030"), "机器"),
		("utf-16", "été".encode("utf-16"), "été"),
		("unicode_escape", rb"\x41 stays", r"\x41 stays"),
		("punycode", b"abc-", "abc-"),
		("zip", b"abc", "abc"),
		("utf-7", b"caf+AOk-", "café"),
	],
)
def test_text_is_read_whatever_the_declared_charset(charset: str, data: bytes, text: str) -> None:
	assert parse_mail(mail(data, content_type=f"text/plain; charset={charset}")).text == text


def test_undecodable_bytes_become_replacement_marks() -> None:
	data = "pression élevée à 6 bar côté vérin".encode() + b"\xff\xfe"
	text = parse_mail(mail(data, content_type="text/plain; charset=utf-8")).text
	assert text.startswith("pression élevée à 6 bar côté vérin")
	assert "\ufffd" in text


# Text and HTML


def alternative(plain: str, html: str) -> Message:
	return parse_mail(
		multipart(
			"alternative",
			f"Content-Type: text/plain; charset=utf-8\n\n{plain}",
			f"Content-Type: text/html; charset=utf-8\n\n{html}",
		)
	)


def test_plain_text_is_preferred() -> None:
	assert alternative("Press stuck", "<p>Press <b>stuck</b></p>").text == "Press stuck"


@pytest.mark.parametrize("plain", ["", " \n", "See the HTML."])
def test_html_is_taken_when_the_plain_text_says_much_less(plain: str) -> None:
	html = "<p>The press does not open any more, the valve hisses and oil runs out.</p>"
	assert (
		alternative(plain, html).text
		== "The press does not open any more, the valve hisses and oil runs out."
	)


def test_html_sent_as_plain_text_is_rendered() -> None:
	raw = mail("<html><body><p>Press</p><p>stuck</p></body></html>", content_type="text/plain")
	assert parse_mail(raw).text == "Press\n\nstuck"


def test_flowed_lines_are_joined() -> None:
	body = "The press does not \nopen any more.\n\nSecond paragraph.\n"
	assert parse_mail(mail(body, content_type="text/plain; format=flowed")).text == (
		"The press does not open any more.\n\nSecond paragraph."
	)
	raw = mail("Druckregel \nventil\n", content_type="text/plain; format=flowed; delsp=yes")
	assert parse_mail(raw).text == "Druckregelventil"


def test_texts_around_an_inline_photo_are_all_kept() -> None:
	raw = multipart(
		"mixed",
		"Content-Type: text/plain\n\nBefore",
		attachment("a.png", "image/png", PNG, "inline"),
		"Content-Type: text/plain\n\nAfter",
	)
	message = parse_mail(raw)
	assert message.text == "Before\n\nAfter"
	assert [one.name for one in message.attachments] == ["a.png"]


# Files


def test_attachment_has_size_digest_and_true_type() -> None:
	message = parse_mail(multipart("mixed", PLAIN, attachment("photo.png", "image/png", PNG)))
	(photo,) = message.attachments
	assert (photo.name, photo.mime_type, photo.size) == ("photo.png", "image/png", len(PNG))
	assert photo.sha256 == hashlib.sha256(PNG).hexdigest()
	assert photo.content == PNG
	assert message.text == "The press is stuck."


def test_page_disguised_as_a_photo_is_called_a_page() -> None:
	raw = multipart(
		"mixed", PLAIN, attachment("photo.png", "image/png", b"<!DOCTYPE html><script>1</script>")
	)
	assert parse_mail(raw).attachments[0].mime_type == "text/html"
	drawing = multipart("mixed", PLAIN, attachment("a.png", "image/png", b'<?xml version="1.0"?><svg/>'))
	assert parse_mail(drawing).attachments[0].mime_type == "image/svg+xml"


def test_table_of_values_keeps_its_declared_type() -> None:
	raw = multipart("mixed", PLAIN, attachment("log.csv", "text/csv", b"code,at\nE17,06:12\n"))
	assert parse_mail(raw).attachments[0].mime_type == "text/csv"


@pytest.mark.parametrize(
	("written", "safe"),
	[
		('"../../etc/passwd"', "passwd"),
		(r'"C:\\\\temp\\\\log.txt"', "log.txt"),
		('"a\tb.txt"', "a b.txt"),
		('"=?utf-8?Q?d=C3=A9faut.txt?="', "défaut.txt"),
		('""', "attachment.txt"),
		('"..."', "attachment.txt"),
		('"CON.txt"', "_CON.txt"),
		('"photo\u202egpj.exe"', "photogpj.exe"),
		('"' + "x" * 300 + '.txt"', "x" * 116 + ".txt"),
	],
)
def test_file_names_are_safe(written: str, safe: str) -> None:
	(found,) = parse_mail(multipart("mixed", PLAIN, attachment(written, "text/plain", b"abc"))).attachments
	assert found.name == safe


def test_long_file_name_in_pieces() -> None:
	part = (
		"Content-Type: application/octet-stream\nContent-Disposition: attachment;\n"
		" filename*0*=utf-8''d%C3%A9faut;\n"
		" filename*1*=%20E17.bin\n\n\x01\x02\x03"
	)
	assert parse_mail(multipart("mixed", PLAIN, part)).attachments[0].name == "défaut E17.bin"


def test_inline_image_keeps_its_content_id() -> None:
	html = 'Content-Type: text/html\n\n<p>See <img src="cid:p1@plant"></p>'
	image = b"Content-Type: image/png\nContent-ID: <p1@plant>\nContent-Transfer-Encoding: base64\n\n"
	message = parse_mail(multipart("related", html, image + base64.encodebytes(PNG)))
	assert message.text == "See"
	assert message.attachments[0].content_id == "p1@plant"
	assert message.attachments[0].name == "attachment.png"


def test_zip_is_kept_shut() -> None:
	bomb = b"PK\x03\x04" + b"\x00" * 5_000
	(found,) = parse_mail(multipart("mixed", PLAIN, attachment("a.zip", "application/zip", bomb))).attachments
	assert (found.name, found.mime_type, found.size) == ("a.zip", "application/zip", len(bomb))


def test_attached_mail_is_a_file_named_after_its_subject() -> None:
	inner = "Content-Type: message/rfc822\n\nFrom: x@y.example\nSubject: Old / case\n\nInner text"
	message = parse_mail(multipart("mixed", PLAIN, inner))
	assert message.text == "The press is stuck."
	assert [(one.name, one.mime_type) for one in message.attachments] == [("case.eml", "message/rfc822")]


def test_mail_passed_on_as_a_file_without_a_word_gives_its_text() -> None:
	inner = "Content-Type: message/rfc822\n\nFrom: x@y.example\nSubject: Press\n\nIt smokes."
	assert parse_mail(multipart("mixed", inner)).text == "Press\n\nIt smokes."


def test_invitation_is_named_and_kept() -> None:
	calendar = (
		"Content-Type: text/calendar; method=REQUEST\n\n"
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Restart of line 2\n"
		"DTSTART:20261102T080000Z\nLOCATION:Hall 3\nEND:VEVENT\nEND:VCALENDAR"
	)
	message = parse_mail(multipart("alternative", "Content-Type: text/plain\n\n", calendar))
	assert message.text == "[calendar invitation: Restart of line 2, 20261102T080000Z, Hall 3]"
	assert [(one.name, one.mime_type) for one in message.attachments] == [("invitation.ics", "text/calendar")]


@pytest.mark.parametrize(
	("content_type", "start", "name"),
	[
		(
			"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
			"[encrypted message",
			"smime.p7m",
		),
		("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "[signed message", "smime.p7m"),
		("application/ms-tnef; name=winmail.dat", "[Outlook rich text", "winmail.dat"),
	],
)
def test_unreadable_forms_say_so(content_type: str, start: str, name: str) -> None:
	raw = mail(
		base64.encodebytes(b"\x30\x82\x01\x00binary"),
		content_type=content_type,
		content_transfer_encoding="base64",
	)
	message = parse_mail(raw)
	assert message.text.startswith(start)
	assert [one.name for one in message.attachments] == [name]


def test_encrypted_and_signed_mail() -> None:
	encrypted = multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1")
	assert parse_mail(encrypted).text.startswith("[encrypted message")
	signature = "Content-Type: application/pgp-signature; name=s.asc\n\n-----BEGIN PGP SIGNATURE-----"
	assert parse_mail(multipart("signed", PLAIN, signature)).text == "The press is stuck."
	inline = (
		"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nStuck.\n-----BEGIN PGP SIGNATURE-----\nabc\n"
	)
	assert parse_mail(mail(inline + "-----END PGP SIGNATURE-----")).text == "Stuck."
