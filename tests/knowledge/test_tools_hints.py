"""What `check` tells of single entries: old translations, links, secrets asked for, texts cut off."""

from __future__ import annotations

import pytest

from tests.knowledge.folders import FEES, hints, mistakes

ONE = """\
topic: one
title: {en: One, zh: 一}
entries:
  - id: one
    question: {en: [How do I begin?], zh: [怎么开始]}
    answer:
      en: ANSWER
      zh: 好的。
"""


def told(answer: str, more: str = "") -> list[str]:
    return hints(one=ONE.replace("ANSWER", answer) + more, fees=FEES)


def test_a_translation_older_than_the_newest_is_told() -> None:
    assert told("Begin.", "    updated: {en: 2026-03-02, zh: 2025-12-31}\n") == [
        "k/one.yaml:9: one: zh is of 2025-12-31, older than en of 2026-03-02; look it through and set updated.zh"
    ]


def test_translations_of_the_same_day_are_fine_and_a_missing_day_is_told() -> None:
    assert told("Begin.", "    updated: {en: 2026-03-02, zh: 2026-03-02}\n") == []
    assert told("Begin.", "    updated: {en: 2026-03-02}\n") == [
        "k/one.yaml:9: one: updated lacks zh; add the day of its last change"
    ]
    assert told("Begin.", "    updated: {en: 2026-03-02, zh: 2026-03-02, de: 2026-03-02}\n") == [
        "k/one.yaml:9: one: updated names de, in which there is no answer"
    ]


def test_a_day_that_is_none_is_a_mistake() -> None:
    wrong = mistakes(one=ONE.replace("ANSWER", "Begin.") + "    updated: {en: yesterday}\n")
    assert wrong == ['k/one.yaml:9: one: updated.en is "yesterday", which is no day; write one such as 2026-12-31']


@pytest.mark.parametrize(
    ("link", "hint"),
    [
        ("[fees](entry:tradingfees)", 'the answer links to "tradingfees", which is no entry; did you mean'),
        ("[fees](#nowhere)", 'the answer links to "nowhere", which is no entry'),
        ("[fees](trading-fees)", "people can't follow the link to trading-fees; name it under see_also"),
        ("[fees](fees.html)", 'the answer links to "fees.html", which is no full address; write one such as https://'),
        ("[fees]()", 'the answer links to "", which is no full address'),
    ],
)
def test_a_link_that_leads_nowhere_is_told(link: str, hint: str) -> None:
    found = told(f'"See {link}."')
    assert len(found) == 1
    assert found[0].startswith(f"k/one.yaml:7: one: {hint}")


def test_full_addresses_and_links_in_code_are_fine() -> None:
    assert told("'See [fees](https://example.com/a_(b)), [mail](mailto:a@example.com) and `[x](y)`.'") == []


def test_an_answer_that_asks_for_a_secret_is_told_and_a_warning_is_not() -> None:
    assert told("We never ask for your password.") == []
    assert told("Please send us your password.") == [
        'k/one.yaml:7: one: the answer asks for a secret: "Please send us your password."; '
        "nobody may be led to tell one, take it out"
    ]


def test_a_field_that_is_a_secret_is_told() -> None:
    fields = "pin: {name: {en: your PIN code, zh: PIN}}\n"
    found = hints(one=ONE.replace("ANSWER", "Begin.") + "    ask: [uid, pin]\n", fields=fields)
    assert [hint for hint in found if hint.startswith("k/one.yaml")] == [
        'k/one.yaml:9: one: ask has "pin", which is a secret; nobody may be led to tell one, take it out'
    ]


def test_a_text_that_is_cut_off_by_a_comment_is_told() -> None:
    assert told("We answer within 24 h #1 in town") == [
        'k/one.yaml:7: the text ends before "#1 in town", which is read as a comment; '
        "put quotes around all of it, or the comment on a line of its own"
    ]
    assert told("Begin # then go on")[0].startswith('k/one.yaml:7: the text ends before "# then go on"')


def test_quotes_blocks_and_comments_set_apart_are_not_told() -> None:
    assert told('"We are #1" # really') == []
    assert told("|-\n        We are #1.") == []
    assert told("Begin.  # checked by Ann") == []
    assert told("Room#1 is free.") == []
    assert told("Begin.", "    handover: never # for now\n") == []


def test_a_cut_text_in_phrases_is_told_too() -> None:
    found = hints(fees=FEES, phrases="thanks: {en: x, zh: y}\ngoodbye:\n  en: Bye #1\n  zh: 再见\n")
    assert [hint.split(",")[0] for hint in found] == ['k/phrases.yaml:3: the text ends before "#1"']


def test_a_comment_that_breaks_the_file_is_named_in_the_mistake() -> None:
    wrong = mistakes(one=ONE.replace("ANSWER", "begin\n        here #1\n        and there"))
    assert wrong[0].endswith('"#1" is read as a comment: put quotes around a text with " #" in it')
