"""The ladder of silence: steps in open time, for ever, and promises that are always still ahead."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.hours import ALWAYS, Hours, parse_spans
from bot.desk.ladder import DEFAULT, Step, due, kept, ladder_of, promise, reached, whom
from bot.messages import Priority

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
OFFICE = Hours(UTC, dict.fromkeys(range(5), parse_spans("09:00-18:00")), {date(2026, 3, 9): ()})
NEVER = Hours(UTC, {})


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


MONDAY_10 = moment("2026-03-02 10:00")


@pytest.mark.parametrize(
    ("priority", "minutes"),
    [
        ("urgent", [2, 5, 10, 15, 20]),
        ("high", [5, 10, 20, 30, 40]),
        ("normal", [10, 20, 40, 60, 80]),
        ("low", [30, 60, 120, 180, 240]),
    ],
)
def test_every_priority_has_its_steps_and_the_last_interval_repeats(priority: Priority, minutes: list[int]) -> None:
    times = [due(DEFAULT, priority, step, MONDAY_10, ALWAYS) for step in range(5)]
    assert times == [MONDAY_10 + 60 * minute for minute in minutes]


def test_the_owner_is_reminded_then_all_then_the_lead_again_and_again() -> None:
    for priority in PRIORITIES:
        assert [whom(DEFAULT, priority, step, owned=True) for step in range(5)] == ["owner", "all", *["lead"] * 3]


def test_a_ticket_that_nobody_owns_reminds_all_instead_of_the_owner() -> None:
    assert [whom(DEFAULT, "low", step, owned=False) for step in range(3)] == ["all", "all", "lead"]


def test_nobody_is_late_while_the_desk_is_closed() -> None:
    # Friday 17:55, then a weekend and a holiday on Monday.
    since = moment("2026-03-06 17:55")
    assert due(DEFAULT, "normal", 0, since, OFFICE) == moment("2026-03-10 09:05")
    assert reached(DEFAULT, "normal", since, moment("2026-03-10 09:00"), OFFICE) == 0
    assert promise(DEFAULT, "urgent", moment("2026-03-06 23:00"), moment("2026-03-06 23:00"), OFFICE) == moment(
        "2026-03-10 09:02"
    )


def test_a_desk_that_never_opens_promises_nothing() -> None:
    assert due(DEFAULT, "urgent", 0, MONDAY_10, NEVER) is None
    assert promise(DEFAULT, "urgent", MONDAY_10, MONDAY_10, NEVER) is None


@pytest.mark.parametrize(
    ("minute", "next_minute"), [(0, 10), (9.99, 10), (10, 20), (20, 40), (39, 40), (40, 60), (1000, 1020)]
)
def test_a_contact_is_promised_the_next_step_even_after_a_standstill(minute: float, next_minute: int) -> None:
    now = MONDAY_10 + 60 * minute
    assert promise(DEFAULT, "normal", MONDAY_10, now, ALWAYS) == MONDAY_10 + 60 * next_minute


def test_a_higher_priority_makes_earlier_steps_due_at_once() -> None:
    now = MONDAY_10 + 11 * 60
    assert [reached(DEFAULT, priority, MONDAY_10, now, ALWAYS) for priority in ("normal", "urgent")] == [1, 3]


def test_a_promise_is_kept_by_an_answer_in_time_only() -> None:
    assert [kept(100.0, answered) for answered in (99.0, 100.0, 100.001, None)] == [True, True, False, False]


def test_a_ladder_of_ones_own_keeps_the_default_for_the_other_priorities() -> None:
    mine = ladder_of({"low": (Step(300.0, "lead"),)})
    assert [due(mine, "low", step, 0.0, ALWAYS) for step in range(3)] == [300, 600, 900]
    assert [whom(mine, "low", step, owned=True) for step in (0, 7)] == ["lead", "lead"]
    assert [mine[priority] for priority in PRIORITIES[1:]] == [DEFAULT[priority] for priority in PRIORITIES[1:]]


@pytest.mark.parametrize(
    ("times", "cure"),
    [
        ([], "at least one step"),
        ([0.0], "later"),
        ([5.0, 5.0], "later"),
        ([9.0, 5.0], "later"),
        ([math.inf], "later"),
        ([math.nan], "later"),
    ],
)
def test_a_ladder_that_would_forget_somebody_is_refused(times: list[float], cure: str) -> None:
    with pytest.raises(ValueError, match=f"urgent: .*{cure}"):
        ladder_of({"urgent": tuple(Step(time, "all") for time in times)})


def test_a_step_below_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0"):
        due(DEFAULT, "low", -1, 0.0, ALWAYS)


@given(
    st.sampled_from(PRIORITIES),
    st.floats(0, 7 * 86_400).map(lambda offset: MONDAY_10 + offset),
    st.floats(0, 14 * 86_400),
    st.sampled_from([ALWAYS, OFFICE]),
)
def test_steps_are_reached_when_they_are_due_and_a_promise_is_always_ahead(
    priority: Priority, since: float, passed: float, hours: Hours
) -> None:
    now = since + passed
    count = reached(DEFAULT, priority, since, now, hours)
    ahead = promise(DEFAULT, priority, since, now, hours)
    assert ahead is not None and ahead > now
    assert ahead == due(DEFAULT, priority, count, since, hours)
    if count:
        last = due(DEFAULT, priority, count - 1, since, hours)
        assert last is not None and last <= now


@given(st.sampled_from(PRIORITIES), st.floats(0, 7 * 86_400), st.integers(0, 40), st.sampled_from([ALWAYS, OFFICE]))
def test_a_step_counts_as_reached_the_moment_its_timer_runs_out(
    priority: Priority, offset: float, step: int, hours: Hours
) -> None:
    # Tenths of seconds, which no float holds exactly.
    ladder = ladder_of({"urgent": (Step(0.1, "owner"), Step(0.3, "all"), Step(77.7, "lead"))})
    since = MONDAY_10 + offset
    time = due(ladder, priority, step, since, hours)
    assert time is not None
    assert reached(ladder, priority, since, time, hours) == step + 1
    assert reached(ladder, priority, since, time - 0.01, hours) == step
