"""A platform that keeps what it was sent, fails on demand, and gives again what was not acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from bot.errors import Undeliverable
from bot.messages import Accepted, File, Inbound, Outbound, Receipt
from bot.ports import Accept, Limits, Problem


class Options(BaseModel):
    """The stand-in has no settings."""


class Platform:
    """What outlives the bot: people's messages that wait for an acknowledgement, and what reached people."""

    def __init__(self) -> None:
        self.unacknowledged: deque[Inbound] = deque()
        self.shown: list[Outbound] = []
        self.hangs = False
        self.failures: deque[Exception] = deque()
        self.on_send: Callable[[Outbound], None] = lambda _: None

    async def deliver(self, accept: Accept) -> list[Accepted]:
        """Hand over what waits, oldest first; it is forgotten only once it is accepted."""
        accepted = []
        while self.unacknowledged:
            accepted.append(await accept(self.unacknowledged[0]))
            self.unacknowledged.popleft()
        return accepted


class Adapter:
    """Implements bot.ports.Adapter over a `Platform`."""

    limits = Limits(text=4096, buttons=12)

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def run(self, accept: Accept) -> None:
        await self._platform.deliver(accept)
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        if self._platform.hangs:
            await asyncio.Event().wait()
        if self._platform.failures:
            raise self._platform.failures.popleft()
        self._platform.on_send(outbound)
        self._platform.shown.append(outbound)
        return Receipt(f"p{len(self._platform.shown)}")

    async def fetch(self, file: File) -> bytes:
        """Nobody can send a file here."""
        raise Undeliverable(f"there is no file {file.name or file.id}")

    async def examine(self) -> Sequence[Problem]:
        """Nothing outside of us can be wrong."""
        return []

    async def close(self) -> None:
        """There is nothing to free."""
