"""Each kind of WhatsApp event becomes one readable message; batches keep their order and their people."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from fixee_hotline.channels.base import Message
from fixee_hotline.channels.whatsapp.messages import sent_at_of, to_message
from fixee_hotline.channels.whatsapp.payload import RawEvent, read_webhook

FOLDER = Path(__file__).parents[1] / "data" / "whatsapp"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
USER_ID = "FR.13491208655302741918"


def body_of(name: str) -> dict[str, Any]:
	loaded: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
	return loaded


def messages_of(body: bytes | dict[str, Any]) -> list[Message]:
	return [to_message(event) for event in read_webhook(body)]


def one_message(**changes: Any) -> Message:
	"""The message of the plain text payload with some of its keys replaced; None removes a key."""
	body = body_of("text.json")
	payload = body["entry"][0]["changes"][0]["value"]["messages"][0]
	payload.update(changes)
	for name in [name for name, value in changes.items() if value is None]:
		del payload[name]
	(message,) = messages_of(body)
	return message


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_payload_becomes_its_messages(name: str) -> None:
	messages = messages_of((FOLDER / name).read_bytes())
	assert len(messages) == len(EXPECTED[name])
	for message, expected in zip(messages, EXPECTED[name], strict=True):
		assert message.channel == "whatsapp"
		assert message.kind == expected["kind"]
		assert message.text == expected["text"]
		assert message.quoted == expected.get("quoted", "")
		assert message.direction == expected.get("direction", "in")
		assert message.automatic is expected.get("automatic", False)
		assert message.in_reply_to == expected.get("in_reply_to", message.in_reply_to)
		assert message.group_id == expected.get("group_id")
		assert [message.sender.name, message.sender.address] == expected.get(
			"sender", ["Nadia", "+33600000011"]
		)
		files = [[one.name, one.mime_type, one.media_id] for one in message.attachments]
		assert files == expected.get("attachments", [])


def test_corpus_has_every_file() -> None:
	assert {path.name for path in FOLDER.glob("*.json")} - {"expected.json"} == set(EXPECTED)


def test_event_carries_key_conversation_and_account() -> None:
	(event,) = read_webhook((FOLDER / "text.json").read_bytes())
	assert event.kind == "message"
	assert event.phone_number_id == "106540352242922"
	assert event.key == f"106540352242922:{event.payload['id']}"
	assert event.conversation == USER_ID
	assert event.payload["contact"]["profile"]["name"] == "Nadia"
	message = to_message(event)
	assert message.provider_id == event.payload["id"]
	assert message.account == "106540352242922"
	assert message.provider_user_id == USER_ID
	assert message.sent_at is not None
	assert message.sent_at.isoformat() == "2026-11-02T08:00:00+00:00"


def test_the_same_body_gives_the_same_keys() -> None:
	for path in FOLDER.glob("*.json"):
		if path.name != "expected.json":
			keys = [event.key for event in read_webhook(path.read_bytes())]
			assert keys == [event.key for event in read_webhook(path.read_bytes())]
			assert len(set(keys)) == len(keys)
			assert all(len(key) <= 140 for key in keys)


def test_statuses_of_one_message_have_their_own_keys() -> None:
	names = ("status_sent.json", "status_delivered.json", "status_read.json", "status_failed.json")
	events = [event for name in names for event in read_webhook(body_of(name))]
	assert len({event.key for event in events}) == 4
	assert {event.conversation for event in events} == {USER_ID}
	message = to_message(events[1])
	assert [one.to_dict() for one in message.participants] == [
		{"name": None, "address": "+33600000011", "role": "to"}
	]


def test_very_long_ids_give_bounded_distinct_keys() -> None:
	body = body_of("text.json")
	payload = body["entry"][0]["changes"][0]["value"]["messages"][0]
	keys = set()
	for ending in "ab":
		payload["id"] = "wamid." + "x" * 500 + ending
		keys.add(read_webhook(body)[0].key)
	assert len(keys) == 2
	assert all(len(key) <= 140 for key in keys)


def test_user_id_is_never_made_a_phone_number() -> None:
	(event,) = read_webhook(body_of("username_only.json"))
	message = to_message(event)
	assert event.conversation == "US.13491208655302741918"
	assert message.sender.address == message.provider_user_id == "US.13491208655302741918"
	odd = one_message(**{"from": "US.13491208655302741918", "from_user_id": None})
	assert odd.sender.address == "US.13491208655302741918"


def test_person_of_another_message_is_never_taken() -> None:
	body = body_of("text.json")
	value = body["entry"][0]["changes"][0]["value"]
	value["contacts"] = [{"profile": {"name": "Piotr"}, "wa_id": "48500000011"}]
	del value["messages"][0]["from_user_id"]
	(message,) = messages_of(body)
	assert message.sender.name is None
	assert message.sender.address == "+33600000011"


def test_sha256_is_kept_in_hex() -> None:
	digests = [
		messages_of(body_of(name))[0].attachments[0].sha256
		for name in ("image.json", "image_without_caption.json")
	]
	assert digests[0] is not None and len(digests[0]) == 64
	assert digests[1] == "00" * 32
	assert one_message(type="image", image={"id": "1", "sha256": "short"}).attachments[0].sha256 is None


def test_markup_in_text_stays_the_text_it_is() -> None:
	written = "<script>alert(1)</script><img src=x onerror=alert(1)> \"a\" & 'b' {{ 7*7 }}"
	assert one_message(text={"body": written}).text == written
	named = one_message(
		type="document",
		text=None,
		document={"id": "1", "filename": "<b>../x</b>.pdf", "mime_type": "application/pdf"},
	)
	assert named.attachments[0].name == "b_.pdf"


def test_control_characters_and_half_surrogates_are_storable() -> None:
	body = (FOLDER / "text.json").read_bytes().replace(b"La ligne 2", rb"La\u0000\u0007 ligne\r\n2 \ud83d")
	(message,) = messages_of(body)
	assert message.text.startswith("La ligne\n2 \ufffd")
	message.text.encode("utf-8")


@pytest.mark.parametrize(
	("kind", "content"),
	[
		("text", {}),
		("text", {"body": 7}),
		("image", {}),
		("image", {"id": 5, "mime_type": None, "sha256": [], "caption": {}}),
		("location", {"latitude": None}),
		("location", {"latitude": {"a": 1}, "longitude": "x"}),
		("contacts", []),
		("contacts", [{"name": "x", "phones": {}}]),
		("interactive", {}),
		("interactive", {"type": "button_reply", "button_reply": {}}),
		("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "[" * 5_000}}),
		("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "[1]"}}),
		("button", {}),
		("reaction", {}),
		("order", {"product_items": "x"}),
		("system", {}),
		("edit", {}),
		("edit", {"message": {"type": "edit", "edit": {"message": {"type": "edit"}}}}),
		("edit", {"message": {"type": "hologram"}}),
		("revoke", {}),
		("unsupported", {}),
		("", {}),
	],
)
def test_odd_content_is_shown_not_raised(kind: str, content: Any) -> None:
	message = one_message(type=kind, **{kind or "text": content})
	assert isinstance(message.to_dict(), dict)
	assert message.provider_id


@pytest.mark.parametrize(
	("timestamp", "read"),
	[
		("1793606400", "2026-11-02T08:00:00+00:00"),
		("0", None),
		("-5", None),
		("soon", None),
		("9" * 30, None),
		("999999999999", None),
		("١٢٣", None),
		(1793606400, None),
		(None, None),
	],
)
def test_timestamps(timestamp: Any, read: str | None) -> None:
	moment = sent_at_of(timestamp)
	assert (moment.isoformat() if moment else None) == read


def test_caller_keeps_its_body_unchanged() -> None:
	body = body_of("batch.json")
	before = copy.deepcopy(body)
	messages_of(body)
	assert body == before


def test_message_can_be_made_again_from_a_stored_event() -> None:
	(event,) = read_webhook(body_of("image.json"))
	stored = json.loads(json.dumps(event.payload))
	again = RawEvent(event.kind, event.key, event.phone_number_id, event.conversation, stored)
	assert to_message(again) == to_message(event)
