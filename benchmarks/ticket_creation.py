"""What the creation of an HD Ticket costs with the app, against without it: one run, one site, one process.

	env/bin/python apps/fixee_hotline/benchmarks/ticket_creation.py SITE [PAIRS]     (from the bench's folder)

With and without take turns; "without" uses Helpdesk's own controller and a meta without our custom fields.
Each creation is rolled back. The exit code is 1 when a ratio of the medians is above the goal.
"""

from __future__ import annotations

import copy
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from uuid import uuid4

import frappe
from frappe.model.base_document import get_controller

GOAL = 1.25
WARM_UP = 5
TEXT = (
	"Bonjour, la machine PX2-48213 produit plus lentement depuis ce matin, le code E17 s'affiche parfois. "
	"Nous avons nettoyé la barrière et changé la bobine, sans résultat. Merci de nous rappeler."
)


def main(site: str, pairs: int) -> int:
	os.chdir("sites")
	frappe.init(site=site)
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	missed = [
		name
		for name, create in {"form": by_form, "mail": by_mail}.items()
		if compare(name, create, pairs) > GOAL
	]
	frappe.destroy()
	return 1 if missed else 0


def compare(name: str, create: Callable[[], None], pairs: int) -> float:
	"""Prints both medians (milliseconds) and returns their ratio."""
	times: dict[str, list[float]] = {"with": [], "without": []}
	for number in range(pairs + WARM_UP):
		order = ("with", "without") if number % 2 else ("without", "with")
		for way in order:
			spent = timed(create) if way == "with" else timed_without(create)
			if number >= WARM_UP:
				times[way].append(spent)
	medians = {way: statistics.median(values) * 1000 for way, values in times.items()}
	ratio = medians["with"] / medians["without"]
	both = f"without {medians['without']:.1f} ms, with {medians['with']:.1f} ms"
	sys.stdout.write(f"{name}: {both}, ratio {ratio:.3f} (goal {GOAL})\n")
	return ratio


def timed(create: Callable[[], None]) -> float:
	start = time.perf_counter()
	create()
	spent = time.perf_counter() - start
	check_last_ticket()
	frappe.db.rollback()
	return spent


def check_last_ticket() -> None:
	"""A measurement of the wrong thing must not pass: with the app a ticket is ranked, without it is not."""
	name, level = frappe.get_all(
		"HD Ticket", fields=["name", "hotline_level"], order_by="creation desc", limit=1, as_list=True
	)[0]
	ours = get_controller("HD Ticket").__name__ == "HotlineTicket"
	if bool(level) != ours or bool(frappe.db.exists("Hotline Assessment", {"ticket": name})) != ours:
		raise RuntimeError(f"Ticket {name} was not created the way that is measured")


def timed_without(create: Callable[[], None]) -> float:
	with without_the_app():
		return timed(create)


@contextmanager
def without_the_app() -> Iterator[None]:
	"""Helpdesk's own controller, and a meta without our fields, in this process only."""
	from frappe.model import meta as meta_module
	from helpdesk.helpdesk.doctype.hd_ticket.hd_ticket import HDTicket

	ours, get_meta = get_controller("HD Ticket"), meta_module.get_meta
	controllers = frappe.controllers[frappe.local.site]
	plain = plain_meta()
	controllers["HD Ticket"] = HDTicket
	meta_module.get_meta = lambda doctype, cached=True: (
		plain if doctype == "HD Ticket" else get_meta(doctype, cached)
	)
	forget_fields()
	try:
		yield
	finally:
		forget_fields()
		meta_module.get_meta = get_meta
		controllers["HD Ticket"] = ours


def forget_fields() -> None:
	"""What Frappe keeps per process about the fields of a DocType."""
	frappe.local.new_doc_templates = {}
	frappe.local.valid_columns.pop("HD Ticket", None)


_plain: list[frappe.model.meta.Meta] = []


def plain_meta() -> frappe.model.meta.Meta:
	if not _plain:
		meta = copy.deepcopy(frappe.get_meta("HD Ticket"))
		meta.fields = [field for field in meta.fields if not field.fieldname.startswith("hotline_")]
		meta._fields = {field.fieldname: field for field in meta.fields}
		# Computed from the fields when asked for.
		for cached in ("_valid_columns", "_dynamic_link_fields", "_set_only_once_fields"):
			meta.__dict__.pop(cached, None)
		_plain.append(meta)
	return _plain[0]


def by_form() -> None:
	"""As the portal and the agents' page create it."""
	frappe.get_doc(
		{
			"doctype": "HD Ticket",
			"subject": "Machine slower than usual",
			"description": f"<p>{TEXT}</p>",
			"raised_by": "jo@dairy.example",
		}
	).insert()


def by_mail() -> None:
	"""As Frappe creates it from a pulled mail."""
	from frappe.email.receive import InboundMail

	message = EmailMessage()
	message["From"], message["To"] = "jo@dairy.example", "benchmark@oem.example"
	message["Subject"], message["Message-ID"] = "Machine slower than usual", f"<{uuid4()}@dairy.example>"
	message.set_content(TEXT)
	account = frappe.new_doc("Email Account")
	account.update({"email_account_name": "Benchmark", "email_id": "benchmark@oem.example", "use_imap": 1})
	account.name = "Benchmark"
	account.db_insert()
	InboundMail(message.as_bytes(), account, uid=uuid4().int % 10**9, append_to="HD Ticket").process()


if __name__ == "__main__":
	sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60))
