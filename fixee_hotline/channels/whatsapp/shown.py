"""How a received message looks in the thread: HTML whose every word from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from fixee_hotline.channels.whatsapp.media_rules import Family

Words = Callable[[str], str]
# The same class as before files were fetched: whoever reads a message's words skips these paragraphs.
MEDIA_CLASS = "hotline-media"
NOTE_CLASS = "hotline-note"
LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class ShownTranscript:
	"""`state` is "done", "waiting", "failed" or "none" (no provider); `confidence` is between 0 and 1."""

	state: str
	text: str = ""
	language: str | None = None
	confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ShownFile:
	"""`state` is "waiting", "there", "failed" or "gone"; `url` is its shown copy, `note` what is odd."""

	name: str
	state: str
	family: Family = "file"
	url: str = ""
	in_place: bool = False
	note: str = ""
	transcript: ShownTranscript | None = None


@dataclass(frozen=True, slots=True)
class ShownMessage:
	"""`reply` is the quoted line of the message answered; `versions` are earlier texts, the oldest first."""

	text: str
	forwarded: bool = False
	in_group: bool = False
	reply: str | None = None
	referral: str = ""
	versions: tuple[str, ...] = ()
	deleted: bool = False
	files: tuple[ShownFile, ...] = field(default=())


def html_of(message: ShownMessage, _: Words) -> str:
	"""The message as HTML; `_` translates our own words."""
	if message.deleted:
		return f"<div><em>{_('This message was deleted by its sender.')}</em></div>"
	blocks = [_note(_("Forwarded message"))] if message.forwarded else []
	if message.in_group:
		blocks.append(_note(_("Written in a group")))
	if message.reply is not None:
		blocks.append(_quote(message.reply or _("an earlier message"), _))
	blocks.append(f"<div>{_lines(message.text)}</div>")
	if message.referral:
		blocks.append(_note(message.referral))
	blocks += [_file(file, _) for file in message.files]
	if message.versions:
		blocks.append(_versions(message.versions, _))
	return "".join(blocks)


def deleted_original(text: str, _: Words) -> str:
	"""What agents still see of a deleted message."""
	title = _("What it said, kept for agents")
	return f'<details class="{NOTE_CLASS}"><summary>{title}</summary><div>{_lines(text)}</div></details>'


def reactions_of(rows: list[tuple[str, str]], _: Words) -> str:
	"""One line under a message: emoji and who gave it."""
	marks = [f"{escape(emoji)} {escape(name)}".strip() for emoji, name in rows if emoji]
	return _note(", ".join(marks), escaped=True) if marks else ""


def first_line(text: str) -> str:
	"""A short line to quote a message by."""
	line = " ".join(text.split())
	return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"


def _lines(text: str) -> str:
	return escape(text).replace("\n", "<br>")


def _note(text: str, escaped: bool = False) -> str:
	return f'<p class="{NOTE_CLASS}"><small>{text if escaped else escape(text)}</small></p>'


def _quote(text: str, _: Words) -> str:
	return f'<p class="{NOTE_CLASS}"><small>{_("Reply to")}: <q>{escape(first_line(text))}</q></small></p>'


def _versions(versions: tuple[str, ...], _: Words) -> str:
	earlier = "".join(f"<div>{_lines(text)}</div>" for text in versions)
	return (
		f'<details class="{NOTE_CLASS}"><summary>{_("Edited. Earlier version")}</summary>{earlier}</details>'
	)


def _file(file: ShownFile, _: Words) -> str:
	name = escape(file.name)
	if file.state == "waiting":
		body = f"{name}: {_('being fetched')}"
	elif file.state == "there":
		body = _there(file, name)
	else:
		body = f"{name}: {_('not fetched')}"
	if file.note:
		body += f"<br><small>{escape(file.note)}</small>"
	if file.transcript:
		body += _transcript(file.transcript, _)
	return f'<p class="{MEDIA_CLASS}">{body}</p>'


def _there(file: ShownFile, name: str) -> str:
	url = escape(file.url)
	if file.in_place and file.family == "image":
		return f'<a href="{url}" target="_blank"><img src="{url}" alt="{name}" style="max-width: 100%"></a>'
	if file.in_place and file.family == "audio":
		return f'<audio controls="controls" preload="none" src="{url}"></audio>'
	if file.in_place and file.family == "video":
		return f'<video controls="controls" preload="none" src="{url}" style="max-width: 100%"></video>'
	return f'<a href="{url}" target="_blank">{name}</a>'


def _transcript(transcript: ShownTranscript, _: Words) -> str:
	if transcript.state != "done":
		words = {
			"waiting": _("Being transcribed"),
			"failed": _("Transcription failed: please listen"),
		}.get(transcript.state, _("Not transcribed"))
		return f"<br><small><em>{words}</em></small>"
	facts = [_("Transcript by machine"), transcript.language or ""]
	if transcript.confidence is not None:
		facts.append(f"{_('confidence')} {round(transcript.confidence * 100)} %")
	label = ", ".join(filter(None, facts))
	return f"<br><small><em>{escape(label)}:</em></small><br>{_lines(transcript.text) or '…'}"
