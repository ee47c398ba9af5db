"""The key under which a fault code is looked up."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^\W\d_]+|\d+")


def fold_code(text: str) -> str:
	"""Upper case, no separators, no leading zeros: "E 017", "e-17" and "E17" are alike.

	Two groups of digits stay apart ("12.3" is not "123"), letters that look like digits are kept ("E0" is
	not "EO"). "" if nothing is left.
	"""
	folded = ""
	for piece in _PIECE.findall(text):
		if piece[0].isdigit():
			number = piece.lstrip("0") or "0"
			folded += f".{number}" if folded[-1:].isdigit() else number
		else:
			folded += piece.upper()
	return folded
