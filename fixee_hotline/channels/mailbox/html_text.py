"""Readable text from a mail's HTML: blocks, lists, tables, quotes; scripts, styles and hidden text dropped.

The standard library's `html.parser` needs quadratic time on broken markup (minutes for 100 kB), so tags are
found here by plain searching. The result is text: nothing of it may be shown as HTML unescaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

QUOTE_PREFIX = "> "
RULE = "________________________________"
_MAX_NESTING = 30
_MAX_TAG = 2_000
_MAX_CELL = 200

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:_-]{0,30})")
_ATTRIBUTE = re.compile(r"""(?<![\w-])([a-zA-Z-]{1,30})\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u200b\ufeff]+")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.I)
_NO_MARGIN = re.compile(r"margin(?:-top|-bottom)?\s*:\s*0", re.I)
_QUOTE_CLASS = re.compile(r"(?<![a-z])(?:gmail_quote|protonmail_quote|yahoo_quoted|cite)", re.I)
_SIGNATURE = re.compile(
	r"moz-signature|gmail_signature\b|ms-outlook-mobile-signature|protonmail_signature_block\b", re.I
)

_DROPPED = frozenset({"script", "style", "title", "template", "noframes", "svg", "math", "object", "iframe"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"})
_PARAGRAPHS = frozenset(
	{"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl", "blockquote"}
)
_LINES = frozenset(
	{
		"div",
		"section",
		"article",
		"header",
		"footer",
		"address",
		"center",
		"form",
		"fieldset",
		"tbody",
		"thead",
	}
	| {
		"dt",
		"dd",
		"figure",
		"figcaption",
		"main",
		"nav",
		"aside",
		"caption",
		"body",
		"html",
		"details",
		"summary",
	}
)
_WITH_ATTRIBUTES = frozenset(
	{"p", "div", "span", "a", "blockquote", "td", "table", "tr", "pre", "font", "section"}
)


def html_to_text(html: str) -> str:
	"""The text of a mail's HTML, quoted parts marked with "> " as mail programs do."""
	builder = _Builder()
	for is_tag, piece in _pieces(html):
		if is_tag:
			builder.tag(piece)
		else:
			builder.text(piece)
	return builder.result()


def _pieces(html: str) -> Iterator[tuple[bool, str]]:
	"""(is tag, inside) pieces in linear time; comments and dropped elements are left out."""
	position = 0
	unclosed: set[str] = set()
	last_ends = html.rfind(">"), html.rfind("-->")
	while position < len(html):
		opening = html.find("<", position)
		if opening < 0:
			break
		if opening > position:
			yield False, html[position:opening]
		position, tag = _one_tag(html, opening, last_ends)
		if tag is None:
			yield False, "<"
			continue
		yield True, tag
		position = _after_dropped(html, position, tag, unclosed)
	if position < len(html):
		yield False, html[position:]


def _after_dropped(html: str, position: int, tag: str, unclosed: set[str]) -> int:
	"""Where to go on after `tag`: behind the content of a script, style or the like."""
	name = _tag_name(tag)
	if name not in _DROPPED or name in unclosed or tag.startswith("/") or tag.endswith("/"):
		return position
	closing = re.compile(f"</{name}", re.I).search(html, position)
	if closing:
		return closing.start()
	# Nothing closes it: its content is shown rather than the rest of the mail lost, and not searched again.
	unclosed.add(name)
	return position


def _one_tag(html: str, opening: int, last_ends: tuple[int, int]) -> tuple[int, str | None]:
	"""Where the markup at `opening` ends, and its inside: "" for comments, None for a lone "<"."""
	last_tag_end, last_comment_end = last_ends
	if html.startswith("<!--", opening):
		# Searched only where an end is known to follow: else each open comment costs a search to the end.
		return (html.find("-->", opening + 2) + 3, "") if last_comment_end > opening else (opening + 4, "")
	following = html[opening + 1 : opening + 2]
	if opening > last_tag_end or not (following.isalpha() or following in {"/", "!", "?"}):
		return opening + 1, None
	end = html.find(">", opening)
	# A ">" inside a quoted attribute does not end the tag.
	if html.count('"', opening, min(end, opening + _MAX_TAG)) % 2:
		quote = html.find('"', end, end + _MAX_TAG)
		later = html.find(">", quote, quote + _MAX_TAG) if quote >= 0 else -1
		end = later if later >= 0 else end
	return end + 1, html[opening + 1 : end]


def _tag_name(tag: str) -> str:
	match = _NAME.match(tag)
	return match.group(1).lower() if match else ""


def _attributes(tag: str) -> dict[str, str]:
	found = _ATTRIBUTE.findall(tag[:_MAX_TAG]) if "=" in tag else []
	return {name.lower(): unescape(value.strip("\"'")) for name, value in found}


@dataclass(slots=True)
class _Cell:
	"""Lines that are being collected: the whole mail, or one cell of a table."""

	lines: list[str] = field(default_factory=list)
	current: list[str] = field(default_factory=list)
	cells: list[str] = field(default_factory=list)
	tables: int = 0
	quotes_outside: int = 0


class _Builder:
	def __init__(self) -> None:
		self.stack = [_Cell()]
		self.quotes: list[bool] = []
		self.lists: list[int | None] = []
		self.preformatted = 0
		self.hidden_name = ""
		self.hidden_depth = 0
		self.link = ""
		self.link_start = -1
		self.item_is_empty = False

	def text(self, raw: str) -> None:
		if self.hidden_depth:
			return
		data = unescape(raw)
		if self.preformatted:
			first, *others = data.replace("\r", "").split("\n")
			self._add(first)
			for line in others:
				self._end_line()
				self._add(line)
			return
		self._add(_BLANKS.sub(" ", data))

	def tag(self, tag: str) -> None:
		name = _tag_name(tag)
		if not name:
			return
		is_closing = tag.startswith("/")
		if self.hidden_depth:
			self._inside_hidden(name, is_closing)
		elif is_closing:
			self._close(name)
		else:
			self._open(name, _attributes(tag) if name in _WITH_ATTRIBUTES else {})

	def result(self) -> str:
		while len(self.stack) > 1:
			self._end_cell()
		self._end_row()
		self._break()
		return _MANY_BLANK_LINES.sub("\n\n", "\n".join(self.stack[0].lines)).strip("\n")

	def _inside_hidden(self, name: str, is_closing: bool) -> None:
		if name == self.hidden_name:
			self.hidden_depth += -1 if is_closing else 1

	def _open(self, name: str, attributes: dict[str, str]) -> None:
		if _HIDDEN.search(attributes.get("style", "")) and name not in _VOID:
			self.hidden_name, self.hidden_depth = name, 1
			return
		if name in _LINES or name in _PARAGRAPHS:
			self._open_block(name, attributes)
		elif name in {"tr", "td", "th"}:
			self._open_table(name)
		elif name == "li":
			self._open_item()
		elif name == "br":
			self._end_line()
		elif name == "hr":
			self._break()
			self._add(RULE)
			self._break()
		elif name == "a":
			self.link, self.link_start = attributes.get("href", ""), len(self.stack[-1].current)

	def _open_block(self, name: str, attributes: dict[str, str]) -> None:
		tight = "Mso" in attributes.get("class", "") or bool(_NO_MARGIN.search(attributes.get("style", "")))
		if name in _LINES or tight or (name in {"ul", "ol"} and self.lists):
			self._break()
		else:
			self._blank()
		if name in {"ul", "ol"} and len(self.lists) < _MAX_NESTING:
			self.lists.append(0 if name == "ol" else None)
		elif name == "pre":
			self.preformatted += 1
		elif name == "blockquote" and len(self.quotes) < _MAX_NESTING:
			self.quotes.append(_is_quote(attributes))
		elif name == "table":
			self.stack[-1].tables += 1
		marks = attributes.get("class", "") + " " + attributes.get("id", "")
		if name == "div" and (_SIGNATURE.search(marks) or attributes.get("id") == "Signature"):
			self._add("-- ")
			self._break()

	def _open_item(self) -> None:
		self.item_is_empty = False
		self._break()
		indent = "  " * max(len(self.lists) - 1, 0)
		number = self.lists[-1] if self.lists else None
		if number is None:
			self._add(indent + "- ")
		else:
			self.lists[-1] = number + 1
			self._add(f"{indent}{number + 1}. ")
		self.item_is_empty = True

	def _open_table(self, name: str) -> None:
		self._end_open_cell()
		if name == "tr":
			self._end_row()
			self._break()
		elif len(self.stack) < _MAX_NESTING:
			self._break()
			self.stack.append(_Cell(quotes_outside=sum(self.quotes)))

	def _end_open_cell(self) -> None:
		"""Ends the cell that a broken table left open, not the one that holds the present table."""
		if len(self.stack) > 1 and not self.stack[-1].tables:
			self._end_cell()

	def _close(self, name: str) -> None:
		if name in _LINES or name in _PARAGRAPHS:
			self._close_block(name)
		elif name in {"td", "th"}:
			self._end_cell()
		elif name == "tr":
			self._end_row()
		elif name == "li":
			self.item_is_empty = False
			self._break()
		elif name == "a":
			self._close_link()

	def _close_block(self, name: str) -> None:
		if name == "table":
			self._end_open_cell()
			self._end_row()
			self.stack[-1].tables = max(self.stack[-1].tables - 1, 0)
		if name == "p" and not "".join(self.stack[-1].current).strip():
			self._blank()
		self._break()
		if name in {"ul", "ol"} and self.lists:
			self.lists.pop()
		elif name == "pre":
			self.preformatted = max(self.preformatted - 1, 0)
		elif name == "blockquote" and self.quotes:
			self.quotes.pop()
		if name in _PARAGRAPHS and name != "p":
			self._blank()

	def _close_link(self) -> None:
		"""A link without words would vanish: its address stands for it."""
		empty = not "".join(self.stack[-1].current[max(self.link_start, 0) :]).strip()
		if self.link_start >= 0 and empty and self.link.startswith(("http://", "https://")):
			self._add(self.link[:500])
		self.link_start = -1

	def _end_cell(self) -> None:
		if len(self.stack) == 1:
			return
		self._end_row()
		self._break()
		done = self.stack.pop()
		content = "\n".join(done.lines).strip("\n")
		if content.strip():
			self.stack[-1].cells.append(content)

	def _end_row(self) -> None:
		"""Short cells stand side by side, cells that hold a layout one below the other."""
		cell = self.stack[-1]
		if not cell.cells:
			return
		self._break()
		is_data = all("\n" not in one and len(one) <= _MAX_CELL for one in cell.cells)
		joined = " | ".join(cell.cells) if is_data else "\n".join(cell.cells)
		prefix = self._quote_prefix()
		cell.lines.extend(prefix + line for line in joined.split("\n"))
		cell.cells = []

	def _add(self, text: str) -> None:
		# Words between the cells of a broken table follow the cells before them.
		if self.stack[-1].cells and text.strip():
			self._end_row()
		current = self.stack[-1].current
		if not self.preformatted and text.startswith(" ") and (not current or current[-1].endswith(" ")):
			text = text[1:] if not text.startswith("  ") else text
		if text:
			current.append(text)
			self.item_is_empty = self.item_is_empty and not text.strip()

	def _end_line(self) -> None:
		cell = self.stack[-1]
		line = "".join(cell.current)
		# The mark of a signature is the one line whose last blank counts.
		line = line if line == "-- " else line.rstrip()
		cell.lines.append(self._quote_prefix() + line)
		cell.current = []
		self.item_is_empty = False

	def _quote_prefix(self) -> str:
		return QUOTE_PREFIX * max(sum(self.quotes) - self.stack[-1].quotes_outside, 0)

	def _break(self) -> None:
		# A block inside a list item stands beside the item's mark.
		if self.item_is_empty:
			return
		if "".join(self.stack[-1].current).strip():
			self._end_line()
		else:
			self.stack[-1].current = []

	def _blank(self) -> None:
		self._break()
		lines = self.stack[-1].lines
		if lines and lines[-1].strip("> "):
			self._end_line()


def _is_quote(attributes: dict[str, str]) -> bool:
	"""A block quote made by a mail program for history; people also use it to indent."""
	return attributes.get("type") == "cite" or bool(_QUOTE_CLASS.search(attributes.get("class", "")))
