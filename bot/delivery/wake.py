"""Sleep until there is something to do."""

from __future__ import annotations

import asyncio

from bot.ports import Clock


class Wake:
    """A nudge that a loop waits for. A nudge given while the loop works is not lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def nudge(self) -> None:
        """There is something to do."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until a nudge, or for so many seconds."""
        if not self._event.is_set() and seconds > 0:
            sleep = asyncio.ensure_future(self._clock.sleep(seconds))
            nudged = asyncio.ensure_future(self._event.wait())
            try:
                await asyncio.wait({sleep, nudged}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleep.cancel()
                nudged.cancel()
        self._event.clear()
