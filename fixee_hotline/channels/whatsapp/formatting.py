"""An agent's HTML as WhatsApp writes it, cut into messages at the ends of sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024

_MARKS = {"b": "*", "strong": "*", "i": "_", "em": "_", "s": "~", "strike": "~", "del": "~", "code": "`"}
_BLOCKS = frozenset(
	{"p", "div", "ul", "ol", "table", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
)
_SILENT = frozenset({"script", "style", "head", "title", "template"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_SENTENCE_END = re.compile(r"[.!?…:;。！？]['\")»”\]]*\s|\n")


@dataclass(slots=True)
class _Frame:
	"""An open element and the text found in it so far."""

	tag: str
	parts: list[str] = field(default_factory=list)
	link: str = ""
	number: int = 0


class _Writer(HTMLParser):
	def __init__(self, silent_links: Sequence[str]) -> None:
		super().__init__(convert_charrefs=True)
		self.frames = [_Frame("")]
		self.silent = 0
		self.silent_links = tuple(silent_links)
		self.images: list[str] = []
		self.answer_ended = False

	def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
		values = {name: value or "" for name, value in attrs}
		if tag in _SILENT:
			self.silent += 1
		elif tag == "p" and "reply-to-content" in values.get("class", "").split():
			# Helpdesk writes this before the quoted history, which the customer has in the chat.
			self.answer_ended = True
		elif tag == "br":
			self.write("\n")
		elif tag == "img":
			self.images += [values["src"]] if values.get("src") else []
		elif tag == "hr":
			self.write("\n---\n")
		elif tag not in ("meta", "link", "input", "wbr", "col", "source"):
			self.frames.append(_Frame(tag, link=values.get("href", "").strip()))

	def handle_endtag(self, tag: str) -> None:
		if tag in _SILENT:
			self.silent = max(self.silent - 1, 0)
			return
		if not any(frame.tag == tag for frame in self.frames[1:]):
			return
		while len(self.frames) > 1:
			frame = self.frames.pop()
			self.write(self.closed(frame))
			if frame.tag == tag:
				return

	def handle_data(self, data: str) -> None:
		if self.silent:
			return
		inside = any(frame.tag == "pre" for frame in self.frames)
		self.write(data if inside else _BLANKS.sub(" ", data))

	def write(self, text: str) -> None:
		if not self.answer_ended:
			self.frames[-1].parts.append(text)

	def closed(self, frame: _Frame) -> str:
		text = "".join(frame.parts)
		if frame.tag in _MARKS:
			return _marked(text, _MARKS[frame.tag])
		if frame.tag == "li":
			return self.item(text)
		if frame.tag == "blockquote":
			return "\n" + "\n".join(f"> {line}" for line in _tidy(text).split("\n")) + "\n"
		if frame.tag == "pre":
			return f"\n```{text.strip(chr(10))}```\n"
		if frame.tag == "a":
			return self.linked(text, frame.link)
		if frame.tag in _HEADINGS:
			return f"\n{_marked(text.strip().replace('*', ''), '*')}\n"
		if frame.tag in ("td", "th"):
			return f"{text.strip()}  "
		return f"\n{text.strip(' ')}\n" if frame.tag in _BLOCKS or frame.tag == "tr" else text

	def item(self, text: str) -> str:
		parent = self.frames[-1]
		parent.number += 1
		mark = f"{parent.number}." if parent.tag == "ol" else "-"
		lines = _tidy(text).split("\n")
		return f"\n{mark} " + "\n".join([lines[0], *(f"   {line}" for line in lines[1:])])

	def linked(self, text: str, target: str) -> str:
		"""A link into the agents' own pages, or to nowhere outside, is only its words."""
		outside = target.startswith(("http://", "https://"))
		if (
			not outside
			or target.startswith(self.silent_links)
			or target.rstrip("/") == text.strip().rstrip("/")
		):
			return text
		return f"{text} ({target})" if text.strip() else target


def to_whatsapp(html: str, silent_links: Sequence[str] = ()) -> str:
	"""The text of a reply: bold, italic, struck, lists, quotes and code kept, quoted history left out.

	`silent_links`: beginnings of addresses that only colleagues can open.
	"""
	return _written(html, silent_links)[0]


def images_of(html: str) -> list[str]:
	"""Addresses of the pictures that stand in the reply itself."""
	return _written(html, ())[1]


def cut(text: str, limit: int = LONGEST_TEXT) -> list[str]:
	"""The text in pieces of at most `limit` characters, cut at a sentence, else at a blank, else anywhere."""
	pieces = []
	rest = text.strip()
	while _units(rest) > limit:
		head = _head(rest, limit)
		end = _cut_at(head)
		pieces.append(rest[:end].rstrip())
		rest = rest[end:].lstrip()
	return [*pieces, rest] if rest else pieces


def _written(html: str, silent_links: Sequence[str]) -> tuple[str, list[str]]:
	writer = _Writer(silent_links)
	writer.feed(html)
	writer.close()
	while len(writer.frames) > 1:
		frame = writer.frames.pop()
		writer.write(writer.closed(frame))
	return _tidy("".join(writer.frames[0].parts)), writer.images


def _marked(text: str, mark: str) -> str:
	"""WhatsApp wants its marks at the words themselves and on one line."""
	lines = []
	for line in text.split("\n"):
		words = line.strip()
		lines.append(line.replace(words, f"{mark}{words}{mark}", 1) if words else line)
	return "\n".join(lines)


def _tidy(text: str) -> str:
	lines = [line.rstrip() for line in text.replace("\u00a0", " ").split("\n")]
	joined = "\n".join(line if line.startswith("   ") else line.lstrip() for line in lines)
	return re.sub(r"\n{3,}", "\n\n", joined).strip()


def _units(text: str) -> int:
	"""Length as the provider counts it at worst: a picture sign takes two."""
	return len(text) + sum(character > "\uffff" for character in text)


def _head(text: str, limit: int) -> str:
	head = text[:limit]
	while _units(head) > limit:
		head = head[: len(head) - (_units(head) - limit + 1) // 2]
	return head


def _cut_at(head: str) -> int:
	"""The last end of a sentence in the second half, else the last blank, else the end."""
	ends = [found.end() for found in _SENTENCE_END.finditer(head)]
	if ends and ends[-1] > len(head) // 2:
		return ends[-1]
	blank = max(head.rfind(" "), head.rfind("\n"))
	return blank + 1 if blank > len(head) // 2 else len(head)
