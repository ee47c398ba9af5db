"""Webhook calls that are no WhatsApp webhooks, and signatures that prove nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.channels.base import MessageError
from fixee_hotline.channels.whatsapp.messages import to_message
from fixee_hotline.channels.whatsapp.payload import MAX_BODY_BYTES, read_webhook
from fixee_hotline.channels.whatsapp.signature import verify_challenge, verify_signature

SECRET = "an app secret"
BODY = b'{"object":"whatsapp_business_account"}'
SIGNED = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


def test_right_signature() -> None:
	assert verify_signature(SECRET, BODY, SIGNED) is True


@pytest.mark.parametrize(
	"header",
	[
		None,
		"",
		"sha256=",
		SIGNED.upper(),
		SIGNED[:-1],
		SIGNED + "0",
		SIGNED + "\n",
		" " + SIGNED,
		SIGNED.removeprefix("sha256="),
		"sha1=" + SIGNED.removeprefix("sha256="),
		"sha256=" + "0" * 64,
		"sha256=" + "é" * 64,
		"sha256=" + "٠" * 64,
		SIGNED + "," + SIGNED,
	],
)
def test_wrong_signatures(header: str | None) -> None:
	assert verify_signature(SECRET, BODY, header) is False


def test_signature_is_of_the_raw_body_and_the_secret() -> None:
	assert verify_signature(SECRET, BODY + b" ", SIGNED) is False
	assert verify_signature("another", BODY, SIGNED) is False
	empty = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
	assert verify_signature("", BODY, empty) is False


def test_challenge() -> None:
	assert verify_challenge("subscribe", "token", "token") is True
	assert verify_challenge("subscribe", "tokén", "tokén") is True
	for mode, token, expected in [
		("unsubscribe", "token", "token"),
		(None, "token", "token"),
		("subscribe", "wrong", "token"),
		("subscribe", None, "token"),
		("subscribe", "", ""),
		("subscribe", None, None),
	]:
		assert verify_challenge(mode, token, expected) is False


def webhook(**value: Any) -> dict[str, Any]:
	return {
		"object": "whatsapp_business_account",
		"entry": [{"changes": [{"field": "messages", "value": value}]}],
	}


@pytest.mark.parametrize(
	"body",
	[
		b"",
		b"hello",
		b"null",
		b"[]",
		b'"text"',
		b"{",
		b"\xff\xfe\xfd",
		b'{"object": "page", "entry": []}',
		b'{"object": "whatsapp_business_account"}',
		b'{"object": "whatsapp_business_account", "entry": {}}',
		b'{"object": "whatsapp_business_account", "entry": [1]}',
		b'{"object": "whatsapp_business_account", "entry": [{"changes": {}}]}',
		b'{"object": "whatsapp_business_account", "entry": [{"changes": [{}]}]}',
		b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"value": []}]}]}',
		b'{"object": "whatsapp_business_account", "entry": NaN}',
		b'{"object": "whatsapp_business_account", "entry": ' + b"9" * 10_000 + b"}",
	],
)
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
	with pytest.raises(MessageError, match=r"webhook|entry"):
		read_webhook(body)


MESSAGE = {"id": "wamid.1", "type": "text", "text": {"body": "x"}, "from": "33600000011", "timestamp": "1"}


@pytest.mark.parametrize(
	"value",
	[
		{"messages": {}},
		{"messages": ["x"]},
		{"messages": [{"type": "text"}]},
		{"messages": [MESSAGE | {"id": 7}]},
		{"messages": [MESSAGE | {"id": ""}]},
		{"messages": [MESSAGE | {"type": 7}]},
		{"messages": [MESSAGE | {"from": 33600000011}]},
		{"messages": [MESSAGE | {"timestamp": 1793606400}]},
		{"messages": [MESSAGE | {"text": "x"}]},
		{"messages": [MESSAGE | {"context": []}]},
		{"messages": [MESSAGE | {"errors": {}}]},
		{"messages": [MESSAGE | {"group_id": {}}]},
		{"messages": [MESSAGE], "contacts": {}},
		{"messages": [MESSAGE], "contacts": [{"wa_id": 1}]},
		{"messages": [MESSAGE], "contacts": [{"profile": "Ana"}]},
		{"messages": [MESSAGE], "contacts": [{"profile": {"name": 1}}]},
		{"messages": [MESSAGE], "metadata": []},
		{"messages": [MESSAGE], "metadata": {"phone_number_id": 1}},
		{"statuses": [{"id": "wamid.1"}]},
		{"statuses": [{"status": "read"}]},
		{"statuses": [{"id": "wamid.1", "status": "read", "timestamp": 1}]},
		{"errors": "x"},
	],
)
def test_wrong_types_are_refused_with_their_place(value: dict[str, Any]) -> None:
	with pytest.raises(MessageError, match=r"entry\[0\]\.changes\[0\]"):
		read_webhook(webhook(**value))


def test_three_megabytes_are_read_and_more_are_refused() -> None:
	large = webhook(messages=[MESSAGE | {"id": f"wamid.{number}"} for number in range(20_000)])
	body = json.dumps(large).encode()
	body += b" " * (MAX_BODY_BYTES - len(body))
	started = time.perf_counter()
	events = read_webhook(body)
	assert time.perf_counter() - started < 5
	assert len(events) == 20_000
	with pytest.raises(MessageError, match="3 MB"):
		read_webhook(body + b" ")


@pytest.mark.parametrize(
	"bomb",
	[b"[" * 1_500_000, b'{"a":' * 600_000, b"[" * 900 + b"]" * 900, b'{"object":' * 51 + b"1" + b"}" * 51],
)
def test_deep_json_is_refused_in_time(bomb: bytes) -> None:
	started = time.perf_counter()
	with pytest.raises(MessageError, match="webhook"):
		read_webhook(bomb)
	assert time.perf_counter() - started < 5


def test_depth_is_also_bounded_for_a_loaded_body() -> None:
	deep: Any = {}
	for _level in range(100):
		deep = {"a": deep}
	with pytest.raises(MessageError, match="nested deeper than 50"):
		read_webhook(webhook(messages=[MESSAGE | {"extra": deep}]))


def test_wide_json_is_read_in_time() -> None:
	started = time.perf_counter()
	with pytest.raises(MessageError):
		read_webhook(b'{"object":"x","entry":[' + b"[]," * 900_000 + b"[]]}")
	assert time.perf_counter() - started < 5


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_raise_nothing_else(data: bytes) -> None:
	with pytest.raises(MessageError):
		read_webhook(data)


ANYTHING = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
	lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
	max_leaves=6,
)
KINDS = [
	"text",
	"image",
	"audio",
	"document",
	"sticker",
	"location",
	"contacts",
	"interactive",
	"button",
	"reaction",
	"order",
]
KINDS += ["system", "edit", "revoke", "unsupported", "referral", "context", "errors"]
PAYLOADS = st.fixed_dictionaries(
	{"id": st.text(min_size=1, max_size=300), "type": st.sampled_from(KINDS)},
	optional={name: ANYTHING for name in [*KINDS, "from", "from_user_id", "timestamp", "group_id"]},
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PAYLOADS, max_size=3), ANYTHING)
def test_any_structure_is_read_or_refused_and_what_is_read_is_shown(
	payloads: list[dict[str, Any]], contacts: Any
) -> None:
	body = webhook(messages=payloads, contacts=contacts, metadata={"phone_number_id": "1"})
	try:
		events = read_webhook(body)
	except MessageError:
		return
	for event in events:
		json.dumps(to_message(event).to_dict(), ensure_ascii=False).encode("utf-8")
