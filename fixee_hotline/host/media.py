"""Files of WhatsApp messages: each by a job of its own from the provider into the thread, tried again."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_files_path
from frappe.utils.background_jobs import get_queues_timeout
from frappe.utils.password import get_decrypted_password
from helpdesk.helpdesk.doctype.hd_ticket.api import get_attachments
from redis.exceptions import RedisError

from fixee_hotline.channels.files import true_type
from fixee_hotline.channels.whatsapp import store as whatsapp_store
from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.channels.whatsapp.media import Fetched, MediaError, MediaSource
from fixee_hotline.channels.whatsapp.media_client import MediaClient
from fixee_hotline.channels.whatsapp.media_rules import (
	LARGEST_DEFAULT_MB,
	Verdict,
	judge,
	stored_name,
)
from fixee_hotline.channels.whatsapp.messages import hex_digest
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.host import speech, thread
from fixee_hotline.host.masking import log_error, masked
from fixee_hotline.host.pictures import shown_copy
from fixee_hotline.host.settings import SERVICE_USER, settings

QUEUE, FALLBACK_QUEUE = "hotline", "short"
SNIFFED_BYTES = 8_192
NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def ask_for(name: str) -> None:
	"""The file's own job, after this commit. Redis away: the minute's job comes."""
	frappe.db.after_commit.add(lambda: _enqueue(name))


def sweep() -> None:
	"""Each minute: files whose turn has come, or whose worker was lost; voice notes without transcript."""
	for name in files_store.due():
		_enqueue(name)
	speech.sweep()


def fetch(name: str, by_hand: bool = False) -> str | None:
	"""The job: bring one file into the thread; returns its state, None when it was not due."""
	user = frappe.session.user
	frappe.set_user(SERVICE_USER)
	try:
		row = files_store.claim(name, by_hand)
		frappe.db.commit()
		return _worked_on(row) if row else None
	finally:
		frappe.set_user(user)


def retry(ticket: str) -> int:
	"""An agent asks again for what is missing in a ticket; returns how many files that are."""
	names = files_store.open_of_ticket(ticket)
	for name in names:
		_enqueue(name, by_hand=True)
	return len(names)


def source_of(account: str) -> MediaSource:
	"""Where this account's files are."""
	row = frappe.db.get_value(whatsapp_store.ACCOUNT, account, ["base_url", "graph_version"], as_dict=True)
	token = get_decrypted_password(whatsapp_store.ACCOUNT, account, "access_token", raise_exception=False)
	if not row or not token:
		raise MediaError(_("The WhatsApp account has no access token"), retriable=True)
	return MediaClient(row.base_url, row.graph_version, token)


def _enqueue(name: str, by_hand: bool = False) -> None:
	queue = QUEUE if QUEUE in get_queues_timeout() else FALLBACK_QUEUE
	values = {"by_hand": True} if by_hand else {}
	try:
		frappe.enqueue(
			"fixee_hotline.host.media.fetch",
			queue=queue,
			job_id=f"hotline-media-{name}",
			deduplicate=True,
			name=name,
			**values,
		)
	except RedisError:
		log_error("The queue of jobs is not reachable")


def _worked_on(row: frappe._dict) -> str:
	try:
		if row.state != "Expired":
			_bring(row)
	except MediaError as error:
		frappe.db.rollback()
		reason = masked(str(error))
		files_store.failed(row.name, row.attempts, reason, retriable=error.retriable, gone=error.gone)
	except Exception as error:
		frappe.db.rollback()
		log_error(_("WhatsApp file {0} failed").format(row.name))
		reason = masked(f"{type(error).__name__}: {error}")
		files_store.failed(row.name, row.attempts, reason, retriable=True, gone=False)
	thread.show(row.message)
	frappe.db.commit()
	return files_store.get(row.name).state


def _bring(row: frappe._dict) -> None:
	folder = Path(get_files_path(is_private=True))
	part = folder / f".{row.name}.part"
	largest = (settings().largest_media_mb or LARGEST_DEFAULT_MB) * 1024 * 1024
	try:
		fetched = source_of(row.account).fetch(row.media_id, part, largest)
		_check(row, fetched)
		with part.open("rb") as file:
			shown_type = true_type(file.read(SNIFFED_BYTES), row.declared_type or "application/octet-stream")
		verdict = judge(row.declared_type, shown_type, row.file_name)
		name = stored_name(row.file_name, shown_type, verdict)
		# The same place at each attempt: a worker that died leaves nothing behind.
		place = folder / f"{row.name}-{NOT_PLAIN.sub('_', name)[-100:]}"
		part.replace(place)
	finally:
		part.unlink(missing_ok=True)
	_keep(row, fetched, place, name, shown_type, verdict)


def _check(row: frappe._dict, fetched: Fetched) -> None:
	"""Complete and unchanged: the checksum of the message, and the one that the provider names now."""
	if not fetched.size:
		raise MediaError(_("The provider sent an empty file"), retriable=True)
	for declared in (row.declared_sha256, hex_digest(fetched.declared_sha256 or "")):
		if declared and declared != fetched.sha256:
			raise MediaError(_("The file differs from the checksum that was announced"), retriable=True)


def _keep(
	row: frappe._dict, fetched: Fetched, place: Path, name: str, shown_type: str, verdict: Verdict
) -> None:
	communication = (thread_store.by_name(row.message) or {}).get("communication")
	if not communication:
		raise MediaError(_("The message is not in its ticket yet"), retriable=True)
	copy = shown_copy(place) if verdict.family == "image" and verdict.may_be_shown else None
	unreadable = verdict.family == "image" and verdict.may_be_shown and copy is None
	if copy:
		_attach(place, name, "Hotline Media", row.name)
	_attach_to_thread(copy or place, name, communication)
	files_store.fetched(
		row.name,
		true_type=shown_type[:140],
		mismatch=not verdict.matches or unreadable,
		size=fetched.size,
		sha256=fetched.sha256,
		original_url=_url(place),
		shown_url=_url(copy or place),
		speech_state=speech.first_state(row.kind, verdict.family),
	)
	frappe.db.after_commit.add(get_attachments.clear_cache)
	speech.ask_for(row.name)


def _attach_to_thread(place: Path, name: str, communication: str) -> None:
	ticket = frappe.db.get_value("Communication", communication, "reference_name")
	_attach(place, name, "Communication", communication)
	if ticket:
		_attach(place, name, "HD Ticket", ticket)


def _attach(place: Path, name: str, doctype: str, document: str) -> None:
	url = _url(place)
	key = {"file_url": url, "attached_to_doctype": doctype, "attached_to_name": document}
	if frappe.db.exists("File", key):
		return
	doc = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": name[:140],
			"is_private": 1,
			"file_size": place.stat().st_size,
			"content_hash": _content_hash(place),
			**key,
		}
	)
	# The bytes are on disk and stay as they came: Frappe must neither read nor change them.
	doc.flags.copy_from_existing_file = True
	# The message that brought the file was proved to be genuine.
	doc.insert(ignore_permissions=True)


def _content_hash(place: Path) -> str:
	"""What Frappe calls a file's hash."""
	digest = hashlib.md5(usedforsecurity=False)
	with place.open("rb") as file:
		while chunk := file.read(1 << 20):
			digest.update(chunk)
	return digest.hexdigest()


def _url(place: Path) -> str:
	return f"/private/files/{place.name}"
