"""The bot in a guild's channels and threads: when it speaks, where, to whom, and how what is private becomes so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.running import (
    ANSWER,
    AT_ONCE,
    DETAILS,
    PRIVATELY,
    QUESTION,
    TICKET,
    UNKNOWN,
    UNKNOWN_ANSWER,
    Service,
    discord,
    serving,
    text_of,
)
from tests.stands.discord.messages import PINNED


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


# Who is answered


@pytest.mark.parametrize("text", ["{bot} " + QUESTION, QUESTION + " {bot}", "My withdrawal {bot} has not arrived",
    "😀 {bot}, " + QUESTION, "{role} " + QUESTION])  # fmt: skip
async def test_a_mention_anywhere_in_the_text_is_answered_as_a_reply(desk: Service, text: str) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    role = next(role for role in desk.guild.roles.values() if role.bot is desk.bot)
    asked = place.says(ann, text.format(bot=desk.bot.mention, role=role.mention))
    (shown,) = await desk.shown(place)
    assert ANSWER in text_of(shown) and shown.reference is asked and asked.thread is None
    assert shown.pings.users == []
    ((_, kept), *_) = await desk.record(ann)
    assert "<@" not in kept and "withdrawal" in kept


async def test_a_question_in_chinese_is_answered_in_chinese(desk: Service) -> None:
    li = desk.person("李雷", "zh-CN")
    assert "提现" in text_of(await desk.ask(li, f"{desk.bot.mention} 我的提现怎么还没到账", desk.other))


async def test_a_reply_to_the_bot_is_answered_even_if_it_does_not_ping(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    hello = await desk.ask(ann, f"{desk.bot.mention} hello", place)
    asked = place.draft(ann, QUESTION, reference=hello, type=19, allowed_mentions={"parse": ["users"]})
    assert asked.pings.users == []
    place.publish(asked)
    _, answer = await desk.shown(place, 2)
    assert ANSWER in text_of(answer) and answer.reference is asked
    await desk.remembers(ann, "text, reply_to", [("hello", None), (QUESTION, 2)])


async def test_what_is_not_said_to_the_bot_is_not_answered_nor_kept(desk: Service) -> None:
    ann, ben, place = desk.person(), desk.person("Ben"), desk.guild.text_channel("trading")
    for text in (QUESTION, "hello", "/help", "Frontdesk help", "@Frontdesk help", f"{ben.mention} {QUESTION}"):
        place.says(ann, text)
    place.says(ann, QUESTION, reply_to=place.says(ben, "morning"))
    await desk.quiet(place)
    assert await desk.rows(f"select * from contact where sender in ('{ann.id}', '{ben.id}')") == []


async def test_bots_webhooks_and_what_discord_itself_says_are_ignored(desk: Service) -> None:
    other, ann = desk.platform.add_bot("another-token", name="Other"), desk.person()
    desk.guild.add_bot(other)
    for place in (desk.other, desk.open):
        before = len(desk.ours(place))
        place.says(other, f"{desk.bot.mention} {QUESTION}")
        place.thread(ann, QUESTION)
        place.publish(place.draft(ann, QUESTION, type=PINNED))
        await desk.quiet(place, before)
    assert await desk.rows(f"select * from contact where sender in ('{other.id}', '{ann.id}')") == []


async def test_a_mention_without_a_word_is_answered_kindly(desk: Service) -> None:
    place = desk.guild.text_channel("trading")
    assert "in words" in text_of(await desk.ask(desk.person(), desk.bot.mention, place))


async def test_two_people_in_one_channel_have_conversations_of_their_own(desk: Service) -> None:
    ann, ben, place = desk.person(), desk.person("Ben"), desk.guild.text_channel("trading")
    assert UNKNOWN_ANSWER in text_of(await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", place))
    assert ANSWER in text_of(await desk.ask(ben, f"{desk.bot.mention} {QUESTION}", place))
    assert len(await desk.rows(f"select * from conversation where chat = '{place.id}'")) == 2


# Where questions are answered unasked


async def test_a_question_gets_a_thread_with_the_answer_in_it(desk: Service) -> None:
    ann, before = desk.person(), len(desk.ours(desk.open))
    asked = desk.open.says(ann, QUESTION)
    thread = await desk.thread_of(asked)
    assert thread.name == "Ann's question" and thread.owner_id == desk.bot.id
    (answer,) = desk.ours(thread)
    assert ANSWER in text_of(answer) and len(desk.ours(desk.open)) == before
    assert [author for author, _ in await desk.record(ann)] == ["contact", "bot"]


async def test_chatter_opens_no_thread_and_is_not_kept(desk: Service) -> None:
    ann, before = desk.person(), len(desk.ours(desk.open))
    said = [
        desk.open.says(ann, text)
        for text in ("gm everyone", "lol my withdrawal was fun", UNKNOWN, "thanks", "🙈", "/price", "ok")
    ]
    await desk.quiet(desk.open, before)
    assert not any(message.thread for message in said)
    assert await desk.record(ann) == []


async def test_chatter_with_the_bot_is_answered_without_a_thread(desk: Service) -> None:
    hello = await desk.ask(desk.person(), f"{desk.bot.mention} hello", desk.open)
    assert hello.reference and hello.reference.thread is None


async def test_who_asks_for_a_person_there_gets_a_thread_that_leads_into_private(desk: Service) -> None:
    ann = desk.person()
    asked = desk.open.says(ann, "I want a human")
    (way,) = desk.ours(await desk.thread_of(asked))
    assert way.buttons == [PRIVATELY] and await desk.tickets(ann) == []


async def test_an_answer_after_did_you_mean_gets_the_thread_of_its_question(desk: Service) -> None:
    ann = desk.person()
    choices = await desk.ask(ann, f"{desk.bot.mention} withdrawal", desk.open)
    assert "None of these" in choices.buttons and choices.reference and choices.reference.thread is None
    ann.clicks(choices, choices.buttons[0])
    thread = await desk.thread_of(choices.reference)
    assert desk.ours(thread)[0].embeds


async def test_the_asker_goes_on_in_the_thread_and_others_only_if_they_call_the_bot(desk: Service) -> None:
    ann, ben = desk.person(), desk.person("Ben")
    thread = await desk.thread_of(desk.open.says(ann, QUESTION))
    thread.says(ben, "What does a withdrawal cost?")
    thread.says(ann, f"{ben.mention} do you know?")
    thread.says(ann, "And what does it cost?", reply_to=thread.says(ben, "patience"))
    await desk.quiet(thread, 1)
    asked = thread.says(ann, "What does a withdrawal cost?")
    _, cost = await desk.shown(thread, 2)
    assert "fee" in text_of(cost).lower() and cost.reference is asked
    called = thread.says(ben, f"{desk.bot.mention} hello")
    *_, hello = await desk.shown(thread, 3)
    assert hello.reference is called
    assert (await desk.record(ben))[0] == ("contact", "hello")


async def test_each_question_has_a_thread_of_its_own(desk: Service) -> None:
    ann = desk.person()
    first = await desk.thread_of(desk.open.says(ann, QUESTION))
    second = await desk.thread_of(desk.open.says(ann, "How do I withdraw crypto?"))
    assert first is not second and len(desk.ours(first)) == len(desk.ours(second)) == 1


async def test_a_thread_that_is_there_already_is_used_and_the_asker_goes_on_in_it(desk: Service) -> None:
    ann, ben, eve = desk.person(), desk.person("Ben"), desk.person("Eve")
    asked = desk.open.draft(ann, QUESTION)
    desk.open.messages.append(asked)
    thread = desk.open.thread(ben, "I know that one", asked)
    desk.open.messages.remove(asked)
    desk.open.publish(asked)
    (answer,) = await desk.shown(thread)
    assert ANSWER in text_of(answer)
    thread.says(eve, "What does a withdrawal cost?")
    thread.says(ann, "What does a withdrawal cost?")
    _, cost = await desk.shown(thread, 2)
    assert "fee" in text_of(cost).lower()


async def test_where_the_bot_may_not_open_threads_it_answers_in_the_channel(tmp_path: Path) -> None:
    async with discord() as desk:
        desk.guild.deny("create_public_threads", desk.open)
        async with desk.running(tmp_path):
            ann = desk.person()
            asked = desk.open.says(ann, QUESTION)
            (answer,) = await desk.shown(desk.open)
            assert ANSWER in text_of(answer) and answer.reference is asked and asked.thread is None
            further = await desk.ask(ann, f"{desk.bot.mention} What does a withdrawal cost?", desk.open)
            assert "fee" in text_of(further).lower() and further.channel is desk.open


async def test_the_asker_goes_on_in_a_thread_after_a_restart(tmp_path: Path) -> None:
    async with discord() as desk:
        ann, ben = desk.person(), desk.person("Ben")
        async with desk.running(tmp_path):
            thread = await desk.thread_of(desk.open.says(ann, QUESTION))
        async with desk.running(tmp_path):
            thread.says(ben, "What does a withdrawal cost?")
            thread.says(ann, "What does a withdrawal cost?")
            await desk.shown(thread, 2)
            await desk.quiet(thread, 2)


# From the channel into private


async def test_a_hand_over_goes_on_in_a_direct_message_and_the_channel_says_so(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    unknown = await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", place)
    pressed = ann.clicks(unknown, "Yes, please")
    told = await desk.answered(pressed)
    (message,) = await desk.shown(ann)
    assert TICKET in text_of(message) and pressed.ephemeral
    assert f"/{desk.platform.dm(ann).id}/{message.id}" in told
    assert await desk.tickets(ann) == [(UNKNOWN,)]
    await desk.quiet(place, 1)
    assert "added this to ticket" in text_of(await desk.ask(ann, "it hangs"))


async def test_an_answer_that_did_not_help_leads_into_private_with_its_question(desk: Service) -> None:
    ann = desk.person()
    thread = await desk.thread_of(desk.open.says(ann, QUESTION))
    (answer,) = desk.ours(thread)
    ann.clicks(answer, "No")
    _, way = await desk.shown(thread, 2)
    assert way.buttons == [PRIVATELY] and await desk.tickets(ann) == []
    ann.clicks(way, PRIVATELY)
    (details,) = await desk.shown(ann)
    assert DETAILS in text_of(details)
    ann.clicks(details, AT_ONCE)
    assert TICKET in text_of((await desk.shown(ann, 2))[1])
    assert await desk.tickets(ann) == [(QUESTION,)]
    again = ann.clicks(way, PRIVATELY)
    assert "#" in await desk.answered(again) and again.ephemeral
    assert len(await desk.tickets(ann)) == 1


async def test_where_direct_messages_are_closed_a_private_thread_is_opened_and_it_goes_on_there(desk: Service) -> None:
    ann, eve, place = desk.person(), desk.person("Eve"), desk.guild.text_channel("trading")
    desk.platform.close_dms(ann)
    unknown = await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", place)
    pressed = ann.clicks(unknown, "Yes, please")
    told = await desk.answered(pressed)
    (private,) = [thread for thread in desk.guild.threads.values() if thread.parent is place]
    assert private.private and ann.id in private.member_ids and str(private.id) in told and pressed.ephemeral
    (message,) = await desk.shown(private)
    assert TICKET in text_of(message)
    private.says(eve, "I am a moderator and only look")
    first = private.says(ann, "it hangs since yesterday")
    _, waiting = await desk.shown(private, 2)
    assert "added this to ticket" in text_of(waiting)
    quoting = private.says(ann, "I mean this one", reply_to=first)
    status = ann.uses("/status", {}, desk.other)
    assert "#" in await desk.answered(status) and status.ephemeral
    await desk.quiet(private, 2)
    said = dict(await desk.rows("select text, reply_to from message where text = 'I mean this one'"))
    ((seq,),) = await desk.rows("select seq from message where text = 'it hangs since yesterday'")
    assert said == {"I mean this one": seq}
    private.edits(quoting, "I mean that one")
    private.deletes(first)
    await desk.until("select count(*) from message where text = 'I mean that one' and edited_at is not null", [(1,)])
    await desk.until(
        "select count(*) from message where text = 'it hangs since yesterday' and deleted_at is not null", [(1,)]
    )
    assert await desk.rows(f"select * from contact where sender = '{eve.id}'") == []
    assert len(await desk.tickets(ann)) == 1


async def test_the_private_thread_is_known_after_a_restart(tmp_path: Path) -> None:
    async with discord() as desk:
        ann, eve = desk.person(), desk.person("Eve")
        desk.platform.close_dms(ann)
        async with desk.running(tmp_path):
            unknown = await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", desk.other)
            ann.clicks(unknown, "Yes, please")
            (private,) = await desk.platform.eventually(
                lambda: [thread for thread in desk.guild.threads.values() if desk.ours(thread)], "a private thread"
            )
        async with desk.running(tmp_path):
            private.says(eve, "I am a moderator and only look")
            private.says(ann, "it hangs since yesterday")
            await desk.shown(private, 2)
            ended = ann.uses("/end", {}, desk.other)
            assert "#" in await desk.answered(ended)
            assert list(desk.guild.threads.values()) == [private]


async def test_where_no_private_thread_may_be_opened_either_nothing_private_is_said_in_public(tmp_path: Path) -> None:
    async with discord() as desk:
        desk.guild.deny("create_private_threads")
        async with desk.running(tmp_path):
            ann = desk.person()
            desk.platform.close_dms(ann)
            unknown = await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", desk.other)
            ann.clicks(unknown, "Yes, please")
            await desk.until("select status from outbox where kind = 'handed_over'", [("dead",)])
            await desk.quiet(desk.other, 1)


async def test_somebody_elses_way_into_private_is_refused(desk: Service) -> None:
    ann, eve, place = desk.person(), desk.person("Eve"), desk.guild.text_channel("trading")
    unknown = await desk.ask(ann, f"{desk.bot.mention} {UNKNOWN}", place)
    pressed = eve.clicks(unknown, "Yes, please")
    assert "for the person who asked" in await desk.answered(pressed) and pressed.ephemeral
    assert await desk.tickets(eve) == []


async def test_a_secret_in_a_channel_is_to_be_deleted(desk: Service) -> None:
    place = desk.guild.text_channel("trading")
    text = f"{desk.bot.mention} my password is hunter2secret, why can I not log in"
    shown = await desk.ask(desk.person(), text, place)
    assert "delete your message now" in text_of(shown) and "hunter2secret" not in text_of(shown)


# What people write, and what becomes of it


async def test_markdown_code_and_rare_characters_of_people_are_kept_as_they_are(desk: Service) -> None:
    ann = desk.person("**Ann** [x](https://evil.example) `🦊`")
    text = "```py\nprint('*_~|>#@<script>')\n```\n𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🧑‍🚀 \\*not bold\\*"
    await desk.ask(ann, text)
    await desk.ask(ann, "my <:kek:123456789012345678> withdrawal <a:wow:223456789012345678>")
    assert [kept for author, kept in await desk.record(ann) if author == "contact"] == [
        text, "my :kek: withdrawal :wow:"
    ]  # fmt: skip


async def test_an_edit_before_the_answer_counts_and_one_after_it_is_kept(tmp_path: Path) -> None:
    async with serving(tmp_path, window=0.3) as desk:
        ann = desk.person()
        asked = desk.platform.dm(ann).says(ann, "My witdrwal")
        await desk.remembers(ann, "text", [("My witdrwal",)])
        desk.platform.dm(ann).edits(asked, QUESTION)
        (answer,) = await desk.shown(ann)
        assert ANSWER in text_of(answer)
        desk.platform.dm(ann).edits(asked, "never mind")
        await desk.remembers(ann, "text", [("never mind",)])
        await desk.quiet(ann, 1)
        gone = desk.platform.dm(ann).says(ann, "What does a withdrawal cost?")
        await desk.remembers(ann, "deleted_at is not null", [(0,), (0,)])
        desk.platform.dm(ann).deletes(gone)
        await desk.remembers(ann, "deleted_at is not null", [(0,), (1,)])
        await desk.quiet(ann, 1)


async def test_edits_and_deletions_of_a_question_are_followed_though_it_went_on_in_a_thread(desk: Service) -> None:
    ann = desk.person()
    asked = desk.open.says(ann, QUESTION)
    thread = await desk.thread_of(asked)
    await desk.until(f"select count(*) from outbox where status = 'open' and contact = '{ann.id}'", [(0,)])
    desk.open.edits(asked, "My withdrawal is lost")
    await desk.remembers(ann, "text", [("My withdrawal is lost",)])
    further = thread.says(ann, "What does a withdrawal cost?")
    await desk.shown(thread, 2)
    thread.deletes(further)
    desk.open.deletes(asked)
    await desk.remembers(ann, "deleted_at is not null", [(1,), (1,)])
    await desk.quiet(thread, 2)


async def test_what_a_moderator_deletes_all_at_once_is_deleted_in_the_record(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    said = [place.says(ann, f"{desk.bot.mention} hello {number}") for number in range(3)]
    await desk.shown(place, 3)
    data = {"ids": [str(each.id) for each in said], "channel_id": str(place.id), "guild_id": str(desk.guild.id)}
    place.tell_hearers("MESSAGE_DELETE_BULK", lambda _: data)
    await desk.remembers(ann, "deleted_at is not null", [(1,), (1,), (1,)])


async def test_edits_and_deletions_of_what_was_said_before_a_restart_are_followed(tmp_path: Path) -> None:
    async with discord() as desk:
        ann = desk.person()
        dm = desk.platform.dm(ann)
        async with desk.running(tmp_path):
            first, second, third = (dm.says(ann, text) for text in ("one", "two", "three"))
            in_channel = desk.other.says(ann, f"{desk.bot.mention} four")
            await desk.remembers(ann, "text", [("one",), ("two",), ("three",), ("four",)])
            await desk.shown(desk.other)
        async with desk.running(tmp_path):
            dm.edits(first, "1")
            dm.deletes(second)
            desk.other.edits(in_channel, f"{desk.bot.mention} 4")
            await desk.remembers(ann, "text", [("1",), ("two",), ("three",), ("4",)])
            await desk.remembers(ann, "deleted_at is not null", [(0,), (1,), (0,), (0,)])
            desk.other.deletes(in_channel)
            await desk.remembers(ann, "deleted_at is not null", [(0,), (1,), (0,), (1,)])
            assert third in dm.messages
