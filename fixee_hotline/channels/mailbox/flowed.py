"""Joins the lines of RFC 3676 `format=flowed` text."""

from __future__ import annotations


def unflow(text: str, delete_space: bool = False) -> str:
	"""Paragraphs on one line each, quote depth kept as "> " marks; `delete_space` is the DelSp parameter."""
	lines: list[str] = []
	pieces: list[str] = []
	open_depth = 0
	for raw in text.split("\n"):
		depth, line = _unquoted(raw)
		is_signature = line == "-- "
		if pieces and (depth != open_depth or is_signature):
			lines.append(_joined(open_depth, pieces))
			pieces = []
		open_depth = depth
		flows_on = line.endswith(" ") and not is_signature
		pieces.append(line[:-1] if flows_on and delete_space else line)
		if not flows_on:
			lines.append(_joined(depth, pieces))
			pieces = []
	if pieces:
		lines.append(_joined(open_depth, pieces))
	return "\n".join(lines)


def _unquoted(raw: str) -> tuple[int, str]:
	"""Quote depth, and the line without its marks and its stuffed space."""
	rest = raw.lstrip(">")
	return len(raw) - len(rest), rest.removeprefix(" ")


def _joined(depth: int, pieces: list[str]) -> str:
	line = "".join(pieces)
	line = line if line == "-- " else line.rstrip()
	return ">" * depth + (" " if depth else "") + line if depth else line
