from __future__ import annotations

from frappe.model.document import Document


class HotlineVocabularyRow(Document):
	pass
