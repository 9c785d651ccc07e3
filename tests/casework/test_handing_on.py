"""A ticket goes from hand to hand, and is rated in the end."""

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
