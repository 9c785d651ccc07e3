"""What open pages show, read once for all of them, so that many idle pages cost no more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.errors import StoreError
from bot.ports import Case, Clock, DeskStore, Summary

log = structlog.get_logger("console")

LOOK_EVERY = 0.7
"""Seconds between two looks while a page is open: what nobody wakes us for shows within a second all the same."""
BREATH = 0.1
"""Seconds between two looks at least, however often we are woken."""
MOST_OPEN = 300
MOST_CLOSED = 30


@dataclass(frozen=True, slots=True)
class Inbox:
    """The tickets of the desk, and who is away."""

    open: Sequence[Summary] = ()
    closed: Sequence[Summary] = ()
    away: frozenset[str] = frozenset()


class Watcher(Protocol):
    """An open page."""

    number: int
    """The ticket that it shows; 0 for none."""

    async def show(self, inbox: Inbox, case: Case | None) -> None:
        """Show how it is now."""


class Board:
    """Reads for the pages that are open, and not at all while none is."""

    def __init__(self, store: DeskStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._watchers: set[Watcher] = set()
        self._wake = asyncio.Event()

    def watch(self, watcher: Watcher) -> None:
        """A page was opened."""
        self._watchers.add(watcher)
        self.wake()

    def forget(self, watcher: Watcher) -> None:
        """A page was closed."""
        self._watchers.discard(watcher)

    def wake(self) -> None:
        """Something may be new: look now. Looks while nobody watches cost nothing."""
        self._wake.set()

    async def inbox(self) -> Inbox:
        """The tickets as they are now."""
        open_ = await self._store.tickets(("waiting", "claimed"), MOST_OPEN)
        closed = await self._store.tickets(("closed",), MOST_CLOSED)
        return Inbox(open_, closed, await self._store.away())

    async def case(self, number: int) -> Case | None:
        """A ticket as it is now; None if there is none."""
        return await self._store.case(number) if number else None

    async def run(self) -> None:
        """Keep the open pages up to date for ever."""
        while True:
            await self._next_look()
            try:
                await self.look()
            except StoreError as error:
                log.warning("console.not_read", error=str(error))
            await self._clock.sleep(BREATH)

    async def _next_look(self) -> None:
        if not self._watchers:
            await self._wake.wait()
        elif not self._wake.is_set():
            sleep = asyncio.ensure_future(self._clock.sleep(LOOK_EVERY))
            woken = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait({sleep, woken}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleep.cancel()
                woken.cancel()
        self._wake.clear()

    async def look(self) -> None:
        """Read what the open pages need, and show it on each."""
        watchers = list(self._watchers)
        if not watchers:
            return
        inbox = await self.inbox()
        cases = {number: await self.case(number) for number in {watcher.number for watcher in watchers}}
        for watcher in watchers:
            # A page may have gone on to another ticket meanwhile: then it has read that itself.
            if watcher in self._watchers and watcher.number in cases:
                await self._show(watcher, inbox, cases[watcher.number])

    async def _show(self, watcher: Watcher, inbox: Inbox, case: Case | None) -> None:
        try:
            await watcher.show(inbox, case)
        except StoreError:
            raise
        except Exception:  # one page that can't be shown must not keep the others from what is new
            log.exception("console.page_failed")
            self.forget(watcher)
