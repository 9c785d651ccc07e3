"""The end of a ticket as the contact sees it: how they rate the help, whatever else goes on meanwhile."""

from __future__ import annotations

import pytest

from tests.harness import CHANNEL
from tests.office import SOUTH, Office

pytestmark = pytest.mark.anyio


async def human(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def closed(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    await office.agent("Ann").says("/close")


async def test_a_rating_and_a_word_in_one_go_are_both_kept(office: Office) -> None:
    await closed(office)
    await office.send(choice="rate:1:5")
    await office.send("very kind people")
    await office.settle()
    ticket = await office.ticket()
    assert (ticket["rating"], ticket["rating_word"]) == (5, "very kind people")


async def test_the_old_message_still_takes_a_rating_after_another_question(office: Office) -> None:
    await closed(office)
    await office.say("How do I enable 2FA?")
    await office.press("rate:1:4")
    assert (await office.ticket())["rating"] == 4


async def test_a_rating_after_an_agent_reopened_is_kept_and_no_message(office: Office) -> None:
    await closed(office)
    await office.agent("Ann").says("/reopen")
    await office.agent("Ann").says("one more thing")
    before = len(await office.texts(at=SOUTH))
    await office.press("rate:1:4")
    ticket = await office.ticket()
    assert ticket["rating"] == 4
    assert ticket["since"] is None, "a rating asks for no answer"
    assert len(await office.texts(at=SOUTH)) - before == 1


async def test_a_solved_ticket_is_not_told_as_unanswered(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("Is it there?")
    await office.later(24 * 60 + 1)
    await office.press("solved")
    assert "did not answer" not in (await office.texts())[-1]
    last = [out for out in office.platform.shown if out.address.channel == CHANNEL][-1]
    assert any(b.value.startswith("rate:") for b in last.buttons), "rating after closing"


async def test_threads_of_a_rated_ticket_stay_closed(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    await office.agent("Ann").says("/close")
    await office.press("rate:1:5")
    for room in office.rooms.values():
        assert set(room.threads) <= room.closed


async def test_who_ends_the_conversation_is_asked_how_it_was_if_a_human_had_answered(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    await office.say("/end")
    last = [out for out in office.platform.shown if out.address.channel == CHANNEL][-1]
    assert [button.value for button in last.buttons] == [*(f"rate:1:{stars}" for stars in range(1, 6)), "reopen:1"]
    await office.press("rate:1:5")
    assert (await office.ticket())["rating"] == 5


async def test_who_ends_the_conversation_before_anybody_answered_has_nothing_to_rate(office: Office) -> None:
    await human(office)
    await office.say("/end")
    last = [out for out in office.platform.shown if out.address.channel == CHANNEL][-1]
    assert last.buttons == ()
