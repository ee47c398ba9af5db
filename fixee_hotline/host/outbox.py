"""The outbox's job: each chat in its order, paced, and nothing sent twice. Statuses come back here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_job_status, get_queues_timeout
from redis.exceptions import RedisError

from fixee_hotline.channels.whatsapp.client import WhatsAppClient
from fixee_hotline.channels.whatsapp.errors import (
	TEMPLATE_STATES,
	GraphError,
	NotReached,
	Unanswered,
	Verdict,
	verdict,
	verdict_of_status,
)
from fixee_hotline.channels.whatsapp.outbox import (
	AFTER_UNANSWERED,
	OF_STATUS,
	after_no_connection,
	after_refusal,
)
from fixee_hotline.channels.whatsapp.outgoing import addressed, file_of, media_payload, read_payload
from fixee_hotline.host import graph, outgoing, window
from fixee_hotline.host.settings import SERVICE_USER

JOB = "hotline-outbox-drain"
QUEUE, FALLBACK_QUEUE = "hotline", "short"
MOST_IN_ONE_RUN = 500
RECORD_ATTEMPTS = 8
# One worker waits for the pace of a chat instead of leaving it to the next minute; never more than one.
WAITER = "hotline-outbox-waiter"
LONGEST_WAIT, LONGEST_WAIT_IN_ALL = 8.0, 40.0


def ask_for_send() -> None:
	"""Ask for the job after this transaction; one waiting job is enough."""
	frappe.db.after_commit.add(_enqueue)


def _enqueue() -> None:
	try:
		status = get_job_status(JOB)
		if status == "queued":
			return
		queue = QUEUE if QUEUE in get_queues_timeout() else FALLBACK_QUEUE
		frappe.enqueue(
			"fixee_hotline.host.outbox.drain", queue=queue, job_id=None if status == "started" else JOB
		)
	except RedisError:
		# The reply is committed: an error now would make the agent send it again. The next minute sends it.
		frappe.logger("fixee_hotline").warning("No queue: outgoing messages wait for the next minute")


# The job ------------------------------------------------------------------------------------------


def drain(wait: bool = True) -> int:
	"""Send what is due; returns how many messages were tried. Also each minute, for what a lost job left.

	`wait`: whether to wait some seconds for messages whose turn comes soon.
	"""
	user = frappe.session.user
	frappe.set_user(SERVICE_USER)
	try:
		return _drain(LONGEST_WAIT_IN_ALL if wait else 0.0)
	finally:
		frappe.set_user(user)


def send_now(name: str) -> frappe._dict:
	"""Send this one row within the request, when it is its turn; returns the row as it stands then."""
	frappe.db.commit()
	head = frappe.db.get_value(
		outgoing.DOCTYPE, name, ["name", "account", "recipient", "attempts"], as_dict=True
	)
	account = graph.account_of(head.account)
	row = outgoing.claim(head) if account else None
	if account and row:
		_send(row, account)
	frappe.db.commit()
	return frappe.db.get_value(outgoing.DOCTYPE, name, "*", as_dict=True)


def _drain(longest_wait: float) -> int:
	tried, waited, me = 0, 0.0, frappe.generate_hash(length=12)
	outgoing.recover_lost()
	frappe.db.commit()
	while tried < MOST_IN_ONE_RUN:
		account, head, due = _next()
		if head and account:
			if row := outgoing.claim(head):
				_send(row, account)
				tried += 1
			continue
		seconds = (due - now_datetime()).total_seconds() if due else LONGEST_WAIT + 1
		if seconds > LONGEST_WAIT or waited + seconds > longest_wait or not _may_wait(me):
			break
		time.sleep(max(seconds, 0.01))
		waited += max(seconds, 0.01)
	return tried


def _may_wait(me: str) -> bool:
	"""Whether this run is the one that waits."""
	key = frappe.cache.make_key(WAITER)
	if frappe.cache.set(key, me, nx=True, ex=int(LONGEST_WAIT) + 2):
		return True
	if frappe.cache.get(key) != me.encode():
		return False
	frappe.cache.expire(key, int(LONGEST_WAIT) + 2)
	return True


def _next() -> tuple[frappe._dict | None, frappe._dict | None, datetime | None]:
	"""Account and row whose turn it is now; else when the next one's turn is."""
	# A new snapshot: what others did meanwhile is seen.
	frappe.db.commit()
	now = now_datetime()
	accounts = {name: graph.account_of(name) for name in outgoing.open_accounts()}
	paused = [
		one.paused_until for one in accounts.values() if one and one.paused_until and one.paused_until > now
	]
	useless = [name for name, account in accounts.items() if not _usable(account, now)]
	turns = list(paused)
	for head in outgoing.heads(useless):
		account = accounts.get(head.account)
		if not account or head.state == "Sending":
			continue
		free = outgoing.pair_free(head, account.pair_seconds or 0)
		turn = max(head.next_attempt_at, free) if free else head.next_attempt_at
		if turn <= now and _number_busy_until(account, now) is None:
			return account, head, None
		turns.append(turn if turn > now else now + timedelta(seconds=1))
	planned = outgoing.next_planned()
	if planned and planned > now:
		turns.append(planned)
	return None, None, min(turns) if turns else None


def _usable(account: frappe._dict | None, now: datetime) -> bool:
	if not account or not account.enabled or account.health == "Blocked":
		return False
	return not (account.paused_until and account.paused_until > now)


def _number_busy_until(account: frappe._dict, now: datetime) -> datetime | None:
	"""Count this second's messages of the number over all workers; None: there is room."""
	most = account.messages_per_second or 80
	key = frappe.cache.make_key(f"hotline-outbox-{account.name}-{int(now.timestamp())}")
	count = frappe.cache.incr(key)
	frappe.cache.expire(key, 5)
	return None if count <= most else now + timedelta(seconds=1)


# One message --------------------------------------------------------------------------------------


def _send(row: frappe._dict, account: frappe._dict) -> None:
	"""Try one claimed row; whatever happens is written down and committed."""
	try:
		client = graph.client_of(account)
		body = _prepared(row, account, client)
	except GraphError as error:
		_record(_refused, row, verdict(error))
	except (NotReached, Unanswered) as error:
		# Asking and uploading send nothing to the customer: again, whatever became of them.
		_record(_not_reached, row, str(error))
	except Exception as error:
		_broken(row)
		_record(outgoing.failed, row.name, -1, str(error), _("Tell an administrator."))
	else:
		_deliver(row, account, client, body)


def _record(write: Callable[..., Any], *values: Any) -> None:
	"""Write down what happened, also when another worker holds a row: the message itself is not repeated."""
	for attempt in range(RECORD_ATTEMPTS):
		try:
			write(*values)
			frappe.db.commit()
			return
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
			if attempt == RECORD_ATTEMPTS - 1:
				raise
			time.sleep(0.05 * (attempt + 1))


def _prepared(row: frappe._dict, account: frappe._dict, client: WhatsAppClient) -> dict[str, Any]:
	if account.probe_first:
		client.number()
		graph.resume(account.name)
	return _body(row, _upload(row, client) if row.file else None)


def _deliver(row: frappe._dict, account: frappe._dict, client: WhatsAppClient, body: dict[str, Any]) -> None:
	"""The one call that must not happen twice."""
	try:
		provider_id = client.send(body)
	except GraphError as error:
		_record(_refused, row, verdict(error))
	except NotReached as error:
		_record(_not_reached, row, str(error))
	except Unanswered as error:
		_record(_unanswered, row, str(error))
	except Exception as error:
		_broken(row)
		_record(_unanswered, row, type(error).__name__)
	else:
		_record(_accepted, row, account, provider_id)


def _unanswered(row: frappe._dict, reason: str) -> None:
	outgoing.unknown(row.name, reason)
	graph.pause(row.account, now_datetime() + AFTER_UNANSWERED, probe_first=True)


def _broken(row: frappe._dict) -> None:
	frappe.db.rollback()
	frappe.log_error(title=_("WhatsApp message {0} could not be sent").format(row.name))


def _upload(row: frappe._dict, client: WhatsAppClient) -> str:
	"""The media id of the row's file; uploaded once, however often the message itself is tried."""
	media_id = row.media_id
	if not media_id:
		file = frappe.get_doc("File", row.file)
		data = Path(file.get_full_path()).read_bytes()
		media_id = client.upload(file.file_name, file_of(file.file_name, len(data)).mime_type, data)
	outgoing.set_values(row.name, {"media_id": media_id, "phase": "send"})
	frappe.db.commit()
	return str(media_id)


def _body(row: frappe._dict, media_id: str | None) -> dict[str, Any]:
	payload = json.loads(row.payload)
	if media_id:
		name = frappe.db.get_value("File", row.file, "file_name")
		payload |= media_payload(row.kind, media_id, name)
	return addressed(payload, row.recipient, row.idempotency_key)


def _accepted(row: frappe._dict, account: frappe._dict, provider_id: str) -> None:
	outgoing.advance(row.name, "Sent", provider_id=provider_id)
	if row.communication and not row.part:
		# The customer's reply in context finds the thread by it.
		frappe.db.set_value(
			"Communication", row.communication, "message_id", provider_id, update_modified=False
		)
	if account.health != "Healthy":
		graph.set_health(account.name, "Healthy")


def _refused(row: frappe._dict, found: Verdict) -> None:
	now = now_datetime()
	decision = after_refusal(found, row.attempts, row.creation, now)
	if decision.state == "Failed":
		outgoing.failed(row.name, found.code, found.words, found.advice)
	else:
		outgoing.again(row.name, decision.again_at or now, found.code, found.words, found.advice)
	if decision.pause_until:
		graph.pause(row.account, decision.pause_until)
	_consequences(row, found)


def _not_reached(row: frappe._dict, reason: str) -> None:
	words = _("Meta could not be reached ({0})").format(reason)
	decision = after_no_connection(row.attempts, row.creation, now_datetime())
	if decision.state == "Failed":
		outgoing.failed(row.name, -1, words, _("Send it again."))
		return
	advice = _("Nothing to do: it is sent again by itself.")
	outgoing.again(row.name, decision.again_at or now_datetime(), -1, words, advice)
	graph.pause(row.account, decision.pause_until or now_datetime())
	graph.set_health(row.account, "Warning", words)


def _consequences(row: frappe._dict, found: Verdict) -> None:
	"""What an error says beyond its own message."""
	if found.kind == "channel" or found.code == 0:
		graph.set_health(row.account, "Blocked", f"{found.words}. {found.advice}")
	elif found.kind in ("slow_down", "long_wait") or found.code == 130497:
		graph.set_health(row.account, "Warning", found.words)
	elif found.kind == "window" and row.ticket:
		window.close(row.ticket)
	elif found.code in TEMPLATE_STATES and row.kind == "template":
		template = json.loads(row.payload)["template"]
		state = TEMPLATE_STATES[found.code]
		graph.mark_template(row.account, template["name"], template["language"]["code"], state)


# Statuses -----------------------------------------------------------------------------------------


def apply_status(
	provider_id: str,
	status: str,
	at: datetime | None,
	errors: list[Mapping[str, Any]] | None,
	callback_data: str | None,
) -> bool:
	"""What the provider says of a message of ours; True when it is one. Forward only, in any order.

	`at` is aware. In the caller's transaction: nothing is committed here.
	"""
	state = OF_STATUS.get(status)
	row = outgoing.locked({"idempotency_key": callback_data}) if callback_data else None
	row = row or (outgoing.locked({"provider_id": provider_id}) if provider_id else None)
	if not row:
		return False
	values = {} if row.provider_id or not provider_id else {"provider_id": provider_id[:255]}
	moment = window.to_site(at) if at else None
	if state == "Failed":
		found = verdict_of_status(errors)
		if outgoing.failed(row.name, found.code, found.words, found.advice, moment, **values):
			_consequences(row, found)
	elif state:
		outgoing.advance(row.name, state, moment, **values)
		if values and row.communication and not row.part:
			frappe.db.set_value(
				"Communication", row.communication, "message_id", provider_id, update_modified=False
			)
	return True


# Read marks ---------------------------------------------------------------------------------------


def ask_for_read_mark(ticket: str) -> None:
	"""Mark in a job of its own: opening a ticket never waits for Meta, nor for the queue."""
	with suppress(RedisError):
		frappe.enqueue(
			"fixee_hotline.host.outbox.mark_read",
			queue="short",
			job_id=f"hotline-read-mark-{ticket}",
			deduplicate=True,
			enqueue_after_commit=True,
			ticket=ticket,
		)


def mark_read(ticket: str, typing: bool = False) -> bool:
	"""Tell the customer that the newest message was read, or that an answer is being written (25 s).

	Only a courtesy: when it fails nobody is bothered and nothing is tried again.
	"""
	account = graph.account_of(frappe.db.get_value("HD Ticket", ticket, window.ACCOUNT))
	filters = {
		"reference_doctype": "HD Ticket",
		"reference_name": ticket,
		"communication_medium": "Chat",
		"sent_or_received": "Received",
	}
	newest = frappe.db.get_value("Communication", filters, "message_id", order_by="creation desc")
	if not newest or not account or not account.send_read_marks or not _usable(account, now_datetime()):
		return False
	if not typing and frappe.cache.hget("hotline-read-marks", ticket) == newest:
		return False
	try:
		graph.client_of(account).mark(read_payload(newest, typing))
	except graph.TROUBLE as error:
		frappe.logger("fixee_hotline").info(f"Read mark of ticket {ticket}: {error}")
		return False
	frappe.cache.hset("hotline-read-marks", ticket, newest)
	return True
