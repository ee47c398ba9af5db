"""Mail-like addresses for people without mail: Helpdesk wants one, and nothing is ever delivered to these."""

from __future__ import annotations

import re

from fixee_hotline.machines.senders import phone_digits

DOMAIN = "wa.invalid"
_PSEUDO = re.compile(r"^wa-(.+)@wa\.invalid$", re.IGNORECASE)
_UNFIT = re.compile(r"[^a-z0-9.\-]+")


def pseudo_address(identity: str) -> str:
	"""A stable address for a telephone number or a provider's user id."""
	digits = phone_digits(identity)
	local = digits or _UNFIT.sub("-", identity.strip().lower()).strip(".-") or "unknown"
	return f"wa-{local[:60]}@{DOMAIN}"


def real_address(address: str | None) -> str | None:
	"""The telephone number or user id behind a pseudo address; any other address as it is."""
	match = _PSEUDO.match(address.strip()) if address else None
	if not match:
		return address
	identity = match.group(1)
	return f"+{identity}" if identity.isdigit() else identity
