"""How good answers to labelled questions are: shares with their uncertainty, and how well confidence tells."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.messages import Match, Verdict

TWO_SIDED_95 = 1.96
"""The normal quantile within which 95 of 100 lie."""

MOST_OFFERED = 3
"""Entries that "did you mean" offers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A labelled question and what it got; `expected` is None for one that must not be answered."""

    text: str
    lang: str
    expected: str | None
    verdict: Verdict
    ranked: tuple[Match, ...]
    place: str = ""

    @property
    def first(self) -> str:
        """The best entry, or nothing."""
        return self.ranked[0].entry if self.ranked else ""

    @property
    def confidence(self) -> float:
        """That of the best entry."""
        return self.ranked[0].confidence if self.ranked else 0.0

    @property
    def rank(self) -> int | None:
        """The place of the expected entry, from 1."""
        entries = [match.entry for match in self.ranked]
        return entries.index(self.expected) + 1 if self.expected in entries else None

    @property
    def outcome(self) -> str:
        """`right`, `wrong` (an answer that should not have been given), `clarify` or `handover`.

        A question that must not be answered is right when it is handed over.
        """
        if self.expected is None and self.verdict == "handover":
            return "right"
        if self.verdict == "answer":
            return "right" if self.first == self.expected else "wrong"
        return self.verdict

    @property
    def is_as_wished(self) -> bool:
        """Whether it is right, or the expected entry is the first one offered."""
        return self.outcome == "right" or (self.verdict == "clarify" and self.first == self.expected)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share and the interval that holds the true one, with 95 chances in 100 (Wilson's score interval)."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """0..1; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high end, 0..1."""
        if not self.of:
            return 0.0, 1.0
        z, n, share = TWO_SIDED_95, self.of, self.share
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - spread), min(1.0, middle + spread)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is measured of a set of labelled questions.

    `known` have an entry, `unknown` must not be answered. `mrr` is the mean of 1 / rank of the expected entry, `auroc`
    the chance that a known question is more confident than an unknown one; None where there is nothing to compare.
    """

    known: dict[str, Rate]
    unknown: dict[str, Rate]
    wrong_answers: Rate
    mrr: float | None
    auroc: float | None


def measure(answered: Sequence[Answered]) -> Measured:
    """The measures of these questions."""
    known = [one for one in answered if one.expected is not None]
    unknown = [one for one in answered if one.expected is None]
    ranks = [one.rank for one in known]
    rates = {
        "hit1": _rate(rank == 1 for rank in ranks),
        "hit3": _rate(rank is not None and rank <= MOST_OFFERED for rank in ranks),
        **_outcomes(known),
    }
    answers = [one for one in answered if one.verdict == "answer"]
    return Measured(
        rates if known else {},
        _outcomes(unknown) if unknown else {},
        _rate(one.outcome == "wrong" for one in answers),
        sum(1 / rank for rank in ranks if rank) / len(ranks) if ranks else None,
        auroc([one.confidence for one in known], [one.confidence for one in unknown]),
    )


def _outcomes(answered: Sequence[Answered]) -> dict[str, Rate]:
    found = {name: _rate(one.outcome == name for one in answered) for name in ("right", "wrong", "clarify")}
    if any(one.expected is not None for one in answered):
        found["handover"] = _rate(one.outcome == "handover" for one in answered)
    return found


def _rate(hits: Iterable[bool]) -> Rate:
    values = list(hits)
    return Rate(sum(values), len(values))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The chance that one of the positive values is above one of the negative ones; ties count half."""
    if not positive or not negative:
        return None
    ordered = sorted(negative)
    above = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in positive)
    return above / (2 * len(positive) * len(negative))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0..1) of them lies, the nearest one there is; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def bins(answered: Iterable[Answered], count: int) -> list[dict[str, int]]:
    """Questions by the confidence of their best entry in `count` equal steps, each by what that entry is:
    `right`, `wrong`, or `unknown` for a question without an entry."""
    found = [{"right": 0, "wrong": 0, "unknown": 0} for _ in range(count)]
    for one in answered:
        kind = "unknown" if one.expected is None else "right" if one.rank == 1 else "wrong"
        found[min(count - 1, int(one.confidence * count))][kind] += 1
    return found
