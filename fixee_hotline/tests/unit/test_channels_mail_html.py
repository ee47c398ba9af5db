"""Readable text from a mail's HTML."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixee_hotline.channels.mailbox.cleaning import split_reply
from fixee_hotline.channels.mailbox.html_text import html_to_text


@pytest.mark.parametrize(
	("html", "text"),
	[
		("<p>One</p><p>Two</p>", "One\n\nTwo"),
		("<div>One</div><div>Two</div>", "One\nTwo"),
		("<div>One<br></div><div><br></div><div>Two</div>", "One\n\nTwo"),
		("One<br>Two<br/>Three", "One\nTwo\nThree"),
		("<p class=MsoNormal>One</p><p class=MsoNormal>Two</p>", "One\nTwo"),
		(
			"<p class=MsoNormal>One</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Two</p>",
			"One\n\nTwo",
		),
		("a &lt;b&gt; &amp; &eacute;&#8217;&nbsp;c", "a <b> & é’ c"),
		("  much \n\t white   space ", "much white space"),
		("<pre>E17  06:12\n  E18</pre>", "E17  06:12\n  E18"),
		("<ul><li>one<li>two</ul>", "- one\n- two"),
		("<ol><li><p>one</p></li><li><div>two</div></li></ol>", "1. one\n2. two"),
		("<ul><li>a<ol><li>b</li></ol></li></ul>", "- a\n  1. b"),
		(
			"<table><tr><th>Code</th><th>At</th></tr><tr><td>E17</td><td>06:12</td></tr></table>",
			"Code | At\nE17 | 06:12",
		),
		("<table><tr><td>E17<td>06:12<tr><td>E18<td>07:00</table>", "E17 | 06:12\nE18 | 07:00"),
		(
			"<table><tr><td><table><tr><td><p>Hi</p><p>there</p></td></tr></table></td></tr></table>",
			"Hi\n\nthere",
		),
		('see <a href="https://a.example/x">the photo</a>', "see the photo"),
		('see <a href="https://a.example/x"><img src="y"></a>', "see https://a.example/x"),
		('see <a href="javascript:alert(1)"></a>', "see"),
		("<head><title>T</title><style>p{}</style></head><script>alert(1)</script>Text", "Text"),
		("<SCRIPT>if (a < b) {}</SCRIPT >Text", "Text"),
		("<!-- hidden --><!--[if mso]><p>no</p><![endif]-->Text", "Text"),
		('<div style="display:none">preview<div>x</div></div>Text', "Text"),
		('<blockquote type="cite">old<br>older</blockquote>new', "> old\n> older\n\nnew"),
		("<blockquote>indented</blockquote>", "indented"),
		("5 < 6 and 7 > 3 <", "5 < 6 and 7 > 3 <"),
		('<p title="a > b">Text</p>', "Text"),
		("<p>never closed <b>at all", "never closed at all"),
		("<style>p{} never closed, the text stays", "p{} never closed, the text stays"),
		("&#0;&#x110000;&bogus;", "\ufffd\ufffd&bogus;"),
		("", ""),
	],
)
def test_html_becomes_text(html: str, text: str) -> None:
	assert html_to_text(html) == text


def test_history_in_html_is_cut_like_history_in_text() -> None:
	html = (
		'<div dir="ltr">The valve is new.</div><br><div class="gmail_quote"><div class="gmail_attr">'
		'On Mon, Nov 2, 2026 at 8:14 AM OEM &lt;<a href="mailto:h@oem.example">h@oem.example</a>&gt; '
		"wrote:<br></div>"
		'<blockquote class="gmail_quote"><p>Is the line down?</p></blockquote></div>'
	)
	assert split_reply(html_to_text(html)).text == "The valve is new."


@pytest.mark.parametrize(
	"mark",
	[
		'class="moz-signature"',
		'id="Signature"',
		'class="gmail_signature"',
		'id="ms-outlook-mobile-signature"',
	],
)
def test_signature_marked_in_html_is_cut(mark: str) -> None:
	html = f"<div>The valve is new.</div><div {mark}>Ana<br>Plant Ltd</div>"
	assert split_reply(html_to_text(html)).text == "The valve is new."


@settings(max_examples=300, deadline=None)
@given(
	st.lists(
		st.sampled_from(
			["<td>", "</td>", "<table>", "</table>", "<li>", "<blockquote type=cite>", "</blockquote>", "<p>"]
		),
		max_size=12,
	)
)
def test_words_survive_any_nesting(tags: list[str]) -> None:
	html = "".join(f"{tag}w{number} " for number, tag in enumerate(tags))
	words = html_to_text(html).replace("|", " ").split()
	assert [word for word in words if word.startswith("w")] == [f"w{number}" for number in range(len(tags))]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="<>/!-=\"'& apdivtrbscriptyle\n", max_size=300))
def test_any_markup_gives_text(html: str) -> None:
	assert isinstance(html_to_text(html), str)
