from __future__ import annotations

import frappe
from frappe.model.document import Document


class HotlineReaction(Document):
	"""A person's reaction to one message: `channels.whatsapp.thread.store` writes the rows."""


def on_doctype_update() -> None:
	frappe.db.add_unique("Hotline Reaction", ["provider_id", "sender"], "hotline_reaction_once")
