"""A clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
import heapq
import itertools

START = 1_780_000_000.0


class FakeClock:
    """Implements Clock; sleepers wake in order as time is moved over them."""

    def __init__(self, now: float = START) -> None:
        self._now = now
        self._set = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> float:
        return self._now + self._set

    def steady(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._count), future))
        await future

    def set_back(self, seconds: float) -> None:
        """Somebody corrects the machine's clock; no time passes."""
        self._set -= seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
