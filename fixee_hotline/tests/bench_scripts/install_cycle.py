"""Installs, migrates twice, uninstalls and installs again on a throw-away site, and compares what is there.

	bench new-site spare_site --install-app helpdesk
	env/bin/python -m fixee_hotline.tests.bench_scripts.install_cycle spare_site     (from the bench's folder)

Exit code 0: nothing of Helpdesk's is changed by the cycle, a second migrate changes nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import frappe

APP = "fixee_hotline"
# What may differ between two looks although nobody changed anything of Helpdesk's.
NOISE_TABLES = frozenset(
	{
		"tabDefaultValue",
		"tabDeleted Document",
		"tabError Log",
		"tabInstalled Application",
		"tabPatch Log",
		"tabScheduled Job Log",
		"tabScheduled Job Type",
		"tabSessions",
		"tabSeries",
		"tabVersion",
		"tabAccess Log",
		"tabActivity Log",
		"tabComment",
		"tabRoute History",
	}
)
NOISE_COLUMNS = frozenset(
	{
		"name",
		"creation",
		"modified",
		"modified_by",
		"idx",
		"parent",
		"api_key",
		"reset_password_key",
		"userid",
	}
)
RECORDS = ("Custom Field", "DocType", "Workspace", "Module Def", "HD View", "HD Form Script", "User")
NOISE_FIELDS = frozenset({"creation", "modified", "modified_by"})


def main(site: str) -> int:
	"""Runs the cycle; prints each difference; returns the number of differences."""
	os.chdir("sites")
	if APP in installed(site):
		uninstall(site)
	before = snapshot(site)
	install(site)
	first = snapshot(site)
	migrate(site)
	second = snapshot(site)
	migrate(site)
	found = differences("migrate twice", second, snapshot(site))
	found += differences("migrate once", first, second)
	uninstall(site)
	found += differences("uninstall", before, snapshot(site))
	install(site)
	found += differences("second install", first, snapshot(site))
	in_site(site, fill)
	uninstall(site)
	found += in_site(site, leftovers)
	sys.stdout.write("".join(f"{line}\n" for line in found) + f"{len(found)} differences\n")
	return len(found)


def fill() -> None:
	"""Records of every kind, as on a site that was used."""
	from fixee_hotline.tests.bench import support

	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	support.create_registry()
	support.create_people()
	ticket = support.mail_ticket(f"{support.STOPPED} Machine {support.SERIAL}, E17", "Down")
	support.reply(ticket, support.RUNS_AGAIN)
	frappe.db.commit()


def leftovers() -> list[str]:
	"""What of ours is still there after an uninstall from a used site."""
	tables = [row[0] for row in frappe.db.sql("SHOW TABLES LIKE 'tabHotline%'")]
	columns = [
		f"{doctype}.{name}"
		for doctype in ("HD Ticket", "HD Customer")
		for name in frappe.db.get_table_columns(doctype)
		if name.startswith("hotline_")
	]
	records = [
		f"{doctype} {name}"
		for doctype in RECORDS
		for name in frappe.get_all(doctype, {"name": ("like", "%hotline%")}, pluck="name")
		if not name.endswith("@oem.example")
	]
	return [f"left over: {one}" for one in (*tables, *columns, *records)]


def bench(*arguments: str) -> None:
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *arguments]
	subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def install(site: str) -> None:
	bench("--site", site, "install-app", APP)


def uninstall(site: str) -> None:
	bench("--site", site, "uninstall-app", APP, "--yes", "--no-backup")


def migrate(site: str) -> None:
	bench("--site", site, "migrate", "--skip-search-index")


def installed(site: str) -> list[str]:
	return in_site(site, frappe.get_installed_apps)


def snapshot(site: str) -> dict[str, Any]:
	"""Columns of every table, and every row of the small tables, without what changes by itself."""
	return in_site(site, _snapshot)


def in_site(site: str, function: Any) -> Any:
	frappe.init(site=site, force=True)
	frappe.connect()
	try:
		return function()
	finally:
		frappe.destroy()


def _snapshot() -> dict[str, Any]:
	tables = [row[0] for row in frappe.db.sql("SHOW TABLES") if row[0] not in NOISE_TABLES]
	return {table: {"columns": _columns(table), "rows": _rows(table)} for table in tables}


def _columns(table: str) -> list[str]:
	return sorted(f"{row[0]} {row[1]}" for row in frappe.db.sql(f"SHOW COLUMNS FROM `{table}`"))


def _rows(table: str) -> list[str]:
	rows = frappe.db.sql(f"SELECT * FROM `{table}` LIMIT 20000", as_dict=True)
	if table == "tabSingles":
		rows = [row for row in rows if row.field not in NOISE_FIELDS]
	kept = [{key: value for key, value in row.items() if key not in NOISE_COLUMNS} for row in rows]
	return sorted(repr(sorted(row.items())) for row in kept)


def differences(step: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
	found = [f"{step}: table {name} came" for name in after.keys() - before.keys()]
	found += [f"{step}: table {name} went" for name in before.keys() - after.keys()]
	for name in sorted(before.keys() & after.keys()):
		for part in ("columns", "rows"):
			old, new = set(before[name][part]), set(after[name][part])
			found += [f"{step}: {name}: lost {part[:-1]} {one[:300]}" for one in sorted(old - new)]
			found += [f"{step}: {name}: new {part[:-1]} {one[:300]}" for one in sorted(new - old)]
	return found


if __name__ == "__main__":
	sys.exit(1 if main(sys.argv[1]) else 0)
