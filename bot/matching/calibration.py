"""From scores to decisions: one confidence scale for all knowledge bases, and two thresholds on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import Match

Verdict = Literal["answer", "clarify", "handover"]

MIDDLE = 0.55
"""Score at which the confidence is one half."""

SLOPE = 9.0
"""How fast confidence changes around the middle, per unit of score."""

TIE = 0.02
"""Two confidences nearer than this are equal for practical purposes: the contact is asked which one is meant."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences 0..1: from `answer` on the answer is given, from `clarify` on the contact is asked what is meant."""

    answer: float = 0.5
    clarify: float = 0.4


def confidence(score: float) -> float:
    """Confidence 0..1 of a matcher's score: one logistic curve, the same for every knowledge base."""
    return 1 / (1 + math.exp(-SLOPE * (min(max(score, -5.0), 5.0) - MIDDLE)))


def judge(matches: Sequence[Match], thresholds: Thresholds) -> Verdict:
    """What to do about a question with these matches, best first."""
    if not matches or matches[0].confidence < thresholds.clarify:
        return "handover"
    if matches[0].confidence < thresholds.answer:
        return "clarify"
    tied = len(matches) > 1 and matches[0].confidence - matches[1].confidence < TIE
    return "clarify" if tied else "answer"
