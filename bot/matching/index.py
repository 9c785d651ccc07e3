"""The phrasings of a knowledge base as sparse vectors, and which of them are near a question.

A phrasing is a unit vector of two blocks, exact and fuzzy, weighted by how few entries have a feature. The vectors are
kept twice: by phrasing (to compare candidates with each other) and by feature (postings, to find candidates).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.features import Features

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

EXACT_SHARE = 0.4
"""Share of the exact block in a full similarity of 1; the rest is the fuzzy block's (measured)."""

LENGTH_SHARE = 0.55
"""How much of its own length a phrasing shorter than most is measured by; the rest is the usual length.

With 1, one word in common makes a question look like `what is X`; with 0, short phrasings would never be found.
"""


@dataclass(frozen=True, slots=True)
class Vector:
    """A question in the index's terms: the features that it knows and their weights."""

    features: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class _Table:
    """Sparse rows one after the other: `starts[r]:starts[r + 1]` is row r."""

    starts: Longs
    names: Ints
    values: Floats

    def take(self, rows: Sequence[int] | Ints | Longs) -> tuple[Ints, Floats, Longs]:
        """Names and values of the rows, joined, and the length of each row."""
        bounds = [(int(self.starts[row]), int(self.starts[row + 1])) for row in rows]
        names = np.concatenate([self.names[start:end] for start, end in bounds])
        values = np.concatenate([self.values[start:end] for start, end in bounds])
        return names, values, np.array([end - start for start, end in bounds])


class Index:
    """Immutable once built. Rows are phrasings in the order given; `owners` numbers each one's entry, 0, 1, 2 ..."""

    def __init__(self, phrasings: Iterable[Features], owners: Sequence[int], entries: int) -> None:
        self.size = len(owners)
        self.owners: Ints = np.asarray(owners, dtype=np.int32)
        self._entries = entries
        self._exact: dict[str, int] = {}
        self._fuzzy: dict[str, int] = {}
        rows, columns, raw, self._is_fuzzy = self._collect(phrasings)
        # One number for an entry and a feature: sorted, these tell how spread a feature is and what an entry says.
        cells, places = np.unique(self.owners[rows] * np.int64(self._width) + columns, return_inverse=True)
        spread = np.bincount(cells % self._width, minlength=self._width)
        self._rarity: Floats = self._rarities(spread).astype(np.float32)
        values, shortness = self._normalise(rows, columns, raw * self._rarity[columns])
        self.lengths = self._entry_lengths(cells, places, values)
        self._phrasings = _Table(np.searchsorted(rows, np.arange(self.size + 1)), columns, values)
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(self._width + 1))
        self._postings = _Table(starts, rows[order], (values * shortness)[order])

    @property
    def _width(self) -> int:
        return max(1, len(self._is_fuzzy))

    def _collect(self, phrasings: Iterable[Features]) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
        """Row, column and raw weight of every feature of every phrasing, by row; and which columns are fuzzy.

        One phrasing at a time: all of them as dictionaries would need ten times the memory of the index.
        """
        columns, values, kinds, lengths = array("i"), array("f"), array("b"), array("i")
        for phrasing in phrasings:
            lengths.append(len(phrasing.exact) + len(phrasing.fuzzy))
            for is_fuzzy, known, block in ((0, self._exact, phrasing.exact), (1, self._fuzzy, phrasing.fuzzy)):
                for feature, weight in block.items():
                    column = known.setdefault(feature, len(kinds))
                    if column == len(kinds):
                        kinds.append(is_fuzzy)
                    columns.append(column)
                    values.append(weight)
        rows = np.repeat(np.arange(self.size, dtype=np.int32), np.array(lengths, dtype=np.int64))
        return (
            rows,
            np.array(columns, dtype=np.int32),
            np.array(values, dtype=np.float32),
            np.array(kinds, dtype=np.bool_),
        )

    def _rarities(self, spread: Longs) -> NDArray[np.float64]:
        """How much features say that so many entries have. An entry counts once, however often it says a thing.

        Never less than 1, so that frequent words still count a little: small knowledge bases have few rare ones.
        """
        return 1 + np.log((self._entries + 1) / (spread + 1))

    def _normalise(self, rows: Ints, columns: Ints, values: Floats) -> tuple[Floats, Floats]:
        """Values of unit vectors; and for each value the factor <= 1 that the phrasing's block pays for being short."""
        block = rows.astype(np.int64) * 2 + self._is_fuzzy[columns]
        norms = np.sqrt(np.bincount(block, values.astype(np.float64) ** 2, minlength=2 * self.size))
        shortness = np.ones_like(norms)
        for kind in (0, 1):
            own = norms[kind::2]
            usual = float(np.median(own[own > 0])) if (own > 0).any() else 1.0
            shortness[kind::2] = np.minimum(1, own / ((1 - LENGTH_SHARE) * usual + LENGTH_SHARE * own))
        shares = np.where(self._is_fuzzy[columns], 1 - EXACT_SHARE, EXACT_SHARE)
        unit = values * np.sqrt(shares) / norms[block]
        return unit.astype(np.float32), shortness[block].astype(np.float32)

    def _entry_lengths(self, cells: Longs, places: Longs, values: Floats) -> NDArray[np.float64]:
        """Length of the sum of each entry's phrasings, 1 for an entry without any."""
        sums = np.bincount(places.ravel(), values, minlength=len(cells))
        squares = np.bincount(cells // self._width, sums**2, minlength=self._entries)
        return np.sqrt(np.where(squares > 0, squares, 1.0))

    def vector(self, question: Features) -> Vector:
        """The question as a vector. What no phrasing has counts in its length: it makes every similarity smaller."""
        unknown = float(self._rarities(np.zeros(1, dtype=np.int64))[0])
        columns: list[int] = []
        weights: list[float] = []
        for share, known, block in (
            (EXACT_SHARE, self._exact, question.exact),
            (1 - EXACT_SHARE, self._fuzzy, question.fuzzy),
        ):
            here = [(known.get(feature), weight) for feature, weight in block.items()]
            found = [(column, weight * float(self._rarity[column])) for column, weight in here if column is not None]
            square = sum(weight**2 for _, weight in found)
            square += sum((weight * unknown) ** 2 for column, weight in here if column is None)
            scale = (share / square) ** 0.5 if square else 0.0
            columns += [column for column, _ in found]
            weights += [weight * scale for _, weight in found]
        return Vector(np.array(columns, dtype=np.int32), np.array(weights, dtype=np.float32))

    def similarities(self, question: Vector) -> NDArray[np.float64]:
        """Similarity 0..1 of every phrasing to the question."""
        if not len(question.features):
            return np.zeros(self.size)
        rows, values, lengths = self._postings.take(question.features)
        products = values * np.repeat(question.weights, lengths)
        return np.bincount(rows, products, minlength=self.size).astype(np.float64, copy=False)

    def likeness(self, chosen: Longs) -> NDArray[np.float64]:
        """Similarities 0..1 of the chosen phrasings to each other, as a square matrix."""
        columns, values, lengths = self._phrasings.take(chosen)
        names, places = np.unique(columns, return_inverse=True)
        dense = np.zeros((len(chosen), len(names)))
        dense[np.repeat(np.arange(len(chosen)), lengths), places.ravel()] = values
        return np.asarray(dense @ dense.T)
