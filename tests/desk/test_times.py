"""Moments and waits in words: in the reader's language, with the zone, and never promising too much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.times import duration, moment, span, stamp, within

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = 60, 3600, 86_400


def at(*when: int, zone: tzinfo = UTC) -> float:
    return datetime(*when, tzinfo=zone).timestamp()  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("when", "zone", "en", "zh", "other"),
    [
        (at(2026, 11, 22, 14, 30), UTC, "today 14:30 (UTC)", "今天 14:30（UTC）", "2026-11-22 14:30 (UTC)"),
        (
            at(2026, 11, 23, 9),
            UTC,
            "Mon 23 Nov, 09:00 (UTC)",
            "11月23日 周一 09:00（UTC）",
            "2026-11-23 09:00 (UTC)",
        ),
        (
            at(2027, 1, 3, 9, 5),
            UTC,
            "Sun 3 Jan 2027, 09:05 (UTC)",
            "2027年1月3日 周日 09:05（UTC）",
            "2027-01-03 09:05 (UTC)",
        ),
        # 17:00 UTC is tomorrow already in Shanghai, and midday in New York.
        (
            at(2026, 11, 22, 17),
            SHANGHAI,
            "Mon 23 Nov, 01:00 (Asia/Shanghai)",
            "11月23日 周一 01:00（Asia/Shanghai）",
            "2026-11-23 01:00 (Asia/Shanghai)",
        ),
        (
            at(2026, 11, 22, 17),
            NEW_YORK,
            "today 12:00 (America/New_York)",
            "今天 12:00（America/New_York）",
            "2026-11-22 12:00 (America/New_York)",
        ),
        (
            at(2026, 11, 22, 17),
            timezone(timedelta(hours=2)),
            "today 19:00 (UTC+02:00)",
            "今天 19:00（UTC+02:00）",
            "2026-11-22 19:00 (UTC+02:00)",
        ),
    ],
)
def test_a_moment_is_told_with_its_day_and_its_zone(when: float, zone: tzinfo, en: str, zh: str, other: str) -> None:
    assert (moment(when, NOW, zone, "en"), moment(when, NOW, zone, "zh"), moment(when, NOW, zone, "de")) == (
        en,
        zh,
        other,
    )


def test_a_moment_within_a_minute_is_told_as_the_next_one_so_that_no_promise_ends_early() -> None:
    when = at(2026, 11, 22, 14, 30)
    assert moment(when + 0.001, NOW, UTC, "en") == "today 14:30 (UTC)", "what a float can't hold is no lateness"
    assert moment(when + 1, NOW, UTC, "en") == "today 14:31 (UTC)"
    assert moment(at(2026, 11, 22, 23, 59, 30), NOW, UTC, "en") == "Mon 23 Nov, 00:00 (UTC)"


def test_a_stamp_is_the_time_at_which_something_was_said() -> None:
    when = at(2026, 11, 22, 14, 30, 59)
    assert stamp(when, UTC, "en") == "22 Nov 2026, 14:30"
    assert stamp(when, SHANGHAI, "zh") == "2026年11月22日 22:30"
    assert stamp(when, SHANGHAI, "de") == "2026-11-22 22:30"


@pytest.mark.parametrize(
    ("seconds", "en", "zh", "other"),
    [
        (-5, "less than a minute", "不到 1 分钟", "< 1 min"),
        (0, "less than a minute", "不到 1 分钟", "< 1 min"),
        (59.9, "less than a minute", "不到 1 分钟", "< 1 min"),
        (60, "1 min", "1 分钟", "1 min"),
        (5 * MINUTE + 29, "5 min", "5 分钟", "5 min"),
        (5 * MINUTE + 30, "6 min", "6 分钟", "6 min"),
        (59 * MINUTE + 40, "1 h", "1 小时", "1 h"),
        (2 * HOUR, "2 h", "2 小时", "2 h"),
        (2.5 * HOUR, "2 h 30 min", "2 小时 30 分钟", "2 h 30 min"),
        (DAY - 20, "1 day", "1 天", "1 d"),
        (DAY + 5 * HOUR + 10 * MINUTE, "1 day 5 h", "1 天 5 小时", "1 d 5 h"),
        (3 * DAY, "3 days", "3 天", "3 d"),
        (2 * DAY - 20 * MINUTE, "2 days", "2 天", "2 d"),
    ],
)
def test_a_duration_is_told_as_exactly_as_it_matters(seconds: float, en: str, zh: str, other: str) -> None:
    assert [duration(seconds, lang) for lang in ("en", "zh", "fr")] == [en, zh, other]


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0, "1 min", "1 分钟"),
        (61, "2 min", "2 分钟"),
        (59 * MINUTE + 1, "1 h", "1 小时"),
        (61 * MINUTE, "1 h 15 min", "1 小时 15 分钟"),
        (DAY + 1, "1 day 1 h", "1 天 1 小时"),
    ],
)
def test_a_time_within_which_something_happens_is_rounded_up(seconds: float, en: str, zh: str) -> None:
    assert (within(seconds, "en"), within(seconds, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [
        (5 * MINUTE + 40, 11 * MINUTE + 20, "5-12 min", "5～12 分钟"),
        (300, 300, "5 min", "5 分钟"),
        (301, 302, "5-6 min", "5～6 分钟"),
        (20, 4 * MINUTE, "up to 4 min", "4 分钟以内"),
        (0, 30, "up to 1 min", "1 分钟以内"),
        (40 * MINUTE, 137 * MINUTE, "40 min - 2 h 30 min", "40 分钟～2 小时 30 分钟"),
        (2 * HOUR + 60, 3 * HOUR, "2-3 h", "2～3 小时"),
        (1.5 * HOUR, 2 * HOUR, "1 h 30 min - 2 h", "1 小时 30 分钟～2 小时"),
        (1 * DAY, 3 * DAY, "1-3 days", "1～3 天"),
        (10 * MINUTE, 2 * DAY, "10 min - 2 days", "10 分钟～2 天"),
        (900, 600, "10-15 min", "10～15 分钟"),
    ],
)
def test_an_expected_wait_is_told_from_low_to_high(low: float, high: float, en: str, zh: str) -> None:
    assert (span(low, high, "en"), span(low, high, "zh")) == (en, zh)


def test_in_another_language_a_wait_is_told_without_words() -> None:
    assert span(0, 240, "de") == "≤ 4 min"
    assert span(300, 720, "de") == "5-12 min"
    assert span(2 * DAY, 3 * DAY, "de") == "2-3 d"


def _seconds(text: str) -> float:
    """What `within` says, in seconds."""
    words = text.split()
    sizes = {"min": MINUTE, "h": HOUR, "day": DAY, "days": DAY}
    return sum(int(number) * sizes[unit] for number, unit in zip(words[::2], words[1::2], strict=True))


@given(st.floats(0, 90 * DAY))
def test_nobody_is_told_a_shorter_time_than_it_takes_nor_one_much_longer(seconds: float) -> None:
    told = _seconds(within(seconds, "en"))
    assert seconds <= told <= max(seconds * 1.26, seconds + MINUTE)


@given(st.floats(0, 90 * DAY), st.floats(0, 90 * DAY))
def test_a_wait_always_has_words(low: float, high: float) -> None:
    for lang in ("en", "zh", "de"):
        assert span(low, high, lang).strip()
