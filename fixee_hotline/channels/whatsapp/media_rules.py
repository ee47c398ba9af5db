"""What a file of a message is, whatever it says of itself: what may be shown, its name, when to retry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fixee_hotline.channels.files import extension_of, safe_name

MEDIA_LIFETIME_DAYS = 7
Family = Literal["image", "audio", "video", "file"]
LARGEST_DEFAULT_MB = 100
UNSAFE_SUFFIX = ".unsafe"

_SHOWN_IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
# What a browser or a desktop may run: kept as proof, never under a name that opens.
_DANGEROUS = frozenset(
	{
		"text/html",
		"application/xhtml+xml",
		"image/svg+xml",
		"text/xml",
		"application/xml",
		"text/javascript",
		"application/javascript",
		"application/x-dosexec",
		"application/vnd.microsoft.portable-executable",
		"application/x-msdownload",
		"application/x-executable",
		"application/x-pie-executable",
		"application/x-sharedlib",
		"application/x-mach-binary",
		"application/x-elf",
		"text/x-shellscript",
		"application/x-sh",
		"text/x-msdos-batch",
		"application/java-archive",
		"application/x-java-applet",
	}
)
# fmt: off
_DANGEROUS_ENDINGS = (
	".html", ".htm", ".xhtml", ".shtml", ".svg", ".svgz", ".xml", ".xht", ".js",
	".mjs", ".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".sh",
	".jar", ".msi", ".hta", ".lnk", ".app", ".php", ".dll",
)
# fmt: on
# Containers that hold sound or pictures alike: libmagic names one or the other.
_CONTAINERS = (
	frozenset({"audio/ogg", "video/ogg", "application/ogg", "audio/opus"}),
	frozenset({"audio/mp4", "video/mp4", "audio/x-m4a", "audio/m4a", "audio/aac", "video/quicktime"}),
	frozenset({"audio/aac", "audio/x-hx-aac-adts", "audio/mpeg", "audio/mp3"}),
	frozenset({"video/3gpp", "audio/3gpp", "video/mp4"}),
	frozenset({"audio/amr", "audio/amr-wb", "audio/x-amr"}),
	frozenset({"application/zip", "application/x-zip-compressed"}),
)
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True, slots=True)
class Verdict:
	"""`matches`: the bytes are what was declared. `dangerous`: might be run by who opens it."""

	family: Family
	matches: bool
	dangerous: bool

	@property
	def may_be_shown(self) -> bool:
		"""Whether the thread may show or play it in place instead of offering it as a file."""
		return self.matches and not self.dangerous and self.family != "file"


def judge(declared: str | None, true_type: str, name: str) -> Verdict:
	"""Compare what was declared with what the bytes show (`files.true_type`)."""
	said, shown = _plain(declared), _plain(true_type)
	dangerous = shown in _DANGEROUS or said in _DANGEROUS or name.lower().endswith(_DANGEROUS_ENDINGS)
	return Verdict(_family(shown), said in _GENERIC or _same(said, shown), dangerous)


def stored_name(name: str, true_type: str, verdict: Verdict) -> str:
	"""A safe file name whose ending is true; one that might run gets an ending that nothing opens."""
	base = safe_name(name, true_type)
	if verdict.dangerous:
		return base[: 120 - len(UNSAFE_SUFFIX)] + UNSAFE_SUFFIX
	if verdict.matches:
		return base
	ending = extension_of(_plain(true_type)) or ".bin"
	return base if base.lower().endswith(ending) else base[: 120 - len(ending)] + ending


def retry_after(attempts: int) -> int:
	"""Seconds to wait after so many failed attempts: half a minute first, at most six hours."""
	return int(min(30 * 4 ** max(attempts - 1, 0), 6 * 3600))


def _plain(mime_type: str | None) -> str:
	return (mime_type or "").partition(";")[0].strip().lower()


def _family(shown: str) -> Family:
	if shown in _SHOWN_IMAGES:
		return "image"
	if shown.startswith("audio/") or shown == "application/ogg":
		return "audio"
	return "video" if shown.startswith("video/") else "file"


def _same(said: str, shown: str) -> bool:
	if said == shown or any(said in group and shown in group for group in _CONTAINERS):
		return True
	if said.startswith("text/") and shown.startswith("text/"):
		return True
	# Office files are zip archives or compound files; libmagic does not know each of them.
	office = said.startswith(("application/vnd.", "application/msword"))
	return office and shown in {"application/zip", "application/x-ole-storage", "application/cdfv2"}
