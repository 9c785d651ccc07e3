"""The operator's wish becomes thresholds, out of the base, its checks and what people said."""

from __future__ import annotations

from functools import cache

import pytest

from bot.config import Config, MatchingBlock, Settings
from bot.knowledge.calibration import ALL, told
from bot.knowledge.library import Library
from bot.matching.calibration import VERBATIM, Thresholds
from bot.parts import open_library
from bot.ports import Judgement


@cache
def library(
    wrong: float | None = None, topics: tuple[tuple[str, float], ...] = (), judged: tuple[Judgement, ...] = ()
) -> Library:
    matching = MatchingBlock(wrong_per_100=wrong, topics=dict(topics))
    return open_library(Config(Settings(matching=matching)), judged)


def test_without_a_wish_the_thresholds_are_the_measured_ones() -> None:
    assert library().mind.rules.thresholds == Thresholds()
    assert library().calibration == {}


def test_a_wish_leads_to_a_threshold_with_a_stated_uncertainty() -> None:
    strict, easy = library(5), library(20)
    assert strict.mind.rules.thresholds.answer > easy.mind.rules.thresholds.answer
    found = easy.calibration[ALL]
    assert found.answered > 300
    assert found.at_most <= 0.2
    assert "in 100" in told(ALL, found)
    assert "nine chances in ten" in told(ALL, found)


def test_a_topic_of_its_own_has_a_threshold_of_its_own_and_others_keep_theirs() -> None:
    found = library(20, (("security", 1.0),)).mind
    assert found.rules.topic_answers["security"] > found.rules.thresholds.answer
    text = "Is somebody pretending to be your support"
    assert found.read(text, "en", 0).ranked[0].entry.startswith(("scam", "support"))


def test_with_too_little_to_go_by_only_phrasings_are_answered_and_the_rest_is_asked_back() -> None:
    found = library(20, (("api", 0.1),))
    assert found.mind.rules.topic_answers == {"api": VERBATIM}
    assert "too little" in told("api", found.calibration["api"])
    phrasing = found.mind.knowledge.entries["api-create-key"].questions["en"][0]
    assert found.mind.read(phrasing, "en", 0).verdict == "answer"
    assert found.mind.read("please how can i make a new api key for me", "en", 0).verdict == "clarify"


def test_what_people_said_of_answers_counts() -> None:
    bad = tuple(Judgement("trading-fees", 0.7, False) for _ in range(400))
    assert library(20, judged=bad).mind.rules.thresholds.answer > library(20).mind.rules.thresholds.answer


def test_an_answer_threshold_beside_a_wish_is_refused() -> None:
    with pytest.raises(ValueError, match="wrong_per_100"):
        MatchingBlock(wrong_per_100=5, answer=0.5)
