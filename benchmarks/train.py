"""`make learners`: trains the learners on the labelled examples, and measures them on examples left out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.features import rule_features, word_buckets
from fixee_hotline.triage.jury import Jury, Seen, settle
from fixee_hotline.triage.learners import VECTORS_FILE, WORDS_FILE, Encoder, load_encoder
from fixee_hotline.triage.rules import default_rules
from fixee_hotline.triage.training import Example, read_examples, train_vectors, train_words

FOLDS = 5
RANK = {"none": 0, "recurrent_incident": 1, "production_degraded": 1, "line_stopped": 2, "safety": 2}


def main() -> int:
	engine = Engine(default_rules())
	examples = read_examples()
	np.random.default_rng(1).shuffle(examples)  # type: ignore[arg-type]
	seen = [engine.see(example.text, [example.language]) for example in examples]
	encoder = load_encoder()
	sys.stdout.write(f"{len(examples)} examples\n")
	for name, one in (("words", None), ("words and vectors", encoder)):
		if name == "words" or one is not None:
			_cross_validate(name, examples, seen, one, engine)
	jury = _train(examples, seen, encoder)
	jury.words.save(WORDS_FILE)
	if jury.vectors is not None:
		jury.vectors.save(VECTORS_FILE)
	return 0


def _train(examples: Sequence[Example], seen: Sequence[Seen], encoder: Encoder | None) -> Jury:
	rules = np.array([rule_features(one.found, one.reading) for one in seen], dtype=np.float32)
	labels = [example.label for example in examples]
	words = train_words([word_buckets(one.found) for one in seen], rules, labels)
	texts = [example.text for example in examples]
	vectors = train_vectors(texts, rules, labels, encoder) if encoder else None
	return Jury(words, vectors, encoder)


def _cross_validate(
	name: str, examples: Sequence[Example], seen: Sequence[Seen], encoder: Encoder | None, engine: Engine
) -> None:
	pairs: list[tuple[int, int]] = []
	for fold in range(FOLDS):
		inside = [index for index in range(len(examples)) if index % FOLDS != fold]
		outside = [index for index in range(len(examples)) if index % FOLDS == fold]
		jury = _train([examples[index] for index in inside], [seen[index] for index in inside], encoder)
		left_out = [seen[index] for index in outside]
		for index, votes, one in zip(outside, jury.votes(left_out), left_out, strict=True):
			found = settle(one, votes, engine.rules.thresholds).found
			pairs.append((RANK[examples[index].label], max((RANK.get(code, 0) for code in found), default=0)))
	_report(name, pairs)


def _report(name: str, pairs: Sequence[tuple[int, int]]) -> None:
	right = sum(expected == got for expected, got in pairs)
	hits = sum(expected == got == 2 for expected, got in pairs)
	wanted = sum(expected == 2 for expected, _ in pairs)
	claimed = sum(got == 2 for _, got in pairs)
	sys.stdout.write(
		f"{name}: accuracy {right / len(pairs):.3f}, critical recall {hits / wanted:.3f}, "
		f"precision {hits / claimed:.3f} ({FOLDS}-fold, examples left out)\n"
	)


if __name__ == "__main__":
	sys.exit(main())
