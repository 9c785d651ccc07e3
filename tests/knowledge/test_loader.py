"""Loading knowledge: every mistake with its line, in words, and all at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.knowledge.loader import bundled_folder, load
from tests.harness import Bot
from tests.knowledge.folders import FEES, hints, loaded, mistakes, write

ENTRY = """\
topic: fees
title: {en: Fees, zh: 费用}
entries:
  - id: trading-fees
    question: {en: [What are the fees?], zh: [手续费]}
    answer: {en: Low., zh: 低。}
"""


def test_sound_knowledge_has_no_mistakes_and_no_hints() -> None:
    assert hints(fees=FEES) == []


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    wrong = """\
    topic: wrong
    titel: {en: Wrong, zh: 错}
    entries:
      - id: One_Two
        question: {en: [one], zh: [一]}
        answer: {en: "{brand.nmae} and {uid}", zh: ""}
      - id: three
        question: {EN: [three], zh: [3]}
        awnser: {en: three}
        see_also: nothing
        handover: maybe
        priority: hihg
      - id: trading-fees
        question: {en: [four], zh: [四]}
        answer: {en: "{brand.nmae} and {uid}", zh: 四}
        see_also: [trading-fee, three, nowhere-at-all]
        ask: [uid, txd, shoe-size]
    """
    empty = "# nothing yet\n"
    broken = "topic: broken\ntitle: {en: It's, zh: 'x}\n"
    assert mistakes(fees=FEES, wrong=wrong, empty=empty) == [
        "k/empty.yaml:1: is empty; write a topic and its entries, or delete the file",
        "k/wrong.yaml:1: title is missing",
        'k/wrong.yaml:2: unknown key "titel"; did you mean "title"?',
        'k/wrong.yaml:4: One_Two: id is "One_Two"; it must be small letters, digits and hyphens, '
        "such as late-withdrawal",
        "k/wrong.yaml:6: One_Two: answer.zh must not be empty",
        "k/wrong.yaml:7: three: answer is missing",
        "k/wrong.yaml:8: three: question.EN must be a language code such as en or zh",
        "k/wrong.yaml:8: three: item 1 of question.zh must be a text (put it in quotes if it looks like a number)",
        'k/wrong.yaml:9: three: unknown key "awnser"; did you mean "answer"?',
        "k/wrong.yaml:10: three: see_also must be a list, such as [one, two]",
        "k/wrong.yaml:11: three: handover must be one of 'never', 'offer' or 'always'",
        "k/wrong.yaml:12: three: priority must be one of 'low', 'normal', 'high' or 'urgent'",
        'k/wrong.yaml:13: the id "trading-fees" is taken already, at k/fees.yaml:4',
    ]
    assert mistakes(broken=broken)[0] == "k/broken.yaml:2: a quote is opened here and never closed"


def test_the_sound_entries_of_a_file_with_a_mistake_are_looked_at_as_well() -> None:
    text = """\
    topic: fees
    title: {en: Fees, zh: 费用}
    entries:
      - id: one
        question: {en: [one], zh: [一]}
      - id: two
        question: {en: [two], zh: [二]}
        answer: {en: "{brand.nmae}, {uid}", zh: 二}
        see_also: [one, tow, nowhere-at-all]
        ask: [uid, txd, shoe-size]
    """
    fields = ", ".join(sorted(yaml.safe_load((bundled_folder() / "fields.yaml").read_text(encoding="utf-8"))))
    assert mistakes(fees=text) == [
        "k/fees.yaml:4: one: answer is missing",
        "k/fees.yaml:8: two: {brand.nmae} is no placeholder of answers; there are {brand.name}, {contact.name}",
        "k/fees.yaml:8: two: {uid} is no placeholder of answers; there are {brand.name}, {contact.name}",
        'k/fees.yaml:9: two: see_also names "tow", which is no entry; did you mean "two"?',
        'k/fees.yaml:9: two: see_also names "nowhere-at-all", which is no entry',
        'k/fees.yaml:10: two: ask has the unknown field "txd"; did you mean "txid"?',
        'k/fees.yaml:10: two: ask has the unknown field "shoe-size"; there are ' + fields,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("topic: fees\n\ttitle: x", "k/fees.yaml:2: a tab can't indent YAML; use spaces"),
        (
            "topic: fees\ntitle: {en: Fees\nentries: []",
            'k/fees.yaml:2: a "{" is opened here, and "}" or a comma is missing after it',
        ),
        (
            "topic: fees\ntitle: {en: a}\nentries:\n  - id: x\n    answer:\n      en: {brand.name} is here",
            "k/fees.yaml:6: the text goes on after a closing quote or bracket; put quotes around all of it",
        ),
        (
            "topic: fees\ntitle: {en: a}\ntopic: fees\nentries: []\ntitle: b",
            'k/fees.yaml:3: the key "topic" stands here twice; the first is in line 1\n'
            'k/fees.yaml:5: the key "title" stands here twice; the first is in line 2',
        ),
        (b"topic: fees\n# caf\xe9\n", "k/fees.yaml:2: is not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("", "k/fees.yaml:1: is empty; write a topic and its entries, or delete the file"),
        ("- topic: fees", "k/fees.yaml:1: the file must be a mapping (key: value)"),
        ("topic: fees\ntitle: {en: Fees}\nentries: []", "k/fees.yaml:3: entries must not be empty"),
        ("topic: fees\ntitle: {en: Fees}\nentries:\n", "k/fees.yaml:3: entries has no value"),
        (
            "topic: fees\ntitle: {en: Fees}\nentries: [x]",
            "k/fees.yaml:3: item 1 of entries must be a mapping (key: value)",
        ),
        (
            "topic: 7\ntitle: {en: 7}",
            "k/fees.yaml:1: topic must be a text (put it in quotes if it looks like a number)\n"
            "k/fees.yaml:1: entries is missing\n"
            "k/fees.yaml:2: title.en must be a text (put it in quotes if it looks like a number)",
        ),
    ],
)
def test_a_file_that_can_not_be_used_is_told_in_plain_words(text: str | bytes, expected: str) -> None:
    assert mistakes(fees=text) == expected.splitlines()


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("    answer: {en: Low., zh: 低。}\n", "", 4, "answer is missing"),
        (
            "    question: {en: [What are the fees?], zh: [手续费]}\n",
            "",
            4,
            "question is missing",
        ),
        ("  - id: trading-fees\n    question", "  - question", 4, "id is missing"),
        ("zh: 低。", "zh: 12", 6, "answer.zh must be a text (put it in quotes if it looks like a number)"),
        ("zh: 低。", "zh: [低]", 6, "answer.zh must be a text (put it in quotes if it looks like a number)"),
        ("zh: 低。", "zh: ", 6, "answer.zh has no value"),
        ("zh: 低。", "zh: '  '", 6, "answer.zh must not be empty"),
        ("zh: 低。", "zh: {telegram: 低}", 6, 'answer has forms for channels in "zh", but no "default" for all others'),
        ("zh: 低。", "zh-CN: 低。", 6, "answer.zh-CN must be a language code such as en or zh"),
        ("[手续费]", "5", 5, "question.zh must be a text or a list of texts (put in quotes what looks like a number)"),
        ("[手续费]", "[]", 5, "question.zh must not be empty"),
        ("[手续费]", "''", 5, "question.zh must not be empty"),
        ("[手续费]", "[手续费, '']", 5, "item 2 of question.zh must not be empty"),
        ("answer:", "valid: {form: 2026-01-01}\n    answer:", 6, 'unknown key "valid.form"; did you mean "from"?'),
        (
            "answer:",
            "valid: {from: 2026-02-30}\n    answer:",
            6,
            'valid.from is "2026-02-30", which is no day; write one such as 2026-12-31',
        ),
        (
            "answer:",
            "valid: {until: tomorrow}\n    answer:",
            6,
            'valid.until is "tomorrow", which is no day; write one such as 2026-12-31',
        ),
        (
            "answer:",
            "valid: {until: 2026}\n    answer:",
            6,
            'valid.until is "2026", which is no day; write one such as 2026-12-31',
        ),
        (
            "answer:",
            "valid:\n      from: 2026-05-01\n      until: 2026-04-30\n    answer:",
            8,
            'valid.until is "2026-04-30", which is before from, "2026-05-01"',
        ),
    ],
)
def test_a_mistake_in_an_entry_is_told_with_the_entrys_id(old: str, new: str, line: int, expected: str) -> None:
    assert old in ENTRY
    name = "item 1 of entries" if "id is missing" in expected else "trading-fees"
    assert mistakes(fees=ENTRY.replace(old, new)) == [f"k/fees.yaml:{line}: {name}: {expected}"]


def test_an_id_can_be_given_only_once_in_all_files() -> None:
    other = ENTRY.replace("topic: fees", "topic: other").replace("What are the fees?", "fees").replace("手续费", "费")
    assert mistakes(fees=ENTRY, other=other + other.partition("entries:\n")[2]) == [
        'k/other.yaml:4: the id "trading-fees" is taken already, at k/fees.yaml:4',
        'k/other.yaml:7: the id "trading-fees" is taken already, at k/fees.yaml:4',
    ]


def test_a_topic_is_one_file() -> None:
    assert mistakes(fees=FEES, more=ENTRY.replace("trading-fees", "more-fees")) == [
        'k/more.yaml:1: the topic "fees" is taken already, at k/fees.yaml:1; a topic is one file'
    ]


def test_a_link_to_nothing_offers_the_nearest_entry() -> None:
    assert mistakes(fees=FEES.replace("see_also: [trading-fees]", "see_also:\n      - traiding-fees")) == [
        'k/fees.yaml:11: withdrawal-fees: see_also names "traiding-fees", which is no entry; '
        'did you mean "trading-fees"?'
    ]


def test_links_into_a_file_that_can_not_be_read_are_no_further_mistakes() -> None:
    linking = ENTRY.replace("topic: fees", "topic: more").replace("trading-fees", "more-fees")
    assert mistakes(fees="topic: 'fees", more=linking + "    see_also: [trading-fees]\n") == [
        "k/fees.yaml:1: a quote is opened here and never closed"
    ]


def test_a_folder_that_is_not_there_is_told_with_the_setting() -> None:
    found = load(Path("nowhere"), ["en"], "en")
    assert found.knowledge is None
    assert [str(problem) for problem in found.problems] == [
        "nowhere: there is no such folder; set knowledge.path to one with YAML files"
    ]


def test_a_file_in_place_of_the_folder_is_told(here: Path) -> None:
    (here / "k").write_text("")
    assert [str(problem) for problem in load(Path("k"), ["en"], "en").problems] == [
        "k: is not a folder; set knowledge.path to one with YAML files"
    ]


def test_a_folder_without_entries_is_told(here: Path) -> None:
    (here / "k").mkdir()
    assert mistakes() == ["k: holds no entries; add a YAML file with a topic and its entries"]
    assert mistakes(phrases="thanks: {en: Bye.}\n") == [
        "k: holds no entries; add a YAML file with a topic and its entries"
    ]


def test_hidden_files_and_checks_are_not_knowledge(here: Path) -> None:
    write(here / "k", **{".git__config": "nonsense", ".hidden": "nonsense", "checks__fees": "- {}", "deep__fees": FEES})
    (here / "k" / ".#fees.yaml").symlink_to("nobody@nowhere")  # as Emacs does while somebody edits
    assert hints() == []


def test_a_missing_translation_is_a_hint_and_not_a_mistake() -> None:
    text = ENTRY.replace(", zh: 费用", "").replace(", zh: [手续费]", "").replace(", zh: 低。", "")
    assert hints(fees=text) == [
        "k/fees.yaml:2: title lacks zh",
        "k/fees.yaml:5: trading-fees: question lacks zh",
        "k/fees.yaml:6: trading-fees: answer lacks zh",
    ]


def test_one_phrasing_in_two_entries_is_a_hint_with_both_places() -> None:
    text = FEES.replace("[What does a withdrawal cost?]", "[what are the TRADING fees?, Cost?, cost?]")
    assert hints(fees=text) == [
        'k/fees.yaml:8: withdrawal-fees: "what are the TRADING fees?" is a phrasing of trading-fees already, '
        "at k/fees.yaml:5; keep one of them",
        'k/fees.yaml:8: withdrawal-fees: "cost?" is a phrasing of this entry already, at k/fees.yaml:8; '
        "keep one of them",
    ]


def test_the_same_phrasing_in_two_languages_of_an_entry_is_fine() -> None:
    assert hints(fees=FEES.replace("What are the trading fees?", "KYC").replace("交易手续费是多少", "kyc")) == []


def test_days_are_taken_in_utc_from_the_first_moment_to_the_last() -> None:
    text = ENTRY + "    valid: {from: 2026-01-01, until: 2026-12-31}\n"
    found = loaded(fees=text)
    assert found.knowledge is not None
    entry = found.knowledge.entries["trading-fees"]
    begin, end = datetime(2026, 1, 1, tzinfo=UTC).timestamp(), datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert [entry.is_valid(at) for at in (begin - 1, begin, end - 1, end)] == [False, True, True, False]


async def test_an_entry_is_offered_only_while_it_is_valid(here: Path) -> None:
    past = FEES.replace("    see_also: [trading-fees]", "    valid: {until: 2026-05-01}")
    async with Bot(here, write(here / "k", fees=past)) as bot:  # the clock stands in May 2026, after the first
        await bot.press("topic:fees")
        assert [button.value for button in bot.expect("Fees").buttons] == ["entry:trading-fees", "topics"]
        await bot.say("What does a withdrawal cost?")
        assert "A little." not in bot.expect().text


async def test_a_channel_with_a_form_of_its_own_shows_that_and_the_others_the_default(here: Path) -> None:
    text = FEES.replace("en: They are low.", "en: {default: They are low., stand: Low here.}").replace(
        "en: A little.", "en: {default: A little., telegram: Little there.}"
    )
    async with Bot(here, write(here / "k", fees=text)) as bot:
        await bot.press("entry:trading-fees")
        bot.expect("Low here.")
        await bot.press("entry:withdrawal-fees")
        bot.expect("A little.")


async def test_an_answer_that_is_not_translated_is_shown_in_another_language_and_named(here: Path) -> None:
    text = FEES.replace(", zh: 很低。", "").replace("en: A little., ", "")
    async with Bot(here, write(here / "k", fees=text)) as bot:
        await bot.press("language:zh")
        bot.expect()
        await bot.press("entry:trading-fees")
        bot.expect("English", "They are low.", "这个回答有帮助吗？")
        await bot.press("language:en")
        bot.expect()
        await bot.press("entry:withdrawal-fees")
        bot.expect("中文", "一点点。", "Did this help?")


async def test_placeholders_of_answers_are_filled_in(here: Path) -> None:
    text = FEES.replace("en: They are low.", "en: 'At {brand.name}, dear {contact.name}: low.'")
    async with Bot(here, write(here / "k", fees=text)) as bot:
        await bot.press("entry:trading-fees")
        bot.expect("At Example Exchange, dear Ann: low.")
