"""Send what must be sent: one loop per channel, one open row per address at a time, so order is kept."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping

import structlog

from bot.delivery.retry import fate
from bot.delivery.wake import Wake
from bot.errors import ChatMoved, DeliveryError, StoreError, ThreadGone, Uncertain, Undeliverable
from bot.messages import Receipt
from bot.ports import Adapter, Aftermath, Claimed, Clock, Fate, Meter, OutboxStore

log = structlog.get_logger("outbox")

LONGEST_SEND = 25.0
"""Seconds a send may take; less than the lease, so that a slow send is never begun a second time beside the first."""
MOST_IN_FLIGHT = 64
"""Sends under way at once on one channel; a slow chat takes one place, never the channel."""
SWEEP_EVERY = 5.0
"""Seconds between two looks for rows that nobody told us about."""


class OutboxLoop:
    """Delivers the outbox of one channel through its adapter."""

    def __init__(
        self,
        channel: str,
        adapter: Adapter,
        store: OutboxStore,
        clock: Clock,
        meter: Meter,
        jitter: Callable[[], float],
        on_aftermath: Callable[[Aftermath], None] = lambda _: None,
    ) -> None:
        self.channel, self._adapter, self._store = channel, adapter, store
        self._clock, self._meter, self._jitter = clock, meter, jitter
        self._on_aftermath = on_aftermath
        self._owner = uuid.uuid4().hex
        self._wake = Wake(clock)
        self._flying: set[asyncio.Task[None]] = set()

    def nudge(self) -> None:
        """There is something to send."""
        self._wake.nudge()

    async def step(self) -> bool:
        """Send what is due and wait for it: whether there was anything."""
        claimed = await self._store.claim(self.channel, self._owner, self._clock.now(), MOST_IN_FLIGHT)
        await asyncio.gather(*map(self._deliver, claimed))
        return bool(claimed)

    async def run(self) -> None:
        """Send for ever. Sends run beside each other, so that a slow one holds no other up."""
        await self.release()
        while True:
            free = MOST_IN_FLIGHT - len(self._flying)
            now = self._clock.now()
            claimed = await self._store.claim(self.channel, self._owner, now, free) if free else []
            for row in claimed:
                task = asyncio.create_task(self._deliver(row))
                self._flying.add(task)
                task.add_done_callback(self._landed)
            if not claimed:
                due = await self._store.next_due(self.channel)
                await self._wake.wait(
                    min(SWEEP_EVERY, max(0.0, due - now)) if due is not None and free else SWEEP_EVERY
                )

    async def release(self) -> None:
        """Make claimable what a killed process had leased on this channel, and claims cut off at a stop."""
        await self._store.release(self.channel, "" if not self._flying else self._owner)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._wake.nudge()

    async def finish(self) -> None:
        """Wait for the sends under way."""
        if self._flying:
            await asyncio.wait(self._flying)

    async def _deliver(self, claimed: Claimed) -> None:
        """One attempt. What became of it is stored, or the lease runs out and it is tried again."""
        started = self._clock.now()
        try:
            await self._attempt(claimed, started)
        except StoreError as error:
            log.error("message.receipt_lost", row=claimed.id, channel=self.channel, error=str(error))
        except Exception:  # our bug: the lease runs out and the row is tried again; the channel goes on
            log.exception("message.receipt_lost", row=claimed.id, channel=self.channel)

    async def _send(self, claimed: Claimed) -> Receipt:
        try:
            async with asyncio.timeout(LONGEST_SEND):
                return await self._adapter.send(claimed.outbound)
        except TimeoutError:
            raise Uncertain(f"no answer within {LONGEST_SEND:.0f} s") from None

    async def _failed(self, claimed: Claimed, error: Exception, row: Mapping[str, object]) -> None:
        """An attempt failed: what becomes of the row is stored, and what follows is begun."""
        ended = fate(claimed, error, self._clock.now(), self._jitter())
        self._on_aftermath(await self._store.failed(claimed, ended, self._clock.now()))
        self._meter.count("not_sent", channel=self.channel, fate=ended.status)
        log.warning("message.not_sent", **row, fate=ended.status, error=type(error).__name__)

    async def _attempt(self, claimed: Claimed, started: float) -> None:
        row = {"row": claimed.id, "channel": self.channel, "attempt": claimed.attempts}
        try:
            receipt = await self._send(claimed)
        except ChatMoved as moved:
            await self._store.moved(self.channel, claimed.outbound.address.chat, moved.chat)
            await self._store.failed(claimed, Fate("open", str(moved), counted=False), self._clock.now())
            log.info("chat.moved", channel=self.channel, old=claimed.outbound.address.chat, new=moved.chat)
            return
        except ThreadGone as gone:
            if not claimed.desk:
                await self._failed(claimed, Undeliverable(str(gone)), row)
                return
            self._on_aftermath(await self._store.thread_gone(claimed, self._clock.now()))
            log.warning("thread.gone", **row)
            return
        except Exception as error:  # an adapter's bug must not stop the channel: it is retried like any failure
            if not isinstance(error, DeliveryError):
                log.exception("message.send_broke", **row)
            await self._failed(claimed, error, row)
            return
        now = self._clock.now()
        self._on_aftermath(await self._store.sent(claimed, receipt, now))
        self._meter.count("sent", channel=self.channel)
        self._meter.observe("send_seconds", now - started)
        log.info("message.sent", **row)
