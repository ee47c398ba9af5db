"""Voice notes into words: under the player, and into the assessment of the ticket."""

from __future__ import annotations

from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_files_path
from frappe.utils.background_jobs import get_queues_timeout
from frappe.utils.password import get_decrypted_password
from redis.exceptions import RedisError

from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.channels.whatsapp.thread import store as thread_store
from fixee_hotline.host import changes, thread
from fixee_hotline.host.masking import log_error, masked
from fixee_hotline.host.settings import SERVICE_USER, settings
from fixee_hotline.speech.base import SpeechError, SpeechProvider, Transcript, glossary_prompt
from fixee_hotline.speech.endpoint import SpeechEndpoint
from fixee_hotline.speech.local import LocalSpeech

MOST_ATTEMPTS = 3
MOST_WORDS = 60
NOT_TRANSCRIBED = "Not Transcribed"


def provider() -> SpeechProvider | None:
	"""As the administrator chose; None: voice notes are only played."""
	values = settings()
	if values.speech_provider == "Local":
		return LocalSpeech(values.speech_model or "")
	if values.speech_provider == "Endpoint" and values.speech_base_url:
		key = get_decrypted_password(
			"Hotline Settings", "Hotline Settings", "speech_api_key", raise_exception=False
		)
		return SpeechEndpoint(values.speech_base_url, values.speech_model or "", key or "")
	return None


def first_state(kind: str, family: str) -> str:
	"""What a file that has just come waits for; only voice notes are transcribed."""
	if kind not in ("voice", "audio") or family not in ("audio", "video"):
		return ""
	return "Waiting" if provider() and kind == "voice" else NOT_TRANSCRIBED


def ask_for(name: str) -> None:
	"""The transcription's own job, after this commit, where one is wanted."""
	if (files_store.get(name) or {}).get("speech_state") == "Waiting":
		frappe.db.after_commit.add(lambda: _enqueue(name))


def sweep() -> None:
	"""Each minute: recordings whose job was lost or failed for now."""
	for name in files_store.speech_due(MOST_ATTEMPTS):
		_enqueue(name)


def transcribe(name: str) -> str | None:
	"""The job: returns the state of the transcription, None when there is nothing to do."""
	user = frappe.session.user
	frappe.set_user(SERVICE_USER)
	try:
		row = files_store.get(name, for_update=True)
		engine = provider()
		if not row or row.state != "Fetched" or row.speech_state in ("Done", "") or not engine:
			return None
		files_store.speech(name, state="Running", attempts=(row.speech_attempts or 0) + 1)
		frappe.db.commit()
		return _worked_on(row, engine)
	finally:
		frappe.set_user(user)


def glossary(ticket: str | None) -> str:
	"""Likely words: the ticket's own machine model and its fault codes first, then the other models."""
	model = None
	if ticket:
		machine = frappe.db.get_value("HD Ticket", ticket, "hotline_machine")
		model = frappe.db.get_value("Hotline Machine", machine, "model") if machine else None
	filters = {"model": model} if model else {}
	codes = frappe.get_all("Hotline Fault Code", filters, pluck="code", limit=MOST_WORDS)
	models = frappe.get_all("Hotline Machine Model", pluck="model_name", limit=MOST_WORDS)
	return glossary_prompt([*([model] if model else []), *codes, *models])


def _worked_on(row: frappe._dict, engine: SpeechProvider) -> str:
	communication = (thread_store.by_name(row.message) or {}).get("communication")
	ticket = frappe.db.get_value("Communication", communication, "reference_name") if communication else None
	place = Path(get_files_path(is_private=True)) / Path(row.original_url).name
	attempts = (row.speech_attempts or 0) + 1
	try:
		transcript = engine.transcribe(place, glossary(ticket))
		_take(row, transcript, ticket, communication)
		state = "Done"
	except SpeechError as error:
		frappe.db.rollback()
		attempts = attempts if error.retriable else MOST_ATTEMPTS
		files_store.speech(row.name, state="Failed", error=masked(str(error))[:500], attempts=attempts)
		state = "Failed"
	except Exception as error:
		frappe.db.rollback()
		log_error(_("Transcription of {0} failed").format(row.name))
		files_store.speech(row.name, state="Failed", error=type(error).__name__, attempts=attempts)
		state = "Failed"
	thread.show(row.message)
	frappe.db.commit()
	return state


def _take(row: frappe._dict, transcript: Transcript, ticket: str | None, communication: str | None) -> None:
	files_store.speech(
		row.name,
		state="Done",
		text=transcript.text[:20_000],
		language=transcript.language,
		confidence=transcript.confidence or 0,
		engine=transcript.engine[:140],
		error=None,
	)
	if ticket and communication and transcript.text:
		changes.reread(ticket, communication)


def _enqueue(name: str) -> None:
	# A long recording takes minutes: it must not keep short jobs waiting.
	queue = "hotline" if "hotline" in get_queues_timeout() else "long"
	try:
		frappe.enqueue(
			"fixee_hotline.host.speech.transcribe",
			queue=queue,
			job_id=f"hotline-speech-{name}",
			deduplicate=True,
			timeout=900,
			name=name,
		)
	except RedisError:
		log_error("The queue of jobs is not reachable")
