"""What texts mean, as vectors that a model made elsewhere, compared here. Optional: without them nothing is lost.

As with words, a question is compared with whole entries, and its nearest phrasings compete for it. Only entries whose
phrasings have vectors are compared like that; the model may not understand the language of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.language import detect
from bot.matching.text import MAX_TEXT

Vector = NDArray[np.float32]
"""The vector of a text, by whichever model; that of a phrasing has length one."""

Vectors = Mapping[str, Vector]

MEANING_WEIGHT = 2.0
"""What meaning counts beside words, which count 1 (measured: twice as much finds most)."""

NEIGHBOURS = 40
RIDGE = 0.3
"""As the matcher has them for words."""


@dataclass(frozen=True, eq=False, slots=True)
class Meaning:
    """The vector of one question; equal only to itself, so that what was found for it can be remembered."""

    vector: Vector


class Phrasing(NamedTuple):
    """What there is to know of a phrasing here. `spoken` is false for keywords, which are no sentence."""

    text: str
    lang: str
    spoken: bool


def is_understood(lang: str, languages: Sequence[str] | None) -> bool:
    """Whether a model that was made for these languages (None: for all) understands an entry in `lang`."""
    return languages is None or not lang or _base(lang) in map(_base, languages)


def tells(text: str, languages: Sequence[str] | None) -> bool:
    """Whether a question is written in a script that such a model understands."""
    return detect(text, languages) is not None if languages is not None else bool(text.strip())


def shortened(text: str) -> str:
    """What of a text is given to a model: links and the like stay, but a very long text ends early."""
    return " ".join(text[: 4 * MAX_TEXT].split())[:MAX_TEXT]


def _base(lang: str) -> str:
    return lang.lower().replace("_", "-").partition("-")[0]


class Nearness(NamedTuple):
    """How near entries are to a question by meaning: a score for each, and its nearest phrasing with the likeness."""

    known: NDArray[np.bool_]
    """Which entries have vectors; the other scores mean nothing."""
    scores: NDArray[np.float64]
    rows: Mapping[int, tuple[int, float]]


class Meanings:
    """The vectors of a knowledge base's phrasings. Immutable after construction.

    `owners` numbers each phrasing's entry. A phrasing without a vector, or with one of another width, is left out.
    """

    def __init__(
        self,
        phrasings: Sequence[Phrasing],
        owners: Sequence[int],
        entries: int,
        vectors: Vectors,
        languages: Sequence[str] | None,
    ) -> None:
        self.languages = None if languages is None else tuple(languages)
        found = [
            (row, owner, vectors[phrasing.text])
            for row, (phrasing, owner) in enumerate(zip(phrasings, owners, strict=True))
            if phrasing.spoken and is_understood(phrasing.lang, languages) and phrasing.text in vectors
        ]
        self.width = len(found[0][2]) if found else 0
        found = [(row, owner, vector) for row, owner, vector in found if len(vector) == self.width]
        self._rows = np.array([row for row, _, _ in found], dtype=np.int64)
        self._owners = np.array([owner for _, owner, _ in found], dtype=np.int64)
        self._matrix = np.array([vector for _, _, vector in found], dtype=np.float32).reshape(len(found), self.width)
        self._known = np.bincount(self._owners, minlength=entries) > 0
        self._lengths = self._entry_lengths(entries)

    def __len__(self) -> int:
        return len(self._rows)

    def _entry_lengths(self, entries: int) -> NDArray[np.float64]:
        """Length of the sum of each entry's vectors, 1 for an entry without any."""
        sums = np.zeros((entries, self.width), dtype=np.float32)
        np.add.at(sums, self._owners, self._matrix)
        lengths = np.linalg.norm(sums, axis=1).astype(np.float64)
        return np.where(lengths > 1e-6, lengths, 1.0)

    def fits(self, meaning: Meaning | None) -> bool:
        """Whether a question with this meaning can be compared at all."""
        return meaning is not None and len(self) > 0 and len(meaning.vector) == self.width

    def near(self, meaning: Meaning) -> Nearness:
        """How near every entry is: half by all of its phrasings, half by what they keep against the others'."""
        near = (self._matrix @ meaning.vector).astype(np.float64)
        entries = len(self._known)
        whole = np.bincount(self._owners, near, minlength=entries) / self._lengths
        count = min(NEIGHBOURS, len(near))
        chosen = np.argpartition(-near, count - 1)[:count]
        chosen = chosen[np.lexsort((chosen, -near[chosen]))]
        likeness = (self._matrix[chosen] @ self._matrix[chosen].T).astype(np.float64)
        likeness[np.diag_indices_from(likeness)] += RIDGE
        shares = np.linalg.solve(likeness, near[chosen])
        rivalry = np.bincount(self._owners[chosen], shares, minlength=entries)
        rows: dict[int, tuple[int, float]] = {}
        for place in chosen.tolist():
            rows.setdefault(int(self._owners[place]), (int(self._rows[place]), float(near[place])))
        return Nearness(self._known, (whole + rivalry) / 2, rows)


def blend(words: NDArray[np.float64], nearness: Nearness) -> NDArray[np.float64]:
    """Scores by words and by meaning together, where there is meaning."""
    together = (words + MEANING_WEIGHT * nearness.scores) / (1 + MEANING_WEIGHT)
    return np.where(nearness.known, together, words)
