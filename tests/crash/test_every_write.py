"""The process dies before or after every single write: nothing is lost, nothing is doubled, order is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.harness import CRASH_POINTS, Bot, Crashed

DELIVERY_POINTS = [point for point in CRASH_POINTS if "fire" not in point and "failed" not in point]


async def shown_once(bot: Bot) -> list[str]:
    """What people were shown, repeats of one send counted once, after checking that only what was in flight repeats."""
    keys = [out.key for out in bot.platform.shown]
    assert len(keys) - len(set(keys)) <= 1, "at most the send in flight may repeat"
    assert all(a <= b for a, b in pairwise(int(key.split("-")[1]) for key in keys)), "out of order"
    return [out.text for out in {out.key: out for out in bot.platform.shown}.values()]


@pytest.mark.parametrize("point", DELIVERY_POINTS)
async def test_a_question_is_answered_once_whenever_the_process_dies(bot: Bot, point: str) -> None:
    bot.crash_at(point)
    with pytest.raises(Crashed):
        await bot.say("My withdrawal has not arrived")
    await bot.restart()
    texts = await shown_once(bot)
    assert len(texts) == 1
    assert "Wallet > History" in texts[0]
    assert await bot.rows("select count(*) from question") == [(1,)]


@pytest.mark.parametrize("point", DELIVERY_POINTS)
async def test_a_hand_over_opens_one_ticket_whenever_the_process_dies(bot: Bot, point: str) -> None:
    await bot.say("what is the weather like today")
    bot.crash_at(point)
    with pytest.raises(Crashed):
        await bot.say("yes")
    await bot.restart()
    assert await bot.rows("select number, status from ticket") == [(1, "waiting")]
    assert "#1" in (await shown_once(bot))[-1]


@pytest.mark.parametrize("point", DELIVERY_POINTS)
async def test_the_order_of_several_messages_is_kept_whenever_the_process_dies(bot: Bot, point: str) -> None:
    bot.crash_at(point)
    with pytest.raises(Crashed):
        await bot.say("/help", "/topics", "/status")
    await bot.restart()
    texts = await shown_once(bot)
    assert ["/human" in texts[0], "about" in texts[1], "no open ticket" in texts[2]] == [True, True, True]


@pytest.mark.parametrize("point", ["before fire", "after fire", "before settle", "after settle"])
async def test_a_due_timer_fires_once_whenever_the_process_dies(bot: Bot, point: str) -> None:
    await bot.say("hello")
    bot.crash_at(point)
    with pytest.raises(Crashed):
        await bot.later(minutes=31)
    await bot.restart()
    await bot.later(minutes=1)
    assert await bot.rows("select state from conversation") == [("closed",)]
    assert await bot.rows("select count(*) from timer") == [(0,)]


async def test_messages_sent_while_the_process_is_down_are_answered_after_start_oldest_first(bot: Bot) -> None:
    bot.crash_at("before receive")
    with pytest.raises(Crashed):
        await bot.send("/help", "/topics")
    assert len(bot.platform.unacknowledged) == 2
    await bot.restart()
    texts = await shown_once(bot)
    assert ["/human" in texts[0], "about" in texts[1]] == [True, True]
