"""The Graph API as this app uses it: an interface, and the real one. Only here is a connection opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from fixee_hotline.channels.whatsapp.errors import GraphError, NotReached, Unanswered

CONNECT_SECONDS = 5
READ_SECONDS = 20
UPLOAD_SECONDS = 120
MOST_PAGES = 20
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Answers of something before Graph that prove that Graph did not get the call.
NOT_TAKEN = (429, 503)


@dataclass(frozen=True, slots=True)
class Credentials:
	"""How one number talks to Graph."""

	phone_number_id: str
	token: str = field(repr=False)
	waba_id: str = ""
	base_url: str = "https://graph.facebook.com"
	version: str = "v25.0"


def safe_base_url(url: str) -> bool:
	"""Whether a token may be sent there: https, or http on this machine."""
	parts = urlsplit(url)
	if parts.username or parts.password or not parts.hostname:
		return False
	return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


class WhatsAppClient(ABC):
	"""What a back-end for WhatsApp must do.

	Every method may raise `GraphError` (refused: it did not happen), `NotReached` (never left) or
	`Unanswered` (nobody knows).
	"""

	@abstractmethod
	def send(self, body: dict[str, Any]) -> str:
		"""Send a message; returns the provider's id of it."""

	@abstractmethod
	def mark(self, body: dict[str, Any]) -> None:
		"""Set a read mark or the typing sign."""

	@abstractmethod
	def upload(self, name: str, mime_type: str, content: bytes) -> str:
		"""Store a file at the provider; returns its media id."""

	@abstractmethod
	def number(self) -> dict[str, Any]:
		"""What the provider knows of the number; proves token and number."""

	@abstractmethod
	def subscribe(self) -> None:
		"""Have the account's events sent to the app's webhook."""

	@abstractmethod
	def subscriptions(self) -> list[dict[str, Any]]:
		"""The apps that get the account's events."""

	@abstractmethod
	def templates(self) -> list[dict[str, Any]]:
		"""Every template of the account, as listed."""


class GraphClient(WhatsAppClient):
	"""The Cloud API over HTTPS. Never follows a redirect: the token would go along."""

	def __init__(self, credentials: Credentials) -> None:
		if not safe_base_url(credentials.base_url):
			raise ValueError("The base URL must be https, or http on this machine.")
		self.credentials = credentials
		self.session = requests.Session()
		self.session.headers["Authorization"] = f"Bearer {credentials.token}"
		# The surroundings must not redirect the token through a proxy or replace it by .netrc.
		self.session.trust_env = False

	def send(self, body: dict[str, Any]) -> str:
		answer = self._call("POST", f"{self.credentials.phone_number_id}/messages", json=body)
		messages = answer.get("messages")
		first = messages[0] if isinstance(messages, list) and messages else None
		identifier = first.get("id") if isinstance(first, dict) else None
		if not isinstance(identifier, str) or not identifier:
			raise Unanswered("Graph answered without a message id")
		return identifier

	def mark(self, body: dict[str, Any]) -> None:
		self._call("POST", f"{self.credentials.phone_number_id}/messages", json=body)

	def upload(self, name: str, mime_type: str, content: bytes) -> str:
		answer = self._call(
			"POST",
			f"{self.credentials.phone_number_id}/media",
			data={"messaging_product": "whatsapp", "type": mime_type},
			files={"file": (name, content, mime_type)},
			seconds=UPLOAD_SECONDS,
		)
		if not isinstance(answer.get("id"), str):
			raise Unanswered("Graph answered without a media id")
		return str(answer["id"])

	def number(self) -> dict[str, Any]:
		fields = "display_phone_number,verified_name,quality_rating"
		return self._call("GET", self.credentials.phone_number_id, params={"fields": fields})

	def subscribe(self) -> None:
		self._call("POST", f"{self._waba()}/subscribed_apps")

	def subscriptions(self) -> list[dict[str, Any]]:
		return _rows(self._call("GET", f"{self._waba()}/subscribed_apps"))

	def templates(self) -> list[dict[str, Any]]:
		fields = "name,language,status,category,components,rejected_reason,id"
		params = {"fields": fields, "limit": "100"}
		found: list[dict[str, Any]] = []
		for _page in range(MOST_PAGES):
			answer = self._call("GET", f"{self._waba()}/message_templates", params=params)
			found += _rows(answer)
			after = _next_cursor(answer)
			if not after:
				break
			params = {**params, "after": after}
		return found

	def _waba(self) -> str:
		if not self.credentials.waba_id:
			raise GraphError(100, details="The WhatsApp Business Account ID is missing in the account")
		return self.credentials.waba_id

	def _call(self, method: str, path: str, seconds: int = READ_SECONDS, **values: Any) -> dict[str, Any]:
		base = self.credentials.base_url.rstrip("/")
		url = f"{base}/{self.credentials.version}/{path}"
		with _connection():
			response = self.session.request(
				method, url, timeout=(CONNECT_SECONDS, seconds), allow_redirects=False, **values
			)
		if response.status_code != 200:
			raise _refusal(response)
		try:
			answer = response.json()
		except ValueError:
			answer = None
		if not isinstance(answer, dict):
			raise Unanswered("Graph answered something else than JSON")
		return answer


@contextmanager
def _connection() -> Iterator[None]:
	"""Tell "never left" from "no answer": only the first may be tried again blindly."""
	try:
		yield
	except requests.exceptions.ConnectTimeout as error:
		raise NotReached("No connection in time") from error
	except requests.exceptions.ConnectionError as error:
		if _is_refused(error):
			raise NotReached("No connection") from error
		raise Unanswered("The connection broke") from error
	except requests.exceptions.RequestException as error:
		raise Unanswered(f"No answer: {type(error).__name__}") from error


def _is_refused(error: BaseException) -> bool:
	"""Whether the connection was never made; its cause lies some exceptions deep."""
	text = repr(error)
	return "NewConnectionError" in text or "NameResolutionError" in text


def _refusal(response: requests.Response) -> Exception:
	"""An error object of Graph, or of whatever stands before it."""
	status = response.status_code
	try:
		body = response.json()
	except ValueError:
		body = None
	error = body.get("error") if isinstance(body, dict) else None
	if isinstance(error, dict) and isinstance(error.get("code"), int):
		data = error.get("error_data")
		details = data.get("details") if isinstance(data, dict) else ""
		return GraphError(error["code"], str(error.get("message") or ""), str(details or ""), status)
	if status >= 500 and status not in NOT_TAKEN:
		return Unanswered(f"HTTP status {status} without an answer of Graph")
	return GraphError(-1, details=f"HTTP status {status}", http_status=status)


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
	rows = answer.get("data")
	return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _next_cursor(answer: dict[str, Any]) -> str | None:
	paging = answer.get("paging")
	cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
	after = cursors.get("after") if isinstance(cursors, dict) else None
	return after if isinstance(after, str) else None


def answers_challenge(url: str, verify_token: str, challenge: str) -> str:
	"""Ask our own webhook what the provider asks; empty when it answers rightly, else what went wrong."""
	query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
	try:
		response = requests.get(
			url, params=query, timeout=(CONNECT_SECONDS, CONNECT_SECONDS), allow_redirects=False
		)
	except requests.RequestException as error:
		return f"no answer ({type(error).__name__})"
	if response.status_code != 200:
		return f"HTTP status {response.status_code}"
	return "" if response.text == challenge else "another answer than expected"
