"""What agents are shown on Discord: a thread or post for each ticket, opened once, reopened and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import TemporaryFailure, ThreadGone, Undeliverable
from bot.messages import Button, File
from tests.discord.agents import BUTTONS, Desk, desk, working
from tests.stands.discord import Drop, Lost
from tests.stands.discord.messages import NORMAL

A_WEEK = 7 * 24 * 60


@pytest.fixture
async def office(anyio_backend: str) -> AsyncIterator[Desk]:
    async with working() as running:
        yield running


@pytest.fixture(params=["channel", "forum"])
async def either(anyio_backend: str, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk in a text channel, and one in a forum."""
    async with working(forum=request.param == "forum") as running:
        yield running


async def test_a_ticket_gets_a_thread_with_its_title_and_the_receipt_tells_where(either: Desk) -> None:
    receipt = await either.send("**Who:** Ann", "#7", title="#7 Ann: where is it?", buttons=BUTTONS)
    (thread,) = either.place.threads
    assert (thread.name, thread.owner_id, thread.private) == ("#7 Ann: where is it?", either.bot.id, False)
    assert thread.auto_archive_duration == A_WEEK
    (brief,) = thread.messages
    assert brief.content == "**Who:** Ann" and brief.buttons == ["Claim", "High"]
    assert receipt.external_id == str(brief.id) and receipt.address == either.address(thread)


async def test_what_follows_goes_to_the_same_thread(either: Desk) -> None:
    thread = await either.opened()
    receipt = await either.send("Ann: hello?", thread)
    assert either.said(thread) == ["The brief", "Ann: hello?"]
    assert receipt.external_id == str(thread.messages[-1].id) and receipt.address is None


async def test_what_belongs_to_no_ticket_is_said_in_the_channel(office: Desk) -> None:
    await office.send("2 open tickets")
    assert office.said(office.place) == ["2 open tickets"]


async def test_a_forum_has_no_place_beside_its_posts_and_that_is_said(anyio_backend: str) -> None:
    async with working(forum=True) as office:
        with pytest.raises(Undeliverable, match="beside its posts"):
            await office.send("2 open tickets")


async def test_a_title_is_cut_to_what_discord_takes_and_has_no_line_breaks(either: Desk) -> None:
    thread = await either.opened(title="#7 Ann:\n" + "哪里 " * 60)
    assert len(thread.name) <= 100 and thread.name.startswith("#7 Ann: 哪里 哪里")


async def test_the_first_message_can_have_files(either: Desk) -> None:
    file = File("1", "photo", "proof.png", "image/png", 10, "telegram")
    thread = await either.opened(files=(file,))
    (brief,) = thread.messages
    assert brief.content == "The brief" and [each.filename for each in brief.attachments] == ["proof.png"]


@pytest.mark.parametrize("step", ["/channels/{channel}/threads", "/channels/{channel}/messages"])
async def test_an_answer_lost_on_the_way_opens_no_second_thread_and_repeats_nothing(either: Desk, step: str) -> None:
    outbound = either.outbound("The brief", "#7", title="#7 Ann")
    either.platform.fail("POST", step, Lost(), times=5)
    for _ in range(8):
        try:
            receipt = await either.adapter.send(outbound)
            break
        except TemporaryFailure:
            either.platform.forget_nonces()  # some minutes have passed
    (thread,) = either.place.threads
    assert either.said(thread) == ["The brief"]
    assert receipt.external_id == str(thread.messages[0].id) and receipt.address == either.address(thread)


async def test_a_thread_opened_just_before_a_crash_gets_its_message_by_the_next_attempt(office: Desk) -> None:
    outbound = office.outbound("The brief", "#7", title="#7 Ann")
    office.platform.fail("POST", "/channels/{channel}/messages", Drop(), times=5)
    with pytest.raises(TemporaryFailure):
        await office.adapter.send(outbound)
    office.platform.faults.clear()
    (thread,) = office.place.threads
    thread.says(office.ben, "what is this?")
    await office.adapter.send(outbound)
    assert office.place.threads == [thread] and office.said(thread) == ["The brief"]


async def test_a_thread_is_not_mistaken_for_another_tickets_anothers_or_an_older_databases(either: Desk) -> None:
    longer, older = await either.opened(70), await either.opened(7, "The brief of another database")
    opened = await either.opened(7)
    assert opened not in (longer, older)
    if either.place.kind == 0:
        theirs = either.place.thread(either.ben, "#8 mine")
        assert await either.opened(8) is not theirs


async def test_a_deleted_thread_is_told_as_gone_and_another_one_is_opened(either: Desk) -> None:
    thread = await either.opened()
    thread.delete()
    with pytest.raises(ThreadGone):
        await either.send("hello?", thread)
    again = await either.opened()
    assert again is not thread and either.said(again) == ["The brief"]


async def test_a_thread_deleted_while_nobody_told_us_is_gone_all_the_same(office: Desk) -> None:
    thread = await office.opened()
    del office.guild.threads[thread.id], office.platform.channels[thread.id]
    with pytest.raises(ThreadGone):
        await office.send("hello?", thread)


async def test_without_the_desks_channel_nothing_loops(either: Desk) -> None:
    thread = await either.opened()
    either.place.delete()
    for where in (thread, "#8", ""):
        with pytest.raises(Undeliverable):
            await either.send("hello?", where, title="#8 Eve")


async def test_a_channel_in_which_nobody_may_write_is_named(either: Desk) -> None:
    either.guild.deny("send_messages" if either.place.kind != 0 else "create_public_threads", channel=either.place)
    with pytest.raises(Undeliverable, match="lacks a permission"):
        await either.send("hello?", "#8", title="#8 Eve")


async def test_an_archived_thread_is_opened_again(either: Desk) -> None:
    thread = await either.opened()
    thread.archive()
    await either.send("hello?", thread)
    assert either.said(thread) == ["The brief", "hello?"] and not thread.archived


@pytest.mark.parametrize("archived", [False, True])
async def test_a_locked_thread_is_opened_again(either: Desk, archived: bool) -> None:
    thread = await either.opened()
    await either.lock(thread, archived=archived)
    await either.send("hello?", thread)
    assert either.said(thread) == ["The brief", "hello?"] and not thread.locked and not thread.archived


async def test_a_locked_thread_stays_so_where_the_bot_may_not_open_it_and_that_is_said(office: Desk) -> None:
    thread = await office.opened()
    await office.lock(thread, archived=True)
    office.guild.deny("manage_threads")
    with pytest.raises(Undeliverable, match="lacks a permission"):
        await office.send("hello?", thread)


async def test_closing_archives_the_thread_and_can_be_repeated(either: Desk) -> None:
    thread = await either.opened()
    for _ in range(2):
        await either.send("", thread, act="close")
        assert thread.archived and not thread.locked
    assert either.said(thread) == ["The brief"]


async def test_closing_what_is_gone_or_was_never_there_is_fine(either: Desk) -> None:
    thread = await either.opened()
    thread.delete()
    await either.send("", thread, act="close")
    await either.send("", "#9", act="close")
    assert either.place.threads == []


async def test_what_was_said_is_quoted(office: Desk) -> None:
    thread = await office.opened()
    said = thread.says(office.ben, "/claim")
    await office.send("It is yours", thread, reply_to=str(said.id))
    await office.send("It is yours", thread, reply_to="123")
    first, second = (message for message in thread.messages if message.content == "It is yours")
    assert first.reference is said and first.pings.users == []
    assert second.reference is None and second.type == NORMAL


async def test_those_who_are_called_are_rung_for_and_nobody_else(either: Desk) -> None:
    eve, role = either.person("Eve"), either.guild.role("everybody")
    text = f"@everyone @here {eve.mention} {role.mention} help"
    thread = await either.opened(text=text, mentions=(str(either.ben.id), str(either.ben.id), "no number"))
    (message,) = thread.messages
    assert message.content == f"{text}\n{either.ben.mention}"
    assert message.pings.users == [either.ben] and message.pings.roles == [] and not message.pings.everyone
    await either.send(text, thread)
    pings = thread.messages[-1].pings
    assert (pings.users, pings.roles, pings.everyone) == ([], [], False)


async def test_a_text_that_is_too_long_with_those_who_are_called_is_shown_whole(office: Desk) -> None:
    thread = await office.opened(text="x" * 2000, mentions=(str(office.ben.id),))
    (message,) = thread.messages
    assert message.embeds[0]["description"] == "x" * 2000 and message.pings.users == [office.ben]


async def test_a_list_of_entries_is_buttons_and_not_a_menu(office: Desk) -> None:
    buttons = tuple(Button(f"Entry {number}", f"entry:{number}") for number in range(8))
    thread = await office.opened(buttons=buttons)
    assert thread.messages[0].buttons == [button.label for button in buttons]
    office.ben.clicks(thread.messages[0], "Entry 3")
    assert [one.choice for one in await office.hears()] == ["entry:3"]


async def test_a_forum_that_wants_a_tag_gets_one(anyio_backend: str) -> None:
    async with desk(forum=True) as office:
        office.place.tags["ticket"] = office.platform.new_id()
        office.place.requires_tag = True
        async with office.running():
            assert (await office.opened()).tags == ["ticket"]


async def test_a_channel_that_the_bot_may_not_see_any_more_is_no_deleted_thread(office: Desk) -> None:
    thread = await office.opened()
    office.guild.deny("view_channel", channel=office.place)
    with pytest.raises(Undeliverable, match="can't see that channel"):
        await office.send("hello?", thread)
