"""Fetches files of received messages from the Graph API: first a short-lived address, then the bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from fixee_hotline.channels.whatsapp.media import Fetched, MediaError, MediaSource

CONNECT_SECONDS, READ_SECONDS = 5, 30
_CHUNK = 64 * 1024
_LATER = {408, 425, 429}
# The provider's own codes for "try again": too many calls, temporarily unavailable.
_LATER_CODES = {1, 2, 4, 80007, 130429, 131000, 131016, 131056, 133016}
_GONE_CODES = {100, 131052}


class MediaClient(MediaSource):
	"""One account's access. Nothing of the token stands in an error's text."""

	def __init__(self, base_url: str, graph_version: str, access_token: str) -> None:
		self.base_url = base_url.rstrip("/")
		self.graph_version = graph_version.strip("/")
		self._headers = {"Authorization": f"Bearer {access_token}", "User-Agent": "fixee-hotline"}

	def fetch(self, media_id: str, target: Path, largest: int) -> Fetched:
		about = self._address(media_id)
		size = about.get("file_size")
		if isinstance(size, int) and size > largest:
			raise MediaError(_too_large(size, largest), retriable=False)
		url = str(about.get("url") or "")
		self._require_safe(url)
		digest, written = self._download(url, target, largest)
		return Fetched(
			path=target,
			size=written,
			sha256=digest,
			declared_type=str(about.get("mime_type") or "") or None,
			declared_sha256=str(about.get("sha256") or "") or None,
		)

	def _address(self, media_id: str) -> dict[str, Any]:
		url = f"{self.base_url}/{self.graph_version}/{quote(media_id, safe='')}"
		try:
			answer = requests.get(
				url, headers=self._headers, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False
			)
		except requests.RequestException as error:
			raise MediaError(
				f"The provider was not reached ({type(error).__name__})", retriable=True
			) from None
		if answer.status_code != 200:
			raise _refusal(answer)
		try:
			about = answer.json()
		except ValueError:
			about = None
		if not isinstance(about, dict) or not about.get("url"):
			raise MediaError("The provider's answer has no address of the file", retriable=True)
		return about

	def _require_safe(self, url: str) -> None:
		"""The token goes over TLS only, or to the very host that the account names."""
		given, own = urlsplit(url), urlsplit(self.base_url)
		if given.scheme != "https" and (given.scheme, given.netloc) != (own.scheme, own.netloc):
			raise MediaError("The provider named an address that is not encrypted", retriable=False)

	def _download(self, url: str, target: Path, largest: int) -> tuple[str, int]:
		digest, written = hashlib.sha256(), 0
		try:
			with (
				requests.get(
					url,
					headers=self._headers,
					timeout=(CONNECT_SECONDS, READ_SECONDS),
					stream=True,
					allow_redirects=False,
				) as answer,
				target.open("wb") as file,
			):
				if answer.status_code != 200:
					# An address that ran out is asked for anew at the next attempt.
					raise _refusal(answer, address_ran_out=answer.status_code in (401, 403, 404, 410))
				for chunk in answer.iter_content(_CHUNK):
					written += len(chunk)
					if written > largest:
						raise MediaError(_too_large(written, largest), retriable=False)
					digest.update(chunk)
					file.write(chunk)
				_require_complete(answer.headers.get("Content-Length"), written)
		except requests.RequestException as error:
			raise MediaError(f"The download broke off ({type(error).__name__})", retriable=True) from None
		return digest.hexdigest(), written


def _require_complete(announced: str | None, written: int) -> None:
	if announced and announced.isdigit() and int(announced) != written:
		raise MediaError(f"The download broke off after {written:,} of {announced} bytes", retriable=True)


def _refusal(answer: requests.Response, address_ran_out: bool = False) -> MediaError:
	"""The provider's error in words, with its code."""
	try:
		error = answer.json().get("error") or {}
	except (ValueError, AttributeError):
		error = {}
	code = error.get("code")
	message = str(error.get("message") or "")[:200]
	text = f"The provider refused the file (HTTP {answer.status_code}"
	text += f", code {code}: {message})" if code is not None else ")"
	later = answer.status_code >= 500 or answer.status_code in _LATER or code in _LATER_CODES
	gone = not later and not address_ran_out and (answer.status_code in (404, 410) or code in _GONE_CODES)
	# A refused token is repaired by an administrator: it is worth trying again while the file is there.
	return MediaError(text, retriable=not gone, gone=gone)


def _too_large(size: int, largest: int) -> str:
	return f"The file has {size / 1_048_576:.1f} MB, more than the {largest / 1_048_576:.0f} MB allowed here"
