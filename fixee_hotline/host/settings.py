"""The site's settings as the host code reads them: cached, with the defaults of a fresh site."""

from __future__ import annotations

import frappe

from fixee_hotline.host.levels import LABELS

SERVICE_USER = "hotline.service@fixee-hotline.invalid"


def settings() -> frappe._dict:
	"""The Hotline Settings, read once a request."""
	return frappe.get_cached_doc("Hotline Settings")


def enabled() -> bool:
	"""Whether requests are qualified at all."""
	return bool(settings().enabled)


def priorities() -> dict[str, str]:
	"""Level label to Helpdesk priority."""
	values = settings()
	return {label: values.get(f"priority_{code}") for code, label in LABELS.items()}


def lines(text: str | None) -> tuple[str, ...]:
	"""The non-empty lines of a small text, trimmed and in lower case."""
	return tuple(line.strip().lower() for line in (text or "").splitlines() if line.strip())


def own_domains() -> tuple[str, ...]:
	"""Mail domains of colleagues."""
	return lines(settings().own_domains)


def is_service_user(user: str | None = None) -> bool:
	"""Whether `user` (default: of the session) is the one in whose name received messages are written."""
	return (user or frappe.session.user) == SERVICE_USER
