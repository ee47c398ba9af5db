"""The jury: what it may change and what it may not, with learners trained on a handful of examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fixee_hotline.triage.engine import Engine
from fixee_hotline.triage.features import rule_features, word_buckets
from fixee_hotline.triage.jury import Jury, Seen, Votes, load_jury, settle
from fixee_hotline.triage.learners import LABELS, VectorLearner
from fixee_hotline.triage.model import Reading, Thresholds
from fixee_hotline.triage.rules import default_rules
from fixee_hotline.triage.training import Example, read_examples, train_vectors, train_words

ENGINE = Engine(default_rules())
THRESHOLDS = Thresholds()


def votes(**shares: float) -> Votes:
	given = {label: shares.get(label, 0.0) for label in LABELS}
	return Votes({**given, "none": 1 - sum(shares.values())})


def seen(text: str, language: str = "en") -> Seen:
	return ENGINE.see(text, [language])


def test_enough_votes_raise_a_signal_and_quote_the_text() -> None:
	settled = settle(seen("Grass grows on the belts."), votes(line_stopped=0.7), THRESHOLDS)
	assert settled.found == {"line_stopped": "Grass grows on the belts."}


def test_few_votes_raise_nothing() -> None:
	assert settle(seen("The weather is fine here."), votes(line_stopped=0.2), THRESHOLDS).found == {}


def test_a_sure_finding_stands_whatever_the_votes() -> None:
	one = seen("The light curtain does not work, the press keeps moving.")
	assert "safety" in settle(one, votes(), THRESHOLDS).found


def test_an_unsure_finding_needs_backing() -> None:
	one = seen("The thing is stuck.")
	weak = replace(
		one, reading=replace(one.reading, found={"line_stopped": "stuck"}, unsure=frozenset({"line_stopped"}))
	)
	assert settle(weak, votes(), THRESHOLDS).found == {}
	assert settle(weak, votes(line_stopped=0.5), THRESHOLDS).found == {"line_stopped": "stuck"}


def test_words_that_production_is_back_need_many_votes_to_be_outweighed() -> None:
	one = seen("The filler is back up and running, thank you.")
	assert one.reading.restored is not None
	assert settle(one, votes(line_stopped=0.5), THRESHOLDS).restored == one.reading.restored
	assert settle(one, votes(line_stopped=0.9), THRESHOLDS).restored is None


def test_nobody_votes_on_a_word_or_two() -> None:
	jury = load_jury()
	assert jury.votes([seen("ok"), seen("Help")]) == [Votes({}), Votes({})]


@pytest.mark.parametrize("text", ["ok", "Photo attached.", "I am at the machine now.", "thanks", "Me too"])
def test_small_talk_is_not_critical(text: str) -> None:
	engine = Engine(default_rules(), load_jury())
	assert not set(engine.read(text, ["en"]).found) & {"line_stopped", "safety"}


def test_training_gives_the_same_weights_for_the_same_examples() -> None:
	examples = read_examples()[:60]
	some = [ENGINE.see(example.text, [example.language]) for example in examples]
	rules = np.array([rule_features(one.found, one.reading) for one in some], dtype=np.float32)
	buckets = [word_buckets(one.found) for one in some]
	labels = [example.label for example in examples]
	first, second = train_words(buckets, rules, labels), train_words(buckets, rules, labels)
	assert np.array_equal(first.words, second.words)
	shares = first.probabilities(buckets[0], rules[0])
	assert LABELS[int(shares.argmax())] == labels[0]
	assert shares.sum() == pytest.approx(1, abs=1e-4)


def test_every_example_has_a_known_label_and_every_language_all_labels() -> None:
	examples = read_examples()
	for language in ENGINE.rules.languages:
		assert {one.label for one in examples if one.language == language} == set(LABELS)


def test_without_vectors_the_words_decide_alone() -> None:
	jury = load_jury(with_vectors=False)
	assert jury.vectors is None
	one = seen("Nothing comes off the line any more, the whole shift stands still.")
	(vote,) = jury.votes([replace(one, reading=Reading({}))])
	assert vote.critical > 0.5


class LettersOnly:
	"""A stand-in for sentence vectors: counts of letters, of unit length. Says nothing of meaning."""

	def encode(self, texts: list[str]) -> NDArray[np.float32]:
		counts = np.array([[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts])
		return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def test_vectors_are_asked_only_where_the_words_are_not_sure(tmp_path: Path) -> None:
	examples = [*read_examples()[:80], Example("zzz qqq xxx", "en", "line_stopped")]
	some = [ENGINE.see(example.text, [example.language]) for example in examples]
	rules = np.array([rule_features(one.found, one.reading) for one in some], dtype=np.float32)
	labels = [example.label for example in examples]
	vectors = train_vectors([example.text for example in examples], rules, labels, LettersOnly())
	vectors.save(tmp_path / "vectors.npz")
	loaded = VectorLearner.load(tmp_path / "vectors.npz")
	words = train_words([word_buckets(one.found) for one in some[:-1]], rules[:-1], labels[:-1])
	(alone,) = Jury(words, None, None).votes([seen("qqq zzz xxx")])
	(asked,) = Jury(words, loaded, LettersOnly()).votes([seen("qqq zzz xxx")])
	assert max(alone.shares.values()) < 0.8
	assert asked.shares["line_stopped"] > alone.shares["line_stopped"]
