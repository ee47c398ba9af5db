"""Bytes to text when the declared character set is unknown, wrong or missing. Never an error."""

from __future__ import annotations

import codecs

# What browsers and mail programs really mean by these names.
_MEANT = {
	"iso-8859-1": "windows-1252",
	"iso8859-1": "windows-1252",
	"latin-1": "windows-1252",
	"latin1": "windows-1252",
	"iso-8859-9": "windows-1254",
	"iso-8859-8-i": "iso-8859-8",
	"iso-8859-8-e": "iso-8859-8",
	"gb2312": "gb18030",
	"gbk": "gb18030",
	"x-gbk": "gb18030",
	"x-sjis": "cp932",
	"shift_jis": "cp932",
	"ks_c_5601-1987": "cp949",
	"euc-kr": "cp949",
	"unicode-1-1-utf-7": "utf-7",
	"utf8mb4": "utf-8",
	"cp-850": "cp850",
	"x-mac-roman": "mac-roman",
	"macintosh": "mac-roman",
}
# ASCII says nothing about bytes above 127: they are guessed.
_GUESSED = frozenset(
	{"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "default", "utf-8"}
)
# Codecs that are no character sets of mail, some with quadratic cost.
_REFUSED = frozenset(
	{
		"idna",
		"punycode",
		"unicode_escape",
		"unicode-escape",
		"raw_unicode_escape",
		"raw-unicode-escape",
		"undefined",
	}
	| {"mbcs", "oem"}
)


def decode_bytes(data: bytes, charset: str | None = None) -> str:
	"""Text of `data`; valid UTF-8 wins over a wrong declaration, unreadable bytes become U+FFFD."""
	if data.isascii() and not _is_stateful(charset):
		return data.decode("ascii")
	declared = _codec_name(charset)
	utf8 = _strict(data, "utf-8")
	if utf8 is not None and not _is_stateful(charset):
		return utf8
	if declared:
		text = _strict(data, declared)
		if text is not None:
			return text
		if not _is_single_byte_guess(declared):
			return data.decode(declared, "replace")
	return _guess(data)


def _is_stateful(charset: str | None) -> bool:
	"""Character sets that use ASCII bytes for other letters."""
	name = (charset or "").strip(" \"'").lower()
	return name.startswith(
		("utf-16", "utf-32", "utf16", "utf32", "utf-7", "iso-2022", "hz", "unicode-1-1", "ucs")
	)


def _is_single_byte_guess(name: str) -> bool:
	return name in {"windows-1252", "utf-8"}


def _codec_name(charset: str | None) -> str | None:
	"""The Python codec for a declared name; None when it is unknown, unfit or says nothing."""
	name = (charset or "").strip(" \"'\t\r\n;").lower()
	if name in _GUESSED or len(name) > 40:
		return None
	name = _MEANT.get(name, name)
	if name in _REFUSED:
		return None
	try:
		information = codecs.lookup(name)
	except (LookupError, ValueError):
		return None
	is_text = getattr(information, "_is_text_encoding", True)
	return name if is_text and information.name not in _REFUSED else None


def _strict(data: bytes, name: str) -> str | None:
	try:
		return data.decode(name)
	except (LookupError, ValueError):
		return None


def _guess(data: bytes) -> str:
	"""UTF-8 with a few broken bytes stays UTF-8, everything else is read as Windows' western letters."""
	text = data.decode("utf-8", "replace")
	broken = text.count("\ufffd")
	letters = len(text) - len(text.encode("ascii", "ignore")) - broken
	if letters > broken:
		return text
	return data.decode("windows-1252", "replace")
