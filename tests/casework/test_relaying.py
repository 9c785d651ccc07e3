"""What contact and agents say to each other, at every desk, and nothing else."""

from __future__ import annotations

import pytest

from bot.errors import TemporaryFailure, Undeliverable
from bot.messages import CONSOLE, File
from tests.office import NORTH, SOUTH, Office

pytestmark = pytest.mark.anyio
PHOTO = File("f1", "photo", "shot.png", "image/png", 10, NORTH)


@pytest.fixture(autouse=True)
async def _with_a_ticket(office: Office) -> None:
    await office.say("/human")


async def test_a_message_of_the_contact_shows_at_every_desk_and_the_bot_is_silent(office: Office) -> None:
    await office.agent("Ann").presses("claim")
    before = len(office.said())
    await office.say("my withdrawal hangs", "please *hurry*")
    for at in (NORTH, SOUTH):
        assert "my withdrawal hangs" in (await office.texts(at=at))[-2]
        assert r"please \*hurry\*" in (await office.texts(at=at))[-1]
    assert len(office.said()) == before


async def test_an_agents_message_has_their_alias_and_shows_at_the_other_desks(office: Office) -> None:
    await office.agent("Ann").says("Which network was it?")
    shown = office.platform.shown[-1]
    assert (shown.author, shown.name, shown.text) == ("agent", "Annie", "Which network was it?")
    assert "Which network was it?" in (await office.texts(at=SOUTH))[-1]
    assert "Which network was it?" not in " ".join(await office.texts(at=NORTH)), "they see it where they wrote it"


async def test_a_console_agent_reaches_the_contact_and_both_rooms(office: Office) -> None:
    await office.agent("Ann", CONSOLE).says("Hello from the web")
    assert office.said()[-1] == "Hello from the web"
    for at in (NORTH, SOUTH):
        assert "Hello from the web" in (await office.texts(at=at))[-1]


async def test_files_go_both_ways(office: Office) -> None:
    await office.agent("Ann").says("see here", files=(PHOTO,))
    assert office.platform.shown[-1].files == (PHOTO,)
    assert (await office.seen(at=SOUTH))[-1].files == (PHOTO,)
    rows = await office.rows("select author, file.name from file join message using (conversation, seq)")
    assert rows == [("agent", "shot.png")]


async def test_notes_and_commands_never_reach_the_contact(office: Office) -> None:
    before = len(office.said())
    for text in (
        "/note looks like fraud",
        "// call him back",
        "!note again",
        "/nonsense",
        "/help",
        "/tickets",
        "/suggest",
    ):
        await office.agent("Ann").says(text)
    assert len(office.said()) == before
    assert "looks like fraud" in "".join(await office.texts(at=SOUTH))
    assert not await office.rows("select 1 from message where text like '%fraud%' or text like '%call him%'")
    assert (await office.history()).count("note") == 3


async def test_an_edit_and_a_deletion_follow_everywhere(office: Office) -> None:
    ref = await office.agent("Ann").says("It takes 3 hours")
    await office.agent("Ann").changes(ref, "It takes 2 hours")
    assert (office.platform.shown[-1].act, office.platform.shown[-1].text) == ("edit", "It takes 2 hours")
    assert "It takes 2 hours" in (await office.seen(at=SOUTH, act="edit"))[-1].text
    assert await office.rows("select text from message where author = 'agent'") == [("It takes 2 hours",)]
    await office.agent("Ann").changes(ref, "")
    assert office.platform.shown[-1].act == "delete"
    assert (await office.rows("select deleted_at is null from message where author = 'agent'")) == [(0,)]


async def test_an_edit_that_comes_with_its_message_changes_it(office: Office) -> None:
    ref = await office.act("1", NORTH, 1, text="frist", handle=False)
    await office.act("1", NORTH, 1, text="first", kind="edit", ref=ref, handle=False)
    await office.settle()
    await office.settle()
    assert await office.rows("select text from message where author = 'agent'") == [("first",)]


async def test_an_edited_note_stays_a_note(office: Office) -> None:
    ref = await office.agent("Ann").says("/note secret")
    await office.agent("Ann").changes(ref, "secret without the mark")
    assert "secret" not in "".join(office.said())


async def test_a_reply_quotes_the_same_message_on_the_other_side(office: Office) -> None:
    await office.agent("Ann").says("What is the TxID?")
    mine = office.platform.shown[-1]
    receipt = (await office.rows("select receipt from outbox where author = 'agent'"))[0][0]
    await office.send("this one", who="ann")
    assert mine.text == "What is the TxID?"
    await office.settle()
    shown = (await office.seen(at=NORTH))[-1]
    ref = (await office.rows("select receipt from outbox where channel = 'north' order by id desc limit 1"))[0][0]
    await office.agent("Ann").says("thanks for that", reply_to=ref)
    assert receipt
    assert shown.text.endswith("this one")
    assert (await office.rows("select reply_to is not null from message order by seq desc limit 1")) == [(1,)]


async def test_an_agents_message_shows_what_became_of_it(office: Office) -> None:
    ref = await office.agent("Ann").says("hello")
    marks = [(mark.target, mark.text) for mark in await office.seen(act="mark")]
    assert marks == [(ref, "sent")]


async def test_a_message_that_fails_is_marked_told_and_can_be_retried_for_real(office: Office) -> None:
    await office.agent("Ann").says("first")
    office.platform.failures.append(Undeliverable("blocked by the contact"))
    ref = await office.agent("Ann").says("second")
    marks = [(mark.target, mark.text) for mark in await office.seen(act="mark")]
    assert marks[-1] == (ref, "failed")
    told = (await office.seen())[-1]
    assert "blocked by the contact" in told.text
    retry = next(button.value for button in told.buttons if button.value.startswith("retry:"))
    assert "second" not in office.said()
    await office.agent("Ann").presses(retry)
    assert "second" in office.said()
    assert [(mark.target, mark.text) for mark in await office.seen(act="mark")][-1] == (ref, "sent")


async def test_a_message_that_is_late_is_marked_so_and_then_sent(office: Office) -> None:
    await office.agent("Ann").says("first")
    office.platform.failures.append(TemporaryFailure("503"))
    ref = await office.agent("Ann").says("second")
    assert [mark.text for mark in await office.seen(act="mark") if mark.target == ref] == ["delayed"]
    await office.later(1)
    assert [mark.text for mark in await office.seen(act="mark") if mark.target == ref] == ["delayed", "sent"]


async def test_a_deleted_thread_is_opened_anew_with_the_brief_first_and_nothing_lost(office: Office) -> None:
    thread = await office.thread_of(1, NORTH)
    del office.rooms[NORTH].threads[thread]
    await office.say("are you there?")
    await office.say("hello?")
    assert await office.thread_of(1, NORTH) != thread
    texts = await office.texts()
    assert "#1" in texts[0]
    assert [text.splitlines()[-1] for text in texts[-2:]] == ["are you there?", "hello?"]
    await office.agent("Ann").says("in the new thread")
    assert office.said()[-1] == "in the new thread"


async def test_staff_who_talk_in_a_thread_of_their_own_or_in_general_are_left_alone(office: Office) -> None:
    before = len(office.said())
    await office.agent("Ann").says("who has lunch?", 0)
    assert len(office.said()) == before
    assert (await office.ticket())["owner"] == ""


async def test_what_the_contact_takes_back_is_taken_back_at_the_desks(office: Office) -> None:
    await office.say("/status")
    assert "/status" not in "".join(await office.texts())


async def test_an_edit_reaches_the_contact_under_the_agents_name(office: Office) -> None:
    ref = await office.agent("Ann").says("frist")
    await office.agent("Ann").changes(ref, "first")
    assert (office.platform.shown[-1].author, office.platform.shown[-1].name) == ("agent", "Annie")


async def test_a_note_by_a_platforms_own_command_shows_at_its_desk_too(office: Office) -> None:
    await office.act("1", NORTH, 1, text="/note typed nowhere", ref="-")
    shown = await office.texts()
    assert not any("typed nowhere" in text for text in shown), "it can be read where it was typed"
    await office.agent("Ann").presses("note:pressed")
    assert "pressed" in (await office.texts())[-1]
