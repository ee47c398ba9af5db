"""Mail-like addresses for people without mail: Helpdesk wants one, and nothing is ever delivered to these."""

from __future__ import annotations

import re
from hashlib import sha256

from fixee_hotline.machines.senders import phone_digits

DOMAIN = "wa.invalid"
_PSEUDO = re.compile(r"^wa-(.+)@wa\.invalid$", re.IGNORECASE)
_LONGEST = 60
_UNFIT = re.compile(r"[^a-z0-9.\-]+")


def pseudo_address(identity: str) -> str:
	"""A stable address for a telephone number or a provider's user id."""
	digits = phone_digits(identity)
	if digits:
		return f"wa-{digits}@{DOMAIN}"
	local = _UNFIT.sub("-", identity.strip().lower()).strip(".-") or "unknown"
	country, body = identity[:3].lower(), identity[3:]
	if len(local) > _LONGEST or local != country + body:
		# Two people whose ids only differ in what an address cannot hold stay two.
		local = f"{local[: _LONGEST - 9].rstrip('.-')}-{sha256(identity.encode()).hexdigest()[:8]}"
	return f"wa-{local}@{DOMAIN}"


def real_address(address: str | None) -> str | None:
	"""The telephone number or user id behind a pseudo address; any other address as it is."""
	match = _PSEUDO.match(address.strip()) if address else None
	if not match:
		return address
	identity = match.group(1)
	return f"+{identity}" if identity.isdigit() else identity
