"""`fixee-hotline message`: mails and WhatsApp webhook bodies in, one normalised message a line out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TextIO

from fixee_hotline.channels.base import Message, MessageError
from fixee_hotline.channels.mailbox.parse import parse_mail
from fixee_hotline.channels.whatsapp.messages import to_message
from fixee_hotline.channels.whatsapp.payload import read_webhook
from fixee_hotline.lab.jsonlines import write_object
from fixee_hotline.translation.detect import detect_language

FileChannel = Literal["mailbox", "whatsapp"]
_CHANNELS: dict[str, FileChannel] = {".eml": "mailbox", ".json": "whatsapp", ".jsonl": "whatsapp"}


def run(files: Sequence[Path], channel: FileChannel | None, out: TextIO, err: TextIO) -> int:
	"""Prints the messages of files as JSON Lines; 1 when a file or a line could not be read, else 0."""
	failed = 0
	for path in files:
		for result in _results(path, channel):
			if isinstance(result, MessageError):
				err.write(f"{result}\n")
				failed = 1
			else:
				write_object(out, result.to_dict())
	return failed


def messages_of_file(path: str | Path, channel: FileChannel | None = None) -> Iterator[Message]:
	"""The messages of a file, with their language; `MessageError` names the file, and its line."""
	for result in _results(Path(path), channel):
		if isinstance(result, MessageError):
			raise result
		yield result


def _results(path: Path, channel: FileChannel | None) -> Iterator[Message | MessageError]:
	"""Messages, and errors in their place: one bad line does not stop the rest."""
	kind = channel or _CHANNELS.get(path.suffix.lower())
	if kind is None:
		yield MessageError(
			f"{path}: neither .eml nor .json: say what it is with --channel mailbox or whatsapp"
		)
		return
	try:
		raw = path.read_bytes()
	except OSError as error:
		yield MessageError(f"{path}: cannot be read: {error.strerror or error}")
		return
	bodies = _bodies(raw) if kind == "whatsapp" else [("", raw)]
	for place, body in bodies:
		try:
			messages = (
				[parse_mail(body)]
				if kind == "mailbox"
				else [to_message(event) for event in read_webhook(body)]
			)
		except MessageError as error:
			yield MessageError(f"{path}{place}: {error}")
			continue
		yield from (_with_language(message) for message in messages)


def _bodies(raw: bytes) -> list[tuple[str, bytes]]:
	"""The webhook bodies of a file with the place of each: one body, or one a line."""
	lines = [(number, line) for number, line in enumerate(raw.splitlines(), 1) if line.strip()]
	if len(lines) < 2 or not _is_object(lines[0][1]):
		return [("", raw)]
	return [(f":{number}", line) for number, line in lines]


def _is_object(line: bytes) -> bool:
	try:
		return isinstance(json.loads(line), dict)
	except (ValueError, RecursionError):
		return False


def _with_language(message: Message) -> Message:
	"""The message with the language of what its sender wrote; placeholders in brackets are nobody's words."""
	is_words = (
		message.text
		and message.kind != "status"
		and not (message.text.startswith("[") and message.text.endswith("]"))
	)
	return replace(message, language=detect_language(message.text)) if is_words else message
