"""Many agents reach for one ticket at the same moment, on both platforms: exactly one has it, all others are told."""

from __future__ import annotations

from pathlib import Path

from tests.desk_e2e.both import DISCORD, TELEGRAM, Both, platforms

AT_ONCE = 50
"""Half of them on Telegram, half on Discord; on each some press the button and some write the command."""


async def test_of_fifty_agents_on_both_platforms_one_gets_the_ticket(tmp_path: Path) -> None:
    async with platforms() as both:
        both.workers += [both.worker(f"Agent {number}") for number in range(AT_ONCE)]
        async with both.running(tmp_path):
            contact = both.contact(TELEGRAM)
            number = await both.asks_for_people(contact)
            ends = [await both.at_desk(number, at, both.ben) for at in (TELEGRAM, DISCORD)]
            briefs = [end.reads("Channel:") for end in ends]
            for turn, worker in enumerate(both.workers[-AT_ONCE:]):
                at = turn % 2
                hand = ends[at].as_(worker.discord if at else worker.telegram)
                if turn % 4 < 2:
                    hand.presses(briefs[at], "Claim")
                else:
                    hand.commands("claim")
            await ends[0].sees("has this ticket now")
            await both.quiet()
            (owner,) = (await both.rows(f"select owner from ticket where number = {number}"))[0]
            claims = await both.rows(f"select actor from history where ticket = {number} and kind = 'claimed'")
            assert claims == [(owner,)]
            refused = 0
            for end in ends:
                assert end.texts().count(f"{owner} has this ticket now.") == 1
                refused += end.texts().count(f"{owner} has this ticket already.")
            assert refused == AT_ONCE - 1
            assert [text for text in contact.texts() if "has joined" in text] == [
                f"{owner} has joined and will help you from here."
            ]


async def test_of_two_who_type_at_once_one_is_heard_and_the_other_is_told(both: Both) -> None:
    ticket = await both.opened(TELEGRAM)
    ticket.agent.says("Ben here, looking into it")
    cy = both.thread(ticket.number, TELEGRAM, both.cy)
    assert cy is not None
    cy.says("Cy here, looking into it")
    await ticket.contact.sees("looking into it")
    (owner,) = await ticket.row("owner")
    loser = cy if owner == "Ben" else ticket.agent
    await loser.sees(f"Not sent: {owner} has this ticket")
    await both.quiet()
    heard = [text for text in ticket.contact.texts() if "looking into it" in text]
    assert len(heard) == 1 and f"{owner} here" in heard[0]
