"""Training of the learners: ridge regression in closed form; the same examples give the same weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixee_hotline.triage.features import BUCKETS
from fixee_hotline.triage.learners import (
	LABELS,
	RULES_BESIDE_WORDS,
	Encoder,
	Matrix,
	VectorLearner,
	WordLearner,
	nearness,
	points,
	quantised,
)
from fixee_hotline.triage.text import without_codes

EXAMPLES = Path(__file__).parent / "examples"
WORDS_RIDGE, VECTORS_RIDGE = 0.5, 0.1
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Example:
	"""A labelled text; `label` is one of LABELS, the gravest that applies."""

	text: str
	language: str
	label: str


def read_examples(directory: Path = EXAMPLES) -> list[Example]:
	"""All examples of `<language>*.jsonl`, each text once. Raises ValueError for an unknown label."""
	found: dict[str, Example] = {}
	for path in sorted(directory.glob("*.jsonl")):
		for line in path.read_text(encoding="utf-8").splitlines():
			value = json.loads(line)
			if value["label"] not in LABELS:
				raise ValueError(f"{path.name}: label “{value['label']}” is not one of {', '.join(LABELS)}")
			found.setdefault(value["text"], Example(value["text"], path.stem[:2], value["label"]))
	return list(found.values())


def train_words(buckets: Sequence[Sequence[int]], rules: Matrix, labels: Sequence[str]) -> WordLearner:
	"""Linear ridge over hashed words and rule features."""
	seen = rules * RULES_BESIDE_WORDS
	kernel = seen @ seen.T + np.float32(0.1)
	for start in range(0, BUCKETS, CHUNK):
		part = _columns(buckets, start)
		kernel += part @ part.T
	weights = _solve(kernel, labels, WORDS_RIDGE)
	words = np.concatenate([_columns(buckets, start).T @ weights for start in range(0, BUCKETS, CHUNK)])
	return WordLearner(words, RULES_BESIDE_WORDS * seen.T @ weights, np.float32(0.1) * weights.sum(axis=0))


def train_vectors(texts: list[str], rules: Matrix, labels: Sequence[str], encoder: Encoder) -> VectorLearner:
	"""Kernel ridge over nearness to every example."""
	encoded = encoder.encode([without_codes(text) for text in texts])
	vectors = quantised(np.asarray(encoded, dtype=np.float32)).astype(np.float32) / 127
	own = points(vectors, rules)
	kernel = nearness(own, own, (own**2).sum(axis=1))
	return VectorLearner(vectors, rules, _solve(kernel, labels, VECTORS_RIDGE))


def _columns(buckets: Sequence[Sequence[int]], start: int) -> Matrix:
	part = np.zeros((len(buckets), CHUNK), dtype=np.float32)
	for row, some in enumerate(buckets):
		inside = [bucket - start for bucket in some if start <= bucket < start + CHUNK]
		part[row, inside] = len(some) ** -0.5
	return part


def _solve(kernel: Matrix, labels: Sequence[str], ridge: float) -> Matrix:
	targets = np.array([[float(label == one) for one in LABELS] for label in labels])
	weights = np.linalg.solve(kernel.astype(np.float64) + ridge * np.eye(len(targets)), targets)
	return weights.astype(np.float32)
