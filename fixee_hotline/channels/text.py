"""Text from outside made safe to store and to show: as text, never as HTML."""

from __future__ import annotations

# Direction overrides can disguise a file name or a sender: dropped.
_ONE_LINE: dict[int, str | None] = {
	**dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029], " "),
	**dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF], None),
}
_PARAGRAPHS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def one_line(text: str) -> str:
	"""One line of text: line breaks and control characters become blanks, so no header can be injected."""
	return text if text.isprintable() else text.translate(_ONE_LINE)


def paragraphs(text: str) -> str:
	"""Text of several lines, each ended by a newline, without other control characters but tabs."""
	if text.isprintable():
		return text
	return text.replace("\r\n", "\n").replace("\r", "\n").translate(_PARAGRAPHS)
