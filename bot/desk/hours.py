"""Opening hours: when a desk is open, when it opens and closes, and how much open time lies between two moments.

Hours are written as clocks on a wall show them, in the desk's zone; moments are seconds since the epoch, UTC. A span
belongs to the day on which it begins, as a whole: the night shift of the 24th (22:00-06:00) is worked to its end even
if the 25th is a holiday, and a holiday's special hours replace only the spans that begin on it.

A time on the wall means the first moment at which the clock shows it or a later one. So where clocks are set forward,
a span that begins or ends in the hour that never comes does so at the jump; where they are set back and an hour comes
twice, what is due in it happens the first time. A shift is therefore never torn in two, a shift that lasts over
the change is an hour shorter or longer, and shifts that meet by the clock meet in time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

DAY = 24 * 60
"""Minutes of a day by the clock."""
LOOKAHEAD = 400 * 86_400.0
"""Seconds in which something has to open: longer than a year, so that yearly hours are found."""

_ONE_DAY = timedelta(days=1)
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–—]\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """Open from minute `start` (0..1439) of a day until before minute `end` (0..1440).

    An `end` that is not after `start` is meant on the next day: Span(22 * 60, 6 * 60) is a night. Both the same would
    be nothing or a whole day, so it is refused with a ValueError; a whole day is Span(0, 1440).
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 <= self.end <= DAY) or self.start == self.end:
            raise ValueError("a span starts at minute 0..1439 and ends at another one, 0..1440; all day is (0, 1440)")

    @property
    def until(self) -> int:
        """The minute at which it ends, counted from the midnight before it starts: over 1440 is the next day."""
        return self.end if self.end > self.start else self.end + DAY


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk is open, by the clocks of `zone`.

    `weekly` has the spans of a weekday (0 = Monday; a day that is missing is closed) and `holidays` those of a date,
    which replace its weekday's: () is closed. Spans may overlap; that counts once. ValueError for a weekday that
    doesn't exist.
    """

    zone: tzinfo
    weekly: Mapping[int, tuple[Span, ...]]
    holidays: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not set(self.weekly) <= set(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6 (Sunday)")

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on this day, in order."""
        spans = self.holidays.get(day, self.weekly.get(day.weekday(), ()))
        return tuple(sorted(spans, key=lambda span: span.start))


ALWAYS = Hours(UTC, {weekday: (Span(0, DAY),) for weekday in range(7)})
"""Round the clock."""


def is_open(hours: Hours, at: float) -> bool:
    """Whether the desk is open at this moment. At its closing time it is closed."""
    return any(begin == at for begin, _ in _pieces(hours, at, at + 1))


def next_open(hours: Hours, at: float) -> float | None:
    """When the desk is open next: `at` itself if it is open then, None if it doesn't open within `LOOKAHEAD`."""
    return next((begin for begin, _ in _pieces(hours, at, at + LOOKAHEAD)), None)


def closes(hours: Hours, at: float) -> float | None:
    """When the desk, open at `at`, closes. None if it is closed at `at` or doesn't close within `LOOKAHEAD`."""
    end = at
    for begin, finish in _pieces(hours, at, at + LOOKAHEAD):
        if begin > end:
            break
        end = finish
    return end if at < end < at + LOOKAHEAD else None


def open_between(hours: Hours, start: float, end: float) -> float:
    """Seconds of open time from `start` to `end`; 0 if `end` isn't later."""
    return sum((finish - begin for begin, finish in _pieces(hours, start, end)), 0.0)


def after_open(hours: Hours, at: float, seconds: float) -> float | None:
    """The first moment at which so many seconds of open time will have passed since `at`.

    That may be a closing time, and for 0 seconds it is `at`. None if it isn't reached within `LOOKAHEAD`.
    """
    if seconds <= 0:
        return at
    left = seconds
    for begin, finish in _pieces(hours, at, at + LOOKAHEAD):
        if finish - begin >= left:
            return begin + left
        left -= finish - begin
    return None


def parse_spans(text: str) -> tuple[Span, ...]:
    """Spans as people write them: "09:00-12:30, 14:00-18:00", "22:00-06:00" (past midnight), "24h" or "closed".

    In order of their start. ValueError, in words for whoever wrote it, for anything else and for spans that overlap.
    """
    word = text.strip().casefold()
    if word == "closed":
        return ()
    if word == "24h":
        return (Span(0, DAY),)
    spans = sorted((_parse_span(part.strip()) for part in re.split("[,，、]", text)), key=lambda span: span.start)
    for before, after in pairwise(spans):
        if after.start < before.until:
            raise ValueError(
                f"{_shown(before)} and {_shown(after)} overlap: let one end before the other starts, or write one span"
            )
    return tuple(spans)


def _parse_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} are no hours: write "09:00-12:30, 14:00-18:00", "24h" or "closed"')
    start = _minute(found[1], found[2])
    end = _minute(found[3], found[4])
    if start == DAY:
        raise ValueError(f"{text!r} starts at 24:00: write 00:00, on the next day")
    if start == end:
        raise ValueError(f'{text!r} starts and ends at the same time: write "24h" for all day or "closed" for never')
    return Span(start, end or DAY)


def _minute(hour: str, minute: str) -> int:
    found = int(hour) * 60 + int(minute)
    if found > DAY or int(minute) > 59:
        raise ValueError(f"there is no {hour}:{minute}: write a time from 00:00 to 24:00")
    return found


def _shown(span: Span) -> str:
    return f"{span.start // 60:02}:{span.start % 60:02}-{span.end // 60:02}:{span.end % 60:02}"


def _pieces(hours: Hours, start: float, end: float) -> Iterator[tuple[float, float]]:
    """The open times from `start` to `end`, in order and without overlap; two may touch."""
    # From the day before, whose night may reach in; to the day after, which the clock may have shown already once.
    day = _wall(start, hours.zone).date() - _ONE_DAY
    last = _wall(end, hours.zone).date() + _ONE_DAY
    covered = start
    while day <= last:
        for span in hours.on(day):
            begin = max(_first(day, span.start, hours.zone), covered)
            finish = min(_first(day, span.until, hours.zone), end)
            if begin < finish:
                yield begin, finish
                covered = finish
        day += _ONE_DAY


def _first(day: date, minute: int, zone: tzinfo) -> float:
    """The first moment at which clocks in `zone` show this minute, counted from the day's midnight, or a later one."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    # PEP 495: of a time that comes twice, fold 0 is the first; of one that never comes, fold 0 is after the jump and
    # fold 1 before it.
    first = wall.replace(tzinfo=zone).timestamp()
    second = wall.replace(tzinfo=zone, fold=1).timestamp()
    if first <= second:
        return first
    around = range(int(second), int(first) + 1)
    return float(around[bisect_left(around, wall, key=lambda moment: _wall(moment, zone))])


def _wall(at: float, zone: tzinfo) -> datetime:
    """What clocks in `zone` show."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)
