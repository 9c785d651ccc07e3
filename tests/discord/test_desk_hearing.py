"""What agents say and press at the desk is heard, all of it, and nothing is said in return."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import EmptyMessage, TooManyMessages
from bot.messages import Address
from tests.discord.agents import BUTTONS, Desk, desk, working


@pytest.fixture
async def office(anyio_backend: str) -> AsyncIterator[Desk]:
    async with working() as running:
        yield running


async def test_what_is_said_in_the_channel_is_a_message_at_the_desk_without_a_mention(office: Desk) -> None:
    said = office.place.says(office.ben, "who is there?")
    (heard,) = await office.hears()
    assert (heard.kind, heard.text, heard.choice) == ("message", "who is there?", "")
    assert heard.address == Address("discord", str(office.place.id))
    assert (heard.sender.id, heard.sender.name) == (str(office.ben.id), "Ben")
    assert (heard.ref, heard.reply_to) == (str(said.id), "")
    assert heard.at == pytest.approx(said.created_at, abs=1)


async def test_what_is_said_in_a_thread_has_its_thread_its_files_and_what_it_quotes(office: Desk) -> None:
    thread = office.place.thread(office.ben, "#7 Ann")
    first = thread.says(office.person(), "look", attachments=["proof.png"])
    thread.says(office.ben, "I see", reply_to=first)
    look, see = await office.hears(2)
    assert look.address == see.address == office.address(thread)
    assert [(file.kind, file.name) for file in look.files] == [("photo", "proof.png")]
    assert see.reply_to == look.ref == str(first.id)


async def test_what_is_said_in_a_forums_post_is_heard_without_its_title(anyio_backend: str) -> None:
    async with working(forum=True) as office:
        post = office.place.post(office.ben, "#7 Ann: where is it?", "mine")
        (heard,) = await office.hears()
        assert (heard.address, heard.text, heard.kind) == (office.address(post), "mine", "message")


async def test_a_desk_is_a_desk_even_where_questions_are_answered_unasked(anyio_backend: str) -> None:
    async with desk() as office, office.running(options=office.options(answer_in=[office.place.id])):
        thread = office.place.thread(office.ben, "#7 Ann")
        office.place.says(office.ben, "anybody?")
        thread.says(office.person(), "me", mentions=[office.ben])
        anybody, me = await office.hears(2)
        assert (anybody.kind, me.kind) == ("message", "message")
        await office.send("an answer", kind="answer", reply_to=anybody.ref)
        assert office.place.threads == [thread]


async def test_our_own_messages_and_what_discord_tells_of_the_channel_are_not_heard(office: Desk) -> None:
    thread = await office.opened()
    thread.says(office.ben, "the end")
    (heard,) = await office.hears()
    assert heard.text == "the end"


async def test_elsewhere_nothing_is_heard_that_is_not_for_the_bot(office: Desk) -> None:
    office.other.says(office.ben, "not for you")
    office.place.says(office.ben, "the end")
    (heard,) = await office.hears()
    assert heard.text == "the end"


async def test_formatting_is_told_and_people_are_called_by_name(office: Desk) -> None:
    ann = office.person()
    office.place.says(office.ben, "**hi** there", mentions=[ann])
    office.place.says(office.ben, "5 * 3 is plain", mentions=[office.bot])
    office.place.says(office.ben, "2 + 2")
    bold, ours, plain = await office.hears(3)
    assert bold.text == bold.markdown == "@Ann **hi** there"
    assert ours.text == "5 * 3 is plain"
    assert (plain.text, plain.markdown) == ("2 + 2", "")


async def test_edits_and_deletions_are_told(office: Desk) -> None:
    thread = office.place.thread(office.ben, "#7 Ann")
    said = thread.says(office.ben, "tomorow")
    await office.hears()
    thread.edits(said, "**tomorrow**")
    thread.deletes(said)
    _, edit, deletion = await office.hears(3)
    assert (edit.kind, edit.text, edit.markdown) == ("edit", "**tomorrow**", "**tomorrow**")
    assert (edit.address, edit.ref, edit.sender.id) == (office.address(thread), str(said.id), str(office.ben.id))
    assert (deletion.kind, deletion.address, deletion.ref) == ("deletion", office.address(thread), str(said.id))
    assert deletion.sender.id != str(office.ben.id)


@pytest.mark.parametrize("refusal", [EmptyMessage(), TooManyMessages(3.0)])
async def test_what_is_not_taken_is_no_reason_to_talk_into_their_work(office: Desk, refusal: Exception) -> None:
    thread = office.place.thread(office.ben, "#7 Ann")
    office.refusal = refusal
    thread.says(office.ben, "…")
    stream = str(thread.id)
    await office.platform.eventually(lambda: stream in office.places.read, "it is read")
    assert office.said(thread) == office.said(office.place) == []


@pytest.mark.parametrize("forum", [False, True])
async def test_what_was_said_while_nobody_heard_is_heard_afterwards_in_its_order(
    anyio_backend: str, forum: bool
) -> None:
    async with desk(forum=forum) as office:
        async with office.running():
            thread = await office.opened()
            thread.says(office.ben, "before")
            await office.hears()
        thread.says(office.ben, "one")
        thread.says(office.ben, "two")
        other = office.place.thread(office.ben, "#8 Eve") if not forum else office.place.post(office.ben, "#8 Eve", "x")
        other.says(office.ben, "three")
        expected = ["before", "one", "two", "three"] + (["x"] if forum else [])
        if not forum:
            office.place.says(office.ben, "four")
            expected.append("four")
        async with office.running():
            heard = await office.hears(len(expected))
            assert sorted(one.text for one in heard) == sorted(expected)
            assert [one.text for one in heard if one.address.thread == str(thread.id)] == ["before", "one", "two"]


async def test_what_was_said_in_a_thread_that_was_closed_in_the_gap_is_heard_too(anyio_backend: str) -> None:
    async with desk() as office:
        async with office.running():
            thread, quiet = await office.opened(), await office.opened(8)
            thread.says(office.ben, "before")
            await office.hears()
        thread.says(office.ben, "and closed")
        thread.archive()
        quiet.archive()
        async with office.running():
            assert [one.text for one in await office.hears(2)] == ["before", "and closed"]


async def test_a_button_is_acknowledged_at_once_and_can_be_pressed_again_by_anybody(office: Desk) -> None:
    thread = await office.opened(buttons=BUTTONS, contact=str(office.person().id))
    (brief,) = [message for message in thread.messages if message.buttons]
    office.may_store.clear()
    presses = [office.ben.clicks(brief, "Claim"), office.person("Eve").clicks(brief, "Claim")]
    presses.append(office.ben.clicks(brief, "High"))
    await office.platform.eventually(lambda: all(p.acknowledged_after is not None for p in presses), "acknowledged")
    assert office.heard == []
    office.may_store.set()
    heard = await office.hears(3)
    assert [one.choice for one in heard] == ["claim", "claim", "priority:high"]
    assert {one.ref for one in heard} == {str(brief.id)} and {one.address for one in heard} == {office.address(thread)}
    assert [one.external_id for one in heard] == [f"i{press.id}" for press in presses]
    assert brief.buttons == ["Claim", "High"] and all(press.texts in ([], [brief.content]) for press in presses)
    assert office.said(thread) == ["The brief"]


async def test_what_is_pressed_and_then_typed_is_taken_in_this_order(office: Desk) -> None:
    thread = await office.opened(buttons=BUTTONS)
    brief = thread.messages[-1]
    office.may_store.clear()
    thread.says(office.ben, "first")
    office.ben.clicks(brief, "Claim")
    thread.says(office.ben, "last")
    office.may_store.set()
    assert [one.text or one.choice for one in await office.hears(3)] == ["first", "claim", "last"]


async def test_a_press_that_is_not_taken_is_acknowledged_all_the_same(office: Desk) -> None:
    thread = await office.opened(buttons=BUTTONS)
    office.refusal = TooManyMessages(3.0)
    press = office.ben.clicks(thread.messages[-1], "Claim")
    await office.platform.eventually(lambda: press.acknowledged_after is not None, "acknowledged")
    assert office.said(thread) == ["The brief"]


async def test_an_agent_who_asks_the_bot_at_the_desk_speaks_to_the_bot_alone(office: Desk) -> None:
    thread = await office.opened()
    office.ben.uses("/ask", {"question": "What does it cost?"}, thread)
    (heard,) = await office.hears()
    assert heard.address == Address("discord", f"u{office.ben.id}") and not heard.public


async def test_nobody_at_the_desk_is_asked_for_as_if_they_were_a_contact(office: Desk) -> None:
    said = office.place.says(office.ben, "hm")
    await office.hears()
    used = office.platform.owner.uses_on("[command_answer_this ]", said, office.place)
    await office.platform.eventually(lambda: used.texts, "a refusal")
    assert used.texts == ["[gone en-US]"] and used.ephemeral
    assert len(office.heard) == 1
