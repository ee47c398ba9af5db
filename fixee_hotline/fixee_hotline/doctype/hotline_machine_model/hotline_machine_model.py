from __future__ import annotations

from typing import Any

from frappe.model.document import Document

from fixee_hotline.machines import store


class HotlineMachineModel(Document):
	def on_update(self) -> None:
		store.forget_models()

	def after_delete(self) -> None:
		store.forget_models()

	def after_rename(self, *names: Any) -> None:
		store.forget_models()
