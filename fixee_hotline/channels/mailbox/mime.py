"""Cuts a raw mail into its parts. Bounded in time and memory whatever the bytes are.

The standard parser reads line by line and tries every open boundary on each line: a hostile 40 MB mail costs
it minutes. Here parts are ranges of the raw bytes, found by searching for the boundary.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError as EmailError
from email.message import Message as EmailMessage
from email.utils import collapse_rfc2231_value

from fixee_hotline.channels.mailbox.charsets import decode_bytes
from fixee_hotline.channels.text import one_line

MAX_DEPTH = 10
MAX_PARTS = 500
_MAX_HEADER_BYTES = 1_000_000
_MAX_FIELDS = 2_000
_MAX_PARAMETERS = 4_000

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIRST_DELIMITER = re.compile(rb"\n--([^\r\n]{1,200}?)[ \t]*\r?\n")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_NOT_BASE64 = bytes(
	sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
)


@dataclass(frozen=True, slots=True)
class Headers:
	"""Header fields in order: lower-case names, unfolded values without control characters."""

	fields: tuple[tuple[str, str], ...]

	def first(self, name: str) -> str:
		return next((value for field, value in self.fields if field == name), "")

	def every(self, name: str) -> Iterator[str]:
		return (value for field, value in self.fields if field == name)


@dataclass(frozen=True, slots=True)
class Part:
	"""One node of a mail. `body` is still transfer-encoded and empty where there are children."""

	headers: Headers
	mime_type: str
	parameters: dict[str, str]
	disposition: str
	filename: str
	body: bytes
	children: tuple[Part, ...] = ()
	declared_children: bool = False

	def content(self) -> bytes:
		"""The decoded bytes; a broken transfer encoding gives what can be read."""
		encoding = self.headers.first("content-transfer-encoding").strip().lower()
		if encoding == "base64":
			return _base64(self.body, self.mime_type.startswith("text/"))
		if encoding == "quoted-printable":
			return binascii.a2b_qp(self.body)
		if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
			return _uuencoded(self.body)
		return self.body


@dataclass(frozen=True, slots=True)
class Tree:
	"""The root part, and whether parts were left uncut because there were too many or too deep."""

	root: Part
	incomplete: bool


def read_tree(raw: bytes, depth: int = 0) -> Tree:
	"""The parts of a mail, at most `MAX_PARTS` and `MAX_DEPTH` levels."""
	reader = _Reader(raw)
	root = reader.read(0, len(raw), depth, "text/plain")
	return Tree(root, reader.incomplete)


class _Reader:
	def __init__(self, raw: bytes) -> None:
		self.raw = raw
		self.parts = 0
		self.incomplete = False

	def read(self, start: int, end: int, depth: int, default_type: str) -> Part:
		self.parts += 1
		headers, body_start = read_headers(self.raw, start, end)
		mime_type, parameters = _content_type(headers.first("content-type"), default_type)
		children: tuple[Part, ...] = ()
		is_multipart = mime_type.startswith("multipart/")
		if is_multipart:
			children = self._children(body_start, end, depth, mime_type, parameters.get("boundary", ""))
		disposition, filename = _disposition(headers.first("content-disposition"), parameters)
		return Part(
			headers=headers,
			mime_type=mime_type,
			parameters=parameters,
			disposition=disposition,
			filename=filename,
			body=b"" if children else self.raw[body_start:end],
			children=children,
			declared_children=is_multipart,
		)

	def _children(self, start: int, end: int, depth: int, mime_type: str, boundary: str) -> tuple[Part, ...]:
		if depth >= MAX_DEPTH:
			self.incomplete = True
			return ()
		default = "message/rfc822" if mime_type == "multipart/digest" else "text/plain"
		found: list[Part] = []
		for part_start, part_end in _ranges(self.raw, start, end, boundary):
			if self.parts >= MAX_PARTS:
				self.incomplete = True
				break
			found.append(self.read(part_start, part_end, depth + 1, default))
		return tuple(found)


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
	"""The header fields from `start`, and where the body begins: a line that is no field ends them too."""
	fields: list[tuple[bytes, list[bytes]]] = []
	position = start
	while position < end:
		line_end = raw.find(b"\n", position, end)
		line_end = end if line_end < 0 else line_end
		line = raw[position : min(line_end, position + _MAX_HEADER_BYTES)].rstrip(b"\r")
		if not line:
			position = line_end + 1
			break
		if not _take_header_line(fields, line):
			break
		position = line_end + 1
		if position - start > _MAX_HEADER_BYTES or len(fields) > _MAX_FIELDS:
			blank = _BLANK_LINE.search(raw, position - 1, end)
			position = blank.end() if blank else end
			break
	return Headers(tuple(_field(name, pieces) for name, pieces in fields)), min(position, end)


def _take_header_line(fields: list[tuple[bytes, list[bytes]]], line: bytes) -> bool:
	if line[:1] in b" \t" and fields:
		fields[-1][1].append(line)
		return True
	match = _FIELD.match(line)
	if match:
		fields.append((match.group(1), [line[match.end() :]]))
		return True
	# A mailbox file's "From " line may precede the fields.
	return not fields and line.startswith((b"From ", b">From "))


def _field(name: bytes, pieces: list[bytes]) -> tuple[str, str]:
	return name.decode("ascii").lower(), one_line(decode_bytes(b"".join(pieces))).strip()


def _ranges(raw: bytes, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
	"""Where the parts of a multipart body begin and end."""
	delimiter = _delimiter(raw, start, end, boundary)
	if delimiter is None:
		return
	# The newline before a delimiter belongs to it; the first one may follow the blank line directly.
	matches = delimiter.finditer(raw, max(start - 1, 0), end)
	begin: int | None = None
	for match in matches:
		if begin is not None:
			yield begin, max(begin, match.start() - (raw[match.start() - 1 : match.start()] == b"\r"))
		if match.group(1):
			return
		begin = min(match.end() + 1, end)
	if begin is not None and begin < end:
		yield begin, end


def _delimiter(raw: bytes, start: int, end: int, boundary: str) -> re.Pattern[bytes] | None:
	encoded = boundary.rstrip().encode("utf-8", "surrogateescape")[:200]
	if not encoded or raw.find(b"--" + encoded, start, end) < 0:
		guess = _FIRST_DELIMITER.search(raw, max(start - 1, 0), min(end, start + 4_000))
		if not guess:
			return None
		encoded = guess.group(1)
	return re.compile(rb"\n--" + re.escape(encoded) + rb"(--)?[ \t]*\r?(?=\n|\Z)")


def _content_type(value: str, default: str) -> tuple[str, dict[str, str]]:
	if not value:
		return default, {}
	mime_type = value.partition(";")[0].strip().lower()
	parameters = _parameters(value)
	if _MEDIA_TYPE.fullmatch(mime_type):
		return mime_type, parameters
	if mime_type == "text":
		return "text/plain", parameters
	return ("multipart/mixed" if parameters.get("boundary") else default), parameters


def _disposition(value: str, parameters: dict[str, str]) -> tuple[str, str]:
	filename = _parameters(value).get("filename", "") if value else ""
	return value.partition(";")[0].strip().lower(), filename or parameters.get("name", "")


def _parameters(value: str) -> dict[str, str]:
	"""Parameters of a header value, RFC 2231 pieces put together; {} when they cannot be read."""
	holder = EmailMessage()
	holder["Content-Type"] = value[:_MAX_PARAMETERS]
	try:
		pairs = holder.get_params([])
		return {name.lower(): collapse_rfc2231_value(one) for name, one in reversed(pairs or []) if name}
	except (EmailError, LookupError, ValueError, TypeError, AttributeError):
		return {}


def _base64(data: bytes, is_text: bool) -> bytes:
	if is_text and b" " in data.strip()[:200]:
		return data
	try:
		return binascii.a2b_base64(data)
	except binascii.Error:
		clean = data.translate(None, _NOT_BASE64)
		clean = clean[:-1] if len(clean) % 4 == 1 else clean
		return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _uuencoded(data: bytes) -> bytes:
	decoded: list[bytes] = []
	for line in data.split(b"\n"):
		if line.startswith(b"begin ") or not line.strip():
			continue
		if line.startswith(b"end"):
			break
		try:
			decoded.append(binascii.a2b_uu(line.rstrip(b"\r")))
		except binascii.Error:
			decoded.append(b"")
	return b"".join(decoded)
