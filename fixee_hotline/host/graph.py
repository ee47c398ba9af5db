"""The WhatsApp accounts towards Meta: a client with their secrets, their health, checks and templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_url, now_datetime
from frappe.utils.password import get_decrypted_password

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.client import (
	Credentials,
	GraphClient,
	WhatsAppClient,
	answers_challenge,
)
from fixee_hotline.channels.whatsapp.errors import GraphError, NotReached, Unanswered, verdict
from fixee_hotline.channels.whatsapp.templates import Template, read_templates

ACCOUNT, TEMPLATE = store.ACCOUNT, "Hotline WhatsApp Template"
WEBHOOK = "/api/method/fixee_hotline.api.whatsapp.webhook"
TROUBLE = (GraphError, NotReached, Unanswered)
COLUMNS = (
	"name",
	"enabled",
	"waba_id",
	"base_url",
	"graph_version",
	"language",
	"health",
	"health_reason",
	"paused_until",
	"probe_first",
	"pair_seconds",
	"messages_per_second",
	"send_read_marks",
	"automatic_questions",
)


def account_of(name: str | None) -> frappe._dict | None:
	"""What sending needs to know of an account, read afresh; None when there is none."""
	return frappe.db.get_value(ACCOUNT, name, COLUMNS, as_dict=True) if name else None


def token_of(account: str) -> str:
	"""The access token; empty when none is set: then nothing is sent."""
	return get_decrypted_password(ACCOUNT, account, "access_token", raise_exception=False) or ""


def can_send(name: str | None) -> bool:
	"""Whether messages may be queued for this account at all."""
	account = account_of(name)
	return bool(account and account.enabled and token_of(account.name))


def client_of(account: frappe._dict) -> WhatsAppClient:
	"""A client with the account's own secrets."""
	return GraphClient(
		Credentials(
			phone_number_id=account.name,
			token=token_of(account.name),
			waba_id=account.waba_id or "",
			base_url=account.base_url,
			version=account.graph_version,
		)
	)


# Health -------------------------------------------------------------------------------------------


def set_health(name: str, health: str, reason: str = "") -> None:
	"""Healthy, Warning or Blocked with the reason in words; written only when it changes."""
	known = frappe.db.get_value(ACCOUNT, name, ["health", "health_reason"], as_dict=True)
	if known and (known.health, known.health_reason or "") != (health, reason):
		values = {"health": health, "health_reason": reason, "health_at": now_datetime()}
		_set(name, values)


def pause(name: str, until: datetime, probe_first: bool = False) -> None:
	"""Nothing goes out on this number until then; `probe_first`: and only after Graph answers a question."""
	_set(name, {"paused_until": until, **({"probe_first": 1} if probe_first else {})})


def resume(name: str) -> None:
	"""Graph answers again."""
	_set(name, {"paused_until": None, "probe_first": 0})


def _set(name: str, values: dict[str, Any]) -> None:
	# Not a change of the account by a person: no version, no new time stamp.
	frappe.db.set_value(ACCOUNT, name, values, update_modified=False)


# Check and subscribe ------------------------------------------------------------------------------


def check_and_subscribe(name: str) -> list[dict[str, Any]]:
	"""Token and number, subscription, webhook, templates: each step with what was found, in words."""
	account = account_of(name)
	if not account or not token_of(name):
		return [_step(_("Access token"), False, _("No access token is set. Enter one and save first."))]
	client = client_of(account)
	steps = [_tried(_("Token and number"), lambda: _number(client, name))]
	if steps[0]["ok"]:
		steps.append(_tried(_("Subscription"), lambda: _subscription(client)))
		steps.append(_tried(_("Templates"), lambda: _templates(client, name)))
	steps.append(_webhook(name))
	_judge(name, steps)
	return steps


def sync_templates(name: str) -> int:
	"""Templates with their approval state, as Meta has them now; returns how many there are."""
	account = account_of(name)
	if not account:
		frappe.throw(_("There is no such WhatsApp account."))
	return _keep_templates(client_of(account), name)


def sync_all_templates() -> None:
	"""Each hour: the approval states of every account that can send."""
	for name in store.enabled_accounts():
		account = account_of(name)
		if not account or not account.waba_id or not token_of(name):
			continue
		try:
			_keep_templates(client_of(account), name)
		except TROUBLE as error:
			frappe.logger("fixee_hotline").info(f"Templates of {name}: {error}")
		frappe.db.commit()


def mark_template(account: str, template: str, language: str, state: str) -> None:
	"""Sending said that the template cannot be used any more."""
	filters = {"account": account, "template_name": template, "language": language}
	frappe.db.set_value(TEMPLATE, filters, "approval_state", state)


def _number(client: WhatsAppClient, name: str) -> str:
	found = client.number()
	shown = str(found.get("display_phone_number") or "")
	if shown and not frappe.db.get_value(ACCOUNT, name, "display_phone_number"):
		_set(name, {"display_phone_number": shown[:140]})
	return _("{0}, {1}, quality {2}").format(
		shown or name, found.get("verified_name") or "?", found.get("quality_rating") or "?"
	)


def _subscription(client: WhatsAppClient) -> str:
	client.subscribe()
	if not client.subscriptions():
		raise GraphError(-1, details=_("Meta lists no app that gets the events of this WABA"))
	return _("The events of this WABA are sent to the app's webhook")


def _templates(client: WhatsAppClient, name: str) -> str:
	return _("{0} templates").format(_keep_templates(client, name))


def _webhook(name: str) -> dict[str, Any]:
	"""What this server sees of its own public address; the provider's own view is its last call."""
	url = get_url(WEBHOOK)
	trouble = answers_challenge(url, store.verify_token(name), frappe.generate_hash(length=12))
	last = frappe.db.get_value(store.EVENT, {"account": name}, "received_at", order_by="creation desc")
	seen = _("last event received {0}").format(last) if last else _("no event received yet")
	if trouble:
		return _step(_("Webhook"), False, _("{0}: {1}; {2}").format(url, trouble, seen))
	return _step(_("Webhook"), True, _("{0} answers; {1}").format(url, seen))


def _judge(name: str, steps: list[dict[str, Any]]) -> None:
	first = next((step for step in steps if not step["ok"]), None)
	if not steps[0]["ok"]:
		set_health(name, "Blocked", steps[0]["text"])
		return
	resume(name)
	if first:
		set_health(name, "Warning", f"{first['step']}: {first['text']}")
	else:
		set_health(name, "Healthy")


def _tried(step: str, work: Callable[[], str]) -> dict[str, Any]:
	try:
		return _step(step, True, work())
	except GraphError as error:
		found = verdict(error)
		return _step(step, False, f"{found.words}. {found.advice}")
	except (NotReached, Unanswered) as error:
		return _step(step, False, _("Meta was not reached: {0}").format(error))


def _step(step: str, ok: bool, text: str) -> dict[str, Any]:
	return {"step": step, "ok": ok, "text": text}


def _keep_templates(client: WhatsAppClient, name: str) -> int:
	found = read_templates(client.templates())
	kept = [_keep_template(name, template) for template in found]
	gone = frappe.get_all(TEMPLATE, {"account": name, "name": ("not in", [*kept, ""])}, pluck="name")
	for template in gone:
		frappe.db.set_value(TEMPLATE, template, "approval_state", "DELETED")
	return len(kept)


def _keep_template(account: str, template: Template) -> str:
	key = {"account": account, "template_name": template.name, "language": template.language}
	known = frappe.db.get_value(TEMPLATE, key)
	doc = frappe.get_doc(TEMPLATE, known) if known else frappe.get_doc({"doctype": TEMPLATE, **key})
	doc.update(
		{
			"category": template.category,
			"body": template.body,
			"approval_state": template.state,
			"rejection_reason": template.rejection_reason,
			"provider_id": template.provider_id,
			"synced_at": now_datetime(),
		}
	)
	# What Meta says, whoever asked; categories that it may add later are kept as they are.
	doc.flags.ignore_validate = doc.category not in ("UTILITY", "MARKETING", "AUTHENTICATION")
	doc.save(ignore_permissions=True)
	return str(doc.name)
