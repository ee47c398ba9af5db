"""The day as one HTML page: board and figures. Every text is escaped; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from fixee_hotline.lab.board import LEVEL_NAMES, kpi_rows, wait_of, why_of
from fixee_hotline.lab.figures import Figures

if TYPE_CHECKING:
	from fixee_hotline.lab.replay import Ticket

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
body { color: #1b2330; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; vertical-align: top; }
th { border-bottom: 2px solid #c8d0da; } td { border-bottom: 1px solid #e4e8ee; }
.level { font-weight: 600; white-space: nowrap; } .critical .level { color: #a31515; }
.important .level { color: #8a5200; } .non_critical .level { color: #3d5a80; }
.critical td:first-child { border-left: 4px solid #c62828; }
.important td:first-child { border-left: 4px solid #e08a00; }
.non_critical td:first-child { border-left: 4px solid #9fb3c8; } .kpis { width: auto; }
"""


def write_page(tickets: Sequence[Ticket], figures: Figures, directory: Path) -> Path:
	"""Writes index.html into `directory` (made if missing) and returns its path."""
	directory.mkdir(parents=True, exist_ok=True)
	path = directory / "index.html"
	path.write_text(_page(tickets, figures), encoding="utf-8")
	return path


def _page(tickets: Sequence[Ticket], figures: Figures) -> str:
	board = "\n".join(_row(ticket) for ticket in tickets)
	kpis = "\n".join(
		f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>"
		for name, value in kpi_rows(figures)
	)
	heads = ("Time", "Channel", "Customer", "Machine", "Level", "Why", "Agent", "Resolved after")
	head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
	return (
		"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
		"<meta name='viewport' content='width=device-width, initial-scale=1'>"
		f"<title>FIXEE Hotline: the day</title><style>{STYLE}</style></head><body>"
		f"<h1>The day on the hotline</h1><h2>Board</h2><table><thead><tr>{head}</tr></thead>"
		f"<tbody>{board}</tbody></table><h2>KPIs</h2><table class='kpis'><tbody>{kpis}</tbody></table>"
		"</body></html>\n"
	)


def _row(ticket: Ticket) -> str:
	machine = " ".join(filter(None, (ticket.model, ticket.machine))) or "?"
	why = why_of(ticket)
	if ticket.fault_codes:
		why += f" [{', '.join(ticket.fault_codes)}]"
	cells = (
		ticket.thread.opened_at.strftime("%H:%M"),
		ticket.channel,
		ticket.customer or ticket.sender,
		machine,
		LEVEL_NAMES[ticket.level],
		why,
		(ticket.agent or "-").split("@")[0],
		wait_of(ticket),
	)
	tags = "".join(
		f"<td class='level'>{escape(text)}</td>" if index == 4 else f"<td>{escape(text)}</td>"
		for index, text in enumerate(cells)
	)
	return f"<tr class='{ticket.level}'>{tags}</tr>"
