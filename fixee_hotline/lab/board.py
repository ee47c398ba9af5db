"""The day as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from fixee_hotline.lab.figures import Figures

if TYPE_CHECKING:
	from fixee_hotline.lab.replay import Ticket

LEVEL_NAMES = {"critical": "CRITICAL", "important": "Important", "non_critical": "Non-critical"}
COLUMNS = (
	("time", 5),
	("channel", 8),
	("customer", 24),
	("machine", 26),
	("level", 12),
	("why", 58),
	("agent", 18),
)


def write_board(tickets: Sequence[Ticket], out: TextIO) -> None:
	"""One line a request, in order of arrival."""
	out.write("  ".join(name.ljust(width) for name, width in COLUMNS) + "  wait\n")
	out.write("  ".join("-" * width for _, width in COLUMNS) + "  ----\n")
	for ticket in tickets:
		cells = zip(_cells(ticket), COLUMNS, strict=True)
		out.write("  ".join(_fit(text, width) for text, (_, width) in cells) + f"  {wait_of(ticket)}\n")


def _cells(ticket: Ticket) -> tuple[str, ...]:
	return (
		ticket.thread.opened_at.strftime("%H:%M"),
		ticket.channel,
		ticket.customer or ticket.sender,
		" ".join(filter(None, (ticket.model, ticket.machine))) or "?",
		LEVEL_NAMES[ticket.level],
		why_of(ticket),
		(ticket.agent or "-").split("@")[0],
	)


def why_of(ticket: Ticket) -> str:
	"""The reasons in one line: signal and the words that raised it, then the codes."""
	reasons = [f"{signal.code}: “{signal.evidence}”" for signal in ticket.signals]
	return "; ".join(reasons) or "no signal"


def wait_of(ticket: Ticket) -> str:
	"""From arrival to resolution, the only wait the files of a day prove; "open" while it is not resolved."""
	if ticket.resolved_at is None:
		return "open"
	minutes = int((ticket.resolved_at - ticket.thread.opened_at).total_seconds() // 60)
	return f"{minutes // 60}:{minutes % 60:02d}"


def _fit(text: str, width: int) -> str:
	flat = " ".join(text.split())
	return flat.ljust(width) if len(flat) <= width else flat[: width - 1] + "…"


def kpi_rows(figures: Figures) -> list[tuple[str, str]]:
	"""Names and values of the figures, ready to be shown."""
	return [
		("Requests", str(figures.requests)),
		("By level", _counts({LEVEL_NAMES[key].capitalize(): n for key, n in figures.by_level.items()})),
		("By channel", _counts(figures.by_channel)),
		("By language", _counts(figures.by_language)),
		("Machine known", f"{figures.machine_known} of {figures.requests}"),
		("Resolved", f"{figures.resolved} of {figures.requests}"),
		("Backlog at the end", str(figures.backlog)),
		("Resolution time, median", _minutes(figures.resolution_median)),
		("Resolution time, p90", _minutes(figures.resolution_p90)),
		("Resolved with an article", f"{figures.with_article} of {figures.resolved}"),
		("Minutes on the phone", f"{figures.call_minutes:.0f}"),
		("Minutes of write-up", f"{figures.write_up_minutes:.0f}"),
		("Calls without a note", str(figures.calls_without_note)),
	]


def write_kpis(figures: Figures, out: TextIO) -> None:
	"""The KPI table."""
	out.write("\nKPI                        value\n-------------------------  -----\n")
	for name, value in kpi_rows(figures):
		out.write(f"{name.ljust(25)}  {value}\n")


def _counts(counts: dict[str, int]) -> str:
	return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def _minutes(value: float | None) -> str:
	return "-" if value is None else f"{value:.0f} min"
