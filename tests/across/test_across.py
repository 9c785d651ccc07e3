"""Whole tickets across platforms, from question to rating, with the real adapters: both sides feel at home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.across.both import ANN, AT_ONCE, BEN, FORUM, MARIA, PERSON, QUESTION, both
from tests.discord.running import text_of

pytestmark = pytest.mark.anyio


async def test_a_contact_on_telegram_is_served_by_an_agent_on_discord(tmp_path: Path) -> None:
    async with both() as world, world.running(tmp_path):
        world.bot.says(MARIA, QUESTION)
        answer = await world.on_telegram("Wallet > History")
        world.bot.presses(MARIA, answer.message_id, PERSON)
        details = await world.on_telegram("A few details first")
        world.bot.presses(MARIA, details.message_id, AT_ONCE)
        await world.on_telegram("Your ticket is #1")
        brief = await world.sees_thread(QUESTION)
        await world.sees_topic(QUESTION)

        world.ben.clicks(brief, "Claim")
        await world.on_telegram("Ben has joined")
        await world.sees_topic("Ben has this ticket now")
        thread = world.thread()
        assert thread is not None
        said = thread.says(world.ben, "It is **on its way**, see below")
        shown = await world.on_telegram("on its way")
        assert "<b>on its way</b>" in shown.html
        await world.sees_topic("on its way")
        await world.until(lambda: [emoji for _, emoji in said.reactions] == ["✅"], "the mark")

        number = world.bot.says(MARIA, "Which network was it?", reply_to=shown.message_id)
        await world.sees_topic("Which network was it?")
        relayed = await world.sees_thread("Which network was it?")
        world.bot.edits(MARIA, number, "Which network was it? TRC20?")
        await world.until(lambda: "TRC20" in text_of(relayed), "the edit on Discord")
        thread.says(world.ben, "/note she sounds upset")
        thread.edits(said, "It has **arrived**")
        await world.until(lambda: any("arrived" in text for text in shown.edits), "the edit on Telegram")
        thread.deletes(said)
        await world.until(lambda: shown.deleted, "the deletion on Telegram")
        world.bot.sends_photo(MARIA, "a screenshot", name="shot.png")
        await world.until(lambda: any(message.attachments for message in world.in_thread()), "the photo on Discord")

        world.ben.uses("/close", {"text": "arrived"}, thread)
        closed = await world.on_telegram("has closed ticket #1")
        await world.until(lambda: thread.archived, "the thread's end")
        world.bot.presses(MARIA, closed.message_id, "5")
        word = await world.on_telegram("Thank you")
        assert word is not None
        await world.sees_topic("Rated 5 of 5")
        assert not any("upset" in sent.text for sent in world.bot.shown(MARIA.id)), "a note is for agents"
        assert await world.rows("select status, rating from ticket") == [("closed", 5)]


async def test_a_contact_on_discord_is_served_by_an_agent_on_telegram(tmp_path: Path) -> None:
    async with both() as world, world.running(tmp_path):
        dm = world.discord.platform.dm(world.maria)
        dm.says(world.maria, QUESTION)
        answer = await world.on_discord("Wallet > History")
        world.maria.clicks(answer, PERSON)
        details = await world.on_discord("A few details first")
        world.maria.clicks(details, AT_ONCE)
        await world.on_discord("Your ticket is")
        brief = await world.sees_topic(QUESTION)
        await world.sees_thread(QUESTION)

        world.bot.presses(ANN, brief.message_id, "Claim", FORUM)
        await world.on_discord("Annie")
        topic = world.topic_number()
        number = world.bot.says(ANN, "Looking into it", FORUM, topic)
        await world.on_discord("Looking into it")
        await world.sees_thread("Looking into it")
        world.bot.says(BEN, "me too", FORUM, topic)
        await world.sees_topic("Ann has this ticket")
        world.bot.edits(ANN, number, "Looked into it", FORUM)
        await world.on_discord("Looked into it")
        dm.says(world.maria, "Thank you so much")
        await world.sees_topic("Thank you so much")

        world.api.delete_topic(FORUM, topic)
        dm.says(world.maria, "One more thing")
        await world.sees_topic("One more thing")
        assert any(QUESTION in sent.text for sent in world.topic()), "the brief is in the new topic"
        world.bot.says(ANN, "/close", FORUM, world.topic_number())
        closed = await world.on_discord("has closed ticket")
        world.maria.clicks(closed, "2")
        await world.sees_thread("Low rating")
        assert not any("me too" in text_of(one) for one in world.discord.ours(dm))
        assert await world.rows("select status, owner, rating from ticket") == [("closed", "Ann", 2)]


async def test_of_fifty_who_claim_at_once_on_both_platforms_one_wins(tmp_path: Path) -> None:
    async with both() as world, world.running(tmp_path):
        world.bot.says(MARIA, "/human")
        brief, shown = await world.sees_topic("#1"), await world.sees_thread("#1")
        for number in range(25):
            world.bot.presses((ANN, BEN)[number % 2], brief.message_id, "Claim", FORUM)
            (world.ben, world.ann)[number % 2].clicks(shown, "Claim")

        async def handled() -> bool:
            done = await world.rows("select count(*) from inbox where kind = 'act' and status = 'done'")
            return done == [(50,)]

        await world.until(handled, "fifty claims handled")
        assert await world.rows("select count(*) from history where kind = 'claimed'") == [(1,)]
        assert (await world.rows("select owner from ticket"))[0][0] in {"Ann", "Ben"}
