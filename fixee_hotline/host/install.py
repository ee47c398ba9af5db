"""What the app adds to a site: created if missing at install and at each migrate, removed at uninstall."""

from __future__ import annotations

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from fixee_hotline.host import compat, screens
from fixee_hotline.host.custom_fields import MODULE, all_fields
from fixee_hotline.host.levels import LABELS
from fixee_hotline.host.settings import SERVICE_USER
from fixee_hotline.triage import store as triage_store

PRIORITIES = {"critical": "Urgent", "important": "High", "non_critical": "Medium"}


def sync() -> None:
	"""Bring the site to what this version needs. Idempotent; keeps what an administrator edited."""
	compat.require()
	create_custom_fields(all_fields(), ignore_validate=True)
	_sync_service_user()
	_sync_settings()
	_sync_template()
	_sync_views()
	_sync_form_script()
	triage_store.ensure_default()
	clear_caches()


def before_uninstall() -> None:
	"""Leave Helpdesk as it was. Frappe itself removes our DocTypes afterwards."""
	_remove_records()
	_remove_template_rows()
	_remove_fields()
	_remove_service_user()
	clear_caches()


def clear_caches() -> None:
	"""Helpdesk keeps field lists for an hour; ours must be in them, or out of them, now."""
	from helpdesk.api.doc import get_filterable_fields

	get_filterable_fields.clear_cache()
	for doctype in all_fields():
		frappe.clear_cache(doctype=doctype)


def _sync_service_user() -> None:
	if frappe.db.exists("User", SERVICE_USER):
		return
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": SERVICE_USER,
			"first_name": "Hotline",
			"send_welcome_email": 0,
			"user_type": "System User",
			"roles": [{"role": "Agent"}],
		}
	)
	user.flags.no_welcome_mail = True
	# Nobody is logged in while the app is installed or migrated; the same below.
	user.insert(ignore_permissions=True)


def _sync_settings() -> None:
	settings = frappe.get_doc("Hotline Settings")
	if settings.service_user:
		return
	settings.service_user = SERVICE_USER
	for code in LABELS:
		if frappe.db.exists("HD Ticket Priority", PRIORITIES[code]):
			settings.set(f"priority_{code}", PRIORITIES[code])
	settings.flags.ignore_mandatory = True
	settings.save(ignore_permissions=True)  # by the installation


def _sync_template() -> None:
	template = frappe.get_doc("HD Ticket Template", screens.TEMPLATE)
	there = {row.fieldname for row in template.fields}
	missing = [row for row in screens.TEMPLATE_ROWS if row["fieldname"] not in there]
	if not missing:
		return
	template.extend("fields", missing)
	template.save(ignore_permissions=True)  # by the installation


def _sync_views() -> None:
	for view in screens.VIEWS:
		if frappe.db.exists("HD View", view["name"]):
			continue
		doc = frappe.get_doc(screens.view_values(view))
		doc.flags.name_set = True
		doc.insert(ignore_permissions=True)  # by the installation


def _sync_form_script() -> None:
	script = screens.form_script()
	if frappe.db.exists("HD Form Script", screens.FORM_SCRIPT):
		if frappe.db.get_value("HD Form Script", screens.FORM_SCRIPT, "script") != script:
			frappe.db.set_value("HD Form Script", screens.FORM_SCRIPT, "script", script)
		return
	frappe.get_doc(
		{
			"doctype": "HD Form Script",
			"name": screens.FORM_SCRIPT,
			"dt": "HD Ticket",
			"apply_to": "Form",
			"enabled": 1,
			"is_standard": 0,
			"script": script,
		}
	).insert(ignore_permissions=True)  # by the installation


def _remove_records() -> None:
	_delete("HD Form Script", screens.FORM_SCRIPT)
	for view in screens.VIEWS:
		_delete("HD View", view["name"])


def _remove_template_rows() -> None:
	ours = [field["fieldname"] for field in all_fields()["HD Ticket"]]
	frappe.db.delete("HD Ticket Template Field", {"fieldname": ("in", ours)})


def _remove_fields() -> None:
	"""Fields, their property setters and their columns: nothing of ours stays in Helpdesk's tables."""
	for doctype, fields in all_fields().items():
		names = [field["fieldname"] for field in fields]
		frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": ("in", names)})
		for name in frappe.get_all("Custom Field", {"dt": doctype, "fieldname": ("in", names)}, pluck="name"):
			_delete("Custom Field", name)
		_drop_columns(doctype, names)
	frappe.db.delete("Property Setter", {"module": MODULE})


def _drop_columns(doctype: str, names: list[str]) -> None:
	present = set(frappe.db.get_table_columns(doctype))
	drops = ", ".join(f"DROP COLUMN `{name}`" for name in names if name in present)
	if drops:
		frappe.db.commit()
		frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` {drops}")
		frappe.cache.hdel("table_columns", f"tab{doctype}")


def _remove_service_user() -> None:
	for contact in frappe.get_all("Contact", {"user": SERVICE_USER}, pluck="name"):
		_delete("Contact", contact)
	_delete("Notification Settings", SERVICE_USER)
	_delete("User", SERVICE_USER)


def _delete(doctype: str, name: str) -> None:
	if frappe.db.exists(doctype, name):
		# Nobody is logged in while the app is removed.
		frappe.delete_doc(doctype, name, force=True, ignore_permissions=True, delete_permanently=True)
