"""What each error of the Cloud API means for the message, in plain words, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# channel: nothing goes out on this account until somebody acts; its messages wait.
# back_off: the same message again, later. slow_down: the whole number waits. long_wait: for an hour.
# refused: this message never arrives. window: a template is needed. template: this template is at fault.
Class = Literal["channel", "back_off", "slow_down", "long_wait", "window", "template", "refused"]

_CHECK = "An administrator must correct the WhatsApp account and press Check and Subscribe; then it is sent."
_WAIT = "Nothing to do: it is sent again by itself."
_OTHER_WAY = "Answer by e-mail or telephone."
_TELL = "Tell an administrator; the message can be sent again afterwards."
_MEDIA = "Convert the file or make it smaller, then attach it again."
_TEMPLATE = "Choose another template, or have an administrator correct this one and synchronise."


@dataclass(frozen=True, slots=True)
class Verdict:
	"""An error understood: its class, what happened, what to do."""

	code: int
	kind: Class
	words: str
	advice: str


@dataclass(slots=True)
class GraphError(Exception):
	"""Graph refused a call; it did not happen. `code` -1: no reason given, the HTTP status says the rest."""

	code: int
	message: str = ""
	details: str = ""
	http_status: int = 400

	def __str__(self) -> str:
		return f"({self.code}) {self.details or self.message or f'HTTP status {self.http_status}'}"


class NotReached(Exception):
	"""The call never left: no connection. The same call may be made again."""


class Unanswered(Exception):
	"""The call went out and no answer proves what became of it: it must not be made again blindly."""


_TABLE: dict[int, tuple[Class, str, str]] = {
	0: ("channel", "Meta does not accept the access token", _CHECK),
	3: ("channel", "The Meta app lacks a capability or permission", _CHECK),
	10: ("channel", "The access token lacks a permission", _CHECK),
	190: ("channel", "The access token has expired or was withdrawn", _CHECK),
	368: ("channel", "Meta has blocked the account for a breach of its policy", _CHECK),
	130497: ("refused", "The business may not write to people in this country", _OTHER_WAY),
	131005: ("channel", "Meta denies access: a permission is missing", _CHECK),
	131031: ("channel", "Meta has locked the account", _CHECK),
	131042: ("channel", "Payment for the WhatsApp account is not set up or has failed", _CHECK),
	131045: ("channel", "The telephone number is not registered correctly at Meta", _CHECK),
	1: ("back_off", "Meta had an unknown error", _WAIT),
	2: ("back_off", "Meta's service is down for the moment", _WAIT),
	4: ("slow_down", "The Meta app made too many calls", _WAIT),
	80007: ("slow_down", "The WhatsApp account made too many calls", _WAIT),
	130429: ("slow_down", "The number sent too many messages in too short a time", _WAIT),
	131000: ("back_off", "Meta could not send the message, for an unknown reason", _WAIT),
	131016: ("back_off", "Meta's service is overloaded", _WAIT),
	131056: ("back_off", "Too many messages to this person in a short time", _WAIT),
	131057: ("back_off", "Meta maintains the account at the moment", _WAIT),
	133016: ("slow_down", "The number was registered too often", _WAIT),
	131048: ("long_wait", "Meta restricts the number because people blocked it or marked it as spam", _WAIT),
	131047: ("window", "The customer last wrote more than 24 hours ago", "Send a template."),
	131021: ("refused", "The recipient is the sending number itself", "Correct the recipient."),
	131026: (
		"refused",
		"The number is not on WhatsApp, or the person uses an old version or did not accept the terms",
		_OTHER_WAY,
	),
	131030: ("refused", "The number is not on the list of allowed test recipients", _TELL),
	131049: (
		"refused",
		"Meta held the message back to protect the person from too many messages",
		_OTHER_WAY,
	),
	130472: (
		"refused",
		"The person is part of an experiment of Meta and does not get such messages",
		_OTHER_WAY,
	),
	131050: ("refused", "The person does not want marketing messages", _OTHER_WAY),
	131051: ("refused", "WhatsApp does not support this kind of message", "Send it as text or as a file."),
	131060: ("refused", "The message is not available", "Send it as text or as a file."),
	131052: ("refused", "The file could not be fetched", _MEDIA),
	131053: ("refused", "WhatsApp did not accept the file", _MEDIA),
	100: ("refused", "Meta does not accept a value of the message", _TELL),
	131008: ("refused", "A value that Meta needs is missing", _TELL),
	131009: ("refused", "A value of the message is not allowed", _TELL),
	131062: ("refused", "Messages of this kind need the person's telephone number", "Ask for the number."),
	131063: (
		"refused",
		"The person's user id is not valid for this account",
		"Ask the person to write again.",
	),
	131064: ("refused", "The person's user id is no longer valid", "Ask the person to write again."),
	132000: ("template", "The number of values does not fit the template", _TEMPLATE),
	132001: ("template", "The template does not exist in this language or is not approved", _TEMPLATE),
	132005: ("template", "The filled template is too long", "Shorten the values."),
	132007: ("template", "The template breaks a rule of WhatsApp", _TEMPLATE),
	132008: ("template", "A value of the template is not allowed", "Correct the values."),
	132012: ("template", "A value of the template has the wrong form", "Correct the values."),
	132015: ("template", "Meta has paused the template because of its low quality", _TEMPLATE),
	132016: ("template", "Meta has switched the template off for good", _TEMPLATE),
	132068: ("template", "The form behind the template is blocked", _TEMPLATE),
	132069: ("template", "The form behind the template is limited for the moment", _TEMPLATE),
	135000: ("refused", "Meta had an error with the values of the message", _TELL),
	137000: ("refused", "The business could not be found for this message", _TELL),
}

# A template with one of these must not be offered any more.
TEMPLATE_STATES = {132001: "DELETED", 132015: "PAUSED", 132016: "DISABLED"}


def verdict(error: GraphError) -> Verdict:
	"""What an answer of Graph means for the message."""
	return _of_code(error.code, error.details or error.message, error.http_status)


def verdict_of_status(errors: list[Mapping[str, Any]] | None) -> Verdict:
	"""What the errors of a "failed" status mean; the first one counts."""
	first = errors[0] if errors else {}
	code = first.get("code")
	data = first.get("error_data")
	details = data.get("details") if isinstance(data, Mapping) else None
	words = details or first.get("title") or first.get("message") or ""
	return _of_code(code if isinstance(code, int) else -1, str(words), 400)


def known_codes() -> tuple[int, ...]:
	"""Every code the table explains."""
	return tuple(_TABLE)


def _of_code(code: int, details: str, http_status: int) -> Verdict:
	row = _TABLE.get(code)
	if row is None and 200 <= code <= 299:
		row = ("channel", "The access token lacks a permission", _CHECK)
	if row is None:
		row = _unknown(http_status)
	kind, words, advice = row
	details = " ".join(details.split())[:300]
	return Verdict(code, kind, f"{words} ({code}: {details})" if details else f"{words} ({code})", advice)


def _unknown(http_status: int) -> tuple[Class, str, str]:
	"""A code that is not in the table: the HTTP status says whether trying again makes sense."""
	if http_status == 401:
		return "channel", "Meta does not accept the access token", _CHECK
	if http_status == 429:
		return "slow_down", "Meta asks to send more slowly", _WAIT
	if http_status >= 500:
		return "back_off", "Meta's service does not work at the moment", _WAIT
	return "refused", "Meta refused the message for a reason not known here", _TELL
