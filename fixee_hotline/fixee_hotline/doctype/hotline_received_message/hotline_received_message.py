from __future__ import annotations

from frappe.model.document import Document


class HotlineReceivedMessage(Document):
	"""What a WhatsApp message said, in its parts: `channels.whatsapp.thread.store` writes the rows."""
