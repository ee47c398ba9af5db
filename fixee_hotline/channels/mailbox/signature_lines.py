"""What single lines of a mail are: closing formulas, phone lines, and the lines of a signature."""

from __future__ import annotations

import re
from typing import Literal

from fixee_hotline.channels.mailbox.signature_words import (
	EMERGENCY_ADVICE,
	ON_CALL,
	PHONE_SIGNATURE,
	POSTSCRIPT,
	SENTENCE_WORDS,
	SHOUT,
	STRONG_CLOSINGS,
	TITLES,
	TROUBLE,
	WEAK_CLOSINGS,
)
from fixee_hotline.channels.mailbox.words import fold, words

Kind = Literal["hard", "title", "name", "closing", "notice", "other", "doubt"]

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
# "i. A." and titles that stand before a name.
_BEFORE_NAME = re.compile(
	r"(?:i\. ?[AV]\.|ppa\.|p\.p\.|(?:Dr|Ing|Eng|Dipl|Mag|Prof|Sr|Sra|Dott|mgr|inż|ir|drs)\.(?:-Ing\.)?) ?"
)


def is_phone_line(line: str) -> bool:
	"""A line that a phone or a mail app adds, such as "Sent from my iPhone"."""
	text = fold(re.sub(r"<[^>]*>|\(https?:[^)]*\)|https?://\S+", "", line[:300])).strip(" .*_-[]")
	return len(text) <= 80 and bool(PHONE_SIGNATURE.fullmatch(text))


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


def is_sender(line: str, sender_name: str | None) -> bool:
	"""Whether the line is the sender's name, or a part of it."""
	words = set(_TOKENS.findall(fold(line)))
	return bool(words) and words <= set(_TOKENS.findall(fold(sender_name or "")))


def kind_of(line: str) -> Kind:
	"""What a line is in a signature: "hard" evidence (phone, company), softer, or a "doubt" that keeps it."""
	text = line.strip()
	folded = fold(text)
	if closing_strength(text):
		return "closing"
	if EMERGENCY_ADVICE.match(folded) or (text.startswith("**") and text.endswith("**")):
		return "notice"
	if len(text) > _MAX_LINE or text.endswith("?") or POSTSCRIPT.match(folded):
		return "doubt"
	if SENTENCE_WORDS.intersection(_TOKENS.findall(folded)):
		return "doubt"
	return "hard" if _is_contact(text, folded) else _soft_kind(text, folded)


def _is_contact(text: str, folded: str) -> bool:
	"""A company, an address or a number; an on-call number may name the trouble that it is for."""
	if _COMPANY.search(folded) or _CONTACT.search(folded):
		return True
	has_number = bool(_PHONE.search(text))
	if TROUBLE.search(folded) and not TITLES.search(folded):
		return has_number and bool(ON_CALL.search(folded))
	return has_number or bool(_STREET.search(folded))


def _soft_kind(text: str, folded: str) -> Kind:
	if TROUBLE.search(folded) and not TITLES.search(folded):
		return "doubt"
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
	words = _BEFORE_NAME.sub("", text.strip(" ,.-*_")).split()
	if not 1 <= len(words) <= 5:
		return False
	return all(
		_NAME_WORD.fullmatch(word.strip(",()"))
		and (word.strip("(")[:1].isupper() or word.lower() in _PARTICLES)
		for word in words
	)
