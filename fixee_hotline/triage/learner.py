"""A small local learner beside the rules: trained on labelled example sentences, it may raise, never lower.

Multinomial logistic regression over hashed features, trained with Adagrad; deterministic for the same examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fixee_hotline.triage.features import BUCKETS

LABELS = ("none", "recurrent_incident", "production_degraded", "line_stopped", "safety")
SHIPPED_WEIGHTS = Path(__file__).parent / "rules" / "learner.npz"
STEP = 0.15
PENALTY = 2e-5
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Example:
	"""A labelled text as buckets of features; `label` is one of LABELS."""

	buckets: tuple[int, ...]
	label: str


class Learner:
	"""Probabilities of the labels for a text's features."""

	def __init__(self, weights: NDArray[np.float32]) -> None:
		self.weights = weights

	def probabilities(self, buckets: Sequence[int]) -> dict[str, float]:
		"""Label to probability (0..1, sum 1)."""
		return dict(zip(LABELS, _softmax(self._scores(buckets)).tolist(), strict=True))

	def _scores(self, buckets: Sequence[int]) -> NDArray[np.float32]:
		scores: NDArray[np.float32] = self.weights[list(buckets)].sum(axis=0) / np.sqrt(max(len(buckets), 1))
		return scores

	def save(self, path: Path) -> None:
		np.savez_compressed(path, weights=self.weights.astype(np.float16))

	@classmethod
	def load(cls, path: Path = SHIPPED_WEIGHTS) -> Learner:
		"""Raises FileNotFoundError when no weights are there."""
		with np.load(path) as stored:
			return cls(stored["weights"].astype(np.float32))


def train(examples: Sequence[Example], seed: int = 7) -> Learner:
	"""A learner for `examples`; the same examples and seed give the same weights."""
	weights = np.zeros((BUCKETS, len(LABELS)), dtype=np.float32)
	squares = np.full((BUCKETS, len(LABELS)), 1e-4, dtype=np.float32)
	targets = np.eye(len(LABELS), dtype=np.float32)
	rows = [np.array(example.buckets, dtype=np.int64) for example in examples]
	labels = [LABELS.index(example.label) for example in examples]
	order = np.arange(len(examples))
	generator = np.random.default_rng(seed)
	for _ in range(ROUNDS):
		generator.shuffle(order)
		for index in order:
			_step(weights, squares, rows[index], targets[labels[index]])
	return Learner(weights)


def _step(
	weights: NDArray[np.float32],
	squares: NDArray[np.float32],
	buckets: NDArray[np.int64],
	target: NDArray[np.float32],
) -> None:
	scale = 1 / np.sqrt(max(len(buckets), 1))
	own = weights[buckets]
	error = _softmax(own.sum(axis=0) * scale) - target
	gradient = error * scale + PENALTY * own
	squares[buckets] += gradient * gradient
	weights[buckets] -= STEP * gradient / np.sqrt(squares[buckets])


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
	lifted = np.exp(scores - scores.max())
	found: NDArray[np.float32] = lifted / lifted.sum()
	return found
