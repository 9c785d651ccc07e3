"""Moments and waits as people read them: in their language, always with the zone, and never promising too much.

Moments are seconds since the epoch, UTC; waits are seconds. English and Chinese are written out, any other language
gets a neutral form (2026-11-23 09:00, 5 min).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

_HOUR = 60
_DAY = 24 * 60
_COARSE = 15
"""Minutes to which a wait of an hour or more is rounded: nobody can promise it more exactly."""
_HALF_SECOND = 0.5
"""What floats and clocks may be off: a minute that has begun by less has not begun."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CHINESE_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words for waits, with {} for the number; `near` joins two numbers, `far` two waits with units."""

    little: str
    minutes: str
    hours: str
    day: str
    days: str
    up_to: str
    near: str
    far: str


_NEUTRAL = _Words("< 1 min", "{} min", "{} h", "{} d", "{} d", "≤ {}", "-", " - ")
_WORDS: Mapping[str, _Words] = {
    "en": _Words("less than a minute", "{} min", "{} h", "{} day", "{} days", "up to {}", "-", " - "),
    "zh": _Words("不到 1 分钟", "{} 分钟", "{} 小时", "{} 天", "{} 天", "{}以内", "～", "～"),
}


def moment(at: float, now: float, zone: tzinfo, lang: str) -> str:
    """A moment to come, by the clocks of `zone`: "today 14:30 (UTC)", "Mon 23 Nov, 09:00 (UTC)".

    To the full minute, the later one: who is told to hear by 14:31 hears by then.
    """
    wall = datetime.fromtimestamp(math.ceil((at - _HALF_SECOND) / 60) * 60, zone)
    today = datetime.fromtimestamp(now, zone).date()
    name = zone_name(zone, wall)
    if lang == "en":
        return f"{'today' if wall.date() == today else _english_day(wall, today.year)} {wall:%H:%M} ({name})"
    if lang == "zh":
        return f"{'今天' if wall.date() == today else _chinese_day(wall, today.year)} {wall:%H:%M}（{name}）"
    return f"{wall:%Y-%m-%d %H:%M} ({name})"


def stamp(at: float, zone: tzinfo, lang: str) -> str:
    """A moment in the past with its day and year, without the zone, for lists that tell it once."""
    wall = datetime.fromtimestamp(at, zone)
    if lang == "en":
        return f"{wall.day} {_MONTHS[wall.month - 1]} {wall.year}, {wall:%H:%M}"
    if lang == "zh":
        return f"{wall.year}年{wall.month}月{wall.day}日 {wall:%H:%M}"
    return f"{wall:%Y-%m-%d %H:%M}"


def zone_name(zone: tzinfo, wall: datetime) -> str:
    """What a zone is called: by its place (Asia/Shanghai), as short names such as CST mean several."""
    return "UTC" if zone is UTC else str(getattr(zone, "key", "") or wall.tzname() or zone)


def duration(seconds: float, lang: str) -> str:
    """How long something took, to the nearest minute, from a day on to the nearest hour: "2 h 30 min", "3 days"."""
    words = _WORDS.get(lang, _NEUTRAL)
    if seconds < 60:
        return words.little
    minutes = math.floor(seconds / 60 + 0.5)
    return _told(minutes if minutes < _DAY else math.floor(minutes / _HOUR + 0.5) * _HOUR, words)


def within(seconds: float, lang: str) -> str:
    """A time within which something happens, rounded up: "5 min", "1 h 15 min"."""
    return _told(max(_rounded(seconds, math.ceil), 1), _WORDS.get(lang, _NEUTRAL))


def span(low: float, high: float, lang: str) -> str:
    """A wait that is expected to be between two: "5-12 min". The low end is rounded down, the high one up."""
    words = _WORDS.get(lang, _NEUTRAL)
    low, high = min(low, high), max(low, high)
    least, most = _rounded(low, math.floor), max(_rounded(high, math.ceil), 1)
    if least == 0:
        return words.up_to.format(_told(most, words))
    if least == most:
        return _told(most, words)
    size = _unit(most)
    if size is not None and size == _unit(least):
        return f"{least // size}{words.near}{_told(most, words)}"
    return f"{_told(least, words)}{words.far}{_told(most, words)}"


def _rounded(seconds: float, rounding: Callable[[float], int]) -> int:
    """Minutes, rounded this way as coarsely as befits the length."""
    minutes = max(seconds, 0.0) / 60
    step = 1 if minutes < _HOUR else _COARSE if minutes < _DAY else _HOUR
    return rounding(minutes / step) * step


def _unit(minutes: int) -> int | None:
    """The minutes of the unit in which so many are told, if it is a single one."""
    if minutes < _HOUR:
        return 1
    size = _HOUR if minutes < _DAY else _DAY
    return size if minutes % size == 0 else None


def _told(minutes: int, words: _Words) -> str:
    """So many minutes, in units that befit them."""
    days, rest = divmod(minutes, _DAY)
    hours, rest = divmod(rest, _HOUR)
    told = ((days, words.day if days == 1 else words.days), (hours, words.hours), (rest, words.minutes))
    return " ".join(unit.format(count) for count, unit in told if count)


def _english_day(wall: datetime, this_year: int) -> str:
    year = "" if wall.year == this_year else f" {wall.year}"
    return f"{_WEEKDAYS[wall.weekday()]} {wall.day} {_MONTHS[wall.month - 1]}{year},"


def _chinese_day(wall: datetime, this_year: int) -> str:
    year = "" if wall.year == this_year else f"{wall.year}年"
    return f"{year}{wall.month}月{wall.day}日 周{_CHINESE_WEEKDAYS[wall.weekday()]}"
