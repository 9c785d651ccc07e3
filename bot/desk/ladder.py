"""The ladder of silence: who is reminded when a contact gets no answer from a human, and what the contact is told.

All of it is computed from when the silence began (`since`: the contact's first message that no human has answered;
seconds since the epoch) and counts open time only: at night nobody is late. Steps are numbered from 0, so a step's
number is also how many were taken before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bot.desk.hours import Hours, after_open, open_between
from bot.messages import Priority

Who = Literal["owner", "all", "lead"]


@dataclass(frozen=True, slots=True)
class Step:
    """After so many seconds of open time since the silence began, these are reminded."""

    after: float
    who: Who


Ladder = Mapping[Priority, tuple[Step, ...]]
"""The steps of every priority, each later than the one before; see `ladder_of`."""


def _rungs(owner: int, everybody: int, lead: int) -> tuple[Step, ...]:
    """The usual three steps, in minutes."""
    return (Step(owner * 60.0, "owner"), Step(everybody * 60.0, "all"), Step(lead * 60.0, "lead"))


DEFAULT: Ladder = {
    "urgent": _rungs(2, 5, 10),
    "high": _rungs(5, 10, 20),
    "normal": _rungs(10, 20, 40),
    "low": _rungs(30, 60, 120),
}


def ladder_of(steps: Mapping[Priority, tuple[Step, ...]]) -> Ladder:
    """A ladder with these steps, and the default ones for the priorities that they don't mention.

    ValueError for a priority without a step, for that would forget its contacts, and for steps whose times don't
    rise from above 0.
    """
    for priority, rungs in steps.items():
        times = [0.0, *(rung.after for rung in rungs)]
        if not rungs:
            raise ValueError(f"{priority}: give it at least one step, or leave it out for the default ones")
        if not all(earlier < later < math.inf for earlier, later in pairwise(times)):
            raise ValueError(f"{priority}: every step must come later than the one before, and the first after 0")
    return {**DEFAULT, **steps}


def due(ladder: Ladder, priority: Priority, step: int, since: float, hours: Hours) -> float | None:
    """When step number `step` (from 0) is due if nobody has answered since `since`.

    After the last step its interval repeats: 10, 20, 40 goes on with 60, 80. None if the desk isn't open for so long
    within `bot.desk.hours.LOOKAHEAD`. ValueError for a step below 0.
    """
    return after_open(hours, since, _after(ladder[priority], step))


def whom(ladder: Ladder, priority: Priority, step: int, owned: bool) -> Who:
    """Who is reminded at step number `step` (from 0): beyond the last step those of the last one, and all instead of
    the owner where there is none."""
    rungs = ladder[priority]
    who = rungs[min(step, len(rungs) - 1)].who
    return "all" if who == "owner" and not owned else who


def reached(ladder: Ladder, priority: Priority, since: float, now: float, hours: Hours) -> int:
    """How many steps are due by `now`: after a standstill only the last of them needs to be taken."""
    count = _count(ladder[priority], open_between(hours, since, now))
    # A due time is rounded to what a float can hold; who is woken at that very time must find the step due.
    following = due(ladder, priority, count, since, hours)
    return count if following is None or following > now else count + 1


def promise(ladder: Ladder, priority: Priority, since: float, now: float, hours: Hours) -> float | None:
    """By when a contact, told so at `now`, hears next: when the first step that isn't due yet is due.

    So always later than `now`, also when steps were missed. None if there is nothing to promise; see `due`.
    """
    return due(ladder, priority, reached(ladder, priority, since, now, hours), since, hours)


def kept(promised: float, answered_at: float | None) -> bool:
    """Whether a human answered (None: hasn't) by the time that was promised; at that very time is in time."""
    return answered_at is not None and answered_at <= promised


def _after(rungs: tuple[Step, ...], step: int) -> float:
    """The open seconds of silence after which step number `step` is due."""
    if step < 0:
        raise ValueError("steps are numbered from 0")
    if step < len(rungs):
        return rungs[step].after
    return rungs[-1].after + (step - len(rungs) + 1) * _interval(rungs)


def _count(rungs: tuple[Step, ...], passed: float) -> int:
    """How many steps are due after so many open seconds of silence."""
    if passed < rungs[-1].after:
        return sum(rung.after <= passed for rung in rungs)
    return len(rungs) + math.floor((passed - rungs[-1].after) / _interval(rungs))


def _interval(rungs: tuple[Step, ...]) -> float:
    """Seconds between the last step and the one before it, or the beginning where it is the only one."""
    return rungs[-1].after - (rungs[-2].after if len(rungs) > 1 else 0.0)
