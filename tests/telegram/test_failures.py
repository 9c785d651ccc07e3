"""What goes wrong with a send between Frontdesk and Telegram: the fault table, over real HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import World
from tests.benchmarks.telegram_limits import measure, table
from tests.stands.telegram import BotAccount, BotApi, Drop, Garbage, Hang, Lost, Person, Status
from tests.telegram.faulty import (
    BEN,
    FATES,
    GROUP,
    OBEYED,
    frontdesk,
    holds,
    sends,
    sent_and_stored,
    trouble,
)
from tests.telegram.running import ANN, LI, options, rows


async def test_a_wait_that_telegram_asks_for_is_obeyed_and_holds_nobody_else_up(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    api.fail("sendMessage", Status(429, retry_after=1), chat=ANN.id)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        bot.says(ANN, "/help")
        await bot.eventually(lambda: sends(bot, ANN), "a send that is refused")
        bot.says(LI, "/help")
        await sent_and_stored(app, bot, 2)
        refused, again = sends(bot, ANN)
        assert 1 <= again.at - refused.at <= 1 + OBEYED
        assert sends(bot, LI)[0].at < again.at - 0.5
        assert await rows(app, FATES) == [("sent", 1, 0), ("sent", 1, 0)]


async def test_waits_never_make_a_message_dead(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.failures.wait_of", lambda _: 0.01)
        patch.setattr("adapters.telegram.sending.wait_of", lambda _: 0.01)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(429, retry_after=1), times=12)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert len(sends(bot)) == 13
            assert await rows(app, FATES) == [("sent", 1, 0)]


@pytest.mark.parametrize("fault", [Status(500), Status(502, html=True), Status(403, html=True)], ids=str)
async def test_what_telegram_s_servers_or_a_proxy_before_them_break_is_tried_again_with_growing_waits(
    tmp_path: Path, api: BotApi, bot: BotAccount, fault: Status
) -> None:
    """Also a 403 that is no answer of Telegram's: it says nothing of the chat, which must not count as gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", fault, times=2)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(jitter=lambda: 0.0)) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            first, second = ((b.at - a.at) for a, b in itertools.pairwise(sends(bot)))
            assert 0.25 <= first < 0.5 <= second < 0.75
            assert await rows(app, FATES) == [("sent", 3, 0)]


@pytest.mark.parametrize("fault", [Lost(), Garbage(execute=True), Hang(30, execute=True)], ids=str)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_lost_answer_makes_one_repeat_at_most_and_then_an_uncertain_message_that_shows(
    tmp_path: Path, api: BotApi, bot: BotAccount, fault: Any, times: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.adapter.ANSWER_WITHIN", 0.3)
        patch.setattr("adapters.telegram.polling.LONGEST_POLL", 5)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", fault, times=times)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(jitter=lambda: 0.0)) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 2)
            assert await rows(app, FATES) == [("sent" if times == 1 else "uncertain", 2, 1)]
            assert (await app.store.counts())["uncertain"] == times - 1
            assert f'frontdesk_rows{{kind="uncertain"}} {times - 1}.0' in (await app.metrics())[0].decode()
            bot.says(ANN, "/status")  # and the chat goes on
            await sent_and_stored(app, bot, 3)


async def test_a_connection_that_breaks_before_telegram_hears_us_costs_no_message(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    api.fail("sendMessage", Drop())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 2, 1)]


def blocked(api: BotApi, bot: BotAccount) -> None:
    api.block(ANN.id)


def deactivated(api: BotApi, bot: BotAccount) -> None:
    api.deactivate(ANN.id)


def not_found(api: BotApi, bot: BotAccount) -> None:
    api.fail("sendMessage", Status(400, description="Bad Request: chat not found"), times=None, chat=ANN.id)


def kicked(api: BotApi, bot: BotAccount) -> None:
    api.kick(bot, GROUP)


@pytest.mark.parametrize("gone", [blocked, deactivated, not_found, kicked], ids=lambda gone: gone.__name__)
async def test_a_chat_that_is_gone_is_dead_at_once_and_the_others_go_on(
    tmp_path: Path, api: BotApi, bot: BotAccount, gone: Callable[[BotApi, BotAccount], None]
) -> None:
    where = GROUP if gone is kicked else ANN
    for text in ("/help", "/status"):
        bot.says(ANN, text, chat=GROUP if gone is kicked else None)
    gone(api, bot)
    bot.says(LI, "/help")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            by_chat = "select status, count(*), max(attempts) from outbox group by status order by status"
            await holds(app, by_chat, ("dead", 2, 1), ("sent", 1, 1))
            bot.says(BEN, "/help")
            await sent_and_stored(app, bot, 2)
            assert len(sends(bot, where)) == 2, "each once, and never again"
            assert (await app.store.counts())["dead"] == 2
            assert not await trouble(app)


async def test_a_send_that_hangs_holds_no_other_chat_up(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    api.fail("sendMessage", Hang(0.8), chat=ANN.id)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        bot.says(ANN, "/help")
        await bot.eventually(lambda: sends(bot, ANN), "a send that hangs")
        for person in (LI, BEN):
            bot.says(person, "/help")
        await bot.eventually(lambda: len(bot.sent) == 2, "the others' answers", 0.7)
        assert not bot.shown(ANN.id)
        await sent_and_stored(app, bot, 3)


async def test_messages_that_wait_while_telegram_does_not_even_say_who_we_are_are_kept(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    """All wait for one answer: were they to ask one after the other, most would time out and count as perhaps sent."""
    people = [Person(100 + number, "P", lang="en") for number in range(10)]
    api.fail("sendMessage", Status(429, retry_after=1), times=None)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        for person in people:
            bot.says(person, "/help")
        await holds(app, "select count(*) from outbox where due > created_at", (10,))
    api.heal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.adapter.ANSWER_WITHIN", 0.3)
        patch.setattr("adapters.telegram.polling.LONGEST_POLL", 5)
        patch.setattr("adapters.telegram.failures.AFTER_UNREACHABLE", 0.2)
        patch.setattr("bot.delivery.outbox.LONGEST_SEND", 0.9)
        api.fail("getMe", Hang(30), times=4)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 10)
            assert await rows(app, FATES) == [("sent", 1, 0)] * 10


# The limits


async def test_the_limits_are_kept_and_used(tmp_path: Path) -> None:
    """The long version, with groups over their limit of a minute, is `python -m tests.benchmarks telegram_limits`."""
    found = await measure(tmp_path, chats=40, groups=2, answers=200, in_a_group=4, latency=0.0)
    assert (found.arrived, found.twice, found.not_sent) == (200, 0, 0), table(found)
    assert found.refusals < 0.01, table(found)
    assert found.share > 0.8, table(found)


# The channel
