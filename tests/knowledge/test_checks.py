"""Labelled questions of a knowledge folder: how they are read and judged."""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.checks import Labelled, read_checks, run_checks
from bot.knowledge.schema import Check
from bot.mind import Mind, Rules
from bot.ports import Problem
from tests.knowledge.folders import FEES, loaded, write


def read(**files: str | bytes) -> tuple[list[Labelled], list[Problem]]:
    return read_checks(write(Path("k"), **files))


def judged(*checks: Check) -> list[str]:
    knowledge = loaded(fees=FEES).knowledge
    assert knowledge is not None
    labelled = [Labelled(check, f"checks/x.yaml:{number}") for number, check in enumerate(checks, start=1)]
    return [str(problem) for problem in run_checks(Mind(knowledge, Rules()), labelled, 0.0)]


def test_checks_are_read_with_the_lines_they_stand_on() -> None:
    labelled, problems = read(checks__fees="# these\n\n- {say: a, lang: en, expect: b}\n- say: c\n  expect: handover\n")
    assert problems == []
    assert [(one.check.say, one.check.expect, one.place) for one in labelled] == [
        ("a", "b", "k/checks/fees.yaml:3"),
        ("c", "handover", "k/checks/fees.yaml:4"),
    ]


def test_a_folder_without_checks_and_an_empty_file_are_fine() -> None:
    assert read() == ([], [])
    assert read(checks__fees="# none yet\n") == ([], [])


def test_every_mistake_is_told_and_the_sound_checks_are_used_all_the_same() -> None:
    labelled, problems = read(
        checks__fees="""\
        - {say: fine, expect: handover}
        - {say: "", expect: handover}
        - {say: 5, expect: handover, lang: english}
        - {sya: x, expect: handover}
        - {say: x}
        - x
        """,
        checks__mapping="say: x\n",
        checks__broken="- {say: x\n- {",
    )
    assert [one.check.say for one in labelled] == ["fine"]
    assert sorted(map(str, problems)) == [
        'k/checks/broken.yaml:1: a "{" is opened here, and "}" or a comma is missing after it',
        "k/checks/fees.yaml:2: item 2 of the list: say must not be empty",
        "k/checks/fees.yaml:3: item 3 of the list: lang must be a language code such as en or zh",
        "k/checks/fees.yaml:3: item 3 of the list: say must be a text (put it in quotes if it looks like a number)",
        "k/checks/fees.yaml:4: item 4 of the list: say is missing",
        'k/checks/fees.yaml:4: item 4 of the list: unknown key "sya"; did you mean "say"?',
        "k/checks/fees.yaml:5: item 5 of the list: expect is missing",
        "k/checks/fees.yaml:6: item 6 of the list must be a mapping (key: value)",
        "k/checks/mapping.yaml:1: must be a list: - {say: ..., lang: ..., expect: ...}",
    ]


def test_a_check_that_is_answered_as_it_says_is_right() -> None:
    assert judged(Check(say="What are the trading fees?", expect="trading-fees")) == []
    assert judged(Check(say="Who won the football match yesterday", expect="handover")) == []


def test_a_check_that_is_answered_otherwise_tells_what_it_gets() -> None:
    wrong = judged(
        Check(say="What are the trading fees?", expect="handover"),
        Check(say="What are the trading fees?", expect="withdrawal-fees"),
        Check(say="Who won the football match yesterday", expect="trading-fees"),
    )
    assert wrong[0].startswith(
        'checks/x.yaml:1: "What are the trading fees?" expects handover, but gets answer: trading-fees ('
    )
    assert "expects withdrawal-fees, but gets answer: trading-fees (" in wrong[1]
    assert "expects trading-fees, but gets handover" in wrong[2]


def test_an_expected_entry_that_does_not_exist_is_told_with_the_nearest() -> None:
    assert judged(Check(say="x", expect="tradingfees"), Check(say="x", expect="hand-over")) == [
        'checks/x.yaml:1: expects "tradingfees", which is no entry; did you mean "trading-fees"?',
        'checks/x.yaml:2: expects "hand-over", which is no entry; did you mean "handover"?',
    ]
