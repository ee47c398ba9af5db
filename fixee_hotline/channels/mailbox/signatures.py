"""Finds the signature at the end of what somebody wrote: "-- ", phone lines, closings, disclaimers.

Only the end is looked at, and a block with a doubtful line (a question, a verb, machine trouble) is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fixee_hotline.channels.mailbox.signature_words import (
	ADDRESSEE,
	FOOTER,
	NOTICE_START,
	PHONE_SIGNATURE,
	POSTSCRIPT,
	SECRET,
	SENTENCE_WORDS,
	SHOUT,
	STRONG_CLOSINGS,
	TITLES,
	TROUBLE,
	WEAK_CLOSINGS,
)
from fixee_hotline.channels.mailbox.words import fold, words

_MAX_SIGNATURE_LINES = 14
_MAX_TAIL = 60
_MAX_LINE = 100
_MAX_CLOSING = 70

_STRONG = frozenset(STRONG_CLOSINGS)
_WEAK = frozenset(WEAK_CLOSINGS)
CLOSING_STARTS = frozenset(phrase.split()[0] for phrase in STRONG_CLOSINGS + WEAK_CLOSINGS)
_PUNCTUATION = " ,.;:!*_-–"

_PHONE = re.compile(r"(?<![\w.-])[+(]?\d(?:[ ()./\xa0-]{0,3}\d){6,16}(?!\w)")
_CONTACT = re.compile(
	r"[\w.+-]@[\w-]|https?://|\bwww\.|\b(?:tel|tel[.]|telefon\w*|telephone|phone|mobil\w*|mob|fax|gsm"
	r"|handy|cell|movil|tlf|durchwahl"
	r"|direct|kom|komork\w*|telefoon|cellulare|portable|tlm|port|t|m|f|p)[.]? ?: ?[+(\d]|^\[?cid:"
	r"|^\[image|linkedin|skype"
)
_COMPANY = re.compile(
	r"\b(?:gmbh|ag|kg|ohg|e\.k|sas|s\.a\.s|sarl|s\.a\.r\.l|sa|s\.a|ltd|limited|inc|llc|plc|corp|s\.p\.a"
	r"|spa|srl|s\.r\.l|s\.l|sl|s\.l\.u"
	r"|lda|ltda|b\.v|bv|n\.v|nv|vof|sp\. ?z ?o\.? ?o|s\.k|groupe|group|gruppe|gruppo|grupo)\b"
)
_STREET = re.compile(
	r"\b(?:rue|avenue|av|bd|boulevard|chemin|impasse|zone industrielle|zi|za|route|street|road|lane"
	r"|drive|industrial estate|c/|calle|avenida"
	r"|poligono|via|viale|piazza|corso|rua|travessa|avda|ul|ulica|al)\b\.? \S|\w(?:strasse|str\.|weg"
	r"|allee|platz|straat|laan|plein|kade)\b"
	r"|\b(?:[a-z]{1,2}-)?\d{4,5}(?:-\d{3})? ?(?:[a-z]{2} )?[a-z]{3,}|\b\d{2}-\d{3} [a-z]{3,}"
)
_SENTENCE_END = re.compile(r"[a-z)]{4,}[.!]$")
_NAME_WORD = re.compile(r"(?:[^\W\d_][\w'’.-]*|&|/)")
_PARTICLES = words("de du des da dos das di del della van von der den ten ter la le el y e et und i zu zum")
_TOKENS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def signature_start(lines: Sequence[str], sender_name: str | None = None) -> int:
	"""The line where the signature begins; `len(lines)` when there is none to be sure of."""
	end = len(lines)
	for _round in range(3):
		before = end
		end = _without_footers(lines, end)
		end = _without_phone_line(lines, end)
		end = _without_delimited(lines, end)
		end = _without_closing_block(lines, end, sender_name)
		if end == before:
			break
	return end


def _last_text(lines: Sequence[str], end: int) -> int:
	"""Index of the last line with text before `end`, or -1."""
	index = end - 1
	while index >= 0 and not lines[index].strip():
		index -= 1
	return index


def is_phone_line(line: str) -> bool:
	"""A line that a phone or a mail app adds, such as "Sent from my iPhone"."""
	text = fold(re.sub(r"<[^>]*>|\(https?:[^)]*\)|https?://\S+", "", line[:300])).strip(" .*_-[]")
	return len(text) <= 80 and bool(PHONE_SIGNATURE.fullmatch(text))


def _without_phone_line(lines: Sequence[str], end: int) -> int:
	last = _last_text(lines, end)
	return last if last >= 0 and is_phone_line(lines[last]) else end


def _without_footers(lines: Sequence[str], end: int) -> int:
	"""Cuts legal notices, printing advice and registry lines that end the mail, paragraph by paragraph."""
	while True:
		last = _last_text(lines, end)
		if last < 0:
			return end
		first = last
		while (
			first > 0 and lines[first - 1].strip() and last - first < 12 and not _ends_text(lines[first - 1])
		):
			first -= 1
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
		if len(text) > 80 and SECRET.search(text) and ADDRESSEE.search(text):
			return first if NOTICE_START.match(fold(lines[first].strip(" *_"))) else index
		if len(text) < 400 and FOOTER.search(fold(lines[index])):
			return index
	return None


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
		if line == "-- " and len(block) <= 20 and not any(_is_postscript(one) for one in block):
			return index
		if len(block) <= _MAX_SIGNATURE_LINES and all(_kind(one) != "doubt" for one in block):
			return index
		return end
	return end


def _is_postscript(line: str) -> bool:
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


def closing_strength(line: str) -> str:
	""" "strong" for a formula that only closes, "weak" for thanks, "" for any other line."""
	text = line.strip()
	if not text or len(text) > _MAX_CLOSING:
		return ""
	if fold(text.split(None, 1)[0]).strip(_PUNCTUATION) not in CLOSING_STARTS:
		return ""
	folded = fold(text).strip(_PUNCTUATION)
	formula = re.split(r" ?[,/|!.] ?", folded, maxsplit=1)[0].strip(_PUNCTUATION)
	rest = folded[len(formula) :].strip(_PUNCTUATION + "/|")
	if len(rest.split()) > 4 or any(word in SENTENCE_WORDS for word in rest.split()):
		return ""
	if formula in _STRONG or folded in _STRONG:
		return "strong"
	return "weak" if formula in _WEAK or folded in _WEAK else ""


def _is_signature(block: Sequence[str], is_strong: bool, sender_name: str | None) -> bool:
	if len(block) > _MAX_SIGNATURE_LINES:
		return False
	kinds = [_kind(line) for line in block]
	if "doubt" in kinds:
		return False
	if "hard" in kinds:
		return True
	if _is_sender(block[0], sender_name):
		return all(kind in {"name", "title", "closing"} for kind in kinds)
	if not is_strong or kinds[0] not in {"name", "closing"}:
		return False
	return kinds.count("name") <= 2 and all(kind in {"name", "title", "closing"} for kind in kinds)


def _is_sender(line: str, sender_name: str | None) -> bool:
	"""Whether the line is the sender's name, or a part of it."""
	words = set(_TOKENS.findall(fold(line)))
	return bool(words) and words <= set(_TOKENS.findall(fold(sender_name or "")))


def _kind(line: str) -> str:
	"""What a line is in a signature: "hard" evidence, "title", "name", "closing", "other" or "doubt"."""
	text = line.strip()
	folded = fold(text)
	if closing_strength(text):
		return "closing"
	words = set(_TOKENS.findall(folded))
	if len(text) > _MAX_LINE or text.endswith("?") or words & SENTENCE_WORDS or POSTSCRIPT.match(folded):
		return "doubt"
	if _COMPANY.search(folded) or _CONTACT.search(folded):
		return "hard"
	if TROUBLE.search(folded) and not TITLES.search(folded):
		return "doubt"
	if _PHONE.search(text) or _STREET.search(folded):
		return "hard"
	return _soft_kind(text, folded)


def _soft_kind(text: str, folded: str) -> str:
	if SHOUT.search(folded) or any(digit.isdigit() for digit in text[:20] if len(text) < 12):
		return "doubt"
	if TITLES.search(folded) and len(folded.split()) <= 8:
		return "title"
	if _is_name(text):
		return "name"
	is_short = len(text) <= 60 and len(folded.split()) <= 7 and not _SENTENCE_END.search(folded)
	return "other" if is_short else "doubt"


def _is_name(text: str) -> bool:
	"""One to five capitalised words without digits."""
	words = text.strip(" ,.-*_").split()
	if not 1 <= len(words) <= 5:
		return False
	return all(
		_NAME_WORD.fullmatch(word.strip(",()"))
		and (word.strip("(")[:1].isupper() or word.lower() in _PARTICLES)
		for word in words
	)
