"""Rules that hold the house up: what may import what, where whitelisted functions stand, no silenced code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "fixee_hotline"
PURE = ("channels", "conversation", "machines", "intake", "triage", "translation", "lab")
NETWORK = {"requests", "httpx", "urllib", "socket", "http"}
CLIENTS = {"client.py", "media_client.py"}
LONGEST_FILE = 500


def python_files(*parts: str) -> Iterator[Path]:
	for path in sorted(PACKAGE.joinpath(*parts).rglob("*.py")):
		if "tests" not in path.relative_to(PACKAGE).parts:
			yield path


def imported(tree: ast.AST) -> set[str]:
	names: set[str] = set()
	for node in ast.walk(tree):
		if isinstance(node, ast.Import):
			names.update(alias.name.split(".")[0] for alias in node.names)
		elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
			names.add(node.module.split(".")[0])
	return names


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_know_no_frappe_no_network_and_no_clock(package: str) -> None:
	for path in python_files(package):
		if path.name == "store.py":
			continue
		source = path.read_text(encoding="utf-8")
		tree = ast.parse(source)
		assert not imported(tree) & {"frappe", "helpdesk"}, path
		assert path.name in CLIENTS or not imported(tree) & (NETWORK - {"http"}), path
		assert not re.search(r"datetime\.(now|utcnow|today)\(|time\.time\(", source), path


def test_whitelisted_functions_stand_in_api_and_host_and_are_annotated() -> None:
	for path in python_files():
		for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
			if not isinstance(node, ast.FunctionDef) or not any(
				_is_whitelist(one) for one in node.decorator_list
			):
				continue
			place = path.relative_to(PACKAGE).parts[0]
			assert place in ("api", "host", "fixee_hotline"), f"{path}: {node.name}"
			arguments = [one for one in node.args.args if one.arg != "self"]
			assert all(one.annotation for one in arguments), (
				f"{path}: {node.name} has arguments without annotation"
			)


def _is_whitelist(decorator: ast.expr) -> bool:
	target = decorator.func if isinstance(decorator, ast.Call) else decorator
	return isinstance(target, ast.Attribute) and target.attr == "whitelist"


def test_no_bare_except_no_print_and_a_reason_beside_each_ignored_permission() -> None:
	for path in python_files():
		lines = path.read_text(encoding="utf-8").splitlines()
		for node in ast.walk(ast.parse("\n".join(lines))):
			assert not (isinstance(node, ast.ExceptHandler) and node.type is None), f"{path}:{node.lineno}"
			if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
				assert node.func.id != "print", f"{path}:{node.lineno}"
		for number, line in enumerate(lines):
			if "ignore_permissions" in line and not line.lstrip().startswith("#"):
				near = " ".join(lines[max(number - 2, 0) : number + 1])
				assert "#" in near, f"{path}:{number + 1}: ignore_permissions without a reason"


def test_files_stay_readable() -> None:
	for path in python_files():
		assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE, path


def test_only_the_seam_imports_helpdesk() -> None:
	for path in python_files():
		if "helpdesk" in imported(ast.parse(path.read_text(encoding="utf-8"))):
			assert path.relative_to(PACKAGE).parts[0] == "host", path


def test_every_package_says_what_it_decides() -> None:
	for package in (*PURE, "host"):
		readme = PACKAGE / package / "README.md"
		assert readme.exists(), f"{package} has no README"
		assert len(readme.read_text(encoding="utf-8").splitlines()) >= 8, readme
