"""What an installed package must carry beside its modules."""

from __future__ import annotations

import re
from pathlib import Path

from fixee_hotline.triage.learners import VECTORS_FILE, WORDS_FILE

ROOT = Path(__file__).resolve().parents[3]
NEEDED = (
	WORDS_FILE,
	VECTORS_FILE,
	ROOT / "fixee_hotline" / "intake" / "questions.json",
	ROOT / "fixee_hotline" / "triage" / "rules" / "base.json",
	ROOT / "fixee_hotline" / "modules.txt",
)


def test_every_data_file_the_code_reads_is_packaged() -> None:
	text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
	listed = re.search(r"^fixee_hotline = \[(.*?)\]", text, re.MULTILINE)
	assert listed is not None
	patterns = re.findall(r'"([^"]+)"', listed.group(1))
	packaged = {path for pattern in patterns for path in (ROOT / "fixee_hotline").glob(pattern)}
	assert set(NEEDED) <= packaged
