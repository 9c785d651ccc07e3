"""Models whose scales differ are brought onto one."""

from __future__ import annotations

import numpy as np
import pytest

from bot.vectors.gauge import LEAST_STRETCH, MOST_STRETCH, PAIRS, USUAL, Gauge, yardsticks

WIDTH = 256


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def model(common: float, alike: float) -> np.ndarray:
    """Vectors of the yardsticks by a model that calls all texts so alike, and those of a pair so much more."""
    chance = np.random.default_rng(7)
    shared = unit(chance.normal(size=WIDTH))
    meanings = unit(chance.normal(size=(len(PAIRS), WIDTH))).repeat(2, axis=0)
    own = unit(chance.normal(size=(2 * len(PAIRS), WIDTH)))
    texts = unit(np.sqrt(alike) * meanings + np.sqrt(1 - alike) * own)
    return unit(np.sqrt(common) * shared + np.sqrt(1 - common) * texts)


def measured(gauge: Gauge, vectors: np.ndarray) -> tuple[float, float]:
    """How alike unrelated texts and those of a pair are under the gauge."""
    phrasings = np.array([gauge.phrasing(vector) for vector in vectors[0::2]])
    questions = np.array([gauge.question(vector) for vector in vectors[1::2]])
    table = phrasings @ questions.T
    return float(table[~np.eye(len(table), dtype=bool)].mean()), float(np.diag(table).mean())


@pytest.mark.parametrize("common", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("alike", [0.5, 0.66, 0.9])
def test_unrelated_texts_end_up_unlike_and_pairs_as_alike_as_usual(common: float, alike: float) -> None:
    vectors = model(common, alike)
    unrelated, pairs = measured(Gauge.measured(list(vectors)), vectors)
    assert abs(unrelated) < 0.1
    assert pairs == pytest.approx(USUAL, abs=0.02)


def test_a_model_that_tells_nothing_apart_is_not_stretched_without_end() -> None:
    same = np.tile(unit(np.arange(1, 9, dtype=np.float32)), (2 * len(PAIRS), 1))
    gauge = Gauge.measured(list(same))
    assert LEAST_STRETCH <= gauge.stretch <= MOST_STRETCH
    assert np.isfinite(gauge.phrasing(same[0])).all()


def test_a_vector_of_another_width_passes_unchanged() -> None:
    gauge = Gauge.measured(list(model(0.5, 0.7)))
    assert (gauge.phrasing(np.ones(3, dtype=np.float32)) == 1).all()


def test_the_yardsticks_are_in_languages_that_the_model_knows() -> None:
    assert len(yardsticks(None)) == 2 * len(PAIRS)
    assert all(text.isascii() for text in yardsticks(["en"]))
    assert not any(text.isascii() for text in yardsticks(["zh"]))
    assert len(yardsticks(["ka"])) == 2 * len(PAIRS), "better than none"
