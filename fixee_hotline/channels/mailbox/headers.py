"""Reads header values: encoded words, addresses, message ids, dates. Bounded and never an error."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from fixee_hotline.channels.base import Participant, Party
from fixee_hotline.channels.mailbox.charsets import decode_bytes
from fixee_hotline.channels.mailbox.mime import Headers
from fixee_hotline.channels.text import one_line

MAX_PARTICIPANTS = 200
_MAX_SUBJECT = 500
_MAX_NAME = 200
_MAX_ADDRESS = 320
_MAX_REFERENCES = 50

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_ADDRESS_PIECE = re.compile(r'"(?:[^"\\]|\\.){0,200}"|\([^()]*\)|<[^<>]*>|[,;]|[^",;()<>]+|.', re.DOTALL)
_GROUP = re.compile(r'[^":=]{0,200}:')
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_WORD = re.compile(r"[^\s<>\",;:()\[\]]+")
_TAG = re.compile(r"\+[^@]*@")


def decode_header(value: str) -> str:
	"""Text of a header value with RFC 2047 words, on one line."""
	if "=?" not in value:
		return " ".join(value.split())
	pieces: list[str] = []
	position = 0
	pending: tuple[str, bytes] | None = None
	for match in _ENCODED_WORD.finditer(value):
		between = value[position : match.start()]
		charset, data = match.group(1), _word_bytes(match.group(2), match.group(3))
		# A letter may be split over two encoded words: bytes are joined before they are decoded.
		if pending and not between.strip() and pending[0] == charset.lower():
			pending = (pending[0], pending[1] + data)
		else:
			pieces.append(_decoded(pending))
			pieces.append(between if between.strip() or pending is None else "")
			pending = (charset.lower(), data)
		position = match.end()
	pieces.append(_decoded(pending))
	pieces.append(value[position:])
	return " ".join(one_line("".join(pieces)).split())


def _decoded(word: tuple[str, bytes] | None) -> str:
	return decode_bytes(word[1], word[0]) if word else ""


def _word_bytes(encoding: str, text: str) -> bytes:
	data = text.encode("utf-8", "replace")
	if encoding in "qQ":
		return binascii.a2b_qp(data, header=True)
	try:
		return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
	except binascii.Error:
		return data


def subject_of(headers: Headers) -> str | None:
	"""The subject on one line; None where there is none."""
	return decode_header(headers.first("subject"))[:_MAX_SUBJECT] or None


def parties(values: Iterable[str], limit: int = MAX_PARTICIPANTS) -> tuple[list[Party], int]:
	"""The first `limit` addresses of some header values, and how many there are in all."""
	found: list[Party] = []
	count = 0
	for value in values:
		for raw_name, raw_address in _split_addresses(value):
			count += 1
			if len(found) < limit:
				found.append(_party(raw_name, raw_address))
	return found, count


def _split_addresses(value: str) -> Iterator[tuple[str, str]]:
	"""(name, address) pairs; quoted strings, comments and groups as RFC 5322 has them."""
	name: list[str] = []
	address = ""
	for match in _ADDRESS_PIECE.finditer(value):
		piece = match.group(0)
		if piece in {",", ";"}:
			yield from _entry(name, address)
			name, address = [], ""
		elif piece.startswith("<") and len(piece) > 1:
			address = piece[1:-1]
		else:
			name.append(piece)
	yield from _entry(name, address)


def _entry(name: list[str], address: str) -> Iterator[tuple[str, str]]:
	text = "".join(name).strip()
	if address.strip():
		yield text, address.strip()
		return
	plain = _address_in(text)
	if plain:
		yield text.replace(plain, "", 1), plain


def _address_in(text: str) -> str:
	"""The first word that looks like an address; "" when none does."""
	words = (match.group(0).strip("'") for match in _WORD.finditer(text[:2_000]))
	return next((word for word in words if "@" in word[1:-1]), "")


def _party(raw_name: str, raw_address: str) -> Party:
	# The name of a group ("Team: a@x.example, ...") is not the name of its first member.
	raw_name = _GROUP.sub("", raw_name, count=1).strip() if _GROUP.match(raw_name) else raw_name
	name = decode_header(raw_name[:2_000])
	if len(name) > 1 and name[0] + name[-1] in {'""', "()", "''"}:
		name = decode_header(name[1:-1].replace('\\"', '"').replace("\\\\", "\\")).strip()
	address = (_address_in(raw_address) or "".join(raw_address.split()))[:_MAX_ADDRESS]
	return Party((name[:_MAX_NAME] or None) if name != address else None, normal_address(address) or None)


def normal_address(address: str) -> str:
	"""The address with its domain in lower case: domains ignore case, local parts may not."""
	local, at, domain = address.rpartition("@")
	return f"{local}{at}{domain.lower()}" if at else address


def same_mailbox_key(address: str | None) -> str:
	"""What two spellings of one mailbox share: no case, no "+tag"."""
	return _TAG.sub("@", (address or "").strip().lower())


def participants_of(headers: Headers, own: frozenset[str]) -> tuple[tuple[Participant, ...], int]:
	"""Everybody addressed except the own mailboxes, and how many there are before the limit."""
	kept: list[Participant] = []
	seen: set[str] = set()
	total = 0
	for role in ("to", "cc"):
		people, count = parties(headers.every(role))
		total += count
		for person in people:
			key = same_mailbox_key(person.address)
			if key in own:
				total -= 1
			elif key not in seen and len(kept) < MAX_PARTICIPANTS:
				seen.add(key)
				kept.append(Participant(person.name, person.address, role))
			elif key in seen:
				total -= 1
	return tuple(kept), total


def message_ids(value: str) -> tuple[str, ...]:
	"""Message ids without their angle brackets, the first and the newest when there are many."""
	ids = tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))
	if not ids:
		words = [word for word in value[:2_000].split() if "@" in word]
		ids = tuple(word.strip("<>") for word in words)
	return ids if len(ids) <= _MAX_REFERENCES else (ids[0], *ids[1 - _MAX_REFERENCES :])


def sent_at_of(headers: Headers) -> datetime | None:
	"""When the mail was sent, aware; the first server's time where the sender's date is broken or missing."""
	received = list(headers.every("received"))
	values = [headers.first("date"), received[-1].rpartition(";")[2] if received else ""]
	return next((moment for moment in map(_moment, values) if moment), None)


def _moment(value: str) -> datetime | None:
	try:
		moment = parsedate_to_datetime(value.strip()[:100])
		aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
		aware.astimezone(timezone.utc)
	except (ValueError, TypeError, IndexError, OverflowError):
		return None
	return aware if aware.year >= 1980 else None
