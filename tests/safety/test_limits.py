"""Limits: a burst at once, then a steady rate; the clock is a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.limits import Bucket, Limiter, Rate, take

RATE = Rate(burst=3, per_second=0.5)


def test_a_burst_is_taken_at_once_and_then_has_to_wait() -> None:
    bucket, waits = None, []
    for _ in range(4):
        bucket, wait = take(bucket, RATE, 100.0)
        waits.append(wait)
    assert waits == [0, 0, 0, 2]


def test_waiting_as_long_as_told_is_enough_and_a_refusal_costs_nothing() -> None:
    bucket = Bucket(0.0, 100.0)
    for now, expected in ((100.0, 2.0), (101.0, 1.0), (101.5, 0.5), (102.0, 0.0), (102.0, 2.0)):
        bucket, wait = take(bucket, RATE, now)
        assert wait == pytest.approx(expected)


def test_a_bucket_never_holds_more_than_the_burst() -> None:
    bucket, wait = take(Bucket(1.0, 0.0), RATE, 1_000_000.0)
    assert (bucket, wait) == (Bucket(2.0, 1_000_000.0), 0.0)


def test_a_clock_that_is_set_back_neither_drains_nor_fills_a_bucket() -> None:
    bucket, _ = take(Bucket(2.0, 100.0), RATE, 50.0)
    assert bucket == Bucket(1.0, 100.0)


def test_a_rate_that_gives_nothing_back_never_ends_its_wait() -> None:
    assert take(Bucket(0.0, 0.0), Rate(1, 0.0), 1e9)[1] == math.inf


@pytest.mark.parametrize(("burst", "per_second"), [(0, 1.0), (-1, 1.0), (1, -1.0), (1, math.inf), (1, math.nan)])
def test_a_rate_that_makes_no_sense_is_refused(burst: int, per_second: float) -> None:
    with pytest.raises(ValueError, match="burst"):
        Rate(burst, per_second)


def test_a_limiter_counts_every_key_for_itself() -> None:
    limiter = Limiter(Rate(1, 1.0))
    assert [limiter.take(key, 0.0) for key in ("ann", "bob", "ann")] == [0, 0, 1]


def test_a_limiter_forgets_the_key_that_was_quiet_for_longest() -> None:
    limiter = Limiter(Rate(1, 0.001), most=2)
    assert [limiter.take(key, at) for at, key in enumerate("abc")] == [0, 0, 0]
    assert len(limiter) == 2
    assert limiter.take("c", 3.0) > 0
    assert limiter.take("b", 3.0) > 0
    assert limiter.take("a", 3.0) == 0


def test_a_key_that_keeps_trying_is_not_forgotten() -> None:
    limiter = Limiter(Rate(1, 0.001), most=2)
    limiter.take("flood", 0.0)
    for n in range(50):
        limiter.take(f"other {n}", 1.0)
        assert limiter.take("flood", 1.0) > 0


def test_full_buckets_are_forgotten_long_before_the_table_is() -> None:
    limiter = Limiter(Rate(1, 1.0))
    for n in range(1_000):
        limiter.take(f"visitor {n}", 10.0 * n)
    assert len(limiter) < 5


def test_a_limiter_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        Limiter(RATE, most=0)


rates = st.builds(Rate, st.integers(1, 20), st.floats(0.01, 100))
steps = st.lists(st.floats(0, 50), max_size=60)


@given(rates, steps)
def test_nobody_ever_gets_more_than_the_burst_and_the_rate(rate: Rate, gaps: list[float]) -> None:
    bucket, now, taken = None, 0.0, 0
    for gap in gaps:
        now += gap
        bucket, wait = take(bucket, rate, now)
        taken += wait == 0
        assert 0 <= bucket.tokens <= rate.burst
    assert taken <= rate.burst + now * rate.per_second + 1e-6


@given(rates, steps)
def test_who_waits_as_told_is_always_served(rate: Rate, gaps: list[float]) -> None:
    bucket, now = None, 1_700_000_000.0
    for gap in gaps:
        now += gap / 100
        bucket, wait = take(bucket, rate, now)
        if wait:
            # One microsecond more than told: a clock near 2^31 seconds has no finer steps than a quarter of that.
            now += wait + 1e-6
            bucket, wait = take(bucket, rate, now)
        assert wait == 0


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 20), st.floats(0, 3)), max_size=80))
def test_a_limiter_never_remembers_more_keys_than_it_may(most: int, calls: list[tuple[int, float]]) -> None:
    limiter, now = Limiter(RATE, most), 0.0
    for key, gap in calls:
        now += gap
        assert limiter.take(key, now) >= 0
        assert len(limiter) <= most
