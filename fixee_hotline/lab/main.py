"""The command line `fixee-hotline`: the same pure code as on a site, without Frappe."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from fixee_hotline import __version__
from fixee_hotline.lab import message, replay, triage
from fixee_hotline.lab.tables import DayError

EXAMPLE_DAY = Path(__file__).resolve().parents[2] / "examples" / "factory_day"


def main(argv: Sequence[str] | None = None) -> int:
	"""Runs one subcommand; 0 done, 1 done but some input was bad, 2 cannot start."""
	if isinstance(sys.stdout, io.TextIOWrapper):
		# JSON Lines are UTF-8 wherever they go; half a character of the input must not stop the rest.
		sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
	parameters = _parser().parse_args(argv)
	try:
		return int(parameters.run(parameters))
	except (triage.InputError, DayError) as error:
		sys.stderr.write(f"fixee-hotline: {error}\n")
		return 2
	except BrokenPipeError:
		sys.stderr.close()
		return 0


def _parser() -> argparse.ArgumentParser:
	parser = argparse.ArgumentParser(
		prog="fixee-hotline", description="Industrial hotline: triage, messages and days, without a site."
	)
	parser.add_argument("--version", action="version", version=__version__)
	commands = parser.add_subparsers(required=True, metavar="COMMAND")
	_add_demo(commands)
	_add_replay(commands)
	_add_triage(commands)
	_add_message(commands)
	return parser


def _command(
	commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: str, example: str
) -> argparse.ArgumentParser:
	return commands.add_parser(
		name,
		help=purpose,
		description=purpose,
		epilog=f"Example: {example}",
		formatter_class=argparse.RawDescriptionHelpFormatter,
	)


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
	command = _command(commands, "demo", "Replay the example day.", "fixee-hotline demo --out out")
	command.add_argument("--out", type=Path, metavar="DIR", help="write index.html there")
	command.set_defaults(run=_demo)


def _add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
	command = _command(
		commands, "replay", "Replay a day: board, reasons, KPIs.", "fixee-hotline replay examples/factory_day"
	)
	command.add_argument("day", type=Path, metavar="DAY_DIR")
	command.add_argument(
		"--rules", type=Path, metavar="FILE", help="rule set as JSON, instead of the shipped one"
	)
	command.add_argument("--out", type=Path, metavar="DIR", help="write index.html there")
	command.add_argument("--json", action="store_true", help="tickets and KPIs as JSON Lines")
	command.set_defaults(run=_replay)


def _add_triage(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
	command = _command(
		commands,
		"triage",
		"Rank requests (JSON Lines) and say why.",
		'echo \'{"id": "1", "text": "Ligne arrêtée, défaut E17"}\' | fixee-hotline triage -',
	)
	command.add_argument(
		"--registry", type=Path, metavar="DIR", help="machines.csv, customers.csv, fault_codes.csv"
	)
	command.add_argument(
		"--rules", type=Path, metavar="FILE", help="rule set as JSON, instead of the shipped one"
	)
	command.add_argument("file", nargs="?", default="-", metavar="FILE", help="input; - is standard input")
	command.set_defaults(run=_triage)


def _add_message(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
	command = _command(
		commands,
		"message",
		"Normalise mails and WhatsApp webhooks.",
		"fixee-hotline message mail.eml hook.json",
	)
	command.add_argument("--channel", choices=("mailbox", "whatsapp"), help="default: by the file's ending")
	command.add_argument("files", nargs="+", type=Path, metavar="FILE")
	command.set_defaults(run=_message)


def _demo(parameters: argparse.Namespace) -> int:
	if not EXAMPLE_DAY.is_dir():
		raise DayError("the example day comes with the source tree; run this from a checkout")
	engine = triage.engine_of(None)
	return replay.run(EXAMPLE_DAY, engine, sys.stdout, sys.stderr, parameters.out, False)


def _replay(parameters: argparse.Namespace) -> int:
	engine = triage.engine_of(parameters.rules)
	return replay.run(parameters.day, engine, sys.stdout, sys.stderr, parameters.out, parameters.json)


def _triage(parameters: argparse.Namespace) -> int:
	engine = triage.engine_of(parameters.rules)
	registry, problems = triage.registry_of(parameters.registry, sys.stderr)
	with _input(parameters.file) as lines:
		return triage.run(lines, registry, engine, sys.stdout, sys.stderr) or min(problems, 1)


def _input(name: str) -> BinaryIO:
	if name == "-":
		return sys.stdin.buffer
	try:
		return Path(name).open("rb")
	except OSError as error:
		raise triage.InputError(f"{name}: {error.strerror}") from error


def _message(parameters: argparse.Namespace) -> int:
	return message.run(parameters.files, parameters.channel, sys.stdout, sys.stderr)


if __name__ == "__main__":
	sys.exit(main())
