"""Nobody is forgotten: queue, promises, the ladder of silence, opening hours, snoozing, tickets gone stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.desk.hours import Hours, Span
from tests.office import CHANNEL, RULES, SOUTH, Office

pytestmark = pytest.mark.anyio


async def test_the_contact_learns_number_place_wait_and_promise(office: Office) -> None:
    await office.say("/human", who="zoe")
    await office.say("/human")
    said = office.said()[-1]
    assert "#2" in said
    assert "2" in said.replace("#2", "")
    assert len(await office.rows("select 1 from history where kind = 'promised'")) == 2


async def test_an_urgent_ticket_goes_before_the_others(office: Office) -> None:
    await office.say("/human", who="zoe")
    await office.say("/human", who="bob")
    await office.agent("Ann").says("/priority urgent", 2)
    status = (await office.say("/status", who="bob"))[-1].text
    assert "#2" in status
    assert "1" in status


async def test_silence_climbs_the_ladder_and_each_step_tells_the_truth(office: Office) -> None:
    await office.say("/human")
    for minutes, who in ((10, "owner"), (10, "all"), (20, "lead"), (20, "lead")):
        before = len(office.said())
        await office.later(minutes)
        assert len(office.said()) == before + 1, f"one word after {minutes} min"
        assert (await office.rows("select detail from history where kind = 'reminded' order by id desc limit 1"))[0][
            0
        ].startswith(who)
    assert (await office.history()).count("broken") == 4
    await office.agent("Ann").says("sorry!")
    assert (await office.history()).count("kept") == 1
    assert not await office.rows("select 1 from timer where kind = 'ladder'")


async def test_reminders_call_the_right_people_at_every_desk(office: Office) -> None:
    await office.say("/human")
    await office.agent("Ann").presses("claim")
    await office.later(11)
    assert (await office.seen())[-1].mentions == ("1",)
    assert (await office.seen(at=SOUTH))[-1].mentions == ("11",)
    await office.later(10)
    assert (await office.seen())[-1].mentions == ("1", "2", "3")
    await office.later(20)
    assert (await office.seen())[-1].mentions == ("3",), "the lead"


async def test_a_standstill_takes_only_the_last_step(office: Office) -> None:
    await office.say("/human")
    before = len(office.said())
    await office.later(60 * 5)
    assert len(office.said()) == before + 1


async def test_the_wait_is_told_from_what_others_waited(office: Office) -> None:
    for number in range(1, 12):
        await office.say("/human", who=f"c{number}")
        office.clock.move(60.0 * number)
        await office.agent("Ann").says("hi", number)
    said = (await office.say("/human"))[-1].text
    assert "within 7 min" in said, "the median of 1 to 11 minutes and the merge window, rounded up"


async def test_snoozed_means_silence_until_then_or_until_the_contact_writes(office: Office) -> None:
    await office.say("/human")
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/snooze 2h")
    before = len(office.said())
    await office.later(119)
    assert len(office.said()) == before
    await office.later(2)
    assert "woke" in await office.history()
    await office.agent("Ann").says("/snooze 1 天")
    await office.say("hello?")
    assert (await office.history()).count("woke") == 2


async def test_a_ticket_in_which_the_contact_says_nothing_is_asked_about_and_then_closed_with_a_way_back(
    office: Office,
) -> None:
    await office.say("/human")
    await office.agent("Ann").says("Is it there now?")
    asked = (await office.later(24 * 60 + 1))[-1]
    contact = [out for out in office.platform.shown if out.address.channel == CHANNEL][-1]
    assert [button.value for button in contact.buttons] == ["solved", "still"]
    assert asked
    await office.later(24 * 60 + 1)
    assert (await office.ticket())["status"] == "closed"
    back = [out for out in office.platform.shown if out.address.channel == CHANNEL][-1]
    assert "reopen:1" in [button.value for button in back.buttons]
    await office.press("reopen:1")
    ticket = await office.ticket()
    assert (ticket["status"], ticket["offered"]) == ("waiting", "Ann")


async def test_a_word_of_the_contact_keeps_a_stale_ticket_open(office: Office) -> None:
    await office.say("/human")
    await office.agent("Ann").says("Is it there now?")
    await office.later(24 * 60 + 1)
    await office.press("still")
    await office.later(24 * 60 + 1)
    assert (await office.ticket())["status"] == "claimed"


def shop(**holidays: tuple[Span, ...]) -> Hours:
    """Monday to Friday, nine to five."""
    days = {datetime.strptime(day, "d%Y_%m_%d").date(): spans for day, spans in holidays.items()}
    return Hours(UTC, {day: (Span(9 * 60, 17 * 60),) for day in range(5)}, days)


async def test_outside_hours_the_question_is_kept_and_both_go_on_when_people_are_back(tmp_path: Path) -> None:
    async with Office(tmp_path, replace(RULES, hours=shop())) as office:
        saturday = datetime(2026, 5, 30, 12, tzinfo=UTC).timestamp()
        office.clock.move(saturday - office.clock.now())
        said = (await office.say("/human"))[-2:]
        assert any("09:00" in out.text for out in said), "when people are back"
        before = len(office.said())
        await office.later(60 * 20)
        assert len(office.said()) == before, "nobody is late on a Sunday"
        await office.later(60 * 25)
        assert len(office.said()) == before + 1, "Monday, nine o'clock"
        assert "hours_began" in await office.history()
        await office.later(11)
        assert "reminded" in await office.history()
