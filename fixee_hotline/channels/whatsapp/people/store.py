"""People on WhatsApp in the site's records. Sole writer of Hotline Contact Identity."""

from __future__ import annotations

from collections.abc import Iterable

import frappe
from frappe.utils import now_datetime

from fixee_hotline.channels.whatsapp.identity import Change, Identity

IDENTITY = "Hotline Contact Identity"


def contact_of(identities: Iterable[Identity]) -> str | None:
	"""The contact of the first identity that is on record."""
	for identity in identities:
		contact = frappe.db.get_value(IDENTITY, {"identity_key": identity.key}, "contact")
		if contact and frappe.db.exists("Contact", contact):
			return contact
	return None


def remember(contact: str, identities: Iterable[Identity], username: str | None = None) -> None:
	"""Keep the identities with the contact. One that belongs to somebody else is left there."""
	for identity in identities:
		row = frappe.db.get_value(IDENTITY, {"identity_key": identity.key}, ["name", "contact"], as_dict=True)
		if not row:
			_insert(contact, identity, username)
		elif row.contact != contact and not frappe.db.exists("Contact", row.contact):
			frappe.db.set_value(IDENTITY, row.name, {"contact": contact, "last_seen": now_datetime()})


def follow(change: Change) -> str | None:
	"""The person behind the old identity has the new one from now on; returns the contact."""
	contact = contact_of([change.before])
	if not contact:
		return None
	frappe.db.delete(IDENTITY, {"identity_key": change.before.key})
	if change.after:
		frappe.db.delete(IDENTITY, {"identity_key": change.after.key})
		_insert(contact, change.after, None)
	return contact


def identities_of(contact: str) -> list[frappe._dict]:
	"""The contact's identities: kind, value, portfolio; the newest first."""
	columns = ["name", "kind", "value", "portfolio", "username", "last_seen"]
	return frappe.get_all(IDENTITY, {"contact": contact}, columns, order_by="last_seen desc, creation desc")


def forget(contact: str) -> None:
	"""The contact's identities are erased."""
	frappe.db.delete(IDENTITY, {"contact": contact})


def _insert(contact: str, identity: Identity, username: str | None) -> None:
	doc = frappe.get_doc(
		{
			"doctype": IDENTITY,
			"contact": contact,
			"kind": identity.kind,
			"value": identity.value[:255],
			"portfolio": identity.portfolio,
			"username": username,
			"last_seen": now_datetime(),
			"identity_key": identity.key,
		}
	)
	# The message that names this identity was proved to be genuine.
	doc.insert(ignore_permissions=True)
