from __future__ import annotations

import hashlib
import io
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import get_files_path
from PIL import Image

from fixee_hotline.channels.whatsapp import store
from fixee_hotline.channels.whatsapp.files import store as files_store
from fixee_hotline.host import media, privacy, speech, wrapped
from fixee_hotline.speech.base import SpeechError, glossary_prompt
from fixee_hotline.speech.endpoint import SpeechEndpoint
from fixee_hotline.speech.local import LocalSpeech
from fixee_hotline.tests.bench.media_server import TOKEN, MediaServer
from fixee_hotline.tests.bench.support import AGENT, STOPPED
from fixee_hotline.tests.bench.test_whatsapp import NUMBER, PHONES, text
from fixee_hotline.tests.bench.test_whatsapp_inbound import AT, InboundTestCase

OGG = b"OggS\x00\x02" + bytes(22) + b"OpusHead\x01\x01" + bytes(200)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def photo(with_place: bool = True) -> bytes:
	"""A wide red picture whose EXIF says: turn it, taken at 45 N."""
	picture, exif = Image.new("RGB", (80, 40), "red"), Image.Exif()
	if with_place:
		exif[0x0112] = 6
		exif.get_ifd(0x8825)[1] = "N"
		exif.get_ifd(0x8825)[2] = (45.0, 53.0, 57.0)
	data = io.BytesIO()
	picture.save(data, "JPEG", exif=exif)
	return data.getvalue()


class FilesTestCase(InboundTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.graph = MediaServer().__enter__()
		cls.addClassCleanup(cls.graph.__exit__)
		account = frappe.get_doc(store.ACCOUNT, NUMBER)
		account.update({"base_url": cls.graph.url, "access_token": TOKEN})
		account.save()
		frappe.db.commit()

	def receive(
		self, identifier: str, kind: str, content: bytes, declared: str, *faults: str, **more: Any
	) -> Any:
		"""A message with one file, and the file's record after its job."""
		self.graph.hold(identifier, content, declared, *faults)
		digest = hashlib.sha256(content).hexdigest()
		body = {"id": identifier, "mime_type": declared, "sha256": digest, **more}
		self.take({**text(f"wamid.{identifier}", ""), "type": kind, kind: body})
		return self.fetch(identifier)

	def fetch(self, identifier: str) -> Any:
		frappe.db.rollback()
		name = frappe.db.get_value(files_store.MEDIA, {"media_id": identifier})
		media.fetch(name)
		frappe.db.rollback()
		return files_store.get(name)

	def files_of(self, doctype: str, name: str) -> list[frappe._dict]:
		filters = {"attached_to_doctype": doctype, "attached_to_name": name}
		return frappe.get_all("File", filters, ["file_name", "file_url", "is_private", "file_size"])

	def place(self, url: str) -> Path:
		return Path(get_files_path(is_private=True)) / Path(url).name

	def at_once(self, name: str) -> None:
		"""The next attempt is due now."""
		frappe.db.set_value(
			files_store.MEDIA, name, "next_attempt_at", frappe.utils.add_to_date(None, seconds=-1)
		)
		frappe.db.commit()


class TestFiles(FilesTestCase):
	def test_a_photo_is_shown_upright_without_its_place_and_kept_as_it_came(self) -> None:
		content = photo()
		row = self.receive("9001", "image", content, "image/jpeg", caption="The display")
		self.assertEqual(
			(row.state, row.error, row.sha256), ("Fetched", None, hashlib.sha256(content).hexdigest())
		)
		self.assertEqual(self.place(row.original_url).read_bytes(), content)
		with Image.open(self.place(row.shown_url)) as shown:
			self.assertEqual(shown.size, (40, 80))
			self.assertEqual(dict(shown.getexif()), {})
		event = self.event("wamid.9001")
		for doctype, name in (("Communication", event.communication), ("HD Ticket", event.ticket)):
			files = self.files_of(doctype, name)
			self.assertEqual([(file.file_url, file.is_private) for file in files], [(row.shown_url, 1)])
		self.assertIn(f'<img src="{row.shown_url}"', self.content("wamid.9001"))
		self.assertIn("The display", self.content("wamid.9001"))
		activities = wrapped.get_ticket_activities(str(event.ticket))["communications"]
		self.assertEqual([file["file_url"] for file in activities[-1]["attachments"]], [row.shown_url])

	def test_a_file_is_fetched_again_until_it_is_complete(self) -> None:
		row = self.receive(
			"9002", "document", PDF, "application/pdf", "500", "bytes:cut", "bytes:404", filename="a.pdf"
		)
		for _ in range(3):
			self.assertEqual(row.state, "Failed")
			self.assertIn("a.pdf: not fetched", self.content("wamid.9002"))
			self.assertIn("Fetch missing files", self.content("wamid.9002"))
			self.assertIsNone(media.fetch(row.name))
			self.at_once(row.name)
			row = self.fetch("9002")
		self.assertEqual((row.state, row.attempts), ("Fetched", 4))
		self.assertEqual(len(self.files_of("Communication", self.event("wamid.9002").communication)), 1)

	def test_a_job_that_runs_twice_keeps_one_file(self) -> None:
		row = self.receive("9003", "document", PDF, "application/pdf", filename="b.pdf")
		frappe.db.set_value(files_store.MEDIA, row.name, "state", "Fetching")
		self.at_once(row.name)
		self.assertEqual(self.fetch("9003").state, "Fetched")
		self.assertEqual(len(self.files_of("Communication", self.event("wamid.9003").communication)), 1)

	def test_a_wrong_checksum_is_not_taken(self) -> None:
		self.graph.hold("9004", PDF, "application/pdf")
		body = {"id": "9004", "mime_type": "application/pdf", "sha256": "0" * 64, "filename": "c.pdf"}
		self.take({**text("wamid.9004", ""), "type": "document", "document": body})
		row = self.fetch("9004")
		self.assertEqual(row.state, "Failed")
		self.assertIn("checksum", row.error)
		self.assertEqual(self.files_of("Communication", self.event("wamid.9004").communication), [])

	def test_a_file_the_provider_no_longer_has_is_given_up_and_said_so(self) -> None:
		self.take(
			{**text("wamid.9005", ""), "type": "image", "image": {"id": "9005", "mime_type": "image/png"}}
		)
		self.assertEqual(self.fetch("9005").state, "Expired")
		self.assertIn("not fetched", self.content("wamid.9005"))

	def test_after_seven_days_nobody_asks(self) -> None:
		self.graph.hold("9006", PDF, "application/pdf")
		self.take({**text("wamid.9006", ""), "type": "document", "document": {"id": "9006"}})
		name = frappe.db.get_value(files_store.MEDIA, {"media_id": "9006"})
		frappe.db.set_value(files_store.MEDIA, name, "expires_at", frappe.utils.add_to_date(None, seconds=-1))
		frappe.db.commit()
		calls = len(self.graph.calls)
		self.assertEqual(self.fetch("9006").state, "Expired")
		self.assertEqual(len(self.graph.calls), calls)

	def test_a_file_beyond_the_limit_is_not_stored(self) -> None:
		frappe.db.set_single_value("Hotline Settings", "largest_media_mb", 1)
		self.addCleanup(frappe.db.set_single_value, "Hotline Settings", "largest_media_mb", 100)
		frappe.clear_document_cache("Hotline Settings", "Hotline Settings")
		row = self.receive("9007", "document", b"x" * (1_048_577), "text/plain", filename="log.txt")
		self.assertEqual(row.state, "Refused")
		self.assertIn("1.0 MB", row.error)

	def test_a_file_that_lies_is_kept_and_never_shown(self) -> None:
		evil = b"<!doctype html><html><script>alert(1)</script></html>"
		row = self.receive("9008", "image", evil, "image/jpeg")
		self.assertEqual((row.state, row.true_type, row.mismatch), ("Fetched", "text/html", 1))
		self.assertTrue(row.original_url.endswith(".unsafe"))
		self.assertNotIn("<img", self.content("wamid.9008"))
		self.assertIn("could harm", self.content("wamid.9008"))
		svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
		row = self.receive("9009", "document", svg, "image/svg+xml", filename="plan.svg")
		self.assertTrue(row.original_url.endswith(".unsafe"))
		row = self.receive(
			"9010",
			"document",
			b"MZ" + bytes(60) + b"\x80\0\0\0" + bytes(200),
			"application/pdf",
			filename="x.pdf",
		)
		self.assertEqual(row.mismatch, 1)
		self.assertNotIn("<img", self.content("wamid.9010"))

	def test_a_file_name_stays_in_its_folder(self) -> None:
		row = self.receive("9011", "document", PDF, "application/pdf", filename="../../../etc/pass<b>wd?.pdf")
		self.assertEqual(self.place(row.original_url).parent, Path(get_files_path(is_private=True)))
		self.assertNotIn("..", row.original_url)
		self.assertNotIn("/", row.file_name)

	def test_a_picture_that_is_none_is_a_file(self) -> None:
		row = self.receive("9012", "image", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(50), "image/jpeg")
		self.assertEqual((row.state, row.mismatch), ("Fetched", 1))
		self.assertNotIn("<img", self.content("wamid.9012"))

	def test_a_missing_token_is_told_and_the_token_stands_nowhere(self) -> None:
		frappe.db.set_value("Hotline WhatsApp Account", NUMBER, "base_url", "http://127.0.0.1:9")
		frappe.db.commit()
		try:
			row = self.receive("9013", "image", photo(), "image/jpeg")
		finally:
			frappe.db.set_value("Hotline WhatsApp Account", NUMBER, "base_url", self.graph.url)
			frappe.db.commit()
		self.assertEqual(row.state, "Failed")
		self.assertNotIn(TOKEN, row.error)
		self.at_once(row.name)
		self.assertEqual(self.fetch("9013").state, "Fetched")

	def test_an_agent_asks_again(self) -> None:
		row = self.receive("9014", "document", PDF, "application/pdf", "500", filename="d.pdf")
		self.assertEqual(row.state, "Failed")
		frappe.set_user(AGENT)
		try:
			answer = frappe.call(
				"fixee_hotline.api.media.fetch_missing", ticket=str(self.event("wamid.9014").ticket)
			)
		finally:
			frappe.set_user("Administrator")
		self.assertGreaterEqual(answer["files"], 1)
		media.fetch(row.name, by_hand=True)
		frappe.db.rollback()
		self.assertIn(files_store.get(row.name).state, ("Fetched", "Fetching"))


class SpeechServer:
	"""An endpoint that is as strict as the documented one, and answers what it is told to."""

	def __enter__(self) -> SpeechServer:
		self.status, self.answer, self.bodies = 200, {}, []
		outer = self

		class Handler(BaseHTTPRequestHandler):
			def do_POST(self) -> None:
				body = self.rfile.read(int(self.headers["Content-Length"]))
				outer.bodies.append(body)
				fits = self.path == "/v1/audio/transcriptions" and b'name="file"; filename=' in body
				fits = (
					fits
					and self.headers.get("Authorization") == "Bearer speech-key"
					and b'name="model"' in body
				)
				data = json.dumps(outer.answer if fits else {"error": {}}).encode()
				self.send_response(outer.status if fits else 400)
				self.send_header("Content-Length", str(len(data)))
				self.end_headers()
				self.wfile.write(data)

			def log_message(self, *_: Any) -> None:
				return None

		self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		threading.Thread(target=self.server.serve_forever, daemon=True).start()
		self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
		return self

	def __exit__(self, *_: object) -> None:
		self.server.shutdown()
		self.server.server_close()


class TestSpeech(FilesTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.endpoint = SpeechServer().__enter__()
		self.addCleanup(self.endpoint.__exit__)

	def choose(self, name: str) -> None:
		settings = frappe.get_doc("Hotline Settings")
		settings.update({"speech_provider": name, "speech_base_url": self.endpoint.url, "speech_model": "m"})
		settings.speech_api_key = "speech-key"
		settings.flags.ignore_mandatory = True
		settings.save()
		frappe.db.commit()
		if name != "None":
			self.addCleanup(self.choose, "None")

	def voice(self, identifier: str) -> Any:
		return self.receive(identifier, "audio", OGG, "audio/ogg; codecs=opus", voice=True)

	def test_without_provider_a_voice_note_is_played_and_marked(self) -> None:
		self.choose("None")
		row = self.voice("9101")
		self.assertEqual((row.state, row.speech_state), ("Fetched", "Not Transcribed"))
		self.assertIn("<audio controls", self.content("wamid.9101"))
		self.assertIn("Not transcribed", self.content("wamid.9101"))

	def test_a_transcript_stands_under_the_player_and_is_assessed(self) -> None:
		self.choose("Endpoint")
		segments = [{"start": 0, "end": 2, "avg_logprob": -0.1}]
		self.endpoint.answer = {"text": f" {STOPPED} <b>", "language": "english", "segments": segments}
		row = self.voice("9102")
		self.assertEqual(self.event_ticket("9102").hotline_level, "Non-critical")
		speech.transcribe(row.name)
		frappe.db.rollback()
		row = files_store.get(row.name)
		self.assertEqual((row.speech_state, row.speech_language), ("Done", "en"))
		self.assertAlmostEqual(row.speech_confidence, 0.905, places=3)
		content = self.content("wamid.9102")
		self.assertIn(
			f"Transcript by machine, en, confidence 90 %:</em></small><br>{STOPPED} &lt;b&gt;", content
		)
		self.assertEqual(self.event_ticket("9102").hotline_level, "Critical")
		self.assertIn(b"E17", self.endpoint.bodies[0])

	def test_a_failing_endpoint_is_tried_again_and_told(self) -> None:
		self.choose("Endpoint")
		self.endpoint.status = 503
		row = self.voice("9103")
		speech.transcribe(row.name)
		self.assertIn("Transcription failed", self.content("wamid.9103"))
		self.assertIn(row.name, files_store.speech_due(speech.MOST_ATTEMPTS))
		self.endpoint.status, self.endpoint.answer = 200, {"text": "Hello"}
		speech.transcribe(row.name)
		frappe.db.rollback()
		self.assertEqual(files_store.get(row.name).speech_state, "Done")

	def event_ticket(self, identifier: str) -> Any:
		return frappe.get_doc("HD Ticket", self.event(f"wamid.{identifier}").ticket)

	def test_every_provider_says_what_is_wrong(self) -> None:
		place = Path(get_files_path(is_private=True)) / "hotline-contract.ogg"
		place.write_bytes(OGG)
		self.addCleanup(os.unlink, place)
		broken = [
			SpeechEndpoint("http://127.0.0.1:9/v1", "m"),
			SpeechEndpoint(self.endpoint.url, "m", "wrong"),
		]
		for provider in (*broken, LocalSpeech("/no/such/model")):
			with self.assertRaises(SpeechError) as caught:
				provider.transcribe(place, "E17")
			self.assertTrue(str(caught.exception))

	def test_a_prompt_holds_each_word_once_and_not_too_many(self) -> None:
		self.assertEqual(glossary_prompt(["HT-200", " E17 ", "HT-200", ""]), "HT-200, E17")
		self.assertLessEqual(len(glossary_prompt(f"word{number}" for number in range(1000))), 800)


class TestPrivacy(FilesTestCase):
	def test_export_and_erasure_of_a_person(self) -> None:
		row = self.receive("9201", "image", photo(), "image/jpeg", caption=f"{STOPPED} at Hall 3")
		self.take(text("wamid.9202", "Somebody else", PHONES[1], AT + 1))
		ticket = frappe.get_doc("HD Ticket", self.event("wamid.9201").ticket)
		answer = privacy.export_contact(ticket.contact)
		self.assertIn(f"{STOPPED} at Hall 3", [message["text"] for message in answer["messages"]])
		self.assertIn("+" + PHONES[0], [one["value"] for one in answer["identities"]])
		place = self.place(row.original_url)
		counts = privacy.erase_contact(ticket.contact)
		frappe.db.commit()
		self.assertGreaterEqual(counts["messages"], 1)
		self.assertGreaterEqual(counts["files"], 1)
		self.assertFalse(place.exists())
		self.assertFalse(self.place(row.shown_url).exists())
		self.assertEqual(self.events_of("wamid.9201"), [])
		self.assertEqual(len(self.events_of("wamid.9202")), 1)
		self.nothing_is_left(str(ticket.name), ticket.contact)

	def nothing_is_left(self, ticket: str, contact: str) -> None:
		doc = frappe.get_doc("HD Ticket", ticket)
		rows = frappe.get_all("Communication", {"reference_name": ticket}, ["*"])
		kept = [doc.as_json(), frappe.get_doc("Contact", contact).as_json(), frappe.as_json(rows)]
		kept += [frappe.as_json(self.assessments(ticket)), frappe.as_json(privacy.export_contact(contact))]
		for words in kept:
			self.assertNotIn("Hall 3", words)
			self.assertNotIn(PHONES[0], words)

	def test_only_a_system_manager_may(self) -> None:
		frappe.set_user(AGENT)
		for name in ("export_contact", "erase_contact"):
			with self.assertRaises(frappe.PermissionError):
				frappe.call(f"fixee_hotline.api.privacy.{name}", contact="x")
