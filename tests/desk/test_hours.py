"""Opening hours: right in every zone, across clock changes, holidays and leap days; checked minute by minute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.hours import ALWAYS, LOOKAHEAD, Hours, Span, after_open, closes, is_open, next_open, open_between
from bot.desk.hours import parse_spans as spans

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600.0


def every_day(text: str, zone: tzinfo = BERLIN, holidays: Mapping[date, tuple[Span, ...]] | None = None) -> Hours:
    return Hours(zone, dict.fromkeys(range(7), spans(text)), holidays or {})


def moment(text: str, zone: tzinfo = BERLIN, fold: int = 0) -> float:
    """The moment at which clocks in the zone show this ("2026-10-25 02:30"); with `fold`, for the second time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


OFFICE = Hours(BERLIN, dict.fromkeys(range(5), spans("09:00-12:30, 14:00-18:00")), {date(2026, 5, 1): ()})


def test_a_desk_is_open_from_the_first_minute_of_a_span_until_before_the_last() -> None:
    shown = ("08:59:59", "09:00", "12:29:59", "12:30", "13:59:59", "14:00", "17:59:59", "18:00")
    found = [is_open(OFFICE, moment(f"2026-03-02 {time}")) for time in shown]
    assert found == [False, True, True, False, False, True, True, False]


def test_an_open_desk_opens_at_once_and_a_closed_one_at_its_next_span() -> None:
    assert next_open(OFFICE, moment("2026-03-02 10:00:05")) == moment("2026-03-02 10:00:05")
    assert next_open(OFFICE, moment("2026-03-02 12:30")) == moment("2026-03-02 14:00")
    assert next_open(OFFICE, moment("2026-03-06 18:00")) == moment("2026-03-09 09:00")


def test_a_desk_closes_for_its_lunch_and_a_closed_one_has_no_closing_time() -> None:
    assert closes(OFFICE, moment("2026-03-02 09:00")) == moment("2026-03-02 12:30")
    assert closes(OFFICE, moment("2026-03-02 14:00")) == moment("2026-03-02 18:00")
    assert closes(OFFICE, moment("2026-03-02 12:30")) is None


def test_open_time_is_counted_across_lunch_nights_and_weekends() -> None:
    friday, monday = moment("2026-03-06 12:00"), moment("2026-03-09 10:15")
    assert open_between(OFFICE, friday, monday) == 0.5 * HOUR + 4 * HOUR + 1.25 * HOUR
    assert after_open(OFFICE, friday, 5.75 * HOUR) == monday
    assert open_between(OFFICE, monday, friday) == 0


def test_open_time_that_is_used_up_at_closing_time_has_passed_at_closing_time() -> None:
    assert after_open(OFFICE, moment("2026-03-02 12:00"), 0.5 * HOUR) == moment("2026-03-02 12:30")
    assert after_open(OFFICE, moment("2026-03-02 12:00"), 0.5 * HOUR + 1) == moment("2026-03-02 14:00:01")


def test_no_open_time_has_passed_already_even_at_night() -> None:
    assert after_open(OFFICE, moment("2026-03-02 03:00"), 0) == moment("2026-03-02 03:00")


def test_a_holiday_is_closed() -> None:
    assert not is_open(OFFICE, moment("2026-05-01 10:00"))
    assert next_open(OFFICE, moment("2026-04-30 18:00")) == moment("2026-05-04 09:00")


def test_a_holiday_may_have_hours_of_its_own_even_on_a_day_that_is_closed_otherwise() -> None:
    sunday = Hours(BERLIN, OFFICE.weekly, {date(2026, 3, 8): spans("10:00-12:00")})
    assert next_open(sunday, moment("2026-03-06 18:00")) == moment("2026-03-08 10:00")
    assert closes(sunday, moment("2026-03-08 10:00")) == moment("2026-03-08 12:00")


def test_the_29th_of_february_is_a_day_like_any_other_and_can_be_a_holiday() -> None:
    hours = every_day("09:00-10:00")
    assert open_between(hours, moment("2028-02-28 00:00"), moment("2028-03-02 00:00")) == 3 * HOUR
    leap = every_day("09:00-10:00", holidays={date(2028, 2, 29): ()})
    assert next_open(leap, moment("2028-02-28 10:00")) == moment("2028-03-01 09:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday = Hours(BERLIN, {4: spans("22:00-06:00")})
    assert [is_open(friday, moment(f"2026-03-{day} 03:00")) for day in ("06", "07", "08")] == [False, True, False]
    assert closes(friday, moment("2026-03-06 23:00")) == moment("2026-03-07 06:00")


def test_a_night_that_began_before_a_holiday_is_worked_to_its_end() -> None:
    hours = every_day("22:00-06:00", holidays={date(2026, 12, 25): ()})
    assert is_open(hours, moment("2026-12-25 05:59"))
    assert next_open(hours, moment("2026-12-25 06:00")) == moment("2026-12-26 22:00")


def test_spans_that_meet_at_midnight_or_overlap_are_one_opening() -> None:
    assert closes(every_day("20:00-24:00, 00:00-02:00"), moment("2026-03-02 21:00")) == moment("2026-03-03 02:00")
    overlapping = Hours(BERLIN, {0: (Span(600, 720), Span(540, 660), Span(570, 580)), 6: (Span(1200, 560),)})
    assert closes(overlapping, moment("2026-03-01 20:00")) == moment("2026-03-02 12:00")
    assert open_between(overlapping, moment("2026-03-02 00:00"), moment("2026-03-03 00:00")) == 12 * HOUR


def test_the_night_in_which_clocks_are_set_forward_is_an_hour_shorter() -> None:
    night = every_day("22:00-06:00")
    start, end = moment("2026-03-28 22:00"), moment("2026-03-29 06:00")
    assert open_between(night, start, end) == 7 * HOUR
    assert after_open(night, start, 7 * HOUR) == end


def test_the_night_in_which_clocks_are_set_back_is_an_hour_longer() -> None:
    night = every_day("22:00-06:00")
    start, end = moment("2026-10-24 22:00"), moment("2026-10-25 06:00")
    assert open_between(night, start, end) == 9 * HOUR
    assert after_open(night, start, 9 * HOUR) == end


def test_an_hour_that_never_comes_begins_and_ends_at_the_jump() -> None:
    jump = moment("2026-03-29 03:00")
    assert next_open(every_day("02:30-04:00"), jump - HOUR) == jump
    assert closes(every_day("01:00-02:30"), jump - HOUR / 2) == jump
    assert next_open(every_day("02:10-02:50"), jump - HOUR) == moment("2026-03-30 02:10")


def test_what_is_due_in_an_hour_that_comes_twice_happens_the_first_time() -> None:
    first, second = moment("2026-10-25 02:30"), moment("2026-10-25 02:30", fold=1)
    assert second - first == HOUR
    assert next_open(every_day("02:30-04:00"), first - HOUR) == first
    assert closes(every_day("02:30-04:00"), first) == moment("2026-10-25 04:00")
    assert closes(every_day("01:00-02:30"), first - HOUR) == first
    assert not is_open(every_day("01:00-02:30"), second - 60)


def test_a_day_that_the_clock_has_shown_stays_begun_when_it_is_set_back_over_midnight() -> None:
    st_johns = ZoneInfo("America/St_Johns")
    sunday = Hours(st_johns, {6: spans("00:00-02:00")})
    midnight, again = moment("2010-11-07 00:00", st_johns), moment("2010-11-06 23:30", st_johns, fold=1)
    assert midnight < again
    assert is_open(sunday, again)
    assert open_between(sunday, midnight, again) == again - midnight


def test_a_date_that_a_country_skipped_has_no_opening() -> None:
    apia = ZoneInfo("Pacific/Apia")
    evening = moment("2011-12-29 23:00", apia)
    assert next_open(every_day("09:00-10:00", apia), evening) == moment("2011-12-31 09:00", apia) == evening + 10 * HOUR


def test_round_the_clock_is_always_open_and_never_closes() -> None:
    at = moment("2026-10-25 02:30")
    assert next_open(ALWAYS, at) == at
    assert closes(ALWAYS, at) is None
    assert open_between(ALWAYS, at + 0.5, at + 1e6) == 1e6 - 0.5
    assert after_open(ALWAYS, at, 1e6) == at + 1e6


def test_hours_without_a_span_never_open() -> None:
    never = Hours(BERLIN, {0: ()})
    at = moment("2026-03-02 10:00")
    assert (next_open(never, at), after_open(never, at, 1), closes(never, at)) == (None, None, None)
    assert open_between(never, at, at + LOOKAHEAD) == 0


def test_an_opening_is_found_400_days_ahead_and_no_further() -> None:
    once = Hours(UTC, {}, {date(2027, 4, 6): spans("00:00-01:00")})
    opening = moment("2027-04-06 00:00", UTC)
    assert next_open(once, opening - LOOKAHEAD + 1) == opening
    assert next_open(once, opening - LOOKAHEAD) is None
    assert after_open(once, opening - LOOKAHEAD / 2, HOUR) == opening + HOUR
    assert after_open(once, opening - LOOKAHEAD / 2, HOUR + 1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-12:30, 14:00-18:00", (Span(540, 750), Span(840, 1080))),
        ("14:00-18:00,9:00 - 12:30", (Span(540, 750), Span(840, 1080))),
        ("09:00–12:30，14:00–18:00", (Span(540, 750), Span(840, 1080))),
        ("09:00-12:00, 12:00-18:00", (Span(540, 720), Span(720, 1080))),
        ("22:00-06:00", (Span(1320, 360),)),
        ("18:00-00:00", (Span(1080, 1440),)),
        ("00:00-24:00", (Span(0, 1440),)),
        (" 24H ", (Span(0, 1440),)),
        ("Closed", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, expected: tuple[Span, ...]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", 'write "09:00-12:30, 14:00-18:00", "24h" or "closed"'),
        ("9-17", 'write "09:00-12:30'),
        ("09:00-12:00,", 'write "09:00-12:30'),
        ("9am-5pm", 'write "09:00-12:30'),
        ("09:00-25:00", "no 25:00: write a time from 00:00 to 24:00"),
        ("09:00-24:01", "no 24:01: write a time from 00:00 to 24:00"),
        ("09:75-10:00", "no 09:75: write a time"),
        ("24:00-06:00", "write 00:00, on the next day"),
        ("09:00-09:00", 'write "24h" for all day or "closed" for never'),
        ("00:00-00:00", 'write "24h" for all day'),
        ("09:00-12:30, 12:00-18:00", "09:00-12:30 and 12:00-18:00 overlap: let one end before"),
        ("22:00-06:00, 23:00-23:30", "overlap"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_the_cure(text: str, cure: str) -> None:
    with pytest.raises(ValueError, match=re.escape(cure)):
        spans(text)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (1440, 5), (5, 1441), (5, -1), (600, 600)])
def test_a_span_outside_a_day_or_without_length_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1439"):
        Span(start, end)


def test_a_weekday_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Monday"):
        Hours(UTC, {7: ()})


# Against an oracle that knows nothing of offsets: it looks at the clock on the wall, every minute of some days.


@dataclass(frozen=True)
class Place:
    """A zone, and the first of the days in it that are looked at."""

    zone: str
    first: date


PLACES = (
    Place("Europe/Berlin", date(2026, 3, 28)),  # an hour forward at 02:00
    Place("Europe/Berlin", date(2026, 10, 24)),  # an hour back at 03:00
    Place("Australia/Lord_Howe", date(2026, 4, 4)),  # half an hour back
    Place("Australia/Lord_Howe", date(2026, 10, 3)),  # half an hour forward
    Place("America/Havana", date(2026, 3, 7)),  # no midnight: forward at 00:00
    Place("America/Havana", date(2026, 10, 31)),  # two midnights: back at 01:00
    Place("America/Santiago", date(2026, 4, 4)),  # 23:00 to 24:00 comes twice
    Place("America/St_Johns", date(2010, 11, 6)),  # back over midnight, at 00:01
    Place("Pacific/Apia", date(2011, 12, 29)),  # the 30th never was
    Place("Asia/Kathmandu", date(2028, 2, 28)),  # a leap day, 5:45 ahead of UTC
)
DAYS = 3
Wall = tuple[date, int]


@cache
def clock_of(place: Place) -> tuple[float, list[Wall]]:
    """The first moment of the days, and for every minute from then the latest that the clock has shown so far."""
    zone = ZoneInfo(place.zone)
    begin = datetime(place.first.year, place.first.month, place.first.day, tzinfo=zone).timestamp()
    latest, shown = datetime.min, []
    for minute in range(DAYS * 1440):
        latest = max(latest, datetime.fromtimestamp(begin + 60 * minute, zone).replace(tzinfo=None))
        shown.append((latest.date(), latest.hour * 60 + latest.minute))
    return begin, shown


def covered(hours: Hours, wall: Wall) -> bool:
    """Whether a span of this day, or a night of the day before, has this time by the clock."""
    day, minute = wall

    def of(day: date) -> tuple[Span, ...]:
        return hours.holidays[day] if day in hours.holidays else hours.weekly.get(day.weekday(), ())

    own = any(s.start <= minute and (minute < s.end or s.end < s.start) for s in of(day))
    return own or any(s.end < s.start and minute < s.end for s in of(day - timedelta(days=1)))


minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 1, 30, 59, 60, 90, 119, 120, 150, 179, 180, 1380, 1439]))
some_spans = st.lists(
    st.tuples(minutes, st.one_of(minutes, st.just(1440)))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda p: Span(*p)),
    max_size=2,
).map(tuple)


@st.composite
def desks(draw: st.DrawFn) -> tuple[Place, Hours]:
    place = draw(st.sampled_from(PLACES))
    weekly = dict.fromkeys(range(7), draw(some_spans)) | draw(
        st.dictionaries(st.integers(0, 6), some_spans, max_size=2)
    )
    dates = st.integers(-1, DAYS).map(lambda days: place.first + timedelta(days=days))
    return place, Hours(ZoneInfo(place.zone), weekly, draw(st.dictionaries(dates, some_spans, max_size=2)))


@settings(max_examples=120, deadline=None)
@given(desks(), st.lists(st.integers(0, DAYS * 86_400 - 1), min_size=2, max_size=6))
def test_all_hours_are_what_the_clock_on_the_wall_says(desk: tuple[Place, Hours], seconds: list[int]) -> None:
    place, hours = desk
    begin, shown = clock_of(place)
    at_once = {wall: covered(hours, wall) for wall in set(shown)}
    table = [at_once[wall] for wall in shown]
    changes = [index for index in range(1, len(table)) if table[index] != table[index - 1]]

    def open_seconds(start: int, end: int) -> int:
        return sum(min(end, 60 * m + 60) - max(start, 60 * m) for m in range(start // 60, -(-end // 60)) if table[m])

    # The moments around every change matter most.
    probes = sorted({*seconds, *(60 * change + more for change in changes for more in (-1, 0))})
    for second in probes:
        assert is_open(hours, begin + second) == table[second // 60]
        change = next((60.0 * index for index in changes if 60 * index > second), None)
        coming = closes(hours, begin + second) if table[second // 60] else next_open(hours, begin + second)
        if change is None:
            assert coming is None or coming >= begin + DAYS * 86_400
        else:
            assert coming == begin + change
    for start, end in pairwise(sorted(seconds)):
        passed = open_seconds(start, end)
        assert open_between(hours, begin + start, begin + end) == passed
        reached = after_open(hours, begin + start, passed)
        assert reached is not None and reached <= begin + end
        assert open_seconds(start, int(reached - begin)) == passed
        assert not passed or is_open(hours, reached - 1), "it had passed before"


@settings(max_examples=60, deadline=None)
@given(desks(), st.floats(0, DAYS * 86_400), st.floats(0.001, 200_000))
def test_so_much_open_time_has_passed_when_it_is_said_to_have(
    desk: tuple[Place, Hours], offset: float, seconds: float
) -> None:
    place, hours = desk
    at = clock_of(place)[0] + offset
    reached = after_open(hours, at, seconds)
    if reached is None:
        assert open_between(hours, at, at + LOOKAHEAD) < seconds
    else:
        assert open_between(hours, at, reached) == pytest.approx(seconds, abs=1e-5)
