from __future__ import annotations

import frappe
from frappe.model.document import Document


class HotlineMedia(Document):
	"""A file of a WhatsApp message: `channels.whatsapp.files.store` writes the rows."""


def on_doctype_update() -> None:
	frappe.db.add_index("Hotline Media", ["state", "next_attempt_at"], "hotline_media_due")
