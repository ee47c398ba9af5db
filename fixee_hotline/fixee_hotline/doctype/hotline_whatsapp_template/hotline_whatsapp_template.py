from __future__ import annotations

import frappe
from frappe.model.document import Document

from fixee_hotline.channels.whatsapp.templates import variables_of


class HotlineWhatsAppTemplate(Document):
	def before_save(self) -> None:
		self.variables = "\n".join(variables_of(self.body or ""))


def on_doctype_update() -> None:
	frappe.db.add_unique("Hotline WhatsApp Template", ["account", "template_name", "language"])
