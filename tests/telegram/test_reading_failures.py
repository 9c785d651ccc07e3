"""What goes wrong with the channel itself: pollers, tokens, the way to Telegram, and what it tells."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.web import Options as WebOptions
from bot.app import App, World
from bot.errors import StoreUnavailable
from bot.messages import Accepted, Inbound
from bot.storage.store import Store
from tests.stands.telegram import BotAccount, BotApi, Drop, Garbage, Lost, Status
from tests.telegram.faulty import (
    FATES,
    REFUSED,
    SECOND_POLLER,
    UNREACHABLE,
    Line,
    frontdesk,
    holds,
    sent_and_stored,
    trouble,
    until,
    web_answers,
)
from tests.telegram.running import ANN, TOKEN, options, rows


async def test_a_second_poller_is_told_of_and_when_it_is_gone_all_is_well_again(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    bot.conflict_pause = 0.1

    async def rival() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while True:
                await client.get(f"{api.url}/bot{TOKEN}/getUpdates", params={"timeout": 20})

    with capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api), "web": WebOptions()}) as app:
            await bot.eventually(lambda: bot.polled, "a poll")
            other = asyncio.create_task(rival())
            told = await until(lambda: trouble(app), "a word in /readyz")
            assert told.startswith(f"channel:telegram: {SECOND_POLLER}")
            await web_answers(app)
            other.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await other
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            await until(lambda: well(app), "/readyz is well again")
    assert any(SECOND_POLLER in line.get("error", "") for line in log if line["event"] == "part.down")


async def well(app: App) -> bool:
    return not await trouble(app)


@pytest.mark.parametrize("already", [True, False], ids=["from the start", "while it runs"])
async def test_a_token_that_is_refused_is_told_of_and_when_it_is_good_again_all_is_well(
    tmp_path: Path, api: BotApi, bot: BotAccount, already: bool
) -> None:
    if already:
        bot.revoke()
    with capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api), "web": WebOptions()}) as app:
            if not already:
                await bot.eventually(lambda: bot.polled, "a poll")
                bot.revoke()
            told = await until(lambda: trouble(app), "a word in /readyz")
            assert told.startswith(f"channel:telegram: {REFUSED}")
            await web_answers(app)
            bot.restore()
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
    down = [line for line in log if line["event"] == "part.down"]
    assert REFUSED in down[0]["error"]
    assert len(down) <= 2, "it is not asked again and again"
    assert TOKEN not in str(log)


async def test_a_message_waits_while_the_token_is_refused(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.failures.AFTER_REFUSED_TOKEN", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(401), times=10)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 1, 0)]


async def test_while_telegram_can_not_be_reached_messages_are_kept_and_then_sent(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    line = Line(api)
    await line.join()
    with pytest.MonkeyPatch.context() as patch, capture_logs() as log:
        patch.setattr("adapters.telegram.failures.AFTER_UNREACHABLE", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(429, retry_after=1))
        channels = {"telegram": options(api).model_copy(update={"api_url": line.url}), "web": WebOptions()}
        async with frontdesk(tmp_path, channels) as app:
            bot.says(ANN, "/help")
            await holds(app, "select attempts, leased_until from outbox where error <> ''", (0, 0))
            await line.cut()

            async def failed_often() -> bool:
                return len([entry for entry in log if entry["event"] == "message.not_sent"]) > 10

            await until(failed_often, "more failures than attempts")
            assert await rows(app, "select status from outbox") == [("open",)]
            assert (await rows(app, "select error from outbox"))[0][0].startswith(f"RetryLater: {UNREACHABLE}")
            await web_answers(app)
            await line.join()
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 1, 0)]
        await line.cut()


async def test_telegram_can_not_be_reached_at_start_and_what_came_meanwhile_is_answered_in_its_order(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    line = Line(api)
    await line.join()
    await line.cut()
    for text in ("/help", "/status"):
        bot.says(ANN, text)
    channels = {"telegram": options(api).model_copy(update={"api_url": line.url}), "web": WebOptions()}
    with capture_logs() as log:
        async with frontdesk(tmp_path, channels) as app:
            assert UNREACHABLE in await until(lambda: trouble(app), "a word in /readyz")
            await web_answers(app)
            await line.join()
            await sent_and_stored(app, bot, 2)
            assert ["/human" in bot.sent[0].text, "no open ticket" in bot.sent[1].text] == [True, True]
        await line.cut()
    assert next(UNREACHABLE in entry["error"] for entry in log if entry["event"] == "part.down")


@pytest.mark.parametrize("fault", [Drop(), Status(502, html=True), Status(429, retry_after=1), Garbage()], ids=str)
async def test_a_poll_that_fails_loses_nothing(tmp_path: Path, api: BotApi, bot: BotAccount, fault: Any) -> None:
    api.fail("getUpdates", fault)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.polling.FIRST_WAIT", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        patch.setattr("bot.delivery.supervisor.FIRST_WAIT", 0.1)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await bot.eventually(lambda: any(call.method == "getUpdates" for call in bot.calls), "a poll")
            for text in ("/help", "/status"):
                bot.says(ANN, text)
            await sent_and_stored(app, bot, 2)


async def test_updates_are_not_confirmed_when_the_answer_with_them_is_lost(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    bot.says(ANN, "/help")
    api.fail("getUpdates", Lost())
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        await sent_and_stored(app, bot, 1)


# What comes in

UNREADABLE = (
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": ANN.id, "type": "private"}, "from": ANN.user()}},
    {"message": "not an object"},
    {"edited_message": {"chat": None}},
    {"callback_query": {"id": "1", "from": ANN.user(), "message": []}},
    {"my_chat_member": {}},
)


async def test_an_update_that_can_not_be_read_is_left_out_and_those_behind_it_are_taken(
    tmp_path: Path, api: BotApi, bot: BotAccount, caplog: pytest.LogCaptureFixture
) -> None:
    for update in UNREADABLE:
        bot.push(dict(update))
    bot.push({"something_new": {"chat": {"id": 1}}})
    bot.says(ANN, "/help")
    with caplog.at_level(logging.ERROR, "adapters.telegram"), capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 1)
            await bot.eventually(lambda: not bot.pending, "all confirmed")
    assert not [line for line in log if line["event"] == "part.down"]
    left_out = [record for record in caplog.records if "left out" in record.getMessage()]
    assert len(left_out) == len(UNREADABLE)


class StumblingStore(Store):
    """Can't be written to a few times; then it can."""

    left = 2

    async def receive(self, message: Inbound, now: float) -> Accepted:
        if self.left:
            self.left -= 1
            raise StoreUnavailable("the disk is full")
        return await super().receive(message, now)


async def test_what_could_not_be_stored_is_not_confirmed_and_comes_again(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    for text in ("/help", "/status"):
        bot.says(ANN, text)
    with pytest.MonkeyPatch.context() as patch, capture_logs() as log:
        patch.setattr("bot.delivery.supervisor.FIRST_WAIT", 0.2)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(make_store=StumblingStore)) as app:

            async def down() -> bool:
                return any(line["event"] == "part.down" for line in log)

            await until(down, "a failure to store")
            assert len(bot.pending) == 2
            await sent_and_stored(app, bot, 2)
            await bot.eventually(lambda: not bot.pending, "all confirmed")
            said = await rows(app, "select text from message where author = 'contact' order by seq")
            assert said == [("/help",), ("/status",)]


async def test_what_was_sent_while_frontdesk_was_down_is_answered_at_start_oldest_first(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    for text in ("/help", "/topics", "/status"):
        bot.says(ANN, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 3)
    parts = ("/human", "about", "no open ticket")
    assert [part in sent.text for part, sent in zip(parts, bot.sent, strict=True)] == [True, True, True]
