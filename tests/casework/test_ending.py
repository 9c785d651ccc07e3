"""The end of a ticket: closing by either side, rating, the way back, the transcript."""

from __future__ import annotations

import pytest

from bot.messages import GENERATED
from tests.office import LEA, NORTH, SOUTH, Office

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def _answered(office: Office) -> None:
    await office.say("/human")
    await office.agent("Ann").says("hello")


async def test_closing_tells_the_contact_closes_the_threads_and_asks_for_a_rating(office: Office) -> None:
    await office.agent("Ann").says("/close found it")
    last = office.platform.shown[-1]
    assert [button.value for button in last.buttons] == [f"rate:1:{stars}" for stars in range(1, 6)] + ["reopen:1"]
    for at in (NORTH, SOUTH):
        assert await office.thread_of(1, at) in office.rooms[at].closed
        assert "found it" in (await office.texts(at=at))[-1]
    assert await office.rows("select state from conversation where channel = 'stand'") == [("closed",)]


async def test_a_rating_and_a_word_are_kept_and_low_ones_call_the_lead(office: Office) -> None:
    await office.agent("Ann").says("/close")
    await office.press("rate:1:2")
    assert (await office.ticket())["rating"] == 2
    assert (await office.seen())[-1].mentions == (LEA.accounts[NORTH],)
    await office.say("too slow, sorry")
    assert (await office.ticket())["rating_word"] == "too slow, sorry"
    assert "too slow, sorry" in (await office.texts())[-1]
    assert await office.thread_of(1, NORTH) in office.rooms[NORTH].closed, "what was opened to tell it is closed again"


async def test_a_question_after_the_rating_is_answered_and_is_no_word_about_it(office: Office) -> None:
    await office.agent("Ann").says("/close")
    await office.press("rate:1:5")
    await office.say("How do I enable 2FA?")
    assert (await office.ticket())["rating_word"] == ""


async def test_who_ends_the_conversation_closes_the_ticket_at_every_desk(office: Office) -> None:
    await office.say("/end")
    assert (await office.ticket())["status"] == "closed"
    assert "closed" in await office.history()


async def test_an_agent_can_reopen_and_the_contact_is_told(office: Office) -> None:
    await office.agent("Ann").says("/close")
    await office.agent("Ben").says("/reopen")
    assert (await office.ticket())["status"] == "waiting"
    await office.agent("Ben").says("one more thing")
    assert office.said()[-1] == "one more thing"


async def test_a_closed_ticket_takes_no_messages_and_says_so(office: Office) -> None:
    await office.agent("Ann").says("/close")
    before = len(office.said())
    await office.agent("Ann").says("too late")
    assert len(office.said()) == before
    assert "/reopen" in (await office.texts())[-1]


async def test_a_ticket_cannot_be_reopened_beside_another_one_of_the_same_contact(office: Office) -> None:
    await office.agent("Ann").says("/close")
    await office.say("/human")
    assert (await office.ticket(2))["status"] == "waiting"
    await office.agent("Ann").says("/reopen", 1)
    assert (await office.ticket(1))["status"] == "closed"
    assert "#2" in (await office.texts(1))[-1]


async def test_both_sides_get_the_transcript_and_the_contacts_has_no_notes(office: Office) -> None:
    await office.agent("Ann").says("/note keep an eye on them")
    await office.say("/transcript")
    mine = next(out.files for out in reversed(office.platform.shown) if out.files)
    assert [file.channel for file in mine] == [GENERATED] * len(mine)
    texts = [(await office.app.fetch(file)).decode() for file in mine]
    assert all("hello" in text for text in texts)
    assert not any("keep an eye" in text for text in texts)
    await office.agent("Ann").says("/transcript")
    staff = [file for out in await office.seen() for file in out.files]
    assert len(staff) == 2, "a text and a page"
    assert "keep an eye" in (await office.app.fetch(staff[0])).decode()
