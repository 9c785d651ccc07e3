"""From scores to decisions: one confidence scale for all knowledge bases, and two thresholds on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import Match

Verdict = Literal["answer", "clarify", "handover"]

MIDDLE = 0.56
"""Lead at which the confidence is one half: of such answers about every second one is right (fitted)."""

SLOPE = 8.0
"""How fast the confidence changes around the middle, per unit of lead (fitted)."""

LEAD_WEIGHT = 0.4
"""What the distance to the next entry counts beside an entry's own score: a near rival makes an answer doubtful.

More separates right from wrong answers better, less separates known from unknown questions better (measured).
"""

TIE = 0.9
"""Two entries whose confidences are nearer than this (as log odds) are equal for all practical purposes (measured)."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences 0..1. From `answer` on the answer is given.

    Below it, the contact is asked what is meant if the two best entries *together* reach `clarify`: two rivals take
    confidence from each other, but the chance that one of them is meant is about their sum.

    The defaults are where the checks of the bundled knowledge come out right most often, `answer` moved up to where
    the best single threshold over unrelated question sets lies.
    """

    answer: float = 0.44
    clarify: float = 0.4


def confidence(score: float, rival: float) -> float:
    """Confidence 0..1 in an entry with this score, where `rival` is the best score of any other entry."""
    lead = score + LEAD_WEIGHT * (score - rival)
    return 1 / (1 + math.exp(-SLOPE * (min(max(lead, -3.0), 3.0) - MIDDLE)))


def judge(matches: Sequence[Match], thresholds: Thresholds) -> Verdict:
    """What to do about a question with these matches, best first."""
    best, second = [*(match.confidence for match in matches[:2]), 0.0, 0.0][:2]
    if best >= thresholds.answer:
        return "clarify" if len(matches) > 1 and _log_odds(best) - _log_odds(second) < TIE else "answer"
    return "clarify" if matches and best + second >= thresholds.clarify else "handover"


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
