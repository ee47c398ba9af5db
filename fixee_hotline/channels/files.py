"""Files of messages: safe names and true types. Content is never opened or unpacked."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Callable

from fixee_hotline.channels.base import Attachment
from fixee_hotline.channels.text import one_line

_MAX_NAME = 120
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MARKUP = re.compile(
	rb"\s*(?:<!--.{0,200}?-->\s*|<\?xml[^>]{0,200}>\s*)*<(?:!doctype\s+)?(html|script|svg)\b", re.I | re.S
)
# Containers whose inner kind libmagic may not know: the declared type says more.
_GENERIC = frozenset(
	{"application/octet-stream", "application/zip", "application/x-ole-storage", "application/cdfv2"}
)
_SNIFFED_BYTES = 8_192

_EXTENSIONS = {
	"message/rfc822": ".eml",
	"message/delivery-status": ".txt",
	"text/rfc822-headers": ".txt",
	"text/plain": ".txt",
	"text/calendar": ".ics",
	"application/ms-tnef": ".dat",
	"image/jpeg": ".jpg",
	"audio/ogg": ".ogg",
	"audio/amr": ".amr",
	"video/3gpp": ".3gp",
	"image/webp": ".webp",
}


def safe_name(name: str, mime_type: str, fallback: str = "attachment") -> str:
	"""A base name that is safe on any file system: no path, no control characters, at most 120 characters."""
	base = one_line(name.encode("utf-8", "replace").decode("utf-8")).replace("\\", "/").rpartition("/")[2]
	base = _UNSAFE.sub("_", base).strip(" .")
	if not base:
		base = fallback + extension_of(mime_type)
	if _RESERVED.fullmatch(base):
		base = "_" + base
	if len(base) > _MAX_NAME:
		stem, dot, extension = base.rpartition(".")
		keep = dot + extension if stem and len(extension) <= 10 else ""
		base = base[: _MAX_NAME - len(keep)] + keep
	return base


def extension_of(mime_type: str) -> str:
	"""The usual extension with its dot; "" for an unknown type."""
	return _EXTENSIONS.get(mime_type) or mimetypes.guess_extension(mime_type) or ""


def file_of(name: str, declared: str, content: bytes, content_id: str = "") -> Attachment:
	"""An attachment with size, sha256 and true type."""
	mime_type = true_type(content, declared)
	return Attachment(
		name=safe_name(name, mime_type),
		mime_type=mime_type,
		size=len(content),
		sha256=hashlib.sha256(content).hexdigest(),
		content=content,
		content_id=content_id.strip().strip("<>")[:300] or None,
	)


def true_type(content: bytes, declared: str) -> str:
	"""The type the bytes show; `declared` where they show nothing better."""
	head = content[:_SNIFFED_BYTES]
	markup = _MARKUP.match(head[:1_024])
	if markup:
		return "image/svg+xml" if markup.group(1).lower() == b"svg" else "text/html"
	sniffed = _SNIFF(head) if head and not declared.startswith(("message/", "multipart/")) else ""
	if not sniffed or sniffed in _GENERIC:
		return declared if declared != "application/octet-stream" or not sniffed else sniffed
	if sniffed.startswith(("text/", "application/json")) and _is_plain_declaration(declared):
		return declared
	return sniffed


def _is_plain_declaration(declared: str) -> bool:
	"""Text in a stricter form than libmagic tells: comma-separated values, calendars, JSON, XML."""
	is_text = declared.startswith("text/") and declared != "text/html"
	return is_text or declared.endswith(("json", "xml", "yaml", "pgp-signature", "pgp-keys"))


def _sniffer() -> Callable[[bytes], str]:
	"""libmagic where it is installed, else nothing is known."""
	try:
		import magic
	except ImportError:
		return lambda _head: ""

	def sniff(head: bytes) -> str:
		try:
			return str(magic.from_buffer(head, mime=True))
		except magic.MagicException:
			return ""

	return sniff


_SNIFF = _sniffer()
