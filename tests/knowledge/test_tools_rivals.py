"""Entries that take each other's questions."""

from __future__ import annotations

import time

from bot.knowledge.loader import bundled_folder, load
from bot.knowledge.rivalry import phrased, rivalry_hints
from bot.matching.calibration import Thresholds
from bot.matching.rivals import Phrased, apart, left_out, rivals
from tests.knowledge.folders import FEES, loaded

STEALING = """\
topic: cards
title: {en: Cards, zh: 卡}
entries:
  - id: card-lost
    question:
      en: [I lost my card, my bank card is gone, card stolen in the street, please block my lost card now]
      zh: [卡丢了]
    answer: {en: Block it., zh: 请挂失。}
  - id: card-new
    question:
      en: [How do I order a new card?, order a second card, please block my stolen card now, get another card]
      zh: [怎么办新卡]
    answer: {en: Order it., zh: 请申请。}
  - id: branch-hours
    question: {en: [When is the branch open?, opening hours of the office], zh: [几点开门, 营业时间]}
    answer: {en: At nine., zh: 九点。}
"""


def told(**files: str) -> list[str]:
    found = loaded(**files)
    assert found.knowledge is not None, found.fatal
    return [str(hint) for hint in rivalry_hints(found, rivals(left_out(phrased(found.knowledge), Thresholds())))]


def test_a_phrasing_nearer_to_another_entry_is_told_with_its_line_and_a_cure() -> None:
    found = told(cards=STEALING)
    assert len(found) == 1, found
    assert found[0].startswith("k/cards.yaml:")
    assert "card-lost" in found[0]
    assert "card-new" in found[0]
    assert "more phrasings with" in found[0]


def test_entries_that_are_far_apart_are_not_told() -> None:
    assert told(fees=FEES) == []


def test_every_phrasing_is_left_out_once() -> None:
    base = [Phrased("a", "en", tuple(f"text number {n} of it" for n in range(23))), Phrased("b", "en", ("alone",))]
    assert len(list(left_out(base, Thresholds()))) == 24


def test_an_empty_base_and_one_entry_have_no_rivals() -> None:
    assert rivals(left_out([], Thresholds())) == []
    assert rivals(left_out([Phrased("a", "en", ("one", "two"))], Thresholds())) == []


def test_phrasings_without_any_words_do_no_harm() -> None:
    base = [Phrased("a", "en", ("???", "!!!", "")), Phrased("b", "en", ("...", "why so"))]
    assert rivals(left_out(base, Thresholds())) == []


def test_what_tells_two_texts_apart_are_the_words_of_one_alone() -> None:
    assert apart("how do I reset the api key", "how do I reset the password") == ("api", "key")
    assert apart("怎么开启谷歌验证器", "怎么重置谷歌验证") == ("开启", "器")
    assert apart("same", "same") == ()


def test_the_bundled_knowledge_is_compared_in_time() -> None:
    found = load(bundled_folder(), ["en", "zh"], "en")
    assert found.knowledge is not None
    began = time.perf_counter()
    list(left_out(phrased(found.knowledge), Thresholds()))
    assert time.perf_counter() - began < 15, "5 s on a machine that does nothing else"
