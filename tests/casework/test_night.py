"""A scripted night: closed, a holiday, three tickets, two agents, one of whom never answers.

Thursday evening, after hours. Friday is a holiday, then comes the weekend; on Monday at nine people are back. Every
promise that a contact was given is in the history as kept or broken, and that is the truth.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.desk.hours import Hours, Span
from tests.office import ANN, BEN, RULES, Office

pytestmark = pytest.mark.anyio

OFFICE_HOURS = Hours(UTC, {day: (Span(9 * 60, 17 * 60),) for day in range(5)}, {date(2026, 5, 29): ()})
NIGHT = replace(RULES, agents=(replace(ANN, role="lead", languages=()), BEN), hours=OFFICE_HOURS)


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> float:
    """A time of that week."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


async def until(office: Office, moment: float) -> None:
    """Time passes minute by minute, as it does."""
    while office.clock.now() < moment - 1.5:
        await office.later(min(1.0, (moment - office.clock.now()) / 60))


async def promises(office: Office, ticket: int) -> list[tuple[str, str]]:
    """What was promised in a ticket and what became of it: the kind, and the time of day that was promised."""
    rows = await office.rows(
        "select kind, detail from history where kind in ('promised', 'kept', 'broken', 'void')"
        f" and ticket = {ticket} order by id"
    )
    return [(kind, datetime.fromtimestamp(float(detail), UTC).strftime("%a %H:%M")) for kind, detail in rows]


async def test_a_night_in_which_every_promise_is_recorded_as_it_was(tmp_path: Path) -> None:
    async with Office(tmp_path, NIGHT) as office:
        await office.say("/human", who="one")
        await office.say("/human", who="two")
        assert all("09:00" in office.said(who)[-1] for who in ("one", "two")), "told when people are back"
        office.clock.move(at(30, 12, month=5) - office.clock.now())
        await office.settle()
        await office.say("/human", who="three")
        told = {who: len(office.said(who)) for who in ("one", "two", "three")}
        office.clock.move(at(1, 8, 55) - office.clock.now())
        await office.settle()
        assert {who: len(office.said(who)) for who in told} == told, "silence over the holiday and the weekend"
        assert [(await office.ticket(number))["offered"] for number in (1, 2, 3)] == ["Ann", "Ben", "Ann"]

        await until(office, at(1, 9, 5))
        assert {who: len(office.said(who)) - told[who] for who in told} == dict.fromkeys(told, 1), "we are back"
        await office.agent("Ann").says("Good morning!", 1)
        await until(office, at(1, 9, 15))
        await office.agent("Ann").says("Sorry for the wait", 3)
        await until(office, at(1, 9, 30))
        await office.agent("Ann").says("I take over from Ben", 2)
        await until(office, at(1, 10, 30))

        assert await promises(office, 1) == [("promised", "Mon 09:10"), ("kept", "Mon 09:10")]
        assert await promises(office, 2) == [
            ("promised", "Mon 09:10"), ("broken", "Mon 09:10"), ("promised", "Mon 09:20"), ("broken", "Mon 09:20"),
            ("promised", "Mon 09:40"), ("kept", "Mon 09:40"),
        ]  # fmt: skip
        assert await promises(office, 3) == [
            ("promised", "Mon 09:10"), ("broken", "Mon 09:10"), ("promised", "Mon 09:20"), ("kept", "Mon 09:20"),
        ]  # fmt: skip
        reminded = await office.rows("select ticket, detail from history where kind = 'reminded' order by id")
        assert sorted(reminded) == [(2, "all: Ann, Ben"), (2, "owner: Ben"), (3, "owner: Ann")]
        waits = await office.rows("select round(waited / 60) from ticket order by number")
        assert waits == [(5.0,), (30.0,), (15.0,)], "in minutes of open time"
        assert "09:20" in next(text for text in office.said("two") if "remind" in text)
