from __future__ import annotations

from frappe.model.document import Document


class HotlineManufacturer(Document):
	pass
