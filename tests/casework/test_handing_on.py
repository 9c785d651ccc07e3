"""A ticket goes from hand to hand, and nobody who waits is handed to somebody who is not there."""

from __future__ import annotations

import pytest

from tests.office import Office

pytestmark = pytest.mark.anyio


async def human(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def test_a_transfer_to_a_topic_while_everybody_is_away_breaks_nothing(office: Office) -> None:
    for name in ("Ann", "Ben", "Lea"):
        await office.agent(name).says("/away", 0)
    await human(office)
    await office.agent("Ann").says("/transfer withdrawals")
    assert "broke" not in await office.history()
    assert "topic" in await office.history()


async def test_a_waiting_contact_is_not_transferred_to_who_is_away(office: Office) -> None:
    await human(office)
    await office.agent("Ben").says("/away", 0)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/transfer Ben")
    assert (await office.ticket())["owner"] != "Ben"


async def test_a_transfer_to_oneself_is_answered(office: Office) -> None:
    await human(office)
    await office.agent("Ann").presses("claim")
    before = len(await office.texts())
    await office.agent("Ann").says("/transfer Ann")
    assert len(await office.texts()) > before


async def test_a_question_that_holds_the_mark_of_a_ticket_is_shown_as_it_is(office: Office) -> None:
    await office.say("what does {ticket} mean in your quantum chromodynamics mails")
    await human(office)
    joiner = "\u2060"  # shows as nothing
    assert any("{ticket}" in text.replace(joiner, "") for text in await office.texts())
    titles = [title for room in office.rooms.values() for title in room.threads.values()]
    assert all(title.count("#1") == 1 and "{ticket}" in title.replace(joiner, "") for title in titles), titles
