"""The stand-in of Telegram: rights in a forum, closed topics, reactions, and who is called by a link."""

from __future__ import annotations

import pytest
from telegram import Bot

from tests.stands.telegram import BotAccount, BotApi
from tests.stands.telegram.conftest import ANN, BEN, FORUM, refused

pytestmark = pytest.mark.anyio


async def test_a_bot_without_the_right_opens_no_topics_and_changes_only_its_own(
    api: BotApi, bot: BotAccount, tg: Bot
) -> None:
    room = api.room(FORUM)
    own = (await tg.create_forum_topic(FORUM.id, "own")).message_thread_id
    other = api.open_topic(FORUM, "other")
    assert (await tg.get_chat_member(FORUM.id, bot.id)).status == "administrator"
    room.statuses[bot.id] = "member"
    assert (await tg.get_chat_member(FORUM.id, bot.id)).status == "member"
    assert await tg.get_chat_administrators(FORUM.id) == ()
    assert await refused(tg.create_forum_topic(FORUM.id, "x")) == "Not enough rights to create a topic"
    assert await refused(tg.close_forum_topic(FORUM.id, other)) == "Not enough rights to manage topics"
    assert await refused(tg.close_general_forum_topic(FORUM.id)) == "Not enough rights to manage topics"
    assert await tg.close_forum_topic(FORUM.id, own)


async def test_a_closed_topic_takes_messages_of_administrators_where_a_test_wants_that(
    api: BotApi, bot: BotAccount, tg: Bot
) -> None:
    room, topic = api.room(FORUM), api.open_topic(FORUM, "x")
    await tg.close_forum_topic(FORUM.id, topic)
    await tg.close_general_forum_topic(FORUM.id)
    for thread in (topic, None):
        assert await refused(tg.send_message(FORUM.id, "x", message_thread_id=thread)) == "Topic_closed"
    room.closed_for_all = False
    for thread in (topic, None):
        await tg.send_message(FORUM.id, "x", message_thread_id=thread)
    room.rights[bot.id] = {"can_manage_topics"}
    assert await refused(tg.send_message(FORUM.id, "x", message_thread_id=topic)) == "Topic_closed"


async def test_reactions_are_of_telegrams_choice_and_of_the_groups(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    number = bot.says(BEN, "hi", FORUM)
    await tg.set_message_reaction(FORUM.id, number, "👌")
    assert bot.reactions[FORUM.id, number] == [{"type": "emoji", "emoji": "👌"}]
    assert await refused(tg.set_message_reaction(FORUM.id, number, "✅")) == "Reaction_invalid"
    assert await refused(tg.set_message_reaction(FORUM.id, number, ["👌", "👍"])) == "Reactions_too_many"
    api.room(FORUM).reactions = frozenset("👍")
    assert await refused(tg.set_message_reaction(FORUM.id, number, "👌")) == "Reaction_invalid"
    await tg.set_message_reaction(FORUM.id, number, None)
    assert bot.reactions[FORUM.id, number] == []
    assert await refused(tg.set_message_reaction(FORUM.id, 4711, "👌")) == "Message to react not found"


async def test_an_old_message_stays(bot: BotAccount, tg: Bot) -> None:
    sent = await tg.send_message(ANN.id, "x")
    bot.aged.add((ANN.id, sent.message_id))
    assert await refused(tg.delete_message(ANN.id, sent.message_id)) == "Message can't be deleted for everyone"


async def test_a_link_to_a_person_calls_them(bot: BotAccount, tg: Bot) -> None:
    await tg.send_message(ANN.id, '<a href="tg://user?id=6">Ben</a>, look', parse_mode="HTML")
    (found,) = bot.last(ANN.id).entities
    assert (found["type"], found["user"]["id"], found["length"]) == ("text_mention", 6, 3)
