"""The knowledge that comes with Frontdesk is complete, sound and answers its own checks."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from bot.dialogue.knowledge import Knowledge
from bot.knowledge.checks import HANDOVER, Labelled, read_checks, run_checks
from bot.knowledge.loader import bundled_folder, load
from bot.mind import Mind, Rules

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    loaded = load(bundled_folder(), LANGUAGES, "en")
    assert loaded.problems == [], "neither a mistake nor a hint"
    assert loaded.knowledge is not None
    return loaded.knowledge


@pytest.fixture(scope="module")
def labelled() -> list[Labelled]:
    found, problems = read_checks(bundled_folder())
    assert problems == []
    return found


def test_it_has_enough_entries_in_ten_topics(knowledge: Knowledge) -> None:
    assert len(knowledge.entries) >= 70
    assert len(knowledge.topics) == 10
    assert all(len(topic.entries) >= 5 for topic in knowledge.topics.values())


def test_every_entry_is_in_both_languages_with_at_least_five_phrasings(knowledge: Knowledge) -> None:
    for entry in knowledge.entries.values():
        assert set(entry.questions) == set(entry.answers) == set(LANGUAGES), entry.id
        assert min(map(len, entry.questions.values())) >= 5, entry.id


def test_every_topic_has_a_title_in_both_languages(knowledge: Knowledge) -> None:
    assert all(set(topic.titles) == set(LANGUAGES) for topic in knowledge.topics.values())


def test_no_entry_sees_itself_or_another_twice(knowledge: Knowledge) -> None:
    for entry in knowledge.entries.values():
        assert entry.id not in entry.see_also
        assert len(set(entry.see_also)) == len(entry.see_also), entry.id


def test_there_are_enough_checks_and_enough_that_must_not_be_answered(labelled: list[Labelled]) -> None:
    expected = Counter(one.check.expect for one in labelled)
    assert expected.total() >= 300
    assert expected[HANDOVER] >= 80


def test_every_entry_is_checked_in_both_languages(knowledge: Knowledge, labelled: list[Labelled]) -> None:
    checked = {(one.check.expect, one.check.lang) for one in labelled}
    assert {(entry, lang) for entry in knowledge.entries for lang in LANGUAGES} <= checked


def test_no_check_is_copied_from_a_phrasing_or_from_another_check(
    knowledge: Knowledge, labelled: list[Labelled]
) -> None:
    def bare(text: str) -> str:
        return "".join(character for character in text.casefold() if character.isalnum())

    phrasings = {
        bare(phrasing) for entry in knowledge.entries.values() for some in entry.questions.values() for phrasing in some
    }
    said = Counter(bare(one.check.say) for one in labelled)
    assert [one.place for one in labelled if bare(one.check.say) in phrasings] == []
    assert [text for text, times in said.items() if times > 1] == []


def test_all_checks_pass(knowledge: Knowledge, labelled: list[Labelled]) -> None:
    wrong = run_checks(Mind(knowledge, Rules()), labelled, time.time())
    assert not wrong, f"{len(wrong)} of {len(labelled)}:\n" + "\n".join(map(str, wrong))
