"""Timers are rows too: when they are due they become inbox rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.delivery.wake import Wake
from bot.ports import Clock, TimerStore

MOST_AT_ONCE = 256
SWEEP_EVERY = 60.0
"""Seconds between two looks for timers that another process set."""


class TimerLoop:
    """Fires timers; `on_fired` is told whose."""

    def __init__(
        self, store: TimerStore, clock: Clock, channels: Sequence[str], on_fired: Callable[[Sequence[int]], None]
    ) -> None:
        self._store, self._clock, self._channels, self._on_fired = store, clock, channels, on_fired
        self._wake = Wake(clock)
        self._next = 0.0

    def expect(self, due: float) -> None:
        """A timer was set."""
        if due < self._next:
            self._wake.nudge()

    async def step(self) -> bool:
        """Fire what is due: whether there was anything."""
        fired = await self._store.fire(self._clock.now(), MOST_AT_ONCE, self._channels)
        if fired:
            self._on_fired(fired)
        return bool(fired)

    async def run(self) -> None:
        """Fire timers for ever."""
        while True:
            while await self.step():
                pass
            due = await self._store.next_timer(self._channels)
            latest = self._clock.now() + SWEEP_EVERY
            self._next = min(due, latest) if due is not None else latest
            await self._wake.wait(self._next - self._clock.now())
