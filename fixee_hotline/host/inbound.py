"""From a webhook to tickets: verify, keep each event once, answer; a job then works in order."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils.background_jobs import get_job_status, get_queues_timeout
from redis.exceptions import RedisError

from fixee_hotline.channels.base import MessageError
from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.payload import MAX_BODY_BYTES, read_webhook
from fixee_hotline.channels.whatsapp.signature import verify_challenge, verify_signature
from fixee_hotline.host.conversations import NothingToDo, NotYet, take_in
from fixee_hotline.host.masking import log_error, masked
from fixee_hotline.host.settings import SERVICE_USER, settings

JOB = "hotline-inbound-drain"
QUEUE, FALLBACK_QUEUE = "hotline", "short"
# As many workers may drain at once; more would only wait for each other's rows.
MOST_JOBS = 4
MOST_IN_ONE_RUN = 500
# One transaction works on so many messages of one conversation, or as long: then they are visible.
BATCH, BATCH_SECONDS = 20, 0.4
LOST_AFTER_SECONDS = 30
BUSY_WAIT_SECONDS = 5


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
	proved = {
		account
		for account in known
		if any(verify_signature(secret, body, signature) for secret in store.app_secrets(account))
	}
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
	"""One waiting job is enough: it sees these rows. Without Redis the minute's job does the work."""
	try:
		_ask()
	except RedisError:
		log_error("The queue of jobs is not reachable")


def _ask() -> None:
	for number in range(MOST_JOBS):
		job_id = f"{JOB}-{number}"
		status = get_job_status(job_id)
		if status == "queued":
			return
		if status != "started":
			frappe.enqueue("fixee_hotline.host.inbound.drain", queue=queue(), job_id=job_id)
			return
	frappe.enqueue("fixee_hotline.host.inbound.drain", queue=queue())


def queue() -> str:
	"""The hotline's own queue where the site has workers for it."""
	return QUEUE if QUEUE in get_queues_timeout() else FALLBACK_QUEUE


# The job ------------------------------------------------------------------------------------------


def drain() -> int:
	"""Bring pending events into tickets, a conversation at a time; returns how many were worked on."""
	user = frappe.session.user
	frappe.set_user(SERVICE_USER)
	try:
		worked = _drain()
	finally:
		frappe.set_user(user)
	if worked >= MOST_IN_ONE_RUN:
		ask_for_drain()
	return worked


def drain_left_over() -> None:
	"""Each minute: events that waited for another, and those whose job was lost."""
	waiting = store.resume_waiting()
	frappe.db.commit()
	if waiting or store.left_over(LOST_AFTER_SECONDS):
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
	worked, busy = 0, []
	while worked < MOST_IN_ONE_RUN:
		# A new transaction: what others committed meanwhile is seen.
		frappe.db.commit()
		conversation = store.next_conversation(busy)
		if not conversation:
			break
		count = _work_on_conversation(*conversation)
		worked += count
		if not count:
			busy.append(conversation)
	for conversation in busy:
		# Who holds it may have looked for the last time before our event came.
		worked += _work_on_conversation(*conversation, seconds=BUSY_WAIT_SECONDS)
	return worked


def _work_on_conversation(number: str, sender: str, seconds: int = 0) -> int:
	"""All that is pending of one conversation, in order; 0 when another worker has it."""
	if not store.lock_conversation(number, sender, seconds):
		return 0
	worked = 0
	try:
		while count := _work_on_batch(number, sender):
			worked += count
	finally:
		store.unlock_conversation(number, sender)
	return worked


def _work_on_batch(number: str, sender: str) -> int:
	"""Several messages in one transaction: a worker that dies leaves them as they were."""
	frappe.db.commit()
	end, worked = time.monotonic() + BATCH_SECONDS, 0
	for event in store.pending_of(number, sender, BATCH):
		worked += 1
		# A new ticket holds the series of ticket numbers until it is committed.
		if not _work_on(event) or time.monotonic() > end:
			break
	frappe.db.commit()
	return worked


def _work_on(event: frappe._dict) -> bool:
	"""Whether the batch may go on."""
	frappe.db.savepoint("hotline_event")
	try:
		taken = take_in(event)
		store.processed(event.name, taken.ticket, taken.communication)
		return not taken.opened
	except NothingToDo as reason:
		_undo()
		store.ignored(event.name, masked(str(reason)))
	except NotYet as wait:
		_undo()
		store.waiting(event.name, wait.until)
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError, frappe.UniqueValidationError) as error:
		# Another worker was faster at a shared row: the whole batch again, at once.
		frappe.db.rollback()
		attempts = (event.attempts or 0) + 1
		store.postponed(event.name, attempts, settings().max_attempts or 1, masked(str(error)))
		return False
	except Exception as error:
		_undo()
		log_error(_("WhatsApp message {0} failed").format(event.name))
		reason = masked(f"{type(error).__name__}: {error}")
		store.failed(event.name, (event.attempts or 0) + 1, reason)
	return True


def _undo() -> None:
	frappe.db.rollback(save_point="hotline_event")


# What an administrator is told ----------------------------------------------------------------------


def unknown_numbers() -> list[dict[str, Any]]:
	"""Numbers that messages came for and no account has: id, how many, since when the last."""
	return [dict(row) for row in store.unknown_numbers()]
