"""What a customer's own managers must not change on their HD Customer record."""

from __future__ import annotations

from typing import Any

from helpdesk.utils import is_agent

from fixee_hotline.host.custom_fields import CUSTOMER_FIELDS

OURS = tuple(field["fieldname"] for field in CUSTOMER_FIELDS if not field["fieldtype"].endswith("Break"))


def protect(doc: Any, method: str | None = None) -> None:
	"""Strategic, domains, numbers and language are the hotline's to say: other values are put back."""
	if is_agent() or not doc.meta.has_field(OURS[0]):
		return
	before = doc.get_doc_before_save()
	for fieldname in OURS:
		doc.set(fieldname, before.get(fieldname) if before else None)
