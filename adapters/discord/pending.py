"""Interactions that wait for their answer: Discord takes it for 15 minutes, after that an ordinary message must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import discord

from bot.ports import Clock

ALIVE_FOR = 14 * 60.0
"""Seconds; Discord's 15 minutes with some room for the way."""
MOST = 10_000


@dataclass(slots=True)
class Pending:
    """An interaction and how it is answered: by filling in the `original` reply, or by a `followup` to it.

    With `alone`, only the person who caused it sees the answer.
    """

    interaction: discord.Interaction
    alone: bool
    way: Literal["original", "followup"]


class PendingAnswers:
    """By the reference of what was said. Kept in memory: after a restart the answer is an ordinary message."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[float, Pending]] = {}

    def add(self, ref: str, pending: Pending) -> None:
        """An answer is owed."""
        now = self._clock.steady()
        while self._waiting:
            oldest, (at, _) = next(iter(self._waiting.items()))
            if now - at < ALIVE_FOR and len(self._waiting) < MOST:
                break
            del self._waiting[oldest]
        self._waiting[ref] = (now, pending)

    def get(self, ref: str) -> Pending | None:
        """What the answer to `ref` can go through, if it is not too late."""
        at, pending = self._waiting.get(ref, (0.0, None))
        return pending if pending is not None and self._clock.steady() - at < ALIVE_FOR else None

    def drop(self, ref: str) -> None:
        """Discord takes no answer to it any more."""
        self._waiting.pop(ref, None)
