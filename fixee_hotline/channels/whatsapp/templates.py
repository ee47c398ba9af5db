"""Approved templates: read as Meta lists them, filled by an agent, sent outside the 24-hour window."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_VALUE = 1024
LONGEST_TEXT = 1024
STATES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "DELETED")
_PLACE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}", re.IGNORECASE)
_UNFIT = re.compile(r"[\n\r\t]| {5,}")


class TemplateError(ValueError):
	"""The template cannot be sent like this; the text says what to correct."""


@dataclass(frozen=True, slots=True)
class Template:
	"""One language of a template. `variables`: its places in the order of the body."""

	name: str
	language: str
	category: str
	body: str
	state: str
	provider_id: str = ""
	rejection_reason: str = ""

	@property
	def variables(self) -> tuple[str, ...]:
		return variables_of(self.body)


def variables_of(body: str) -> tuple[str, ...]:
	"""The places of a body, each once, in order."""
	return tuple(dict.fromkeys(_PLACE.findall(body)))


def read_templates(rows: Sequence[Any]) -> list[Template]:
	"""Rows of GET /{WABA}/message_templates; those without a text body are left out."""
	return [found for row in rows if isinstance(row, Mapping) and (found := _read(row))]


def fill(body: str, values: Mapping[str, str]) -> str:
	"""The text the customer reads; a missing, empty or unfit value is refused before anything is sent."""
	for name in variables_of(body):
		value = values.get(name, "").strip()
		if not value:
			raise TemplateError(f"The value for {{{{{name}}}}} is missing.")
		if _UNFIT.search(value) or len(value) > LONGEST_VALUE:
			raise TemplateError(
				f"The value for {{{{{name}}}}} must be one line of at most {LONGEST_VALUE} characters, "
				"without tabs and without more than four blanks in a row."
			)
	text = _PLACE.sub(lambda place: values[place.group(1)].strip(), body)
	if len(text) > LONGEST_TEXT:
		raise TemplateError(f"The filled template has {len(text)} characters; {LONGEST_TEXT} are allowed.")
	return text


def template_payload(name: str, language: str, body: str, values: Mapping[str, str]) -> dict[str, Any]:
	"""The message object of a template; numbered places go by order, named ones by name."""
	fill(body, values)
	parameters = [
		{
			"type": "text",
			**({} if place.isdigit() else {"parameter_name": place}),
			"text": values[place].strip(),
		}
		for place in _ordered(variables_of(body))
	]
	template: dict[str, Any] = {"name": name, "language": {"code": language}}
	if parameters:
		template["components"] = [{"type": "body", "parameters": parameters}]
	return {"type": "template", "template": template}


def _ordered(places: tuple[str, ...]) -> list[str]:
	return sorted(places, key=int) if all(place.isdigit() for place in places) else list(places)


def _read(row: Mapping[str, Any]) -> Template | None:
	components = row.get("components")
	bodies = [
		one.get("text")
		for one in (components if isinstance(components, list) else [])
		if isinstance(one, Mapping) and one.get("type") == "BODY"
	]
	name, language = row.get("name"), row.get("language")
	if (
		not bodies
		or not isinstance(bodies[0], str)
		or not isinstance(name, str)
		or not isinstance(language, str)
	):
		return None
	state = str(row.get("status") or "").upper()
	reason = str(row.get("rejected_reason") or "")
	return Template(
		name=name[:140],
		language=language[:16],
		category=str(row.get("category") or "UTILITY").upper(),
		body=bodies[0],
		state=state if state in STATES else "UNKNOWN",
		provider_id=str(row.get("id") or "")[:140],
		rejection_reason="" if reason == "NONE" else reason,
	)
