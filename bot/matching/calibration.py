"""From scores to decisions: one confidence scale for all knowledge bases, and two thresholds on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import Match

Verdict = Literal["answer", "clarify", "handover"]

MIDDLE = 0.56
"""Lead at which the confidence is one half: of such answers about every second one is right (fitted)."""

SLOPE = 8.0
"""How fast the confidence changes around the middle, per unit of lead (fitted)."""

MIDDLE_BY_MEANING, SLOPE_BY_MEANING = 0.58, 9.8
"""The same for scores with sentence vectors: fitted so that a confidence means as many right answers as without."""

LEAD_WEIGHT = 0.4
"""What the distance to the next entry counts beside an entry's own score: a near rival makes an answer doubtful.

More separates right from wrong answers better, less separates known from unknown questions better (measured).
"""

TIE = 0.9
"""Two entries whose confidences are nearer than this (as log odds) are equal for all practical purposes (measured)."""


VERBATIM = 0.97
"""Only a phrasing of the knowledge, word for word, is this sure."""
ONE_SIDED_90 = 1.2816
"""The normal quantile below which nine of ten lie."""


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


def confidence(score: float, rival: float, *, by_meaning: bool = False) -> float:
    """Confidence 0..1 in an entry with this score, where `rival` is the best score of any other entry.

    Scores that sentence vectors have a part in have a scale of their own, and lead to the same confidences.
    """
    lead = score + LEAD_WEIGHT * (score - rival)
    middle, slope = (MIDDLE_BY_MEANING, SLOPE_BY_MEANING) if by_meaning else (MIDDLE, SLOPE)
    return 1 / (1 + math.exp(-slope * (min(max(lead, -3.0), 3.0) - middle)))


def judge(matches: Sequence[Match], thresholds: Thresholds) -> Verdict:
    """What to do about a question with these matches, best first."""
    best, second = [*(match.confidence for match in matches[:2]), 0.0, 0.0][:2]
    if best >= thresholds.answer:
        return "clarify" if len(matches) > 1 and _log_odds(best) - _log_odds(second) < TIE else "answer"
    return "clarify" if matches and best + second >= thresholds.clarify else "handover"


@dataclass(frozen=True, slots=True)
class Sample:
    """One question whose outcome is known: the confidence of the best entry, and whether that entry was right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A threshold that follows from samples: of `answered` above it `wrong` were wrong, so that with nine chances in
    ten at most the share `at_most` of all answers is wrong."""

    threshold: float
    answered: int
    wrong: int
    at_most: float

    @property
    def is_enough(self) -> bool:
        """Whether there was enough to go by; if not, only verbatim phrasings are answered."""
        return self.answered > 0


def calibrate(samples: Iterable[Sample], wrong_share: float) -> Calibrated:
    """The lowest threshold at which at most `wrong_share` (0..1) of the answers are wrong, with nine chances in ten.

    The bound is the upper end of Wilson's score interval (E. B. Wilson, 1927) on the samples above the threshold, so
    few samples ask for a high one: with none wrong, 5 in 100 takes at least 32 samples. Where no threshold will do,
    `VERBATIM` is it: too little data means asking back, never guessing.
    """
    found, wrong = Calibrated(VERBATIM, 0, 0, 1.0), 0
    ordered = sorted(samples, key=lambda sample: -sample.confidence)
    for count, sample in enumerate(ordered, start=1):
        wrong += not sample.right
        is_last_of_ties = count == len(ordered) or ordered[count].confidence < sample.confidence
        bound = wilson_upper(wrong, count)
        if is_last_of_ties and bound <= wrong_share and sample.confidence < VERBATIM:
            found = Calibrated(sample.confidence, count, wrong, bound)
    return found


def wilson_upper(wrong: int, count: int) -> float:
    """The share of wrong ones that `wrong` of `count` may stand for at most, with nine chances in ten."""
    share, z = wrong / count, ONE_SIDED_90
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (share + z * z / (2 * count) + spread) / (1 + z * z / count)


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
