"""Gaps, suggestions and replays, from questions that went through the whole bot into a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import yaml

from bot.config import MatchingBlock
from bot.knowledge.gaps import Gap, gaps, likeness, meant, why, wordings
from bot.knowledge.loader import load
from bot.knowledge.replay import Change, replay
from bot.knowledge.suggestions import Suggestion, as_yaml, suggestions
from bot.mind import Mind, Rules
from bot.ports import Question
from tests.cli.conftest import furnish
from tests.harness import Bot


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    return furnish(tmp_path) / "faq"


@pytest.fixture
async def shop(tmp_path: Path, faq: Path, anyio_backend: str) -> AsyncIterator[Bot]:
    # Wide apart, so that the tests hold for any matcher that ranks sensibly.
    async with Bot(tmp_path, faq, matching=MatchingBlock(answer=0.6, clarify=0.28)) as running:
        yield running


async def stored(bot: Bot) -> Sequence[Question]:
    return await bot.app.store.questions(0.0, 1000)


def found_gaps(bot: Bot, asked: Sequence[Question]) -> list[Gap]:
    some = wordings(question for question in asked if why(question))
    return gaps(bot.app.library.mind, some, likeness(some), bot.clock.now())


def suggested(bot: Bot, asked: Sequence[Question]) -> list[Suggestion]:
    return suggestions(bot.app.library.mind, asked, bot.clock.now())


async def choose(bot: Bot, text: str, value: str, who: str) -> None:
    shown = await bot.say(text, who=who)
    assert any(button.value == value for button in shown[-1].buttons), shown[-1]
    await bot.press(value, who=who)


CLEAR = "trading fees what are they exactly"
UNCLEAR = "i want to reset"
UNKNOWN = "football scores tonight"


async def test_a_question_is_read_with_all_that_became_of_it(shop: Bot) -> None:
    await choose(shop, CLEAR, "helped:yes:trading-fees", "ann")
    await choose(shop, CLEAR, "helped:no:trading-fees", "bob")
    await choose(shop, UNCLEAR, "entry:password-reset", "cid")
    await choose(shop, UNCLEAR, "none", "dan")
    await choose(shop, UNKNOWN, "human", "eve")
    assert [(one.text, one.verdict, one.helpful, one.chosen, one.escalated) for one in await stored(shop)] == [
        (CLEAR, "answer", True, "", False),
        (CLEAR, "answer", False, "", True),
        (UNCLEAR, "clarify", None, "password-reset", False),
        (UNCLEAR, "clarify", None, "none", False),
        (UNKNOWN, "handover", None, "", True),
    ]


async def test_a_choice_that_is_typed_counts_and_another_question_is_no_choice(shop: Bot) -> None:
    await shop.say(UNCLEAR, who="ann")
    await shop.say("1", who="ann")
    await shop.say(UNCLEAR, who="bob")
    await shop.say(UNKNOWN, who="bob")
    assert [one.chosen for one in await stored(shop)] == ["password-reset", "", ""]


async def test_only_the_last_questions_since_a_time_are_read(shop: Bot) -> None:
    await shop.say(UNKNOWN, who="ann")
    await shop.later(minutes=600)
    since = shop.clock.now()
    await shop.say("do you take apple pay", who="bob")
    assert [one.text for one in await shop.app.store.questions(since, 10)] == ["do you take apple pay"]
    assert [one.text for one in await shop.app.store.questions(0.0, 1)] == ["do you take apple pay"]


async def test_secrets_are_hidden_before_they_are_ever_seen_here(shop: Bot) -> None:
    await shop.say("my password is hunter22, why can't I win the football match", who="ann")
    asked = await stored(shop)
    assert "hunter22" not in asked[0].text
    assert suggested(shop, asked) == []


async def test_gaps_come_grouped_by_wording_the_biggest_first(shop: Bot) -> None:
    for number, text in enumerate(
        [
            UNKNOWN,
            "do you take apple pay",
            "Do you take Apple Pay?",
            "apple pay, do you take it",
            "tonight football scores please",
            "可以用支付宝吗",
        ]
    ):
        await shop.say(text, who=f"p{number}")
    found = found_gaps(shop, await stored(shop))
    assert [[one.text for one in gap.wordings] for gap in found] == [
        ["do you take apple pay", "apple pay, do you take it"],
        [UNKNOWN, "tonight football scores please"],
        ["可以用支付宝吗"],
    ]
    assert [len(gap.questions) for gap in found] == [3, 2, 1]
    assert found[0].reasons == {"unanswered": 3}


async def test_a_gap_names_the_entry_it_may_belong_to(shop: Bot) -> None:
    await choose(shop, UNCLEAR, "none", "ann")
    (gap,) = found_gaps(shop, await stored(shop))
    assert gap.entry == "password-reset"
    assert 0 < gap.confidence < 1
    assert gap.reasons == {"none": 1}


async def test_what_was_answered_well_is_no_gap(shop: Bot) -> None:
    await choose(shop, CLEAR, "helped:yes:trading-fees", "ann")
    await choose(shop, UNCLEAR, "entry:password-reset", "bob")
    assert found_gaps(shop, await stored(shop)) == []
    assert found_gaps(shop, []) == []


async def test_what_people_chose_or_found_helpful_is_suggested_once(shop: Bot) -> None:
    await choose(shop, UNCLEAR, "entry:password-reset", "ann")
    await choose(shop, "I want to RESET!", "entry:password-reset", "bob")
    (one,) = suggested(shop, await stored(shop))
    assert (one.entry, one.lang, one.text, one.why, one.asked) == ("password-reset", "en", UNCLEAR, "chosen", 2)


async def test_suggestions_are_yaml_for_the_entry_and_close_the_gap_when_pasted(shop: Bot, faq: Path) -> None:
    await choose(shop, UNCLEAR, "entry:password-reset", "ann")
    text = as_yaml(load(faq, ["en", "zh"], "en"), suggested(shop, await stored(shop)))
    assert yaml.safe_load(text) == [{"id": "password-reset", "question": {"en": [UNCLEAR]}}]
    assert "faq/fees.yaml:10" in text
    path = faq / "fees.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[I forgot my", f"[{UNCLEAR}, I forgot my"), "utf-8")
    await shop.app.library.refresh()
    assert suggested(shop, await stored(shop)) == []


def test_what_is_there_already_or_belongs_to_one_person_is_never_suggested(faq: Path) -> None:
    knowledge = load(faq, ["en", "zh"], "en").knowledge
    assert knowledge is not None
    texts = [
        "I forgot my password!",
        "i forgot my passwords",
        "reset ann@example.com",
        "and for the password?",
        "reset [password hidden]",
        "x" * 300,
        "",
    ]
    asked = [Question(text, "en", "clarify", "password-reset", 0.4, chosen="password-reset") for text in texts]
    assert suggestions(Mind(knowledge, Rules()), asked, 0.0) == []


def test_people_who_disagree_suggest_nothing() -> None:
    yes = Question("x", "en", "answer", "a", 0.5, helpful=True)
    no = Question("x", "en", "answer", "a", 0.5, helpful=False)
    other = Question("x", "en", "clarify", "a", 0.4, chosen="b")
    assert meant([yes]) == ("a", "helpful")
    assert meant([other]) == ("b", "chosen")
    assert meant([yes, no]) == ("", "")
    assert meant([yes, other]) == ("", "")
    assert meant([]) == ("", "")


def test_an_entry_that_is_gone_is_not_suggested_to(faq: Path) -> None:
    knowledge = load(faq, ["en", "zh"], "en").knowledge
    assert knowledge is not None
    asked = [Question("some words", "en", "clarify", "gone", 0.4, chosen="gone")]
    assert suggestions(Mind(knowledge, Rules()), asked, 0.0) == []


def test_a_replay_tells_what_changed_was_gained_and_lost(faq: Path) -> None:
    old = load(faq, ["en", "zh"], "en").knowledge
    path = faq / "fees.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("[What are the trading fees?, how much is", "[do you take apple pay, how much is")
    text = text.replace("how can I reset my password]", "What are the trading fees?]")
    path.write_text(text, encoding="utf-8")
    new = load(faq, ["en", "zh"], "en").knowledge
    assert old is not None
    assert new is not None
    asked = wordings(
        [
            Question("What are the trading fees?", "en", "answer", "trading-fees", helpful=True),
            Question("do you take apple pay", "en"),
            Question("how can I reset my password now", "en"),
            Question("forgot my password", "en"),
        ]
    )
    changes: dict[str, Change | None] = {
        one.text: change
        for one, change in zip(asked, replay(Mind(old, Rules()), Mind(new, Rules()), asked, 0.0), strict=True)
    }
    kinds = {text: change.kind if change else "" for text, change in changes.items()}
    assert kinds["What are the trading fees?"] == "changed"
    assert kinds["do you take apple pay"] == "gained"
    assert kinds["forgot my password"] == ""
    changed = changes["What are the trading fees?"]
    assert changed is not None
    assert changed.meant == "trading-fees"


def test_the_same_base_changes_nothing(faq: Path) -> None:
    knowledge = load(faq, ["en", "zh"], "en").knowledge
    assert knowledge is not None
    mind = Mind(knowledge, Rules())
    asked = wordings([Question("What are the trading fees?"), Question("???"), Question("")])
    assert [one.text for one in asked] == ["What are the trading fees?"]
    assert list(replay(mind, mind, asked, 0.0)) == [None]


async def test_a_message_with_several_questions_is_one_that_belongs_to_no_entry(shop: Bot) -> None:
    text = "What are the trading fees? And also, I forgot my password?"
    shown = await shop.say(text, who="ann")
    assert "0.1 %" in shown[-1].text
    assert "Forgot password" in shown[-1].text
    await shop.press("helped:yes:trading-fees", who="ann")
    (one,) = await stored(shop)
    assert (one.text, one.entry, one.helpful) == (text, "", None)
    assert suggested(shop, [one]) == []
