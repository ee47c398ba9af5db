"""Which thread a message lands in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from fixee_hotline.channels.base import Message, Party
from fixee_hotline.conversation.threading import Thread, Threads

START = datetime(2026, 11, 17, 7, 42, tzinfo=timezone.utc)


def mail(provider_id: str, **values: Any) -> Message:
	defaults: dict[str, Any] = {
		"channel": "mailbox",
		"direction": "in",
		"sent_at": START,
		"sender": Party("Ana", "ana@kunde.example"),
		"subject": "Line 2",
		"text": f"text of {provider_id}",
	}
	return Message(provider_id=provider_id, **{**defaults, **values})


def whatsapp(provider_id: str, user: str) -> Message:
	return mail(
		provider_id, channel="whatsapp", subject=None, sender=Party(None, user), provider_user_id=user
	)


def place(
	threads: Threads, message: Message, minutes: int, machine: str | None = None
) -> tuple[Thread, bool]:
	return threads.place(message, START + timedelta(minutes=minutes), machine)


def test_a_reply_joins_the_thread_it_refers_to() -> None:
	threads = Threads()
	place(threads, mail("a"), 0)
	thread, opened = place(threads, mail("b", in_reply_to="a"), 5)
	assert (thread.key, opened) == ("a", False)


def test_the_same_subject_alone_opens_a_new_thread() -> None:
	threads = Threads()
	place(threads, mail("a"), 0)
	assert place(threads, mail("b"), 30)[1]


def test_a_new_incident_in_an_old_thread_opens_a_new_one() -> None:
	threads = Threads()
	first, _ = place(threads, mail("a"), 0, "HP-1")
	assert place(threads, mail("b", in_reply_to="a"), 10, "HP-2")[1]
	first.resolved_at = START + timedelta(minutes=20)
	assert place(threads, mail("c", in_reply_to="a"), 30, "HP-1")[1]


def test_a_bounce_stays_with_its_thread_even_when_resolved() -> None:
	threads = Threads()
	first, _ = place(threads, mail("a"), 0)
	first.resolved_at = START + timedelta(minutes=1)
	thread, opened = place(threads, mail("b", in_reply_to="a", automatic=True), 30)
	assert (thread.key, opened) == ("a", False)


def test_whatsapp_messages_of_one_person_stay_together_until_the_quiet_period_is_over() -> None:
	threads = Threads()
	place(threads, whatsapp("w1", "FR.1"), 0)
	assert not place(threads, whatsapp("w2", "FR.1"), 60)[1]
	assert place(threads, whatsapp("w3", "FR.2"), 60)[1]
	assert place(threads, whatsapp("w4", "FR.1"), 60 * 24 * 4)[1]


def test_a_gateway_that_repeats_itself_makes_one_thread() -> None:
	threads = Threads()
	opened = [place(threads, mail(f"m{n}", text=f"ALARM E11 at 10:0{n}"), n)[1] for n in range(5)]
	assert opened == [True, False, False, False, False]
