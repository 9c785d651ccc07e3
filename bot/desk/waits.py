"""How long a contact has to expect to wait, honestly: from what this desk's own contacts waited before.

Waits are seconds of open time from the opening of a ticket to the first answer from a human, so that closed nights
don't blur them; `bot.desk.hours.after_open` makes a time of day of them.

Quantiles are those of definition 6 in Hyndman & Fan, "Sample Quantiles in Statistical Packages" (1996): of n sorted
waits, the one at place p * (n + 1), linear between two. If the next wait is like the earlier ones, it is within the
p90 in nine cases of ten, which is what the contact is told; the usual definition 7 promises too little for small n
(of 10 waits it is kept 83 times in 100).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

LEAST = 10
"""Waits without which nothing is said: fewer than 9 have no p90."""
NEAR = 60
"""Minutes by the clock that two times of day may be apart to be about the same hour."""

_DAY = 24 * 60
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """A ticket that was answered: its topic, when it was opened, and how long it waited (seconds of open time).

    ValueError for a wait that is negative or not finite.
    """

    topic: str
    opened_at: float
    waited: float

    def __post_init__(self) -> None:
        if not 0 <= self.waited < math.inf:
            raise ValueError("a wait is a finite number of seconds, 0 or more")


@dataclass(frozen=True, slots=True)
class Expected:
    """Half of the contacts wait `p50` seconds of open time or less, nine of ten `p90`; `based_on` so many samples."""

    p50: float
    p90: float
    based_on: int


def expected(samples: Iterable[Sample], topic: str, at: float, zone: tzinfo) -> Expected | None:
    """What a ticket of this topic, opened at `at`, has to wait. None if there are fewer than `LEAST` samples.

    Taken from the first of these that has `LEAST`: the same topic about the same hour, the same topic, about the same
    hour, all. About the same hour is at most `NEAR` minutes earlier or later by the clocks of `zone`, and on a working
    day (Monday to Friday) for a working day, at the weekend for the weekend.
    """
    everything = tuple(samples)
    same_topic = [sample for sample in everything if sample.topic == topic]
    for group in (_about(same_topic, at, zone), same_topic, _about(everything, at, zone), everything):
        if len(group) >= LEAST:
            waits = sorted(sample.waited for sample in group)
            return Expected(_quantile(waits, 0.5), _quantile(waits, 0.9), len(waits))
    return None


def _about(samples: Sequence[Sample], at: float, zone: tzinfo) -> list[Sample]:
    """Those that were opened about the hour of `at`."""
    weekend, minute = _when(at, zone)
    found = []
    for sample in samples:
        its_weekend, its_minute = _when(sample.opened_at, zone)
        apart = abs(its_minute - minute)
        if its_weekend == weekend and min(apart, _DAY - apart) <= NEAR:
            found.append(sample)
    return found


def _when(at: float, zone: tzinfo) -> tuple[bool, int]:
    """Whether it is the weekend, and the minute of the day, by the clocks of `zone`."""
    wall = datetime.fromtimestamp(at, zone)
    return wall.weekday() >= _SATURDAY, wall.hour * 60 + wall.minute


def _quantile(ordered: Sequence[float], p: float) -> float:
    """The value at place p * (n + 1) of these sorted values, counted from 1; between two places in proportion."""
    place = min(max(p * (len(ordered) + 1), 1.0), float(len(ordered)))
    low = math.floor(place)
    high = min(low + 1, len(ordered))
    return ordered[low - 1] + (place - low) * (ordered[high - 1] - ordered[low - 1])
