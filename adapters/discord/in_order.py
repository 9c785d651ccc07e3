"""What happens in one place is taken one after the other; places don't wait for each other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class InOrder:
    """`async with in_order(place):` lets one in at a time, in the order of asking. Keeps nothing of quiet places."""

    def __init__(self) -> None:
        self._locks: dict[int, asyncio.Lock] = {}
        self._asked: Counter[int] = Counter()

    def __len__(self) -> int:
        """How many are in or wait, in all places together."""
        return self._asked.total()

    @asynccontextmanager
    async def __call__(self, place: int) -> AsyncIterator[None]:
        lock = self._locks.setdefault(place, asyncio.Lock())
        self._asked[place] += 1
        try:
            async with lock:
                yield
        finally:
            self._asked[place] -= 1
            if not self._asked[place]:
                del self._asked[place], self._locks[place]
