from __future__ import annotations

import re

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.client import safe_base_url

VERSION = re.compile(r"v[1-9]\d?\.\d")
PREVIOUS_SECRET_DAYS = 8


class HotlineWhatsAppAccount(Document):
	def validate(self) -> None:
		for fieldname in ("phone_number_id", "waba_id", "business_portfolio", "base_url", "graph_version"):
			self.set(fieldname, (self.get(fieldname) or "").strip())
		self.check_address()
		self.keep_previous_secret()

	def check_address(self) -> None:
		if not safe_base_url(self.base_url):
			frappe.throw(_("The Base URL must begin with https:// and hold no user name."))
		if not VERSION.fullmatch(self.graph_version):
			frappe.throw(_("The Graph Version must look like v25.0."))
		before = self.get_doc_before_save()
		if (
			before
			and before.base_url
			and before.base_url != self.base_url
			and not self.is_typed("access_token")
		):
			# Else whoever may edit the account could have the stored token sent to an address of his own.
			frappe.throw(_("Enter the access token again together with another Base URL."))

	def keep_previous_secret(self) -> None:
		"""Events signed with the old secret are on their way for up to a week: none of them is refused."""
		if self.is_new() or not self.is_typed("app_secret"):
			return
		old = store.app_secret(self.name)
		if old and old != self.app_secret:
			self.previous_app_secret = old
			self.previous_app_secret_until = add_to_date(now_datetime(), days=PREVIOUS_SECRET_DAYS)

	def is_typed(self, fieldname: str) -> bool:
		"""Whether a secret was entered in this very form; stored ones come as stars."""
		value = self.get(fieldname)
		return bool(value) and not self.is_dummy_password(value)

	def on_update(self) -> None:
		"""Messages that came before the account was on record are taken up again."""
		if self.enabled:
			store.adopt_unknown(self.phone_number_id)
