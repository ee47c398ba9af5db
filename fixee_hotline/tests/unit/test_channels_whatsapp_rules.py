from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from fixee_hotline.channels.masking import masked
from fixee_hotline.channels.whatsapp.identity import Identity, e164, number_changes, user_id_changes
from fixee_hotline.channels.whatsapp.media_rules import judge, retry_after, stored_name
from fixee_hotline.channels.whatsapp.shown import ShownFile, ShownMessage, html_of
from fixee_hotline.channels.whatsapp.statuses import next_status
from fixee_hotline.conversation.tickets import TicketState, choose

NOW = datetime(2026, 11, 25, 12)


def test_statuses_in_every_order_end_at_the_furthest() -> None:
	for order in itertools.permutations(("sent", "delivered", "read", "played")):
		current = None
		for status in order:
			current = next_status(current, status) or current
		assert current == "played"


@pytest.mark.parametrize(
	("current", "new", "kept"),
	[
		(None, "failed", "failed"),
		("sent", "failed", "failed"),
		("delivered", "failed", None),
		("failed", "sent", None),
		("failed", "read", "read"),
		("read", "delivered", None),
		("sent", "nonsense", None),
	],
)
def test_a_failure_counts_until_the_message_arrived(current: str | None, new: str, kept: str | None) -> None:
	assert next_status(current, new) == kept


def test_a_ticket_is_chosen_by_answer_then_by_activity() -> None:
	fresh = TicketState("fresh", False, NOW - timedelta(hours=1))
	older = TicketState("older", False, NOW - timedelta(hours=5))
	silent = TicketState("silent", False, NOW - timedelta(hours=80))
	done = TicketState("done", True, NOW - timedelta(hours=2))
	long_done = TicketState("long done", True, NOW - timedelta(hours=80))
	assert choose(None, [older, fresh, silent], NOW, 72) == "fresh"
	assert choose(silent, [fresh], NOW, 72) == "silent"
	assert choose(done, [fresh], NOW, 72) == "done"
	assert choose(long_done, [], NOW, 72) is None
	assert choose(None, [silent, done], NOW, 72) is None


def test_numbers_ids_and_secrets_are_masked() -> None:
	people = "from +33612345678 (33 6 12 34 56 78) FR.13491208655302741918 wa-33612345678@wa.invalid"
	text = f"{people} token=abc Bearer xyz"
	hidden = masked(text)
	for secret in ("612345678", "12 34 56", "1349120865", "abc", "xyz"):
		assert secret not in hidden
	assert masked("line 1234, port 8000, 2026-11-25") == "line 1234, port 8000, 2026-11-25"


def test_identities_keep_user_ids_and_refuse_rubbish() -> None:
	assert Identity("User ID", "FR.Ab", "1").key != Identity("User ID", "FR.aB", "1").key
	assert Identity("User ID", "FR.1", "1").key != Identity("User ID", "FR.1", "2").key
	assert e164("+33612345678") and not e164("+12") and not e164("<b>") and not e164(None)


def test_changes_of_identity_are_read_and_nonsense_is_none() -> None:
	system = {"type": "user_changed_number", "wa_id": "33600000012"}
	(change,) = number_changes({"from": "33600000011", "system": system}, "p")
	assert (change.before.value, change.after and change.after.value) == ("+33600000011", "+33600000012")
	notice = {"user_id_update": [{"user_id": {"previous": "FR.1", "current": "FR.2"}}, 3, {"user_id": None}]}
	assert len(user_id_changes(notice, "p")) == 1
	assert number_changes({"system": "x"}, "p") == () and user_id_changes({"user_id_update": 1}, "p") == ()


@pytest.mark.parametrize(
	("declared", "true", "name", "shown", "stored"),
	[
		("image/jpeg", "image/jpeg", "a.jpg", True, "a.jpg"),
		("image/jpeg", "text/html", "a.jpg", False, "a.jpg.unsafe"),
		("image/svg+xml", "image/svg+xml", "a.svg", False, "a.svg.unsafe"),
		("audio/ogg; codecs=opus", "video/ogg", "v.ogg", True, "v.ogg"),
		("application/pdf", "image/png", "a.pdf", False, "a.pdf.png"),
		("application/octet-stream", "application/pdf", "../x/a.pdf", False, "a.pdf"),
		("application/pdf", "application/pdf", "run.exe", False, "run.exe.unsafe"),
	],
)
def test_files_are_what_their_bytes_say(
	declared: str, true: str, name: str, shown: bool, stored: str
) -> None:
	verdict = judge(declared, true, name)
	assert (verdict.may_be_shown, stored_name(name, true, verdict)) == (shown, stored)


def test_retries_grow_and_end_at_six_hours() -> None:
	waits = [retry_after(attempts) for attempts in range(1, 12)]
	assert waits == sorted(waits) and waits[0] == 30 and waits[-1] == 6 * 3600


def test_every_word_from_outside_is_escaped() -> None:
	evil = "<script>alert(1)</script>"
	file = ShownFile(evil, "failed", note=evil)
	message = ShownMessage(evil, reply=evil, referral=evil, versions=(evil,), files=(file,), forwarded=True)
	assert "<script" not in html_of(message, str)
