"""The private threads in which we talk with those who take no direct messages: one for a person, and remembered."""

from __future__ import annotations

from bot.messages import Cursor
from bot.ports import Tools

KEPT = "thread-of:"
"""The cursor stream of a person, whose position is their thread's number; a later thread has a higher one."""


class PrivateThreads:
    """Who has which thread, as far as one bot account is concerned."""

    def __init__(self, tools: Tools, account: str) -> None:
        self._tools, self._account = tools, account

    async def of(self, person: int) -> int | None:
        """Somebody's thread."""
        return (await self._all()).get(person)

    async def owner(self, thread: int) -> int | None:
        """Whose thread that is."""
        return next((person for person, theirs in (await self._all()).items() if theirs == thread), None)

    async def keep(self, person: int, thread: int) -> None:
        """From now on this is somebody's thread."""
        await self._tools.places.advance(self._tools.channel, self._account, Cursor(f"{KEPT}{person}", thread))

    async def _all(self) -> dict[int, int]:
        cursors = await self._tools.places.cursors(self._tools.channel, self._account)
        return {int(stream.removeprefix(KEPT)): thread for stream, thread in cursors.items() if stream.startswith(KEPT)}
