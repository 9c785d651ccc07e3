"""The expected wait: this desk's own history, the nearest part of it that is large enough, and honest quantiles."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.waits import LEAST, Expected, Sample, expected

MONDAY_10 = datetime(2026, 3, 2, 10, tzinfo=UTC)
AT = MONDAY_10.timestamp()


def history(topic: str, waited: float, opened: datetime = MONDAY_10, count: int = LEAST) -> list[Sample]:
    return [Sample(topic, opened.timestamp(), waited)] * count


def test_nothing_is_said_until_there_are_ten_waits() -> None:
    assert expected(history("fees", 60, count=9), "fees", AT, UTC) is None
    assert expected(history("fees", 60, count=10), "fees", AT, UTC) == Expected(60, 60, 10)


def test_half_of_the_waits_and_nine_of_ten_are_told() -> None:
    samples = [Sample("fees", AT, 100 * n) for n in (7, 3, 10, 1, 9, 5, 2, 8, 4, 6)]
    found = expected(samples, "fees", AT, UTC)
    assert found is not None
    assert found.p50 == pytest.approx(550)
    assert found.p90 == pytest.approx(990)


EVENING = MONDAY_10 + timedelta(hours=9)
SATURDAY = MONDAY_10 + timedelta(days=5)

SAME_BOTH = history("fees", 1)
SAME_TOPIC = history("fees", 2, EVENING)
SAME_HOUR = history("cards", 3)
NEITHER = history("cards", 4, EVENING)


def test_the_same_topic_about_the_same_hour_comes_first() -> None:
    samples = SAME_BOTH + SAME_TOPIC + SAME_HOUR + NEITHER
    assert expected(samples, "fees", AT, UTC) == Expected(1, 1, 10)


def test_then_the_same_topic_at_any_hour() -> None:
    assert expected(SAME_BOTH[:5] + SAME_TOPIC[:5] + SAME_HOUR, "fees", AT, UTC) == Expected(1.5, 2, 10)


def test_then_any_topic_about_the_same_hour() -> None:
    assert expected(SAME_TOPIC[:9] + SAME_HOUR + NEITHER, "fees", AT, UTC) == Expected(3, 3, 10)


def test_then_everything() -> None:
    assert expected(SAME_TOPIC[:3] + SAME_HOUR[:3] + NEITHER[:4], "fees", AT, UTC) == Expected(3, 4, 10)


@pytest.mark.parametrize(
    ("minutes", "about"),
    [(0, True), (60, True), (61, False), (-60, True), (-61, False), (3 * 1440 + 60, True), (3 * 1440 + 61, False)],
)
def test_about_the_same_hour_is_an_hour_earlier_or_later_on_any_working_day(minutes: int, about: bool) -> None:
    near = history("fees", 1, MONDAY_10 + timedelta(minutes=minutes))
    assert expected(near + history("fees", 9, EVENING, 30), "fees", AT, UTC) == (
        Expected(1, 1, 10) if about else Expected(9, 9, 40)
    )


def test_midnight_is_no_border_between_two_hours() -> None:
    late, early = MONDAY_10.replace(hour=23, minute=40), MONDAY_10.replace(day=4, hour=0, minute=20)
    samples = history("fees", 1, late) + history("fees", 9, count=30)
    assert expected(samples, "fees", early.timestamp(), UTC) == Expected(1, 1, 10)


def test_weekends_and_working_days_wait_differently() -> None:
    samples = history("fees", 1) + history("fees", 9, SATURDAY)
    assert expected(samples, "fees", AT, UTC) == Expected(1, 1, 10)
    sunday = (SATURDAY + timedelta(days=1)).timestamp()
    assert expected(samples, "fees", sunday, UTC) == Expected(9, 9, 10)


def test_the_hour_is_the_one_on_the_desks_clock_in_summer_and_in_winter() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    winter, summer = (datetime(2026, month, 1, 8, 59, tzinfo=berlin) for month in (12, 7))
    # Nine o'clock in Berlin is 07:00 UTC in summer and 08:00 in winter.
    samples = history("fees", 1, summer - timedelta(minutes=58)) + history("fees", 9, winter.replace(hour=18))
    assert expected(samples, "fees", winter.timestamp(), berlin) == Expected(1, 1, 10)
    assert expected(samples, "fees", winter.timestamp(), UTC) != Expected(1, 1, 10)


@pytest.mark.parametrize("waited", [-1, math.inf, math.nan])
def test_a_wait_that_makes_no_sense_is_refused(waited: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Sample("fees", AT, waited)


@given(st.lists(st.floats(0, 1e6), min_size=LEAST, max_size=60))
def test_the_quantiles_are_those_of_definition_6(waits: list[float]) -> None:
    found = expected([Sample("", AT, waited) for waited in waits], "", AT, UTC)
    tenths = quantiles(waits, n=10, method="exclusive")
    assert found is not None
    assert found.p50 == pytest.approx(tenths[4])
    assert found.p90 == pytest.approx(tenths[8])
    assert found.p50 <= found.p90 <= max(waits)
