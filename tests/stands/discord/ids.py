"""Snowflakes, as Discord makes them: time first, so that a later thing always has the larger id."""

from __future__ import annotations

import datetime

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Hands out ids that only grow, whatever the clock does."""

    def __init__(self) -> None:
        self._last = 0

    def at(self, now: float) -> int:
        """An id for something that happens now (seconds since 1970)."""
        self._last = max(self._last + 1, (int(now * 1000) - EPOCH_MS) << 22)
        return self._last


def iso(now: float) -> str:
    """A time as Discord writes it."""
    return datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="microseconds")
