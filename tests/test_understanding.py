"""Beyond single questions: what goes on from an answer, what asks several things, and what is felt."""

from __future__ import annotations

import pytest

from bot.dialogue.questions import asks_several, is_short, parts
from tests.harness import Bot


@pytest.mark.parametrize(
    ("first", "then", "entry"),
    [
        ("My withdrawal has not arrived", "and the fees?", "withdrawal-fees"),
        ("提现一直没到账", "那手续费呢？", "withdrawal-fees"),
        ("How do I verify my identity", "and how long does it take?", "kyc-duration"),
    ],
)
async def test_a_follow_up_is_understood_from_the_answer_before(bot: Bot, first: str, then: str, entry: str) -> None:
    await bot.say(first)
    await bot.say(then)
    assert (await bot.rows("select entry from question order by id"))[-1] == (entry,)


async def test_a_new_matter_after_an_answer_stands_by_itself(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    await bot.say("and I forgot my password")
    assert (await bot.rows("select entry from question order by id"))[-1] == ("password-reset",)


async def test_without_an_answer_before_there_is_nothing_to_go_on_from(bot: Bot) -> None:
    await bot.say("and the fees?")
    assert await bot.rows("select entry from question") == [("trading-fees",)]


async def test_several_questions_in_one_message_are_answered_each(bot: Bot) -> None:
    await bot.say("I forgot my password, what now? And how do I create an API key?")
    bot.expect("Did this help?")
    shown = bot.platform.shown[-1].text
    entries = [row[0] for row in await bot.rows("select entry from question order by id")]
    assert entries == ["password-reset", "api-create-key"]
    assert shown.count("**") >= 4


async def test_several_questions_in_chinese_are_answered_each(bot: Bot) -> None:
    await bot.say("忘记密码怎么办？另外怎么创建API key？")
    assert [row[0] for row in await bot.rows("select entry from question order by id")] == [
        "password-reset",
        "api-create-key",
    ]


async def test_one_sentence_that_is_understood_answers_a_long_complaint(bot: Bot) -> None:
    await bot.say(
        "Good day to you all. My withdrawal has not arrived. My cousin told me that you are usually nice people."
    )
    bot.expect("Wallet > History")


async def test_two_questions_that_have_one_answer_get_it_once(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived? Why is my withdrawal still pending?")
    bot.expect("Wallet > History")
    assert len(await bot.rows("select entry from question")) == 1


@pytest.mark.parametrize(
    ("text", "mood", "priority"),
    [
        ("this is urgent, my pet ate my notes", '["urgent"]', "high"),
        ("you are scammers, what is the weather!!!", '["angry"]', "normal"),
        ("马上处理，你们这些骗子，今天天气怎么样", '["angry","urgent"]', "high"),
        ("what is the weather like today", "[]", "normal"),
        ("the surgency of policemen", "[]", "normal"),
    ],
)
async def test_anger_and_urgency_are_noticed_and_passed_on(bot: Bot, text: str, mood: str, priority: str) -> None:
    await bot.say(text)
    await bot.say("/human")
    assert await bot.rows("select mood, priority from ticket") == [(mood, priority)]


async def test_what_was_felt_is_forgotten_with_the_conversation(bot: Bot) -> None:
    await bot.say("this is urgent, what is the weather")
    await bot.later(minutes=40)
    await bot.say("/human")
    assert await bot.rows("select mood from ticket") == [("[]",)]


def test_a_message_is_taken_apart_only_where_it_has_several_pieces_of_some_length() -> None:
    assert parts("My withdrawal is stuck. Please help!") == ["My withdrawal is stuck. Please help!"]
    assert parts("how do I withdraw? how do I deposit?") == ["how do I withdraw", "how do I deposit"]
    assert parts("提现多久到账？充值多久到账？急") == ["提现多久到账", "充值多久到账"]
    assert parts("one two three. " * 9) == ["one two three. " * 9]
    assert parts("I pay 1.5 USDT for it") == ["I pay 1.5 USDT for it"]


def test_several_questions_need_to_say_so() -> None:
    assert asks_several("a? b?")
    assert asks_several("怎么提现，另外怎么充值")
    assert not asks_several("My withdrawal is stuck. I sent it yesterday.")
    assert is_short("那手续费呢")
    assert not is_short("and what do I have to do when my withdrawal has not arrived for hours")
