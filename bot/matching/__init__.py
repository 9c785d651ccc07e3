"""Which entries of the knowledge answer a question: pure, fast, explainable."""

from __future__ import annotations

from bot.matching.calibration import Thresholds, Verdict, judge
from bot.matching.language import detect
from bot.matching.matcher import Matcher

make_matcher = Matcher
"""Builds a matcher from entries; the name under which evaluation tools look for it."""

__all__ = ["Matcher", "Thresholds", "Verdict", "detect", "judge", "make_matcher"]
