"""Telegram's sending limits, kept by us: 30 messages a second in all, 1 a second a chat, 20 a minute a group.

Source: Telegram's Bots FAQ, "My bot is hitting limits". A message counts from when it is begun until a full period
after its answer: it arrived at some time between the two, so no window at Telegram's side can ever see more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import RetryLater
from bot.ports import Clock

PER_SECOND = 30
PER_CHAT_SECOND = 1
PER_GROUP_MINUTE = 20
LONGEST_HOLD = 1.5
"""Seconds that a send is held here; for a longer wait it goes back to the outbox, and its place is free for others."""
MOST_CHATS = 10_000
"""Chats whose last messages are remembered; those written to last."""


class Window:
    """At most `most` in any `period` (seconds)."""

    def __init__(self, most: int, period: float) -> None:
        self._most, self._period = most, period
        self._done: deque[float] = deque()
        self._begun = 0

    def wait(self, now: float) -> float:
        """Seconds until there may be room; 0: there is."""
        while self._done and self._done[0] + self._period <= now:
            self._done.popleft()
        if len(self._done) + self._begun < self._most:
            return 0.0
        return self._done[0] + self._period - now if self._done else self._period / self._most

    def begin(self) -> None:
        """One is sent."""
        self._begun += 1

    def end(self, now: float) -> None:
        """One was answered."""
        self._begun -= 1
        self._done.append(now)


class Pace:
    """Holds sends until all limits allow them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all = Window(PER_SECOND, 1.0)
        self._line = asyncio.Lock()
        """Whoever comes first goes first: else those who come back every second would leave no room for others."""
        self._chats: OrderedDict[int, list[Window]] = OrderedDict()
        self._paused: dict[int, float] = {}

    @asynccontextmanager
    async def turn(self, chat: int) -> AsyncIterator[None]:
        """Wait for this chat's turn, then hold it while the message is sent. Raises RetryLater for a long wait."""
        windows = self._windows(chat)
        latest = self._clock.steady() + 2 * LONGEST_HOLD
        while (wait := self._wait(chat, windows)) > 0:
            if wait > LONGEST_HOLD or self._clock.steady() > latest:
                raise RetryLater(wait, "Telegram's limits for one chat")
            await self._clock.sleep(wait)
        for window in windows:
            window.begin()
        try:
            await self._room_for_one()
            try:
                yield
            finally:
                self._all.end(self._clock.steady())
        finally:
            for window in windows:
                window.end(self._clock.steady())

    async def _room_for_one(self) -> None:
        """Wait until there is room among all messages, and take it."""
        async with self._line:
            while (wait := self._all.wait(self._clock.steady())) > 0:
                await self._clock.sleep(wait)
            self._all.begin()

    def pause(self, chat: int, seconds: float) -> None:
        """Telegram asked to leave a chat alone for so long."""
        now = self._clock.steady()
        self._paused = {other: until for other, until in self._paused.items() if until > now}
        self._paused[chat] = now + seconds

    def respect_pause(self, chat: int) -> None:
        """Raises RetryLater while Telegram wants a chat to be left alone; for what is no new message."""
        wait = self._wait(chat, [])
        if wait > 0:
            raise RetryLater(wait, "Telegram asked to wait")

    def _wait(self, chat: int, windows: list[Window]) -> float:
        now = self._clock.steady()
        return max(self._paused.get(chat, now) - now, 0.0, *(window.wait(now) for window in windows))

    def _windows(self, chat: int) -> list[Window]:
        """The chat's own limits; a group's number is negative."""
        found = self._chats.pop(chat, None)
        if found is None:
            found = [Window(PER_CHAT_SECOND, 1.0)] + ([Window(PER_GROUP_MINUTE, 60.0)] if chat < 0 else [])
        self._chats[chat] = found
        if len(self._chats) > MOST_CHATS:
            self._chats.popitem(last=False)
        return found
