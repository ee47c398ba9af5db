"""A Graph API of our own on loopback: as strict as the documentation, and failing in each documented way."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

TOKEN, WABA = "a-test-token", "700100200300"
MEGABYTE = 1024 * 1024
MEDIA_LIMITS = {
	"image/jpeg": 5 * MEGABYTE,
	"image/png": 5 * MEGABYTE,
	"video/mp4": 16 * MEGABYTE,
	"audio/ogg": 16 * MEGABYTE,
}
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
TOP_KEYS = {
	"messaging_product",
	"recipient_type",
	"to",
	"recipient",
	"type",
	"context",
	"biz_opaque_callback_data",
}


class Refusal(Exception):
	def __init__(self, code: int, details: str, status: int = 400) -> None:
		super().__init__(details)
		self.code, self.details, self.status = code, details, status


@dataclass
class Failure:
	"""How the next calls that match go wrong: a code of Graph, a status with HTML, or a hang."""

	code: int | None = None
	status: int = 400
	html: str | None = None
	hang: float = 0
	accept: bool = False
	path: str = "messages"
	times: int = 1


@dataclass
class FakeGraph:
	"""Start with `with`. `sent` holds each accepted message body with its id, `calls` every path."""

	number: str
	token: str = TOKEN
	waba: str = WABA
	pair_seconds: float = 0.0
	sent: list[dict[str, Any]] = field(default_factory=list)
	calls: list[str] = field(default_factory=list)
	marks: list[dict[str, Any]] = field(default_factory=list)
	uploads: dict[str, str] = field(default_factory=dict)
	templates: list[dict[str, Any]] = field(default_factory=list)
	subscribed: bool = False
	failures: list[Failure] = field(default_factory=list)
	last_to: dict[str, float] = field(default_factory=dict)

	def __enter__(self) -> FakeGraph:
		self.lock = threading.Lock()
		self.start()
		return self

	def __exit__(self, *_: object) -> None:
		self.stop()

	def start(self, port: int = 0) -> None:
		graph = self

		class Handler(_Handler):
			fake = graph

		self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
		self.server.daemon_threads = True
		self.port = self.server.server_address[1]
		threading.Thread(
			target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
		).start()

	def stop(self) -> None:
		self.server.shutdown()
		self.server.server_close()

	@property
	def url(self) -> str:
		return f"http://127.0.0.1:{self.port}"

	def fail(self, code: int | None = None, **values: Any) -> None:
		self.failures.append(Failure(code, **values))

	def keys(self) -> list[str]:
		return [body["biz_opaque_callback_data"] for body in self.sent]

	def texts(self, recipient: str | None = None) -> list[str]:
		return [
			body["text"]["body"]
			for body in self.sent
			if body["type"] == "text" and recipient in (None, body.get("to"), body.get("recipient"))
		]

	def call_back(self, url: str, secret: str, *statuses: dict[str, Any]) -> requests.Response:
		"""Send signed statuses to the webhook."""
		value = {
			"messaging_product": "whatsapp",
			"metadata": {"display_phone_number": "33100000000", "phone_number_id": self.number},
			"statuses": list(statuses),
		}
		entry = {"id": self.waba, "changes": [{"field": "messages", "value": value}]}
		body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
		signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
		headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signed}
		return requests.post(url, data=body, headers=headers, timeout=60)

	# What the documentation demands ---------------------------------------------------------------

	def take_message(self, body: dict[str, Any]) -> dict[str, Any]:
		if body.get("messaging_product") != "whatsapp":
			raise Refusal(131008, "messaging_product is required")
		if "status" in body:
			return self.take_mark(body)
		kind = body.get("type")
		if set(body) - TOP_KEYS - {kind}:
			raise Refusal(100, f"unknown keys {sorted(set(body) - TOP_KEYS - {kind})}")
		self.check_recipient(body, kind)
		if len(body.get("biz_opaque_callback_data", "")) > 512:
			raise Refusal(131009, "biz_opaque_callback_data is too long")
		context = body.get("context")
		if context is not None and not isinstance(context.get("message_id"), str):
			raise Refusal(131009, "context.message_id must be text")
		check = getattr(self, f"check_{kind}", None)
		if not check or not isinstance(body.get(kind), dict):
			raise Refusal(131051, f"unsupported type {kind}")
		check(body[kind])
		who = body.get("to") or body.get("recipient")
		with self.lock:
			now = time.monotonic()
			if now - self.last_to.get(who, -1e9) < self.pair_seconds:
				raise Refusal(131056, "pair rate limit hit")
			self.last_to[who] = now
			identifier = f"wamid.fake.{self.number}.{len(self.sent)}"
			self.sent.append({**body, "id": identifier})
		return {
			"messaging_product": "whatsapp",
			"contacts": [{"input": who, "wa_id": who}],
			"messages": [{"id": identifier}],
		}

	def check_recipient(self, body: dict[str, Any], kind: str | None) -> None:
		to, recipient = body.get("to"), body.get("recipient")
		if bool(to) == bool(recipient):
			raise Refusal(131008, "exactly one of to and recipient is needed")
		if to is not None and not re.fullmatch(r"[1-9]\d{6,14}", to):
			raise Refusal(131009, "to must be a telephone number")
		if recipient is not None and not USER_ID.fullmatch(recipient):
			raise Refusal(131063, "recipient must be a user id")

	def take_mark(self, body: dict[str, Any]) -> dict[str, Any]:
		if body["status"] != "read" or not isinstance(body.get("message_id"), str):
			raise Refusal(100, "a mark has status read and a message_id")
		if body.get("typing_indicator", {"type": "text"}) != {"type": "text"}:
			raise Refusal(100, "typing_indicator.type must be text")
		self.marks.append(body)
		return {"success": True}

	def check_text(self, text: dict[str, Any]) -> None:
		if not text.get("body") or len(text["body"]) > 4096:
			raise Refusal(100, "text.body must have 1 to 4096 characters")

	def check_media(self, media: dict[str, Any]) -> None:
		if media.get("id") not in self.uploads:
			raise Refusal(131053, "the media id is not known")
		if len(media.get("caption", "")) > 1024:
			raise Refusal(100, "caption is too long")

	def check_image(self, media: dict[str, Any]) -> None:
		self.check_media(media)
		if self.uploads[media["id"]] not in ("image/jpeg", "image/png"):
			raise Refusal(131053, "no image")

	check_video = check_audio = check_document = check_media

	def check_interactive(self, interactive: dict[str, Any]) -> None:
		if not 1 <= len(interactive["body"]["text"]) <= 1024:
			raise Refusal(100, "interactive.body.text must have 1 to 1024 characters")
		action = interactive["action"]
		if interactive["type"] == "button":
			buttons = [one["reply"] for one in action["buttons"]]
			self.check_choices(buttons, 3, 20, 256)
		elif interactive["type"] == "list":
			rows = [row for section in action["sections"] for row in section["rows"]]
			self.check_choices(rows, 10, 24, 200)
			if not 1 <= len(action["button"]) <= 20:
				raise Refusal(100, "the button of a list has 1 to 20 characters")
		elif interactive["type"] != "location_request_message" or action != {"name": "send_location"}:
			raise Refusal(100, "unknown interactive type")

	def check_choices(self, choices: list[dict[str, Any]], most: int, title: int, identifier: int) -> None:
		if not 1 <= len(choices) <= most or len({one["id"] for one in choices}) != len(choices):
			raise Refusal(131009, "too many or equal choices")
		for one in choices:
			if not 1 <= len(one["title"]) <= title or not 1 <= len(one["id"]) <= identifier:
				raise Refusal(131009, "a choice is too long")
			if len(one.get("description", "")) > 72:
				raise Refusal(131009, "a description is too long")

	def check_template(self, template: dict[str, Any]) -> None:
		known = next((one for one in self.templates if one["name"] == template["name"]), None)
		if not known or known["language"] != template["language"]["code"]:
			raise Refusal(132001, "template name does not exist in the translation", 404)
		body = next(one["text"] for one in known["components"] if one["type"] == "BODY")
		given = [one for part in template.get("components", []) for one in part["parameters"]]
		if len(given) != len(set(re.findall(r"\{\{(\w+)\}\}", body))):
			raise Refusal(132000, "number of parameters does not match")
		if any(not one["text"] or re.search(r"[\n\t]", one["text"]) for one in given):
			raise Refusal(132012, "parameter format does not match")

	def take_upload(self, content_type: str, body: bytes) -> dict[str, Any]:
		message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
		parts = {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}
		if parts["messaging_product"].get_payload(decode=True) != b"whatsapp":
			raise Refusal(131008, "messaging_product is required")
		mime_type = parts["type"].get_payload(decode=True).decode()
		content = parts["file"].get_payload(decode=True)
		if parts["file"].get_content_type() != mime_type:
			raise Refusal(131053, "the type of the file differs")
		if not content or len(content) > MEDIA_LIMITS.get(mime_type, 100 * MEGABYTE):
			raise Refusal(131053, "the file is too large")
		identifier = str(800_000 + len(self.uploads))
		self.uploads[identifier] = mime_type
		return {"id": identifier}

	def listed_templates(self, query: dict[str, list[str]]) -> dict[str, Any]:
		"""One template a page, so that following pages is tested."""
		start = int(query.get("after", ["0"])[0])
		page = {"data": self.templates[start : start + 1], "paging": {"cursors": {"after": str(start + 1)}}}
		if start + 1 < len(self.templates):
			page["paging"]["next"] = "https://graph.facebook.com/next"
		return page


class _Handler(BaseHTTPRequestHandler):
	fake: FakeGraph
	protocol_version = "HTTP/1.1"

	def do_GET(self) -> None:
		self.work("GET")

	def do_POST(self) -> None:
		self.work("POST")

	def work(self, method: str) -> None:
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		parts = urlsplit(self.path)
		self.fake.calls.append(f"{method} {parts.path}")
		failure = self.failure(parts.path)
		try:
			if failure and not failure.accept:
				self.fail(failure)
				return
			answer = self.route(method, parts.path, parse_qs(parts.query), body)
			if failure:
				self.fail(failure)
				return
			self.answer(200, json.dumps(answer), "application/json")
		except Refusal as refusal:
			self.refuse(refusal.code, refusal.details, refusal.status)

	def failure(self, path: str) -> Failure | None:
		with self.fake.lock:
			for failure in self.fake.failures:
				if failure.times and (failure.path in path or not failure.path):
					failure.times -= 1
					return failure
		return None

	def fail(self, failure: Failure) -> None:
		if failure.hang:
			time.sleep(failure.hang)
			self.close_connection = True
			return
		if failure.html is not None:
			self.answer(failure.status, failure.html, "text/html")
		else:
			self.refuse(failure.code or 0, "told to fail", failure.status)

	def route(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> dict[str, Any]:
		fake = self.fake
		if self.headers.get("Authorization") != f"Bearer {fake.token}":
			raise Refusal(190, "Invalid OAuth access token", 401)
		base, match = "/v25.0/", re.fullmatch(r"/v\d\d\.0/([^/]+)(?:/(\w+))?", path)
		if not match or not path.startswith(base):
			raise Refusal(2500, "unknown path")
		return self.found(method, match.group(1), match.group(2), query, body)

	def found(
		self, method: str, node: str, edge: str | None, query: dict[str, list[str]], body: bytes
	) -> dict[str, Any]:
		fake, where = self.fake, (method, node, edge)
		if where == ("POST", fake.number, "messages"):
			if not self.headers.get("Content-Type", "").startswith("application/json"):
				raise Refusal(100, "the body must be JSON")
			return fake.take_message(json.loads(body))
		if where == ("POST", fake.number, "media"):
			return fake.take_upload(self.headers["Content-Type"], body)
		if where == ("GET", fake.number, None):
			return {"id": node, "display_phone_number": "+33 1 00 00 00 00", "verified_name": "Hotline"}
		if where == ("POST", fake.waba, "subscribed_apps"):
			fake.subscribed = True
			return {"success": True}
		if where == ("GET", fake.waba, "subscribed_apps"):
			return {"data": [{"whatsapp_business_api_data": {"id": "1"}}] if fake.subscribed else []}
		if where == ("GET", fake.waba, "message_templates"):
			return fake.listed_templates(query)
		raise Refusal(100, f"Unsupported {method} request on {node}")

	def refuse(self, code: int, details: str, status: int) -> None:
		error = {
			"message": f"(#{code}) error",
			"type": "OAuthException",
			"code": code,
			"error_data": {"messaging_product": "whatsapp", "details": details},
			"fbtrace_id": "x",
		}
		self.answer(status, json.dumps({"error": error}), "application/json")

	def answer(self, status: int, text: str, content_type: str) -> None:
		data = text.encode()
		self.send_response(status)
		self.send_header("Content-Type", content_type)
		self.send_header("Content-Length", str(len(data)))
		self.end_headers()
		self.wfile.write(data)

	def log_message(self, format: str, *args: Any) -> None:
		"""Quiet."""
