"""Labelled questions from people's own files, and what is measured with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.knowledge.checks import Labelled
from bot.knowledge.evaluation import ask_all, report
from bot.knowledge.labelled import read_questions, unknown_labels
from bot.knowledge.schema import Check
from bot.matching.metrics import Answered, Rate, auroc, bins, measure, percentile
from bot.messages import Match
from bot.mind import Mind, Rules
from tests.knowledge.folders import FEES, loaded


def put(name: str, text: str | bytes) -> Path:
    path = Path("q") / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def asked(path: Path = Path("q")) -> list[tuple[str, str | None, str]]:
    found, problems = read_questions(path)
    assert problems == []
    return [(one.check.say, one.check.lang, one.check.expect) for one in found]


def problems() -> list[str]:
    return [str(problem) for problem in read_questions(Path("q"))[1]]


def test_all_three_kinds_of_files_are_read_with_either_name_of_a_key() -> None:
    put("a.yaml", "- {say: one, lang: en, expect: x}\n- {text: two, expected: handover}\n")
    put("b.jsonl", '{"text": "three", "lang": "zh-Hans", "expected": null, "kind": "far_oos"}\n\n')
    put("c.csv", 'Text,Expected,lang,note\nfour,x,,seen\n"five, six",none,en,\n'.replace("\n", "\r\n"))
    put("d.csv", "\ufeffsay;expect\nseven;x\n")
    put("README.txt", "not a question")
    assert asked() == [
        ("one", "en", "x"),
        ("two", None, "handover"),
        ("three", "zh", "handover"),
        ("four", None, "x"),
        ("five, six", "en", "handover"),
        ("seven", None, "x"),
    ]


def test_one_file_is_read_and_of_a_knowledge_folder_its_checks() -> None:
    path = put("a.yaml", "- {say: one, expect: x}\n")
    assert asked(path) == [("one", None, "x")]
    put("fees.yaml", FEES)
    (Path("q") / "checks").mkdir()
    put("checks/a.yaml", "- {say: two, expect: x}\n")
    assert asked() == [("two", None, "x")]


def test_an_empty_folder_and_empty_files_hold_nothing() -> None:
    Path("q").mkdir()
    assert asked() == []
    put("a.yaml", "")
    put("b.jsonl", "")
    assert asked() == []


def test_every_mistake_is_told_with_its_line() -> None:
    put("a.yaml", "say: x\n")
    put("b.jsonl", '{"text": "fine", "expected": "x"}\n{"text": \n[1]\n{"expected": "x"}\n')
    put("c.csv", "a,b\n1,2\n")
    put("d.csv", "say,expect\n,x\n")
    put("e.csv", b"say,expect\n\xff\xfe,x\n")
    assert problems() == [
        "q/a.yaml:1: must be a list: - {say: ..., lang: ..., expect: ...}",
        "q/b.jsonl:2: is not JSON: Expecting value; one object a line",
        "q/b.jsonl:3: the file must be a mapping (key: value)",
        "q/b.jsonl:4: say is missing",
        'q/c.csv:1: the first line must name the columns: "say" (or "text"), "expect" and perhaps "lang"',
        "q/d.csv:2: say must not be empty",
        "q/e.csv: is not UTF-8; save the file as UTF-8 (in a spreadsheet: CSV UTF-8)",
    ]


def test_a_label_that_is_no_entry_is_told_with_the_nearest() -> None:
    one = Labelled(Check(say="x", expect="tradingfees"), "q/a.yaml:1")
    assert [str(problem) for problem in unknown_labels([one], ["trading-fees"])] == [
        'q/a.yaml:1: expects "tradingfees", which is no entry; did you mean "trading-fees"?'
    ]


def test_plain_text_is_questions_without_labels() -> None:
    found, _ = read_questions(put("a.txt", "one\n\n two \n"), with_labels=False)
    assert [one.check.say for one in found] == ["one", "two"]


def answered(expected: str | None, verdict: str, *entries: str, confidence: float = 0.5) -> Answered:
    ranked = tuple(Match(entry, confidence / place) for place, entry in enumerate(entries, start=1))
    return Answered("?", "en", expected, verdict, ranked)  # type: ignore[arg-type]  # a verdict, as tests write it


def test_outcomes_are_counted_by_what_was_expected() -> None:
    found = measure(
        [
            answered("a", "answer", "a", "b"),
            answered("a", "answer", "b", "a"),
            answered("a", "clarify", "b", "c", "a"),
            answered("a", "handover"),
            answered(None, "handover", "a", confidence=0.1),
            answered(None, "answer", "a", confidence=0.9),
        ]
    )
    assert {name: rate.hits for name, rate in found.known.items()} == {
        "hit1": 1, "hit3": 3, "right": 1, "wrong": 1, "clarify": 1, "handover": 1,
    }  # fmt: skip
    assert {name: rate.hits for name, rate in found.unknown.items()} == {"right": 1, "wrong": 1, "clarify": 0}
    assert found.wrong_answers == Rate(2, 3)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 3) / 4)


def test_shares_carry_their_uncertainty() -> None:
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert Rate(0, 0).share == 0.0


def test_auroc_percentile_and_bins() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.8]) == pytest.approx(0.875)
    assert auroc([], [0.5]) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([], 0.99) == 0.0
    assert bins([answered("a", "answer", "a", confidence=1.0), answered(None, "handover")], 2) == [
        {"right": 0, "wrong": 0, "unknown": 1},
        {"right": 1, "wrong": 0, "unknown": 0},
    ]


def test_a_report_holds_every_figure_and_can_be_written_as_json() -> None:
    knowledge = loaded(fees=FEES).knowledge
    assert knowledge is not None
    mind = Mind(knowledge, Rules())
    labelled = [
        Labelled(Check(say="What are the trading fees?", lang="en", expect="trading-fees"), "q:1"),
        Labelled(Check(say="What are the trading fees?", lang="en", expect="withdrawal-fees"), "q:2"),
        Labelled(Check(say="今天天气怎么样", lang="zh", expect="handover"), "q:3"),
    ]
    timed = list(ask_all(mind, labelled, 0.0))
    assert [took is None for _, took in timed] == [False, True, False], "what is remembered tells nothing of the speed"
    found = json.loads(json.dumps(report(timed, mind)))
    assert found["questions"] == 3
    assert found["known"]["hit1"] == {"share": 0.5, "low": 0.0945, "high": 0.9055, "n": 2}
    assert [(one["expected"], one["got"], one["entry"]) for one in found["confused"]] == [
        ("withdrawal-fees", "answer", "trading-fees")
    ]
    assert found["speed_ms"]["p50"] > 0
