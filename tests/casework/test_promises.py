"""What contacts were told to expect: each promise has one outcome, and nobody is promised what nobody keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from bot.desk.hours import Hours, Span
from bot.errors import Undeliverable
from tests.office import RULES, Office

pytestmark = pytest.mark.anyio


async def human(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def test_who_is_given_back_after_a_reminder_is_not_forgotten(office: Office) -> None:
    await human(office)
    await office.later(10.5)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").presses("release")
    before = (await office.history()).count("reminded")
    assert await office.rows("select due from timer where kind = 'ladder'"), "a step of the ladder is set"
    await office.later(60)
    assert (await office.history()).count("reminded") > before


async def test_who_is_given_back_is_not_reminded_of_the_same_step_again(office: Office) -> None:
    await human(office)
    await office.later(10.5)
    await office.agent("Ann").presses("claim")
    told = len(office.said())
    await office.agent("Ann").presses("release")
    await office.settle()
    assert len(office.said()) == told + 1


async def test_a_snoozed_ticket_is_not_asked_about_nor_closed_meanwhile(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("I'm waiting for the bank")
    await office.agent("Ann").says("/snooze 7d")
    before = len(office.said())
    await office.later(25 * 60)
    await office.later(25 * 60)
    assert (await office.ticket())["status"] == "claimed"
    assert len(office.said()) == before


async def test_who_is_released_while_snoozed_is_promised_what_is_kept(office: Office) -> None:
    await human(office)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/snooze 5h")
    await office.agent("Ann").presses("release")
    before = len(office.said())
    await office.later(61)
    assert len(office.said()) > before, "they were told when they hear"


async def test_every_promise_has_an_outcome_after_the_priority_is_raised(office: Office) -> None:
    await human(office)
    await office.later(3)
    await office.agent("Ann").says("/priority urgent")
    await office.settle()
    await office.agent("Ann").says("hello")
    history = await office.history()
    assert history.count("promised") == sum(history.count(kind) for kind in ("kept", "broken", "void")), history


async def test_after_the_priority_is_lowered_the_promise_given_is_still_minded(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("/priority low")
    before = len(office.said())
    await office.later(11)
    assert len(office.said()) > before, "the time that was promised has passed"


async def test_a_transfer_to_a_topic_with_other_hours_lets_no_old_opening_ring(tmp_path: Path) -> None:
    shop = Hours(UTC, {day: (Span(9 * 60, 17 * 60),) for day in range(7)})
    always = RULES.hours
    async with Office(tmp_path, replace(RULES, hours=shop, topic_hours={"withdrawals": always})) as office:
        office.clock.move((24 - (office.clock.now() / 3600) % 24 + 3) * 3600)
        await human(office)
        await office.agent("Ann").says("/transfer withdrawals")
        assert not await office.rows("select 1 from timer where kind = 'opening'")


async def test_a_promise_is_settled_when_a_transfer_changes_it(tmp_path: Path) -> None:
    shop = Hours(UTC, {day: (Span(9 * 60, 17 * 60),) for day in range(7)})
    async with Office(tmp_path, replace(RULES, hours=shop, topic_hours={"withdrawals": RULES.hours})) as office:
        office.clock.move((24 - (office.clock.now() / 3600) % 24 + 3) * 3600)
        await human(office)
        await office.agent("Ann").presses("claim")
        await office.agent("Ann").says("/transfer withdrawals")
        await office.agent("Ann").says("hello")
        history = await office.history()
        assert history.count("promised") == sum(history.count(kind) for kind in ("kept", "broken", "void")), history


async def test_the_status_after_an_answer_is_a_whole_sentence(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("hello")
    said = (await office.say("/status"))[-1].text
    assert "by ." not in said


async def test_who_got_no_answer_as_it_failed_is_not_forgotten(office: Office) -> None:
    await human(office)
    await office.agent("Ann").presses("claim")
    office.platform.failures.append(Undeliverable("too strange"))
    await office.agent("Ann").says("hello")
    before = (await office.history()).count("reminded")
    await office.later(60)
    assert (await office.history()).count("reminded") > before


async def test_closing_without_a_word_keeps_no_promise(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("/close spam")
    assert "kept" not in await office.history()


async def test_the_status_while_snoozed_promises_nothing_that_nobody_keeps(office: Office) -> None:
    await human(office)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/snooze 5h")
    for _ in range(2):  # before and after the time that was promised first
        assert "by" not in (await office.say("/status"))[-1].text.split()
        await office.later(20)


async def test_a_priority_while_snoozed_does_not_wake(office: Office) -> None:
    await human(office)
    await office.agent("Ann").presses("claim")
    await office.agent("Ann").says("/snooze 5h")
    await office.agent("Ann").says("/priority urgent")
    before = len(office.said())
    await office.later(60)
    assert len(office.said()) == before
    await office.later(60 * 5)
    assert "woke" in await office.history()
    await office.later(3)
    assert "reminded" in await office.history()


async def test_a_lowered_priority_leaves_nobody_without_a_word_for_hours(office: Office) -> None:
    await human(office)
    await office.later(41)
    await office.agent("Ann").says("/priority low")
    before = len(office.said())
    await office.later(61)
    assert len(office.said()) > before
