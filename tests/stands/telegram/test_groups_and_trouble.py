"""The stand-in of Telegram: groups, forums, the bot's own settings, and all that goes wrong on the way."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import httpx
import pytest
from telegram import Bot
from telegram.error import ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from tests.stands.telegram import BotAccount, BotApi, Drop, Garbage, Group, Hang, Lost, Status
from tests.stands.telegram.conftest import ANN, BEN, FORUM, GROUP, TOKEN, client, refused

pytestmark = pytest.mark.anyio


# Groups and forums


async def test_topics_are_opened_closed_and_deleted(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    api.meet(FORUM)
    topic = (await tg.create_forum_topic(FORUM.id, "#7 Ann")).message_thread_id
    await tg.send_message(FORUM.id, "brief", message_thread_id=topic)
    assert bot.last(FORUM.id).thread == topic
    said = bot.says(BEN, "on it", FORUM, topic)
    bot.says(BEN, "sure?", FORUM, topic, reply_to=said)
    plain, reply = (update.message for update in await tg.get_updates())
    assert plain and plain.is_topic_message and plain.message_thread_id == topic and plain.reply_to_message
    assert plain.reply_to_message.forum_topic_created and plain.reply_to_message.message_id == topic
    assert reply and reply.reply_to_message and reply.reply_to_message.text == "on it"
    await tg.edit_forum_topic(FORUM.id, topic, "#7 done")
    assert await refused(tg.edit_forum_topic(FORUM.id, topic, "#7 done")) == "Topic_not_modified"
    await tg.close_forum_topic(FORUM.id, topic)
    assert await refused(tg.send_message(FORUM.id, "x", message_thread_id=topic)) == "Topic_closed"
    await tg.reopen_forum_topic(FORUM.id, topic)
    api.delete_topic(FORUM, topic)
    assert await refused(tg.send_message(FORUM.id, "x", message_thread_id=topic)) == "Message thread not found"
    assert await refused(tg.close_forum_topic(FORUM.id, topic)) == "Topic_id_invalid"
    assert await refused(tg.send_message(FORUM.id, "x", message_thread_id=1)) == "Message thread not found"
    api.meet(GROUP)
    assert await refused(tg.create_forum_topic(GROUP.id, "x")) == "The chat is not a forum"


async def test_a_group_that_moves_names_its_new_number(bot: BotAccount, tg: Bot) -> None:
    old = Group(-42, "Small", kind="group")
    bot.says(ANN, "hi", old)
    bot.migrates(old, -100777)
    _, gone, new = (update.message for update in await tg.get_updates())
    assert gone and gone.migrate_to_chat_id == -100777 and new and new.migrate_from_chat_id == -42
    with pytest.raises(ChatMigrated) as error:
        await tg.send_message(-42, "x")
    assert error.value.new_chat_id == -100777
    await tg.send_message(-100777, "x")


async def test_the_bot_learns_what_it_is_in_a_chat(bot: BotAccount, tg: Bot) -> None:
    bot.membership(ANN, GROUP, new="administrator")
    bot.membership(ANN, GROUP, old="administrator", new="kicked")
    first, second = (update.my_chat_member for update in await tg.get_updates())
    assert first and first.new_chat_member.status == "administrator" and first.chat.id == GROUP.id
    assert second and second.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden):
        await tg.send_message(GROUP.id, "x")


# The bot itself


async def test_commands_and_texts_are_kept_per_language(bot: BotAccount, tg: Bot) -> None:
    await tg.set_my_commands([("start", "Begin")])
    await tg.set_my_commands([("start", "Anfang")], language_code="de")
    await tg.set_my_description("Hello")
    assert bot.commands[("default", "de")] == [{"command": "start", "description": "Anfang"}]
    assert [command.description for command in await tg.get_my_commands()] == ["Begin"]
    assert await refused(tg.set_my_commands([("St art", "x")])) == "Bot_command_invalid"
    await tg.send_chat_action(ANN.id, "typing")
    assert bot.typing == [ANN.id] and (await tg.get_my_description()).description == "Hello"
    assert (await tg.get_chat(ANN.id)).first_name == "Ann"
    assert (await tg.get_chat_member(ANN.id, ANN.id)).status == "member"


async def test_a_revoked_token_an_unknown_one_and_an_unknown_method(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    async with httpx.AsyncClient(base_url=api.url) as raw:
        answer = await raw.post(f"/bot{TOKEN}/sendNonsense")
        assert answer.status_code == 404
        assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
        assert (await raw.get(f"/bot{TOKEN}/sendMessage", params={"chat_id": 5, "text": "a"})).json()["ok"]
        assert (await raw.post(f"/bot{TOKEN}/SENDMESSAGE", json={"chat_id": 5, "text": "b"})).json()["ok"]
        assert (await raw.post("/bot222:BBB/getMe")).status_code == 401
    poll = asyncio.create_task(tg.get_updates(timeout=30))
    await bot.eventually(lambda: bot.polled, "a long poll")
    bot.revoke()
    for call in (poll, tg.get_me()):
        with pytest.raises(InvalidToken):
            await call


# What goes wrong on the way


async def test_faults_strike_once_each_and_in_order(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    api.fail("sendMessage", Status(500), chat=BEN.id)
    for fault, executed in (
        (Status(500), False),
        (Status(502, html=True), False),
        (Status(429, retry_after=2), False),
        (Drop(), False),
        (Lost(), True),
        (Hang(0.01), False),
        (Garbage(), False),
    ):
        api.fail("sendMessage", fault)
        before = len(bot.sent)
        with pytest.raises(TelegramError) as error:
            await tg.send_message(ANN.id, "x")
        assert len(bot.sent) == before + executed, fault
        assert not isinstance(fault, Status) or isinstance(error.value, RetryAfter) == (fault.code == 429)
    api.fail("sendMessage", Hang(0.01, execute=True))
    assert (await tg.send_message(ANN.id, "late")).text == "late"


async def test_a_caller_that_gives_up_leaves_its_message_behind(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    api.fail("sendMessage", Hang(30, execute=True))
    with pytest.raises(NetworkError):
        await tg.send_message(ANN.id, "x", read_timeout=0.05)
    assert [sent.text for sent in bot.sent] == ["x"] and bot.calls[-1].status == 0


async def test_flood_limits_name_the_wait(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    api.meet(BEN)
    api.meet(GROUP)
    api.enforce_limits(per_second=4, per_chat=1, group_per_minute=1)
    for chat in (ANN.id, BEN.id, GROUP.id):
        await tg.send_message(chat, "x")
    started = time.monotonic()
    for chat, most in ((ANN.id, 1), (GROUP.id, 60)):
        with pytest.raises(RetryAfter) as error:
            await tg.send_message(chat, "x")
        told = error.value.retry_after  # in one form or the other, as a switch of the library's says
        waits = told.total_seconds() if isinstance(told, timedelta) else told
        assert most - (time.monotonic() - started) - 1 <= waits <= most
    await tg.send_chat_action(ANN.id, "typing")


async def test_waiting_in_vain_shows_what_was_called(bot: BotAccount, tg: Bot) -> None:
    await tg.send_message(ANN.id, "only this")
    with pytest.raises(AssertionError, match=r"(?s)a second message: not within .*only this"):
        await bot.eventually(lambda: len(bot.sent) > 1, "a second message", seconds=0.01)


async def test_a_lost_answer_to_a_poll_has_confirmed_all_the_same(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    bot.says(ANN, "one")
    bot.says(ANN, "two")
    api.fail("getUpdates", Lost())
    with pytest.raises(NetworkError):
        await tg.get_updates(offset=bot.pending[1])
    assert len(bot.confirmed) == 1 and len(await tg.get_updates()) == 1


async def test_two_bots_in_one_forum_share_its_topics_but_not_their_updates(api: BotApi, bot: BotAccount) -> None:
    other = api.add_bot("222:BBBB-another-token", "other_bot")
    topic = api.open_topic(FORUM, "#1")
    async with client(api) as first, client(api, other.token) as second:
        one = await first.send_message(FORUM.id, "x", message_thread_id=topic)
        two = await second.send_message(FORUM.id, "y", message_thread_id=topic)
        other.says(ANN, "only for the other", FORUM, topic)
        assert two.message_id > one.message_id and not await first.get_updates() and await second.get_updates()
