"""Finds where history begins in a mail's text: attribution lines, header blocks, separators, ">" marks.

Every rule asks for more than one sign, because a customer may also write "De : 8h à 12h" or "> ALM 204".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fixee_hotline.channels.mailbox.words import (
	ATTRIBUTION_START,
	FORWARDED_LINE,
	HEADER_ROLES,
	ORIGINAL_LINE,
	REPLY_ABOVE,
	WRITES,
	fold,
)

_MAX_ATTRIBUTION = 300
_MAX_BLOCK = 14
_SEPARATOR_LINE = re.compile(r"[\s_*=-]*")
_TIME = re.compile(r"\b\d{1,2} ?[:.h] ?\d{2}\b")
_DATE = re.compile(r"\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_LABEL = re.compile(r"[\s*>|]*([^\W\d_][^:\n]{0,20}?)[\s*]*:")
_WORD = re.compile(r"[^\W\d_]{2,}")
# First and last name beside the verb: "Paul Martin wrote". "The operator wrote" is a customer's sentence.
_NAMED_WRITER = re.compile(
	r"[A-ZÀ-ÞŁŚŻŹĆ][\w'.-]+,? [A-ZÀ-ÞŁŚŻŹĆ][\w'.-]+ "
	r"(?:a [ée]crit|wrote|ha scritto|escribi[óo]|escreveu|napisa[łl])"
	r"|(?:schrieb|schreef) [A-ZÀ-ÞŁŚŻŹĆ][\w'.-]+,? [A-ZÀ-ÞŁŚŻŹĆ]"
)
_SOLITARY = frozenset(
	{"to", "cc", "subject", "an", "kopie", "thema", "a", "objet", "para", "asunto", "per", "oggetto", "pour"}
)


@dataclass(frozen=True, slots=True)
class Mark:
	"""History from line `start`; its content (after attribution or headers) from `content`.

	"quoted": lines marked ">", answers may stand between; "plain": everything below is history;
	"forward": the sender passes a mail on.
	"""

	start: int
	content: int
	kind: Literal["quoted", "plain", "forward"]


def find_history(lines: Sequence[str], begin: int = 0) -> Mark | None:
	"""The first mark of history at or after line `begin`."""
	index = begin
	while index < len(lines):
		line = lines[index].strip()
		if line.startswith(">"):
			end = _quote_end(lines, index)
			if _is_history_quote(lines, index, end):
				return Mark(index, index, "quoted")
			index = end
			continue
		mark = _mark_at(lines, index, line) if line else None
		if mark:
			return mark
		index += 1
	return None


def _mark_at(lines: Sequence[str], index: int, line: str) -> Mark | None:
	if line.endswith(":"):
		mark = _attribution(lines, index)
		if mark:
			return mark
	if line[0] in "-_=*" or line[-1] in ":=-_":
		mark = _separator(lines, index, line)
		if mark:
			return mark
	if ":" in line[:24]:
		return _header_block(lines, index)
	if len(line) <= 8 and fold(line) in _SOLITARY:
		return _lotus_block(lines, index)
	if len(line) < 160 and REPLY_ABOVE.search(fold(line)):
		return Mark(index, index + 1, "plain")
	return None


def mark_at(lines: Sequence[str], index: int) -> Mark | None:
	"""The mark that begins exactly at line `index`, which is not quoted itself."""
	line = lines[index].strip()
	mark = _mark_at(lines, index, line) if line else None
	for last in range(index + 1, min(index + 3, len(lines))):
		if mark is None and lines[last].rstrip().endswith(":"):
			mark = _attribution(lines, last)
	return mark if mark and mark.start == index else None


def _quote_end(lines: Sequence[str], start: int) -> int:
	end = start
	while end < len(lines) and lines[end].lstrip().startswith(">"):
		end += 1
	return end


def _is_history_quote(lines: Sequence[str], start: int, end: int) -> bool:
	"""Quoted prose is history; short lines copied from a display or a log are the customer's own words."""
	block = [lines[index].strip() for index in range(start, min(end, start + 30))]
	if any(line.startswith((">>", "> >")) for line in block):
		return True
	# Apple's programs quote the attribution together with the rest.
	inside = [line.lstrip("> ") for line in block[:3]]
	openings = (" ".join(inside[:size]) for size in (1, 2, 3))
	if any(
		opening.endswith(":") and _attribution_kind(opening[:_MAX_ATTRIBUTION], ">") for opening in openings
	):
		return True
	before = _text_above(lines, start)
	if not before or before.endswith(":"):
		return False
	words = [len(_WORD.findall(line)) for line in block if any(letter.islower() for letter in line)]
	return sum(count >= 5 for count in words) >= 2 or any(count >= 12 for count in words)


def _text_above(lines: Sequence[str], index: int) -> str:
	"""The line above, or the one above a blank line; "" when both are blank."""
	above = (lines[position].strip() for position in range(index - 1, max(index - 3, -1), -1))
	return next((line for line in above if line), "")


def _next_text(lines: Sequence[str], index: int, within: int = 4) -> str:
	"""The next line that is not blank, among the next few."""
	return next((line.strip() for line in lines[index : index + within] if line.strip()), "")


def _attribution(lines: Sequence[str], index: int) -> Mark | None:
	"""A line such as "On 3 November, Paul wrote:", also wrapped over two or three lines."""
	joined = ""
	for size in range(1, 4):
		start = index - size + 1
		if start < 0 or not lines[start].strip() or lines[start].lstrip().startswith(">"):
			return None
		joined = lines[start].strip() + " " + joined
		if len(joined) > _MAX_ATTRIBUTION:
			return None
		kind = _attribution_kind(joined, _next_text(lines, index + 1))
		if kind:
			return Mark(_wrapped_start(lines, start, joined), index + 1, kind)
	return None


def _attribution_kind(joined: str, following: str) -> Literal["quoted", "plain"] | None:
	folded = fold(joined)
	if not WRITES.search(folded) or not (_DATE.search(folded) or _TIME.search(folded)):
		return None
	is_quoted = following.startswith(">")
	if "@" in joined:
		return "quoted" if is_quoted else "plain"
	if not ATTRIBUTION_START.match(folded):
		return None
	if is_quoted:
		return "quoted"
	# Nothing marks what follows as a quote: only a date, a time and a proper name together are sure.
	is_sure = bool(_DATE.search(folded) and _TIME.search(folded) and _NAMED_WRITER.search(joined))
	return "plain" if is_sure else None


def _wrapped_start(lines: Sequence[str], start: int, joined: str) -> int:
	"""One line up when the attribution's beginning was wrapped off."""
	if ATTRIBUTION_START.match(fold(joined)) or start == 0:
		return start
	above = lines[start - 1].strip()
	starts_it = len(above) <= 100 and _DATE.search(above) and not above.endswith((".", "!", "?", ":"))
	return start - 1 if starts_it and ATTRIBUTION_START.match(fold(above)) else start


def _separator(lines: Sequence[str], index: int, line: str) -> Mark | None:
	"""A line such as "-----Original Message-----" or "Begin forwarded message:"."""
	if len(line) > 160:
		return None
	folded = fold(line)
	if FORWARDED_LINE.fullmatch(folded):
		return Mark(index, _after_headers(lines, index + 1), "forward")
	if ORIGINAL_LINE.fullmatch(folded):
		content = _after_headers(lines, index + 1)
		return Mark(index, content, "quoted" if _next_text(lines, content).startswith(">") else "plain")
	return None


def _after_headers(lines: Sequence[str], index: int) -> int:
	"""Behind the header lines that follow a separator, however few they are."""
	_roles, end = _roles_from(lines, index + (0 if _next_is_label(lines, index) else 1))
	return max(end, index)


def _next_is_label(lines: Sequence[str], index: int) -> bool:
	return index < len(lines) and _role(lines[index]) is not None


def _role(line: str) -> str | None:
	match = _LABEL.match(line[:40])
	return HEADER_ROLES.get(fold(match.group(1)).strip()) if match else None


def _roles_from(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
	"""Header roles with their values from line `start`, and the line behind them."""
	roles: dict[str, str] = {}
	end = start
	blanks = 0
	for index in range(start, min(start + _MAX_BLOCK, len(lines))):
		line = lines[index]
		role = _role(line)
		if role and role in roles and role != "other":
			break
		if role:
			roles[role] = line.partition(":")[2].strip(" *")
			end, blanks = index + 1, 0
		elif not line.strip():
			blanks += 1
			if blanks > 1 or not roles:
				break
		elif roles and not blanks and _continues(line):
			end = index + 1
		else:
			break
	return roles, end


def _continues(line: str) -> bool:
	"""A list of recipients wrapped onto the next line."""
	return line[:1] in " \t" or ("@" in line and (";" in line or "," in line or "<" in line))


def _header_block(lines: Sequence[str], index: int) -> Mark | None:
	"""Three or more header lines that name a sender and a moment."""
	if _role(lines[index]) not in {"from", "subject", "date", "sent"}:
		return None
	roles, end = _roles_from(lines, index)
	if len(roles.keys() - {"other"}) < 3 or "from" not in roles or not _is_mail_header(roles):
		return None
	start = index
	# The rule that Outlook draws above the block belongs to it.
	while start > 0 and start > index - 3 and _SEPARATOR_LINE.fullmatch(lines[start - 1]):
		start -= 1
	return Mark(start, end, "quoted" if _next_text(lines, end).startswith(">") else "plain")


def _is_mail_header(roles: dict[str, str]) -> bool:
	sender = roles["from"]
	moment = roles.get("sent", "") or roles.get("date", "")
	if "@" in sender:
		return bool(moment) or "to" in roles
	if not sender or sender[0].isdigit():
		return False
	has_moment = bool(_TIME.search(moment) and _DATE.search(moment))
	is_addressed = "@" in roles.get("to", "") or ("to" in roles and "subject" in roles)
	return has_moment and (is_addressed or "sent" in roles)


def _lotus_block(lines: Sequence[str], index: int) -> Mark | None:
	"""Old Lotus Notes: sender, date, then "To", "cc", "Subject" alone on their lines."""
	window = range(index, min(index + 12, len(lines)))
	labels = [position for position in window if fold(lines[position].strip()) in _SOLITARY]
	if len(labels) < 3:
		return None
	above = [position for position in range(max(index - 5, 0), index) if lines[position].strip()]
	dated = [position for position in above if _DATE.search(lines[position])]
	if not dated:
		return None
	# The sender stands on the line above the date.
	start = above[above.index(dated[0]) - 1] if above.index(dated[0]) else dated[0]
	content = labels[-1] + 1
	return Mark(start, content, "quoted" if _next_text(lines, content).startswith(">") else "plain")
