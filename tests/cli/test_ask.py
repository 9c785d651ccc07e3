"""`frontdesk ask`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.program import frontdesk


def test_a_question_with_an_answer_shows_the_verdict_the_ranking_the_reasons_and_the_reply(shared: Path) -> None:
    ran = frontdesk(shared, "ask", "I forgot my password", "--lang", "en")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "verdict: answer"
    assert "password-reset" in lines[1]
    assert "I forgot my password" in lines[1], "the phrasing that carried the result"
    assert "Use *Forgot password*." in ran.out


def test_json_has_the_promised_shape_and_the_language_needs_no_telling(shared: Path) -> None:
    ran = frontdesk(shared, "ask", "忘记密码了怎么办", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = json.loads(ran.out)
    assert list(answer) == ["verdict", "lang", "matches", "reply"]
    assert (answer["verdict"], answer["lang"]) == ("answer", "zh")
    assert "忘记密码" in answer["reply"]
    assert answer["matches"][0]["id"] == "password-reset"
    confidences = []
    for match in answer["matches"]:
        assert list(match) == ["id", "confidence", "matched", "reasons"]
        assert isinstance(match["id"], str) and isinstance(match["matched"], str)
        assert all(isinstance(reason, str) for reason in match["reasons"])
        confidences.append(match["confidence"])
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)


def test_a_question_without_an_answer_is_a_finding(shared: Path) -> None:
    ran = frontdesk(shared, "ask", "who won the football match yesterday", "--json")
    assert (ran.code, ran.err) == (1, "")
    answer = json.loads(ran.out)
    assert answer["verdict"] == "handover"
    assert "I don't know" in answer["reply"]


def test_an_empty_question_is_wrong_use(shared: Path) -> None:
    assert "the question is empty" in frontdesk(shared, "ask", "  \t ").refused()


def test_an_unknown_language_is_wrong_use(shared: Path) -> None:
    refusal = frontdesk(shared, "ask", "hello", "--lang", "fr").refused()
    assert refusal == 'frontdesk: --lang "fr" is not one of brand.languages: en, zh'


def test_broken_knowledge_is_told_with_its_lines(folder: Path) -> None:
    (folder / "faq" / "more.yaml").write_text("topic: more\ntitle: {en: More}\n")
    assert frontdesk(folder, "ask", "hello").refused().splitlines() == [
        "frontdesk: the knowledge can't be used:",
        "faq/more.yaml:1: entries is missing",
    ]
