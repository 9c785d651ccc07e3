"""What goes over the wire to Discord: not more in a second than it allows, and known while it is under way.

What waits for a limit inside of the library must not be cut off: it holds back everything else, and would for ever.
"""

from __future__ import annotations

import asyncio
import contextvars

import aiohttp

PER_SECOND, AT_ONCE = 40.0, 8
"""Requests: 48 in a second at most, as Discord takes 50. The library knows that limit only once it is hit."""
UNLIMITED = ("/interactions/", "/webhooks/")
"""Answers to commands and buttons are under no such limit."""


class Flight:
    """One send, which may take several requests."""

    in_the_air = False


current: contextvars.ContextVar[Flight | None] = contextvars.ContextVar("discord_flight", default=None)
"""The send on whose behalf this task works."""


class Pace:
    """Spreads requests over time."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def take(self, now: float) -> float:
        """Seconds to wait before a request at time `now`."""
        self._free_at = max(self._free_at, now) + 1 / PER_SECOND
        return max(0.0, self._free_at - now - AT_ONCE / PER_SECOND)


def trace() -> aiohttp.TraceConfig:
    """What the library's HTTP session asks and tells us about each of its requests."""
    pace = Pace()

    async def begins(_: object, __: object, request: aiohttp.TraceRequestStartParams) -> None:
        if not any(part in request.url.path for part in UNLIMITED):
            await asyncio.sleep(pace.take(asyncio.get_running_loop().time()))
        note(in_the_air=True)

    async def ends(*_: object) -> None:
        note(in_the_air=False)

    def note(*, in_the_air: bool) -> None:
        flight = current.get()
        if flight is not None:
            flight.in_the_air = in_the_air

    config = aiohttp.TraceConfig()
    config.on_request_start.append(begins)
    config.on_request_end.append(ends)
    config.on_request_exception.append(ends)
    return config
