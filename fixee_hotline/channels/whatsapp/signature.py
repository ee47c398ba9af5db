"""Proves that a webhook call comes from the provider. Checked before anything is read or stored."""

from __future__ import annotations

import hashlib
import hmac
import re

_HEADER = re.compile(r"sha256=([0-9a-f]{64})")


def verify_signature(app_secret: str, raw_body: bytes, header: str | None) -> bool:
	"""Whether `header` (X-Hub-Signature-256) is "sha256=" and the HMAC of the raw body in hex.

	Exactly 64 lower-case digits. An empty secret verifies nothing: it is always False.
	"""
	match = _HEADER.fullmatch(header) if isinstance(header, str) else None
	if not match or not app_secret:
		return False
	expected = hmac.new(app_secret.encode("utf-8", "surrogatepass"), raw_body, hashlib.sha256).hexdigest()
	return hmac.compare_digest(expected, match.group(1))


def verify_challenge(mode: str | None, token: str | None, expected: str | None) -> bool:
	"""Whether a subscription call (hub.mode, hub.verify_token) knows the token; an empty token never does."""
	if mode != "subscribe" or not isinstance(token, str) or not expected:
		return False
	return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
