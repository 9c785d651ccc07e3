"""Which entries of the knowledge answer a question: pure, fast, explainable."""

from __future__ import annotations

from bot.matching.calibration import Thresholds, Verdict, judge
from bot.matching.matcher import Matcher

make_matcher = Matcher

__all__ = ["Matcher", "Thresholds", "Verdict", "judge", "make_matcher"]
