"""The matcher: which entries of a knowledge base answer a question, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.matching import calibration
from bot.matching.index import Floats, Index
from bot.matching.text import features, fold, key, tokens
from bot.messages import Match

NEIGHBOURS = 30
RIDGE = 0.5
ENTRY_WEIGHT, RIDGE_WEIGHT, RATIO_WEIGHT = 0.5, 0.5, 0.2
RESULTS = 10
EXACT_CONFIDENCE = 0.995


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry in one language."""

    entry: str
    lang: str


class Matcher:
    """Immutable after construction: a reload builds another one."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._items: list[_Item] = []
        self._texts: list[str] = []
        self._folded: list[str] = []
        self._keys: dict[str, set[int]] = {}
        owners: list[int] = []
        vectors = []
        for entry in entries:
            self._items.append(_Item(str(entry["id"]), str(entry.get("lang") or "")))
            for text in (entry["question"], *entry.get("variants", ())):
                folded = fold(text)
                words = tokens(folded)
                if not words:
                    continue
                self._keys.setdefault(key(folded), set()).add(len(self._texts))
                self._texts.append(text)
                self._folded.append(" ".join(words))
                vectors.append(features(words))
                owners.append(len(self._items) - 1)
        self._index = Index(vectors, owners)
        self._owners = self._index.owners
        self._lengths = self._entry_lengths()

    def _entry_lengths(self) -> NDArray[np.float64]:
        lengths = np.ones(len(self._items))
        for number in range(len(self._items)):
            rows = np.flatnonzero(self._owners == number)
            if len(rows):
                lengths[number] = np.sqrt(self._index.gram(rows).sum())
        return lengths

    def match(self, text: str, lang: str | None) -> list[tuple[str, float]]:
        """Entry ids with their confidences 0..1, best first, each id once."""
        scores, _ = self._score(text)
        best: dict[str, float] = {}
        for number in np.argsort(-scores, kind="stable")[: RESULTS * 3]:
            if scores[number] <= 0:
                break
            best.setdefault(self._items[number].entry, calibration.confidence(float(scores[number])))
        return list(best.items())

    def _score(self, text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        folded = fold(text)
        words = tokens(folded)
        if not words or not self._index.size:
            return np.zeros(len(self._items)), np.zeros(0)
        near = self._index.similarities(self._index.vector(features(words)))
        scores = ENTRY_WEIGHT * np.bincount(self._owners, near, minlength=len(self._items)) / self._lengths
        chosen = self._nearest(near)
        if not len(chosen):
            return scores, np.zeros(0)
        gram = self._index.gram(chosen)
        gram[np.diag_indices_from(gram)] += RIDGE
        shares = np.linalg.solve(gram, near[chosen].astype(np.float64))
        owners = self._owners[chosen]
        np.add.at(scores, owners, RIDGE_WEIGHT * shares)
        joined = " ".join(words)
        ratios = np.zeros(len(self._items))
        for row, owner in zip(chosen, owners, strict=True):
            ratios[owner] = max(ratios[owner], fuzz.ratio(joined, self._folded[row]) / 100)
        scores += RATIO_WEIGHT * ratios
        for row in self._keys.get(key(folded), ()):
            scores[self._owners[row]] = 2.0
        return scores, shares

    def _nearest(self, near: Floats) -> NDArray[np.int64]:
        count = min(NEIGHBOURS, len(near))
        chosen = np.argpartition(-near, count - 1)[:count]
        chosen = chosen[near[chosen] > 0]
        return chosen[np.lexsort((chosen, -near[chosen]))]

    def explain(self, text: str, lang: str | None, top: int = 5) -> list[Match]:
        """The best entries with the phrasing that carried each, and the reasons in words and numbers."""
        return [Match(entry, confidence) for entry, confidence in self.match(text, lang)[:top]]
