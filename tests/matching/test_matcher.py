"""Which entries answer a question, how sure that is, and why."""

from __future__ import annotations

import string
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching import Matcher, Thresholds, judge, make_matcher
from bot.matching.han import simplify, syllable
from bot.messages import Match


def entry(name: str, lang: str, *texts: str, keywords: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"id": name, "lang": lang, "question": texts[0], "variants": list(texts[1:]), "keywords": list(keywords)}


BASE = [
    entry("missing-parcel", "en", "My parcel has not arrived", "Where is my order?", "The delivery is a week late"),
    entry("missing-parcel", "zh", "包裹一直没到", "我的快递在哪里", "物流好几天没更新了"),
    entry("return", "en", "How do I return an item?", "I want to send this back", "Can I get a refund for my order"),
    entry("return", "zh", "怎么退货", "买错了想退回去", "可以退款吗"),
    entry("password", "en", "I forgot my password", "How can I reset my password", keywords=("credentials",)),
    entry("password", "zh", "忘记密码怎么办", "重置登录密码"),
    entry("opening-hours", "en", "When are you open?", "Opening hours on Sundays"),
    entry("vouchers", "zh", "优惠券怎么用", "折扣码无效"),
]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(BASE)


@pytest.mark.parametrize("lang", ["en", "zh", None, "fr", ""])
def test_every_phrasing_finds_its_own_entry_for_certain(matcher: Matcher, lang: str | None) -> None:
    for item in BASE:
        for text in (item["question"], *item["variants"]):
            best = matcher.match(text, lang)[0]
            assert best[0] == item["id"] and best[1] > 0.99


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("HOW DO I RETURN AN ITEM", "return"),
        ("how do i return an item ???", "return"),
        ("忘記密碼怎麼辦", "password"),
        ("怎\u200b么退货！", "return"),
    ],
)
def test_case_punctuation_and_script_variants_are_the_same_phrasing(matcher: Matcher, said: str, found: str) -> None:
    best = matcher.match(said, None)[0]
    assert best[0] == found and best[1] > 0.99


@pytest.mark.parametrize(
    ("said", "lang", "found"),
    [
        ("i frogot my pasword", "en", "password"),
        ("my parcl still hasnt arived", "en", "missing-parcel"),
        ("can I still give it back and get my money back", "en", "return"),
        ("are you open on sunday", "en", "opening-hours"),
        ("我的包裹怎么还没到", "zh", "missing-parcel"),
        ("忘记蜜码了", "zh", "password"),
        ("快弟到哪里了", "zh", "missing-parcel"),
        ("請問如何退貨", "zh", "return"),
        ("credentials", "en", "password"),
    ],
)
def test_typos_homophones_and_other_words_still_find_the_entry(
    matcher: Matcher, said: str, lang: str, found: str
) -> None:
    assert matcher.match(said, lang)[0][0] == found


def test_each_id_comes_once_though_it_is_in_two_languages(matcher: Matcher) -> None:
    ids = [name for name, _ in matcher.match("password 密码 order 退货 优惠券 open", None)]
    assert len(ids) == len(set(ids)) > 3


def test_an_entry_without_the_language_of_the_question_is_still_found(matcher: Matcher) -> None:
    assert matcher.match("优惠券怎么用", "en")[0][0] == "vouchers"
    assert matcher.match("refund", "zh")[0][0] == "return"


def test_a_question_about_something_else_gets_little_confidence(matcher: Matcher) -> None:
    for said in ("what is the capital of Peru", "今天天气怎么样", "tell me a joke about penguins"):
        assert all(confidence < Thresholds().answer for _, confidence in matcher.match(said, None))


@pytest.mark.parametrize(
    "said", ["", " ", "?", "。", "😀", "👨‍👩‍👧", "\u200b\u200d", "\ud800", "\x00", "https://example.com", "🇩🇪"]
)
def test_a_text_without_words_matches_nothing(matcher: Matcher, said: str) -> None:
    assert matcher.match(said, None) == []
    assert matcher.explain(said, None) == []


@pytest.mark.parametrize("said", ["a", "退", "1", "ß", "ガ", "\U0002a6d6", "退\ud800货"])
def test_one_character_is_a_question_like_any_other(matcher: Matcher, said: str) -> None:
    assert all(0 <= confidence <= 1 for _, confidence in matcher.match(said, None))


@pytest.mark.parametrize("unit", ["return my order ", "我的包裹没到", "x", "退", "a1", "😀", "\u200b", "x@", "http://"])
def test_a_megabyte_is_answered_in_no_time(matcher: Matcher, unit: str) -> None:
    said = unit * (1_000_000 // len(unit))
    matcher.match("退", None)  # the Chinese tables are loaded once
    began = time.perf_counter()
    matcher.match(said, None)
    assert time.perf_counter() - began < 0.5  # about 5 ms here; a slow machine is no reason to fail


def test_the_question_at_the_end_of_a_long_story_counts(matcher: Matcher) -> None:
    assert matcher.match("blah " * 3000 + "how do i reset my password, i forgot my password", "en")[0][0] == "password"


def test_an_empty_base_answers_nothing() -> None:
    empty = make_matcher([])
    assert empty.match("hello", None) == [] and empty.explain("hello", "en") == []


def test_a_base_with_one_entry_works() -> None:
    only = Matcher([entry("one", "en", "How do I return an item?")])
    ((name, confidence),) = only.match("How do I return an item?", None)
    assert name == "one" and confidence > 0.99
    assert only.match("我的包裹", None) == []


def test_a_base_of_signs_only_matches_nothing() -> None:
    assert Matcher([entry("sign", "en", "???", "😀")]).match("what", None) == []


def test_variants_and_keywords_may_be_left_out() -> None:
    assert Matcher([{"id": "a", "lang": "en", "question": "Where is it?"}]).match("where is it", "en")[0][0] == "a"


def test_the_same_phrasing_in_two_entries_is_a_tie_that_must_be_clarified() -> None:
    twice = Matcher([entry("a", "en", "It does not work", "x y z"), entry("b", "en", "It does not work", "u v w")])
    matches = twice.explain("it does not work", None)
    assert {match.entry for match in matches[:2]} == {"a", "b"}
    assert matches[0].confidence == matches[1].confidence > 0.9
    assert judge(matches, Thresholds()) == "clarify"


def test_the_same_phrasing_twice_in_one_entry_does_no_harm() -> None:
    doubled = Matcher([entry("a", "en", "Where is it?", "Where is it?", "where is it"), entry("b", "en", "Who is it?")])
    assert judge(doubled.explain("where is it", None), Thresholds()) == "answer"


def test_the_same_base_and_question_give_the_same_answer(matcher: Matcher) -> None:
    again = Matcher(BASE)
    for said in ("where is my order", "退款什么时候到", "pasword", "open?"):
        assert matcher.explain(said, "en") == again.explain(said, "en") == matcher.explain(said, "en")


def test_at_least_ten_entries_are_returned_where_so_many_have_something_in_common() -> None:
    many = Matcher([entry(f"e{number}", "en", f"question number {number} about things") for number in range(40)])
    assert len(many.match("a question about things", "en")) >= 10


def test_an_explanation_names_the_phrasing_and_the_words_in_common(matcher: Matcher) -> None:
    best = matcher.explain("why has my parcel not arrived yet", "en")[0]
    assert best.entry == "missing-parcel" and best.matched == "My parcel has not arrived"
    assert best.reasons[0].startswith("words in common: has, my, parcel, not, arrived (0.")
    assert all(reason.isprintable() for reason in best.reasons)


def test_an_explanation_of_a_known_phrasing_says_so(matcher: Matcher) -> None:
    best = matcher.explain("怎麼退貨？", "zh")[0]
    assert best.matched == "怎么退货" and best.reasons[0] == "said word for word (1.00)"


def test_an_explanation_shows_a_phrasing_rather_than_keywords(matcher: Matcher) -> None:
    assert matcher.explain("credentials forgot", "en")[0].matched == "I forgot my password"


def test_an_explanation_of_chinese_names_the_characters_in_common(matcher: Matcher) -> None:
    best = matcher.explain("我的快递到哪里了", "zh")[0]
    assert best.matched == "我的快递在哪里"
    assert best.reasons[0].startswith("words in common: 我的快递, 哪里 (")


def test_an_explanation_has_the_confidences_of_the_match(matcher: Matcher) -> None:
    said = "refund for a late parcel"
    explained = matcher.explain(said, "en", top=3)
    assert [(match.entry, match.confidence) for match in explained] == matcher.match(said, "en")[:3]
    assert len(explained) == 3


@pytest.mark.parametrize("said", ["parcel", "退货", "OPEN??"])
def test_one_word_names_a_topic_and_is_never_answered_outright(matcher: Matcher, said: str) -> None:
    matches = matcher.explain(said, None)
    assert matches and judge(matches, Thresholds()) != "answer"


def test_one_word_that_is_a_phrasing_is_answered() -> None:
    assert judge(Matcher([entry("human", "en", "human", "a person")]).explain("Human!", "en"), Thresholds()) == "answer"


def test_keywords_count_but_less_than_a_phrasing() -> None:
    base = Matcher([entry("plain", "en", "warranty"), entry("tagged", "en", "Broken device", keywords=("warranty",))])
    matches = base.match("is there a warranty", "en")
    assert [name for name, _ in matches] == ["plain", "tagged"]


def test_traditional_characters_and_readings_come_from_the_tables() -> None:
    assert simplify("提幣還沒到") == "提币还没到"
    assert syllable("提") == "ti" and syllable("a") == "" and syllable("𪛖") == ""


ANYTHING = st.text(max_size=60) | st.text(alphabet=st.characters(codec=None), max_size=30) | st.text(
    alphabet=string.ascii_letters + " 提现没到账退货密码'!?1", max_size=60
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(said=ANYTHING, lang=st.sampled_from([None, "en", "zh", "", "xx"]))
def test_whatever_is_said_confidences_are_in_range_and_sorted(matcher: Matcher, said: str, lang: str | None) -> None:
    confidences = [confidence for _, confidence in matcher.match(said, lang)]
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert [match.confidence for match in matcher.explain(said, lang)] == confidences[:5]


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(ANYTHING, min_size=1, max_size=8), said=ANYTHING)
def test_whatever_the_base_holds_its_phrasings_are_found(texts: list[str], said: str) -> None:
    base = [entry(f"e{number}", "en", text, text[::-1]) for number, text in enumerate(texts)]
    built = Matcher(base)
    for text in (*texts, said):
        confidences = [confidence for _, confidence in built.match(text, "en")]
        assert confidences == sorted(confidences, reverse=True) and all(0 <= value <= 1 for value in confidences)
        assert not confidences or text == said or confidences[0] > 0.9


@pytest.mark.parametrize(
    ("confidences", "verdict"),
    [
        ([], "handover"),
        ([0.1], "handover"),
        ([0.35, 0.02], "handover"),
        ([0.4], "clarify"),
        ([0.3, 0.25, 0.2], "clarify"),
        ([0.9, 0.2], "answer"),
        ([0.9], "answer"),
        ([0.9, 0.899], "clarify"),
        ([1.0, 1.0], "clarify"),
        ([1.0, 0.95], "answer"),
    ],
)
def test_the_verdict_follows_from_the_confidences(confidences: list[float], verdict: str) -> None:
    matches = [Match(f"e{number}", confidence) for number, confidence in enumerate(confidences)]
    assert judge(matches, Thresholds(answer=0.5, clarify=0.4)) == verdict
