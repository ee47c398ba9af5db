"""Every test of this package as one module, for `bench run-tests --app fixee_hotline --module`.

Without `--module` Frappe also imports the pytest files of `tests/unit`, which need other packages.
"""

from __future__ import annotations

import importlib
import unittest
from pathlib import Path
from typing import Any


def load_tests(loader: unittest.TestLoader, _tests: Any, _pattern: Any) -> unittest.TestSuite:
	"""unittest calls this instead of looking for test cases here."""
	names = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
	modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
	return unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
