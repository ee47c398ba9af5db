"""Finds the signature at the end of what somebody wrote: "-- ", phone lines, closings, disclaimers.

Only the end is looked at, and a block with a doubtful line (a question, a verb, machine trouble) is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from fixee_hotline.channels.mailbox.signature_lines import closing_strength, is_phone_line, is_sender, kind_of
from fixee_hotline.channels.mailbox.signature_words import (
	ADDRESSEE,
	FOOTER,
	MAIL_ITSELF,
	NOTICE_START,
	POSTSCRIPT,
	SECRET,
)
from fixee_hotline.channels.mailbox.words import fold

_MAX_SIGNATURE_LINES = 14
_MAX_TAIL = 60


def signature_start(lines: Sequence[str], sender_name: str | None = None) -> int:
	"""The line where the signature begins; `len(lines)` when there is none to be sure of."""
	end = len(lines)
	for _round in range(3):
		before = end
		end = _without_footers(lines, end)
		end = _without_phone_line(lines, end)
		end = _without_delimited(lines, end)
		closed = _without_closing_block(lines, end, sender_name)
		if closed < end:
			return closed
		end = _without_trailing_block(lines, end, sender_name)
		if end == before:
			break
	return end


def _last_text(lines: Sequence[str], end: int) -> int:
	"""Index of the last line with text before `end`, or -1."""
	index = end - 1
	while index >= 0 and not lines[index].strip():
		index -= 1
	return index


def _without_phone_line(lines: Sequence[str], end: int) -> int:
	last = _last_text(lines, end)
	return last if last >= 0 and is_phone_line(lines[last]) else end


def _without_footers(lines: Sequence[str], end: int) -> int:
	"""Cuts legal notices, printing advice and registry lines that end the mail, paragraph by paragraph."""
	while True:
		first, last = _last_paragraph(lines, end)
		if last < 0:
			return end
		start = _footer_start(lines, first, last + 1)
		if start is None:
			return end
		end = start


def _ends_text(line: str) -> bool:
	return line.strip() in {"--", "-- "} or not line.strip(" _-*=")


def _footer_start(lines: Sequence[str], first: int, end: int) -> int | None:
	"""Where the footer in this last paragraph begins, if the paragraph ends with one."""
	if not lines[end - 1].strip(" _-*="):
		return end - 1 if end - 1 > 0 and len(lines[end - 1].strip()) >= 5 else None
	for index in range(first, end):
		if not _begins_notice(lines[index]):
			continue
		text = " ".join(fold(line) for line in lines[index:end])[:3_000]
		if _is_legal_notice(text):
			return first if NOTICE_START.match(fold(lines[first].strip(" *_"))) else index
		if len(text) < 400 and FOOTER.search(fold(lines[index])):
			return index
	return None


def _is_legal_notice(text: str) -> bool:
	"""Secrecy and an addressee together, or one of them said of the mail itself."""
	is_secret, is_addressed = bool(SECRET.search(text)), bool(ADDRESSEE.search(text))
	if is_secret and is_addressed and len(text) > 80:
		return True
	return (is_secret or is_addressed) and bool(NOTICE_START.match(text) and MAIL_ITSELF.search(text[:120]))


def _begins_notice(line: str) -> bool:
	"""A notice's first line has to show a word of its kind: the customer's lines above it stay."""
	folded = fold(line)
	return bool(SECRET.search(folded) or ADDRESSEE.search(folded) or FOOTER.search(folded))


def _without_delimited(lines: Sequence[str], end: int) -> int:
	"""Cuts from the last "-- " line when a signature follows it."""
	for index in range(end - 1, max(end - _MAX_TAIL, -1), -1):
		line = lines[index]
		if line.rstrip() != "--":
			continue
		block = [one for one in lines[index + 1 : end] if one.strip()]
		if line == "-- " and len(block) <= 20 and not any(is_postscript(one) for one in block):
			return index
		if len(block) <= _MAX_SIGNATURE_LINES and all(kind_of(one) != "doubt" for one in block):
			return index
		return end
	return end


def is_postscript(line: str) -> bool:
	"""A line that adds to the message: a postscript or a question."""
	return bool(POSTSCRIPT.match(fold(line.strip()[:10]))) or line.rstrip().endswith("?")


def _without_closing_block(lines: Sequence[str], end: int, sender_name: str | None) -> int:
	"""Cuts the name and address block below a closing formula; the formula itself stays."""
	for index in range(max(end - _MAX_TAIL, 0), end):
		strength = closing_strength(lines[index])
		if not strength:
			continue
		block = [line for line in lines[index + 1 : end] if line.strip()]
		if block and _is_signature(block, strength == "strong", sender_name):
			return index + 1
	return end


def _without_trailing_block(lines: Sequence[str], end: int, sender_name: str | None) -> int:
	"""Cuts a last paragraph that is a signature though no formula stands above it."""
	first, last = _last_paragraph(lines, end)
	if last < 0 or not any(line.strip() for line in lines[:first]):
		return end
	block = lines[first : last + 1]
	if len(block) > _MAX_SIGNATURE_LINES:
		return end
	kinds = [kind_of(line) for line in block]
	if "doubt" in kinds:
		return end
	is_signed = is_sender(block[0], sender_name) or (kinds[0] == "name" and "hard" in kinds)
	return first if is_signed else end


def _last_paragraph(lines: Sequence[str], end: int) -> tuple[int, int]:
	"""First and last line of the last paragraph before `end`; (0, -1) when there is none."""
	last = _last_text(lines, end)
	if last < 0:
		return 0, -1
	first = last
	while first > 0 and lines[first - 1].strip() and last - first < 14 and not _ends_text(lines[first - 1]):
		first -= 1
	return first, last


def _is_signature(block: Sequence[str], is_strong: bool, sender_name: str | None) -> bool:
	if len(block) > _MAX_SIGNATURE_LINES:
		return False
	kinds = [kind_of(line) for line in block]
	if "doubt" in kinds:
		return False
	if "hard" in kinds or is_sender(block[0], sender_name):
		return True
	if not is_strong or kinds[0] not in {"name", "closing"}:
		return False
	return kinds.count("name") <= 2 and all(kind in {"name", "title", "closing"} for kind in kinds)
