"""Chooses what of a mail's parts is its text and what is a file. Nothing is unpacked, nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from fixee_hotline.channels.base import Attachment
from fixee_hotline.channels.files import file_of
from fixee_hotline.channels.mailbox.charsets import decode_bytes
from fixee_hotline.channels.mailbox.flowed import unflow
from fixee_hotline.channels.mailbox.headers import decode_header, subject_of
from fixee_hotline.channels.mailbox.html_text import html_to_text
from fixee_hotline.channels.mailbox.mime import MAX_DEPTH, Part, read_headers, read_tree
from fixee_hotline.channels.text import paragraphs

ENCRYPTED = "[encrypted message: it cannot be read here, ask the sender to send it unencrypted]"
SIGNED_OPAQUE = "[signed message in a form that cannot be read here: ask the sender to send it as plain text]"
OUTLOOK_RICH_TEXT = "[Outlook rich text: open winmail.dat, or ask the sender to send it as plain text]"
CUT = "[text cut here: the rest is in the attached file]"
TOO_MANY_PARTS = "[some parts of this mail were not read: see the original mail]"
MAX_TEXT_BYTES = 1_500_000

# A plain part this much shorter than the HTML one is only a pointer to it.
_POOR_SHARE = 0.3
_POOR_MISSING = 40
_SURELY_RICH = 400
_LOOKS_LIKE_HTML = re.compile(r"\s*<(?:!doctype|html|body|head|div|p|table|span|meta)\b", re.I)
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_PGP_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash:[^\n]*\n)*\n?")
_PGP_SIGNATURE = re.compile(r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.S)
_ICS_FIELD = re.compile(r"^(SUMMARY|DTSTART|LOCATION)[^:\n]{0,200}:([^\n]{0,500})", re.M)


@dataclass(slots=True)
class Content:
	"""What has been found so far: texts in reading order, files, placeholders for unreadable text."""

	texts: list[str] = field(default_factory=list)
	attachments: list[Attachment] = field(default_factory=list)
	placeholders: list[str] = field(default_factory=list)
	nested: list[str] = field(default_factory=list)

	@property
	def text(self) -> str:
		"""The readable text; a placeholder or the text of an attached mail where there is none."""
		joined = "\n\n".join(text.strip("\n") for text in self.texts if text.strip())
		return joined or "\n".join(self.placeholders) or "\n\n".join(self.nested)


def read_content(root: Part, depth: int = 0) -> Content:
	"""The text and the files of a mail."""
	content = Content()
	_visit(root, content, depth)
	return content


def _visit(part: Part, content: Content, depth: int) -> None:
	if part.children:
		_visit_multipart(part, content, depth)
	elif part.declared_children:
		# A multipart without its boundary: what stands there is still text.
		_add_text(part, content)
	elif part.mime_type in _SPECIAL:
		_SPECIAL[part.mime_type](part, content, depth)
	elif _is_body_text(part):
		_add_text(part, content)
	elif part.body.strip() or part.filename or part.disposition:
		content.attachments.append(_file(part))


def _file(part: Part) -> Attachment:
	name = decode_header(part.filename)
	if not name and part.mime_type.startswith(("message/", "text/rfc822")):
		name = part.mime_type.partition("/")[2] + ".txt"
	return file_of(name, part.mime_type, part.content(), part.headers.first("content-id"))


def _visit_multipart(part: Part, content: Content, depth: int) -> None:
	if part.mime_type == "multipart/encrypted":
		content.placeholders.append(ENCRYPTED)
	if part.mime_type == "multipart/alternative":
		_visit_alternative(part, content, depth)
		return
	for child in part.children:
		_visit(child, content, depth)


def _is_body_text(part: Part) -> bool:
	is_readable = part.mime_type in {
		"text/plain",
		"text/html",
		"text/markdown",
		"text/enriched",
		"text/richtext",
	}
	return is_readable and part.disposition != "attachment" and not part.filename


def _visit_alternative(part: Part, content: Content, depth: int) -> None:
	"""The plain text, unless it is empty or says much less than the HTML; files of every branch are kept."""
	branches: list[tuple[bool, Content, Part]] = []
	for child in part.children:
		is_html = child.mime_type == "text/html" or child.mime_type.startswith("multipart/")
		if is_html and _is_body_text(child) and _is_rich(branches, len(child.body)):
			continue
		branch = Content()
		_visit(child, branch, depth)
		branches.append((is_html, branch, child))
	chosen = _best([(is_html, branch) for is_html, branch, _child in branches])
	for _is_html, branch, _child in branches:
		content.attachments.extend(branch.attachments)
		content.placeholders.extend(branch.placeholders)
		content.nested.extend(branch.nested)
	content.texts.extend(chosen.texts if chosen else [])


def _is_rich(branches: list[tuple[bool, Content, Part]], html_size: int) -> bool:
	"""Whether the plain text is long enough that the HTML need not even be read."""
	plain = max((len(branch.text) for is_html, branch, _child in branches if not is_html), default=0)
	return plain >= _SURELY_RICH and plain * 50 >= html_size


def _best(branches: list[tuple[bool, Content]]) -> Content | None:
	plain = next((branch for is_html, branch in branches if not is_html and _letters(branch) > 0), None)
	rich = max((branch for is_html, branch in branches if is_html), key=_letters, default=None)
	if plain is None or rich is None:
		return plain or rich
	is_poor = (
		_letters(plain) < _POOR_SHARE * _letters(rich) and _letters(rich) - _letters(plain) > _POOR_MISSING
	)
	return rich if is_poor else plain


def _letters(content: Content) -> int:
	return sum(len("".join(text.split())) for text in content.texts)


def _add_text(part: Part, content: Content) -> None:
	data = part.content()
	if len(data) > MAX_TEXT_BYTES:
		content.attachments.append(file_of("message-text", part.mime_type, data))
	text = decode_bytes(data[:MAX_TEXT_BYTES], part.parameters.get("charset"))
	text = _readable(paragraphs(text), part)
	content.texts.append(text + ("\n\n" + CUT if len(data) > MAX_TEXT_BYTES else ""))


def _readable(text: str, part: Part) -> str:
	if part.mime_type in {"text/html", "text/enriched", "text/richtext"} or _LOOKS_LIKE_HTML.match(text):
		return html_to_text(text)
	if part.parameters.get("format", "").lower() == "flowed":
		text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
	if "-----BEGIN PGP" in text:
		return _without_armour(text)
	return text


def _without_armour(text: str) -> str:
	if text.lstrip().startswith(_PGP_MESSAGE):
		return ENCRYPTED + "\n\n" + text
	return _PGP_SIGNATURE.sub("", _PGP_SIGNED.sub("", text))


def _visit_mail(part: Part, content: Content, depth: int) -> None:
	"""A mail inside the mail is a file; its text stands in when the sender wrote none."""
	data = part.content().lstrip(b"\r\n")
	headers, _body_start = read_headers(data, 0, len(data))
	subject = subject_of(headers) or "message"
	content.attachments.append(
		file_of((part.filename or subject).removesuffix(".eml") + ".eml", "message/rfc822", data)
	)
	if depth < MAX_DEPTH and not any(content.texts):
		inner = read_content(read_tree(data, depth + 1).root, depth + 1).text
		content.nested.append(f"{subject}\n\n{inner}".strip())


def _visit_encrypted(part: Part, content: Content, depth: int) -> None:
	is_signed = "signed" in part.parameters.get("smime-type", "")
	content.placeholders.append(SIGNED_OPAQUE if is_signed else ENCRYPTED)
	content.attachments.append(_file(part))


def _visit_outlook_rich_text(part: Part, content: Content, depth: int) -> None:
	content.placeholders.append(OUTLOOK_RICH_TEXT)
	content.attachments.append(_file(part))


def _visit_calendar(part: Part, content: Content, depth: int) -> None:
	data = part.content()
	text = (
		decode_bytes(data[:100_000], part.parameters.get("charset")).replace("\r\n", "\n").replace("\n ", "")
	)
	event = text[max(text.find("BEGIN:VEVENT"), 0) :]
	fields: dict[str, str] = {}
	for name, value in _ICS_FIELD.findall(event):
		fields.setdefault(name, value.replace("\\,", ",").replace("\\n", " ").replace("\\;", ";").strip())
	details = [fields[name] for name in ("SUMMARY", "DTSTART", "LOCATION") if fields.get(name)]
	content.placeholders.append(
		f"[calendar invitation: {', '.join(details)}]" if details else "[calendar invitation]"
	)
	if not any(one.mime_type == "text/calendar" and one.content == data for one in content.attachments):
		content.attachments.append(file_of(part.filename or "invitation.ics", "text/calendar", data))


_SPECIAL: dict[str, Callable[[Part, Content, int], None]] = {
	"message/rfc822": _visit_mail,
	"message/global": _visit_mail,
	"application/pkcs7-mime": _visit_encrypted,
	"application/x-pkcs7-mime": _visit_encrypted,
	"application/ms-tnef": _visit_outlook_rich_text,
	"application/vnd.ms-tnef": _visit_outlook_rich_text,
	"text/calendar": _visit_calendar,
}
