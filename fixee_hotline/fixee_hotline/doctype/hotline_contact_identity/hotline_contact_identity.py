from __future__ import annotations

from frappe.model.document import Document


class HotlineContactIdentity(Document):
	"""One way to know a person on WhatsApp again: `channels.whatsapp.people.store` writes the rows."""
