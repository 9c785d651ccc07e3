"""The machine's time."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Implements Clock."""

    def now(self) -> float:
        return time.time()

    def steady(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
