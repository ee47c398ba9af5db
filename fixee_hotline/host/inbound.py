"""From a webhook to tickets: verify, keep each event once, answer; a job then works in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils.background_jobs import get_job_status, get_queues_timeout

from fixee_hotline.channels.base import MessageError
from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.payload import MAX_BODY_BYTES, read_webhook
from fixee_hotline.channels.whatsapp.signature import verify_challenge, verify_signature
from fixee_hotline.host.conversations import NothingToDo, take_in
from fixee_hotline.host.settings import SERVICE_USER, settings

JOB = "hotline-inbound-drain"
QUEUE, FALLBACK_QUEUE = "hotline", "short"
MOST_IN_ONE_RUN = 500
LOST_AFTER_SECONDS = 30


class Refused(Exception):
	"""A call that is not taken; `status` is the HTTP status of the answer."""

	def __init__(self, status: int, text: str) -> None:
		super().__init__(text)
		self.status = status


# At the boundary ----------------------------------------------------------------------------------


def challenge(query: Mapping[str, str]) -> str:
	"""The provider's question, sent back when it knows one of our verify tokens."""
	mode, given = query.get("hub.mode"), query.get("hub.verify_token")
	if mode != "subscribe" or not given:
		raise Refused(400, "Expected hub.mode=subscribe, hub.verify_token and hub.challenge.")
	tokens = [store.verify_token(account) for account in store.enabled_accounts()]
	if not any(verify_challenge(mode, given, token) for token in tokens):
		raise Refused(403, "The verify token fits no enabled WhatsApp account.")
	return query.get("hub.challenge") or ""


def body_of(request: Any) -> bytes:
	"""The raw body. A longer one than the provider ever sends is refused unread."""
	if (request.content_length or 0) > MAX_BODY_BYTES:
		raise Refused(413, "A webhook of the Cloud API has at most 3 MB.")
	body: bytes = request.get_data()
	return body


def receive(body: bytes, signature: str | None) -> str:
	"""Verify, keep every event once, ask for the job. Nothing is written before the signature is proved."""
	known = store.enabled_accounts()
	proved = {account for account in known if verify_signature(store.app_secret(account), body, signature)}
	if not proved:
		raise Refused(403, "X-Hub-Signature-256 is missing or fits no enabled WhatsApp account.")
	try:
		events = read_webhook(body)
	except MessageError as error:
		raise Refused(400, str(error)) from error
	# A known number is believed with its own secret only, a number not on record with any proved one.
	mine = [
		event for event in events if event.phone_number_id in proved or event.phone_number_id not in known
	]
	if events and not mine:
		raise Refused(403, "The signature does not belong to the account of this phone number id.")
	if store.keep(mine, known):
		frappe.db.after_commit.add(ask_for_drain)
	return "EVENT_RECEIVED"


def ask_for_drain() -> None:
	"""One waiting job is enough: it starts after this commit and sees its rows."""
	status = get_job_status(JOB)
	if status == "queued":
		return
	queue = QUEUE if QUEUE in get_queues_timeout() else FALLBACK_QUEUE
	job_id = None if status == "started" else JOB
	frappe.enqueue("fixee_hotline.host.inbound.drain", queue=queue, job_id=job_id)


# The job ------------------------------------------------------------------------------------------


def drain() -> int:
	"""Bring pending messages into tickets, each in its own transaction; returns how many were worked on."""
	user = frappe.session.user
	frappe.set_user(SERVICE_USER)
	try:
		return _drain()
	finally:
		frappe.set_user(user)


def drain_left_over() -> None:
	"""Each minute: messages whose job was lost."""
	if store.left_over(LOST_AFTER_SECONDS):
		drain()


def retry_failed() -> None:
	"""Every ten minutes: failed messages get another attempt until the attempts are used up."""
	if store.try_again(settings().max_attempts or 1):
		frappe.db.commit()
		drain()


def remove_old_events() -> None:
	"""Each day: raw events that were worked on long ago."""
	if days := settings().retention_days_raw_events:
		store.remove_old(days)


def _drain() -> int:
	worked, busy = 0, set()
	while worked < MOST_IN_ONE_RUN and (event := store.next_of_conversation(busy)):
		if not event.name:
			# Another worker finished this conversation meanwhile.
			busy.add(event.sender)
			continue
		_work_on(event)
		worked += 1
	return worked


def _work_on(event: frappe._dict) -> None:
	try:
		ticket, communication = take_in(event)
		store.processed(event.name, ticket, communication)
	except NothingToDo as reason:
		frappe.db.rollback()
		store.ignored(event.name, str(reason))
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError) as error:
		# Another worker was faster at a shared row: the same message again, at once.
		frappe.db.rollback()
		store.postponed(event.name, (event.attempts or 0) + 1, settings().max_attempts or 1, str(error))
	except Exception as error:
		frappe.db.rollback()
		frappe.log_error(title=_("WhatsApp message {0} failed").format(event.name))
		store.failed(event.name, (event.attempts or 0) + 1, f"{type(error).__name__}: {error}")
	frappe.db.commit()
