"""A Graph API on loopback that only has files, strict about token, version and addresses that run out."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, VERSION = "media-test-token", "v25.0"


@dataclass
class Held:
	"""`faults` are used up one by one: HTTP status of the address or, with "bytes:", of the download."""

	content: bytes
	mime_type: str
	faults: list[str] = field(default_factory=list)
	sha256: str | None = None


class MediaServer:
	"""Starts with `with`."""

	def __enter__(self) -> MediaServer:
		self.files: dict[str, Held] = {}
		self.calls: list[str] = []
		self.addresses: dict[str, str] = {}
		outer = self

		class Handler(BaseHTTPRequestHandler):
			def do_GET(self) -> None:
				outer.answer(self)

			def log_message(self, *_: Any) -> None:
				return None

		self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		threading.Thread(target=self.server.serve_forever, daemon=True).start()
		self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
		return self

	def __exit__(self, *_: object) -> None:
		self.server.shutdown()
		self.server.server_close()

	def hold(self, media_id: str, content: bytes, mime_type: str, *faults: str) -> None:
		self.files[media_id] = Held(content, mime_type, list(faults))

	def answer(self, handler: BaseHTTPRequestHandler) -> None:
		self.calls.append(handler.path)
		if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
			return _json(handler, 401, {"error": {"code": 190, "message": "Invalid OAuth access token"}})
		if handler.path.startswith("/download/"):
			return self._download(handler, handler.path.rpartition("/")[2])
		return self._address(handler, handler.path)

	def _address(self, handler: BaseHTTPRequestHandler, path: str) -> None:
		media_id = path.removeprefix(f"/{VERSION}/")
		held = self.files.get(media_id)
		if held is None:
			return _json(handler, 400, {"error": {"code": 100, "message": "Unsupported get request"}})
		if held.faults and not held.faults[0].startswith("bytes:"):
			status = int(held.faults.pop(0))
			return _json(handler, status, {"error": {"code": 131000, "message": "Something went wrong"}})
		ticket = f"{media_id}-{len(self.calls)}"
		self.addresses[ticket] = media_id
		digest = held.sha256 or hashlib.sha256(held.content).hexdigest()
		about = {
			"messaging_product": "whatsapp",
			"url": f"{self.url}/download/{ticket}",
			"mime_type": held.mime_type,
			"sha256": digest,
			"file_size": len(held.content),
			"id": media_id,
		}
		return _json(handler, 200, about)

	def _download(self, handler: BaseHTTPRequestHandler, ticket: str) -> None:
		# An address is good once here: whoever keeps it for later fails.
		media_id = self.addresses.pop(ticket, None)
		if media_id is None:
			return _json(handler, 404, {"error": {"code": 100, "message": "Gone"}})
		held = self.files[media_id]
		fault = held.faults.pop(0).removeprefix("bytes:") if held.faults else ""
		if fault.isdigit():
			return _json(handler, int(fault), {})
		handler.send_response(200)
		handler.send_header("Content-Type", held.mime_type)
		handler.send_header("Content-Length", str(len(held.content)))
		handler.end_headers()
		handler.wfile.write(held.content[: len(held.content) // 2] if fault == "cut" else held.content)
		return None


def _json(handler: BaseHTTPRequestHandler, status: int, value: dict[str, Any]) -> None:
	body = json.dumps(value).encode()
	handler.send_response(status)
	handler.send_header("Content-Type", "application/json")
	handler.send_header("Content-Length", str(len(body)))
	handler.end_headers()
	handler.wfile.write(body)
