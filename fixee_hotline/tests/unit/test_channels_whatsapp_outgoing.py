"""What goes out on WhatsApp, decided without a site: writing, cutting, limits, errors, back-off, window."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixee_hotline.channels.whatsapp.client import safe_base_url
from fixee_hotline.channels.whatsapp.errors import GraphError, known_codes, verdict, verdict_of_status
from fixee_hotline.channels.whatsapp.formatting import cut, images_of, to_whatsapp
from fixee_hotline.channels.whatsapp.outbox import (
	STATES,
	after_refusal,
	idempotency_key,
	may_send_automatic,
	newer_state,
	state_of_all,
)
from fixee_hotline.channels.whatsapp.outgoing import (
	MEGABYTE,
	Choice,
	OutgoingError,
	addressed,
	buttons_payload,
	file_of,
	list_payload,
	text_payload,
)
from fixee_hotline.channels.whatsapp.templates import (
	TemplateError,
	fill,
	read_templates,
	template_payload,
	variables_of,
)
from fixee_hotline.channels.whatsapp.window import is_open, later, reminder_due, window_end
from fixee_hotline.conversation.automatic import acknowledgement, may_ask

# 200 to 299 are checked as a range.
DOCUMENTED = {
	*(0, 3, 10, 190, 131005, 131031, 368, 130497, 131042, 131045),
	*(1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133016, 131048, 131047),
	*(131026, 131021, 131030, 131049, 130472, 131050, 131051, 131060, 131052, 131053),
	*(100, 131008, 131009, 131062, 131063, 131064, 135000, 137000),
	*(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069),
}
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("html", "text"),
	[
		("<p>a</p><p>b</p>", "a\n\nb"),
		("<b>bold </b>and <em>soft</em>", "*bold* and _soft_"),
		("<strong>two<br>lines</strong>", "*two*\n*lines*"),
		("<s>no</s> <code>x=1</code>", "~no~ `x=1`"),
		("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
		("<ul><li><p>one</p></li></ul>", "- one"),
		("<blockquote><p>said</p></blockquote>", "> said"),
		('<a href="https://a.example/x">here</a>', "here (https://a.example/x)"),
		('<a href="https://a.example/">https://a.example</a>', "https://a.example"),
		('<a href="/helpdesk/tickets/1">#1</a>', "#1"),
		('<a href="https://us.example/helpdesk/tickets/1">#1</a>', "#1"),
		("<h2>Title</h2>text", "*Title*\ntext"),
		("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
		("<script>alert(1)</script>x<style>p{}</style>", "x"),
		("<p>  many   blanks </p>", "many blanks"),
		('new<p class="reply-to-content"></p><blockquote>old</blockquote>', "new"),
		("<b>never closed", "*never closed*"),
		("</div></p>stray", "stray"),
		("", ""),
	],
)
def test_html_becomes_whatsapp_writing(html: str, text: str) -> None:
	assert to_whatsapp(html, silent_links=["https://us.example/helpdesk/"]) == text


def test_pictures_in_the_text_are_found() -> None:
	assert images_of('<p><img src="/private/files/a.png"> and <img></p>') == ["/private/files/a.png"]


@given(st.text(max_size=400), st.integers(min_value=8, max_value=60))
def test_cutting_loses_no_words_and_keeps_the_limit(text: str, limit: int) -> None:
	pieces = cut(text, limit)
	assert all(0 < len(piece.encode("utf-16-le", "surrogatepass")) // 2 <= limit for piece in pieces)
	assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=300))
def test_any_html_is_written_without_an_error(html: str) -> None:
	assert isinstance(to_whatsapp(f"<p>{html}</p><b>{html}"), str)


def test_cuts_fall_at_ends_of_sentences() -> None:
	pieces = cut("One is here. Two is there. Three is gone.", 30)
	assert pieces == ["One is here. Two is there.", "Three is gone."]


@pytest.mark.parametrize(
	("name", "kind"),
	[
		("a.JPG", "image"),
		("a.png", "image"),
		("a.mp4", "video"),
		("a.ogg", "audio"),
		("a.m4a", "audio"),
		("a.webp", "document"),
		("a.pdf", "document"),
		("noname", "document"),
	],
)
def test_files_go_by_their_kind(name: str, kind: str) -> None:
	assert file_of(name, 10).kind == kind


@pytest.mark.parametrize(("name", "megabytes"), [("a.jpg", 5), ("a.mp4", 16), ("a.mp3", 16), ("a.pdf", 100)])
def test_files_over_the_limit_are_refused_in_words(name: str, megabytes: int) -> None:
	assert file_of(name, megabytes * MEGABYTE)
	with pytest.raises(OutgoingError, match=f"{name} has .* at most {megabytes} MB.*Nothing was sent"):
		file_of(name, megabytes * MEGABYTE + 1)
	with pytest.raises(OutgoingError):
		file_of(name, 0)


def test_choices_keep_their_limits() -> None:
	assert buttons_payload("Sure?", [Choice("1", "x" * 20)])["type"] == "interactive"
	for choices in (
		[],
		[Choice(str(one), "x") for one in range(4)],
		[Choice("1", "x" * 21)],
		[Choice("1", "")],
	):
		with pytest.raises(OutgoingError):
			buttons_payload("Sure?", choices)
	with pytest.raises(OutgoingError):
		buttons_payload("Sure?", [Choice("1", "a"), Choice("1", "b")])
	with pytest.raises(OutgoingError):
		list_payload("Which?", "Choose", [Choice(str(one), "x") for one in range(11)])
	with pytest.raises(OutgoingError):
		list_payload("Which?", "Choose", [Choice("1", "x", "y" * 73)])


def test_a_number_goes_in_to_and_a_user_id_in_recipient() -> None:
	by_number = addressed(text_payload("x"), "33612345678", "key")
	by_user = addressed(text_payload("x"), "US.1349AbC", "key")
	assert (by_number["to"], "recipient" in by_number) == ("33612345678", False)
	assert (by_user["recipient"], "to" in by_user) == ("US.1349AbC", False)


def test_every_code_of_the_table_has_words_and_advice_and_a_decision() -> None:
	assert set(known_codes()) == DOCUMENTED
	for code in (*known_codes(), 200, 250, 299):
		found = verdict(GraphError(code, "message", "details\nwith lines"))
		assert found.words and found.advice and "\n" not in found.words
		decision = after_refusal(found, 1, NOW, NOW)
		assert (decision.state == "Pending") == (
			found.kind in ("channel", "back_off", "slow_down", "long_wait")
		), code


@pytest.mark.parametrize(
	("status", "kind"), [(401, "channel"), (429, "slow_down"), (500, "back_off"), (400, "refused")]
)
def test_an_unknown_code_follows_the_http_status(status: int, kind: str) -> None:
	assert verdict(GraphError(987654, http_status=status)).kind == kind


def test_errors_of_statuses_are_read_defensively() -> None:
	for errors in (None, [], [{}], [{"code": "x"}], [{"code": 131026, "error_data": "no object"}]):
		assert verdict_of_status(errors).words  # type: ignore[arg-type]


def test_back_off_grows_and_ends() -> None:
	found = verdict(GraphError(131016))
	waits = [after_refusal(found, attempt, NOW, NOW).again_at for attempt in range(1, 12)]
	assert waits == sorted(waits) and waits[-1] == NOW + timedelta(minutes=10)
	assert after_refusal(found, 3, NOW - timedelta(hours=25), NOW).state == "Failed"


def test_states_meet_in_one_end_whatever_their_order() -> None:
	for states in itertools.combinations(STATES[3:], 3):
		ends = set()
		for order in itertools.permutations(states):
			state = "Sending"
			for reported in order:
				state = newer_state(state, reported)
			ends.add(state)
		assert len(ends) == 1
	assert state_of_all(["Read", "Failed", "Sent"]) == "Failed"
	assert state_of_all(["Read", "Sent"]) == "Sent"


def test_keys_are_the_same_for_the_same_parts_only() -> None:
	assert idempotency_key("a", 1) == idempotency_key("a", 1) != idempotency_key("a1", "")
	assert len(idempotency_key("x" * 5000)) <= 140


def test_window_comes_from_the_message_and_never_moves_back() -> None:
	end = window_end(NOW - timedelta(hours=3), NOW)
	assert end == NOW + timedelta(hours=21)
	assert window_end(NOW + timedelta(days=9), NOW) == NOW + timedelta(hours=24)
	assert later(end, window_end(NOW - timedelta(hours=9), NOW)) == end
	assert is_open(end, NOW) and not is_open(end, end) and not is_open(None, NOW)
	paris = (NOW - timedelta(hours=3)).astimezone(timezone(timedelta(hours=1)))
	assert window_end(paris, NOW) == end


def test_one_reminder_for_each_window() -> None:
	end = NOW + timedelta(minutes=50)
	assert reminder_due(end, NOW, True, None)
	assert not reminder_due(end, NOW, True, end)
	assert not reminder_due(end, NOW, False, None)
	assert reminder_due(end, NOW, True, end - timedelta(hours=20))
	assert not reminder_due(end + timedelta(hours=1), NOW, True, None)


def test_templates_are_read_and_filled() -> None:
	body = {"type": "BODY", "text": "Hello {{2}} and {{1}}, {{2}}"}
	row = {"name": "t", "language": "en", "status": "approved", "category": "UTILITY", "components": [body]}
	[template] = read_templates([row, {}, {"name": "x", "components": "no list"}, 7])
	assert (template.state, template.variables) == ("APPROVED", ("2", "1"))
	assert fill(template.body, {"1": "a", "2": "b"}) == "Hello b and a, b"
	parameters = template_payload("t", "en", template.body, {"1": "a", "2": "b"})["template"]["components"][0]
	assert [one["text"] for one in parameters["parameters"]] == ["a", "b"]
	named = template_payload("t", "en", "Hi {{name}}", {"name": "Jo"})["template"]["components"][0]
	assert named["parameters"] == [{"type": "text", "parameter_name": "name", "text": "Jo"}]
	assert (
		variables_of("none") == () and "components" not in template_payload("t", "en", "none", {})["template"]
	)
	for values in ({}, {"1": " ", "2": "b"}, {"1": "a\nb", "2": "c"}, {"1": "a" * 1025, "2": "c"}):
		with pytest.raises(TemplateError):
			fill(template.body, values)


def test_automatic_messages_are_few() -> None:
	assert may_send_automatic(None, NOW) and not may_send_automatic(NOW - timedelta(minutes=9), NOW)
	assert may_ask("Which?", (), False) and not may_ask("Which?", ("Which?",), False)
	assert not may_ask("Which?", (), True) and not may_ask("Which?", ("a", "b", "c"), False)
	assert acknowledgement("0012", "de_DE", "Welche?").startswith("Wir haben")
	assert "0012" in acknowledgement("0012", "xx", None)


@pytest.mark.parametrize(
	("url", "safe"),
	[
		("https://graph.facebook.com", True),
		("http://127.0.0.1:8080", True),
		("http://graph.facebook.com", False),
		("https://user:word@graph.facebook.com", False),
		("file:///etc/passwd", False),
		("", False),
	],
)
def test_the_token_goes_nowhere_unsafe(url: str, safe: bool) -> None:
	assert safe_base_url(url) is safe
