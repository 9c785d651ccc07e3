"""Several things in one go, and one of them broken: each is decided for what it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.office import NORTH, Office

pytestmark = pytest.mark.anyio


async def human(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def together(office: Office, *texts: str) -> None:
    for text in texts:
        await office.send(text)
    await office.settle()


async def test_an_older_ticket_is_not_reopened_beside_one_that_is_open(office: Office) -> None:
    for number in (1, 2, 3):
        await human(office)
        await office.agent("Ann").says("hello", number)
        await office.agent("Ann").says("/close", number)
    await office.agent("Ann").says("/reopen", 1)
    assert (await office.ticket(1))["status"] == "waiting"
    async with asyncio.timeout(10):
        await office.act("1", NORTH, 2, text="/reopen", handle=False)
        office.clock.move(2)
        for _ in range(20):
            await office.app.inbox.step()
    assert not await office.rows("select 1 from inbox where status = 'new'"), "stuck for ever"


async def test_human_and_status_at_once_name_the_right_ticket(office: Office) -> None:
    await together(office, "/human", "/status")
    assert not any("#0" in text for text in office.said()), office.said()


async def test_human_and_end_at_once_open_no_nameless_thread(office: Office) -> None:
    await together(office, "/human", "/end")
    for room in office.rooms.values():
        assert all("#1" in title for title in room.threads.values()), room.threads
        assert len(room.threads) == 1


async def test_human_and_transcript_at_once_give_a_transcript(office: Office) -> None:
    await together(office, "/human", "/transcript")
    files = [file for out in office.platform.shown for file in out.files]
    assert files
    for file in files:
        assert await office.app.fetch(file)


async def test_human_end_human_at_once_is_two_tickets(office: Office) -> None:
    await together(office, "/human", "/end", "/human", "my question")
    rows = await office.rows("select number, status from ticket order by number")
    assert rows == [(1, "closed"), (2, "waiting")]
    assert await office.rows("select 1 from timer where kind = 'ladder'")
    assert (await office.texts(2))[-1].endswith("my question")
    assert not any("my question" in text for text in await office.texts(1))


async def test_an_agents_act_beside_a_message_that_breaks_is_not_lost(office: Office, monkeypatch: Any) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    from bot.dialogue.conversation import Dialogue

    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Dialogue, "_while_human", broken)
    await office.send("boom")
    await office.act("1", NORTH, 1, text="from the agent", handle=False)
    await office.settle()
    assert "from the agent" in office.said() or any("from the agent" in t for t in await office.texts())


async def test_an_act_beside_a_message_that_breaks_is_not_lost(office: Office, monkeypatch: Any) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    from bot.dialogue.conversation import Dialogue
    from bot.dialogue.events import Said

    original = Dialogue._while_human

    def broken(self: Any, turn: Any, event: Any) -> None:
        if isinstance(event, Said):
            raise RuntimeError
        original(self, turn, event)

    monkeypatch.setattr(Dialogue, "_while_human", broken)
    await office.send("boom")
    await office.act("1", NORTH, 1, text="from the agent", handle=False)
    await office.settle()
    assert "boom" in (await office.texts())[-1] or any("boom" in text for text in await office.texts())
    assert "from the agent" in office.said()


async def test_the_ladder_outlives_a_message_that_breaks(office: Office, monkeypatch: Any) -> None:
    await human(office)
    from bot.casework import promises

    def broken(_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(promises, "step", broken)
        await office.later(11)
    await office.later(60)
    assert "reminded" in await office.history()


async def test_another_chat_of_the_contact_has_a_ticket_of_its_own(office: Office) -> None:
    await human(office)
    await office.say("/human", who="ann", chat="second")
    await office.agent("Ann").says("to the first", 1)
    await office.agent("Ann").says("to the second", 2)
    assert "to the first" in office.said("ann")
    assert "to the second" in office.said("second")
    assert "to the second" not in office.said("ann")
    assert (await office.ticket(1))["owner"] == (await office.ticket(2))["owner"] == "Ann"


async def test_a_claimed_ticket_that_is_reopened_while_details_are_collected_goes_on(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    await office.agent("Ann").says("/close")
    await office.say("My withdrawal has not arrived")
    await office.say("/human")
    state = await office.rows("select state from conversation where channel = 'stand'")
    await office.agent("Ann").says("/reopen")
    await office.say("TRC20")
    await office.later(60 * 5)
    assert "broke" not in await office.history(), state


@pytest.mark.parametrize("choice", ["claim", "retry:1", "send:x", "rate:99:5", "reopen:99", "transfer:Ann", "close"])
async def test_a_contact_can_do_nothing_with_made_up_buttons(office: Office, choice: str) -> None:
    await human(office)
    ticket = await office.ticket()
    await office.press(choice)
    assert {**await office.ticket(), "since": 0} == {**ticket, "since": 0}
    assert "broke" not in await office.history()
