from __future__ import annotations

from frappe.model.document import Document

from fixee_hotline.channels.whatsapp import store


class HotlineWhatsAppAccount(Document):
	def validate(self) -> None:
		self.phone_number_id = (self.phone_number_id or "").strip()

	def on_update(self) -> None:
		"""Messages that came before the account was on record are taken up again."""
		if self.enabled:
			store.adopt_unknown(self.phone_number_id)
