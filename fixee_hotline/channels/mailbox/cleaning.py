"""Splits a mail's text into what is new and what is history or signature. Guarded: in doubt text is kept.

Every line of the input is in `text` or in `quoted`. Time is linear; a text without marks costs microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fixee_hotline.channels.mailbox.history import Mark, find_history, mark_at
from fixee_hotline.channels.mailbox.signature_lines import (
	CLOSING_STARTS,
	closing_strength,
	is_phone_line,
	is_sender,
)
from fixee_hotline.channels.mailbox.signatures import signature_start
from fixee_hotline.channels.mailbox.words import (
	FORWARD_SUBJECT,
	GREETING,
	HEADER_ROLES,
	POINTER,
	REPLY_SUBJECT,
	WRITES,
	fold,
	phrases,
	words,
)

_PHONE_STARTS = words(
	"envoye envoyee message sent gesendet verzonden verstuurd enviado enviada inviato wyslane wyslano wyslana"
	" von diese get obtenez telechargez telecharger holen hol laden obtener obten descarga descargar scarica"
	" ottieni obter obtenha baixe download pobierz outlook"
)
_STARTS = _PHONE_STARTS | CLOSING_STARTS
_SOLITARY_STARTS = frozenset({"to", "an", "cc", "a", "para", "per", "pour"})
_MARKS = frozenset(">_=#")
_MAX_SIGNATURE = 700
_CONTACT = re.compile(r"\d[\d ()./-]{5,}\d|@|www\.|http")
# A piece of each word that a legal notice or footer cannot do without.
_NOTICE_PIECES = phrases(
	"onfiden|ertraulich|ertrouwelijk|geadresseerd|oufn|iservat|rivileged|zastrze|nvironn|nvironm|amtsgericht|avast|virus"
	"|virenfrei|umwelt|ambiente|milieu|imprim|above this|au-dessus de|au capital|handelsregister"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
	"""`text` is what the sender wrote now, `quoted` what was cut: history, signature, legal notices."""

	text: str
	quoted: str


def split_reply(text: str, subject: str | None = None, sender_name: str | None = None) -> Cleaned:
	"""New text against history and signature; `subject` and `sender_name` help where the text is unsure.

	A mail that only passes another one on ("FW:", "Forwarded message") keeps the forwarded text as its text.
	"""
	if "\r" in text:
		text = text.replace("\r\n", "\n").replace("\r", "\n")
	lines = text.split("\n")
	if not _has_mark(text, lines, sender_name):
		return Cleaned(text.strip(), "")
	mark = find_history(lines)
	if mark is None:
		return _cut_signature(lines, [], sender_name)
	own = lines[: mark.start]
	if _is_forward(mark, own, subject, sender_name):
		return _forwarded(lines, mark, sender_name)
	if mark.kind == "quoted":
		answers, history = _answers(lines, mark)
		return _cut_signature(own + answers, history, sender_name)
	if any(line.strip() for line in own) or _is_reply(subject):
		return _cut_signature(own, lines[mark.start :], sender_name)
	return Cleaned(text.strip(), "")


def _has_mark(text: str, lines: Sequence[str], sender_name: str | None) -> bool:
	"""Whether anything looks like a mark: a cheap test that most messages leave by."""
	for line in lines:
		line = line.strip()
		if line and _may_mark(line):
			return True
	lowered = text.lower()
	return any(piece in lowered for piece in _NOTICE_PIECES) or _may_be_signed(text, sender_name)


def _may_be_signed(text: str, sender_name: str | None) -> bool:
	"""Whether a short last paragraph shows the sender's name or a number."""
	_body, blank, tail = text.rstrip().rpartition("\n\n")
	if not blank or len(tail) > _MAX_SIGNATURE:
		return False
	if sender_name and is_sender(tail.partition("\n")[0], sender_name):
		return True
	return "\n" in tail and bool(_CONTACT.search(tail))


def _may_mark(line: str) -> bool:
	if line[0] in _MARKS or line[:2] in {"--", "**"}:
		return True
	if line[-1] == ":" and len(line) > 12 and ("@" in line or WRITES.search(fold(line[-80:]))):
		return True
	word = fold(line.split(None, 1)[0]).rstrip(",.;!")
	if word in _STARTS:
		return word in _PHONE_STARTS or bool(closing_strength(line))
	if ":" in line[:16]:
		return fold(line.partition(":")[0]).strip(" *|") in HEADER_ROLES
	return word in _SOLITARY_STARTS and len(line) <= 4


def _is_reply(subject: str | None) -> bool:
	return bool(subject and REPLY_SUBJECT.match(subject))


def _is_forward(mark: Mark, own: Sequence[str], subject: str | None, sender_name: str | None) -> bool:
	"""A mail passed on with nothing said but a greeting, "see below" and a signature."""
	if mark.kind != "forward" and not (subject and FORWARD_SUBJECT.match(subject)):
		return False
	said = [line.strip() for line in own[: signature_start(own, sender_name)] if line.strip()]
	return all(_says_nothing(line) for line in said)


def _says_nothing(line: str) -> bool:
	folded = fold(line[:120])
	is_phrase = POINTER.fullmatch(folded) or GREETING.fullmatch(folded)
	return bool(is_phrase or closing_strength(line) or is_phone_line(line))


def _forwarded(lines: Sequence[str], mark: Mark, sender_name: str | None) -> Cleaned:
	"""The forwarded mail is the news; only the forwarder's own signature is cut."""
	own = lines[: mark.start]
	end = signature_start(own, sender_name)
	return Cleaned(_joined([*own[:end], *lines[mark.start :]]), _joined(own[end:]))


def _answers(lines: Sequence[str], mark: Mark) -> tuple[list[str], list[str]]:
	"""What was written below or between the quoted lines, and the quoted lines."""
	answers: list[str] = []
	history = list(lines[mark.start : mark.content])
	index = mark.content
	while index < len(lines):
		line = lines[index]
		if line.lstrip().startswith(">"):
			history.append(line)
		elif not line.strip():
			answers.extend([line] if answers and answers[-1].strip() else [])
		else:
			# An attribution or a header block may stand between the quotes.
			nested = mark_at(lines, index)
			if nested:
				history.extend(lines[index : nested.content])
				index = max(nested.content, index + 1)
				continue
			answers.append(line)
		index += 1
	if not any(line.strip() for line in answers):
		return [], list(lines[mark.start :])
	return answers, history


def _cut_signature(own: Sequence[str], history: Sequence[str], sender_name: str | None) -> Cleaned:
	end = signature_start(own, sender_name)
	return Cleaned(_joined(own[:end]), _joined([*own[end:], *history]))


def _joined(lines: Sequence[str]) -> str:
	return "\n".join(lines).strip()
