"""Keeps loops and channels running: what falls over is started again, and takes nobody with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.errors import ChannelDown, FrontdeskError
from bot.ports import Clock, Meter

log = structlog.get_logger("supervisor")

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds between two starts of something that keeps falling over."""
HEALTHY_AFTER = 60.0
"""Seconds of running after which the waits begin again from the first."""


class Supervisor:
    """Runs named coroutines for ever. One that returns is done; one that raises is started again."""

    def __init__(self, clock: Clock, meter: Meter) -> None:
        self._clock, self._meter = clock, meter
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._troubles: dict[str, str] = {}

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is down at the moment, and why."""
        return dict(self._troubles)

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Begin to run something."""
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)

    async def wait(self, name: str) -> None:
        """Until something is done."""
        await self._tasks[name]

    async def stop(self) -> None:
        """End everything."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        wait = FIRST_WAIT
        while True:
            started = self._clock.now()
            healthy = asyncio.get_running_loop().call_later(FIRST_WAIT, self._troubles.pop, name, None)
            try:
                await run()
                return
            except Exception as error:  # the top of a loop: whatever it was, the rest goes on
                self._troubles[name] = str(error) or type(error).__name__
                self._meter.count("restarts", part=name)
                if isinstance(error, ChannelDown | FrontdeskError):
                    log.error("part.down", part=name, error=str(error))
                else:
                    log.exception("part.down", part=name)
            finally:
                healthy.cancel()
            if self._clock.now() - started >= HEALTHY_AFTER:
                wait = FIRST_WAIT
            await self._clock.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
