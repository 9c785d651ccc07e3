"""One bot's updates: queued in order, given to the one poller, and kept until an offset confirms them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from .errors import ApiError, conflict
from .people import Json

FIRST = 870_000_001
CONFLICT_PAUSE = 3.0
"""Seconds between two 409s; the second of two pollers that fight waits so long for its own."""
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_BY_DEFAULT = ("chat_member", "message_reaction", "message_reaction_count")


class Updates:
    """The queue behind getUpdates and the webhook."""

    def __init__(self) -> None:
        self.confirmed: list[int] = []
        self.allowed: list[str] = []
        self.conflict_pause = CONFLICT_PAUSE
        self.arrived = asyncio.Event()
        self._waiting: deque[Json] = deque()
        self._next = FIRST
        self._poll: asyncio.Future[None] | None = None
        self._last_conflict = float("-inf")

    @property
    def pending(self) -> list[int]:
        """The ids that nobody has confirmed."""
        return [update["update_id"] for update in self._waiting]

    @property
    def polled(self) -> bool:
        """Whether somebody waits in a long poll."""
        return self._poll is not None

    def jump(self, ids: int) -> None:
        """Skip so many update ids, as Telegram does when nothing has come for a while."""
        self._next += ids

    def push(self, update: dict[str, Any]) -> int | None:
        """Queue an update: its id, or None if the bot does not want this kind."""
        kind = next(key for key in update if key != "update_id")
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        number = self._next
        self._next += 1
        self._waiting.append({"update_id": number, **update})
        self.arrived.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        return number

    def head(self) -> Json | None:
        """The oldest update."""
        return self._waiting[0] if self._waiting else None

    def confirm(self, below: int) -> None:
        """Forget everything below this id."""
        while self._waiting and self._waiting[0]["update_id"] < below:
            self.confirmed.append(self._waiting.popleft()["update_id"])
        if not self._waiting:
            self.arrived.clear()

    def forget_all(self) -> None:
        """drop_pending_updates: what waits is lost, not confirmed."""
        self._waiting.clear()
        self.arrived.clear()

    def end_poll(self, why: ApiError) -> None:
        """Refuse whoever polls now."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(why)
        self._poll = None

    async def poll(self, offset: int, limit: int, patience: float) -> list[Json]:
        """getUpdates."""
        self.end_poll(conflict(OTHER_POLLER))
        self.take(offset, limit)
        if not self._waiting and patience:
            mine = self._poll = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(mine, patience)
            except TimeoutError:
                return []
            finally:
                if self._poll is mine:
                    self._poll = None
        return list(self._waiting)[:limit]

    def take(self, offset: int, limit: int) -> list[Json]:
        """Confirm by the offset: what is there then, without waiting."""
        self.confirm(self._from_end(offset) if offset < 0 else offset)
        return list(self._waiting)[:limit]

    def _from_end(self, offset: int) -> int:
        """A negative offset keeps so many of the newest updates, and forgets the others."""
        kept = self.pending[offset:]
        return kept[0] if kept else 0

    async def pause_after_conflict(self) -> None:
        """The second 409 in a row comes late, so that two pollers don't spin."""
        now = time.monotonic()
        if now < self._last_conflict + self.conflict_pause:
            await asyncio.sleep(self.conflict_pause)
        else:
            self._last_conflict = now
