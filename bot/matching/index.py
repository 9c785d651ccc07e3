"""The phrasings of a knowledge base as sparse vectors, and which of them are near a question.

A phrasing is one unit vector of two blocks, exact and fuzzy, weighted by how few entries have a feature. Vectors are
kept twice: by phrasing (to compare candidates with each other) and by feature (postings, to find candidates).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.text import Features

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

EXACT_SHARE = 0.4
"""Share of the exact block in a full similarity of 1; the rest is the fuzzy block's (measured)."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A question in the index's terms: known features, their weights, and nothing of the unknown but their toll."""

    features: Ints
    weights: Floats


class Index:
    """Immutable once built. Rows are phrasings, in the order in which they were given; owners are 0, 1, 2 ..."""

    def __init__(self, phrasings: Sequence[Features], owners: Sequence[int]) -> None:
        self.size = len(phrasings)
        self.owners: Ints = np.asarray(owners, dtype=np.int32)
        self._exact: dict[str, int] = {}
        self._fuzzy: dict[str, int] = {}
        rows, columns, values, fuzzy = self._collect(phrasings)
        self._is_fuzzy = fuzzy
        self._entries = int(self.owners.max()) + 1 if self.size else 0
        self._rarity = self._weigh(rows, columns)
        values = self._normalise(rows, columns, values * self._rarity[columns])
        self._row_starts = np.searchsorted(rows, np.arange(self.size + 1)).astype(np.int64)
        self._columns, self._values = columns, values
        order = np.argsort(columns, kind="stable")
        self._posting_rows, self._posting_values = rows[order], values[order]
        self._posting_starts = np.searchsorted(columns[order], np.arange(len(self._rarity) + 1)).astype(np.int64)

    def _collect(self, phrasings: Sequence[Features]) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
        """Row, column and raw weight of every feature of every phrasing, sorted by row; which columns are fuzzy."""
        names: dict[tuple[bool, str], int] = {}
        columns, values, lengths = array("i"), array("f"), []
        kinds: list[bool] = []
        for phrasing in phrasings:
            for is_fuzzy, known, block in ((False, self._exact, phrasing.exact), (True, self._fuzzy, phrasing.fuzzy)):
                for feature, weight in block.items():
                    column = known.get(feature)
                    if column is None:
                        column = known[feature] = len(kinds)
                        kinds.append(is_fuzzy)
                    columns.append(column)
                    values.append(weight)
            lengths.append(len(phrasing.exact) + len(phrasing.fuzzy))
        del names
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), np.asarray(lengths, dtype=np.int64))
        return (
            rows,
            np.frombuffer(columns, dtype=np.int32).copy() if columns else np.zeros(0, np.int32),
            np.frombuffer(values, dtype=np.float32).copy() if values else np.zeros(0, np.float32),
            np.asarray(kinds, dtype=np.bool_),
        )

    def _weigh(self, rows: Ints, columns: Ints) -> Floats:
        """How much a feature says: the fewer entries have it, the more. An entry counts once, however often it has it."""
        pairs = np.unique(self.owners[rows].astype(np.int64) * max(1, len(self._is_fuzzy)) + columns)
        spread = np.bincount(pairs % max(1, len(self._is_fuzzy)), minlength=len(self._is_fuzzy))
        return self._idf(spread).astype(np.float32)

    def _idf(self, spread: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.log(1 + (self._entries + 0.5) / (spread + 0.5))

    def _normalise(self, rows: Ints, columns: Ints, values: Floats) -> Floats:
        block = rows.astype(np.int64) * 2 + self._is_fuzzy[columns]
        norms = np.sqrt(np.bincount(block, values.astype(np.float64) ** 2, minlength=2 * self.size))
        shares = np.where(self._is_fuzzy[columns], 1 - EXACT_SHARE, EXACT_SHARE)
        return (values * np.sqrt(shares) / norms[block]).astype(np.float32)

    def vector(self, question: Features) -> Vector:
        """The question as a vector. What no phrasing has counts in its length: it makes every similarity smaller."""
        unknown = float(self._idf(np.zeros(1, dtype=np.int64))[0])
        features: list[int] = []
        weights: list[float] = []
        for share, known, block in (
            (EXACT_SHARE, self._exact, question.exact),
            (1 - EXACT_SHARE, self._fuzzy, question.fuzzy),
        ):
            here: list[float] = []
            toll = 0.0
            for feature, weight in block.items():
                column = known.get(feature)
                if column is None:
                    toll += (weight * unknown) ** 2
                else:
                    weight *= float(self._rarity[column])
                    toll += weight * weight
                    features.append(column)
                    here.append(weight)
            scale = (share / toll) ** 0.5 if toll else 0.0
            weights.extend(weight * scale for weight in here)
        return Vector(np.asarray(features, dtype=np.int32), np.asarray(weights, dtype=np.float32))

    def similarities(self, question: Vector) -> Floats:
        """Similarity 0..1 of every phrasing to the question."""
        if not len(question.features):
            return np.zeros(self.size, dtype=np.float32)
        starts = self._posting_starts
        slices = [slice(starts[f], starts[f + 1]) for f in question.features]
        lengths = [s.stop - s.start for s in slices]
        rows = np.concatenate([self._posting_rows[s] for s in slices])
        values = np.concatenate([self._posting_values[s] for s in slices])
        values *= np.repeat(question.weights, lengths)
        return np.bincount(rows, values, minlength=self.size).astype(np.float32)

    def gram(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Similarities 0..1 of the chosen phrasings to each other, as a square matrix."""
        starts = self._row_starts
        slices = [slice(starts[row], starts[row + 1]) for row in chosen]
        columns = np.concatenate([self._columns[s] for s in slices])
        values = np.concatenate([self._values[s] for s in slices])
        rows = np.repeat(np.arange(len(chosen)), [s.stop - s.start for s in slices])
        names, places = np.unique(columns, return_inverse=True)
        dense = np.zeros((len(chosen), len(names)))
        dense[rows, places] = values
        return np.asarray(dense @ dense.T)
