"""Whose a ticket is: exactly one agent's or nobody's, whatever comes at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.desk.routing import Agent
from bot.messages import CONSOLE
from tests.office import ANN, BEN, LEA, NORTH, RULES, SOUTH, Office

pytestmark = pytest.mark.anyio


async def handed_over(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def test_of_fifty_simultaneous_claims_exactly_one_wins_and_the_others_learn_who(tmp_path: Path) -> None:
    crowd = tuple(Agent(f"A{n}", accounts={NORTH: f"1{n}", SOUTH: f"2{n}", CONSOLE: f"A{n}"}) for n in range(50))
    async with Office(tmp_path, replace(RULES, agents=crowd)) as office:
        await handed_over(office)
        for number, agent in enumerate(crowd):
            at = (NORTH, SOUTH, CONSOLE)[number % 3]
            text, choice = ("/claim", "") if number % 2 else ("", "claim")
            await office.act(agent.accounts[at], at, 1, text=text, choice=choice, handle=False)
        await office.settle()
        winner = (await office.ticket())["owner"]
        assert winner in {agent.name for agent in crowd}
        assert (await office.history()).count("claimed") == 1
        told = [text for at in (NORTH, SOUTH) for text in await office.texts(at=at) if f"{winner}" in text]
        losers_at_rooms = sum(number % 3 != 2 for number in range(50)) - (int(winner[1:]) % 3 != 2)
        # Each room shows the claim once, and every loser there is told who was first.
        assert len(told) == losers_at_rooms + 2


async def test_typing_in_a_ticket_that_nobody_has_claims_it(office: Office) -> None:
    await handed_over(office)
    await office.agent("Ann").says("Hello, let me look")
    assert (await office.ticket())["owner"] == "Ann"
    assert office.said()[-1] == "Hello, let me look"


async def test_two_who_type_at_once_do_not_both_reach_the_contact(office: Office) -> None:
    await handed_over(office)
    await office.act(ANN.accounts[NORTH], NORTH, 1, text="from Ann", handle=False)
    await office.act(BEN.accounts[SOUTH], SOUTH, 1, text="from Ben", handle=False)
    await office.settle()
    assert "from Ann" in office.said()
    assert "from Ben" not in office.said()
    assert "Ann" in (await office.texts(at=SOUTH))[-1]


async def test_only_the_owner_or_a_lead_can_release_or_transfer_a_claimed_ticket(office: Office) -> None:
    await handed_over(office)
    await office.agent("Ann").presses("claim")
    await office.agent("Ben").says("/release")
    await office.agent("Ben").says("/transfer Ben")
    assert (await office.ticket())["owner"] == "Ann"
    await office.agent("Lea").says("/transfer ben")
    assert (await office.ticket())["owner"] == "Ben"
    await office.agent("Lea").says("/release")
    assert (await office.ticket())["owner"] == ""


async def test_a_transfer_to_nobody_names_who_is_there(office: Office) -> None:
    await handed_over(office)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/transfer Zoe")
    assert "Zoe" in (answer := (await office.texts())[-1])
    assert "Ben" in answer
    assert "Lea" in answer


async def test_a_transfer_to_a_topic_gives_the_ticket_to_those_who_know_it(tmp_path: Path) -> None:
    knows = (replace(ANN, topics=("fees",)), replace(BEN, topics=("withdrawals",)), LEA)
    async with Office(tmp_path, replace(RULES, agents=knows)) as office:
        await handed_over(office)
        await office.agent("Ann").presses("claim")
        await office.agent("Ann").says("/transfer withdrawals")
        ticket = await office.ticket()
        assert (ticket["owner"], ticket["status"], ticket["offered"]) == ("", "waiting", "Ben")


@pytest.mark.parametrize("text", ["/claim", "hello there", "/close", "!note psst"])
async def test_who_is_no_agent_can_do_nothing_and_the_attempt_is_recorded(office: Office, text: str) -> None:
    await handed_over(office)
    before = len(office.said())
    await office.act("999", NORTH, 1, text=text)
    await office.act("999", SOUTH, 1, choice="claim")
    await office.act("nobody", CONSOLE, 1, choice="close")
    ticket = await office.ticket()
    assert (ticket["status"], ticket["owner"]) == ("waiting", "")
    assert len(office.said()) == before
    assert (await office.history()).count("ignored") == 3


async def test_the_name_of_an_agent_makes_nobody_one(office: Office) -> None:
    await handed_over(office)
    await office.act(BEN.accounts[SOUTH], NORTH, 1, text="I have the id that Ben has elsewhere")
    assert (await office.ticket())["owner"] == ""


async def test_an_agent_who_goes_away_gives_back_what_waits_for_them(office: Office) -> None:
    await handed_over(office)
    await handed_over(office, "zoe")
    await office.agent("Ann").presses("claim", 1)
    await office.agent("Ann").says("hello", 2)
    await office.agent("Ann").says("/away", 0)
    assert (await office.ticket(1))["owner"] == "", "the contact of ticket 1 waits"
    assert (await office.ticket(1))["offered"] in {"Ben", "Lea"}
    assert (await office.ticket(2))["owner"] == "Ann", "nobody waits in ticket 2"
    await office.say("and now?", who="zoe")
    assert (await office.ticket(2))["owner"] == "", "now somebody does"


async def test_tickets_are_offered_in_turn_to_those_who_are_there(office: Office) -> None:
    await office.agent("Ben").says("/away", 0)
    offered = []
    for number, who in enumerate(("a", "b", "c", "d"), 1):
        await handed_over(office, who)
        offered.append((await office.ticket(number))["offered"])
    assert offered == ["Ann", "Lea", "Ann", "Lea"]
