"""Accept what comes in, durably; then handle it, one conversation at a time, bursts together."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot.casework.deciding import wants_facts
from bot.delivery.wake import Wake
from bot.dialogue.commands import is_command
from bot.dialogue.events import Decision
from bot.dialogue.fitting import fit
from bot.errors import Conflict, EmptyMessage, StoreError, TooManyMessages
from bot.matching.meaning import Meaning
from bot.messages import Accepted, Inbound
from bot.mind import Mind
from bot.ports import Clock, InboxStore, Limits, Meter, Work
from bot.safety.cleaning import clean
from bot.safety.limits import Limiter
from bot.safety.secrets import mask

log = structlog.get_logger("inbox")

LONGEST_NAME = 100
"""Characters of a sender's name that are kept."""
ALBUM_WINDOW = 1.0
"""Seconds to wait for the next message of an album: a platform hands its parts over one by one."""
MOST_AT_ONCE = 64
"""Conversations decided in one go."""
LONGEST_MERGE = 4
"""A burst is handled after so many merge windows, even if it goes on."""
SWEEP_EVERY = 5.0
"""Seconds between two looks for rows that nobody told us about: from a crash, a timer or another process."""
RETRY_AFTER = 1.0
"""Seconds until a conversation is tried again after the store failed."""
MOST_CONFLICTS = 5
"""Times in a row that a decision is made anew at once because something else came first."""
RETRY_BROKEN = 60.0
"""Seconds until one is tried again that even the way out of a bug failed for."""


UNLIMITED = Limits(text=sys.maxsize)

Sense = Callable[[Mapping[str, str]], Awaitable[Mapping[str, Meaning]]]
"""What questions mean, given for each the text to make its vector of; those that can't be told in time are missing."""


class InboxLoop:
    """Takes messages from adapters and leads them to decisions. `accept` is what adapters are given."""

    def __init__(
        self,
        store: InboxStore,
        mind: Callable[[], Mind],
        clock: Clock,
        meter: Meter,
        limiter: Limiter,
        channels: Sequence[str],
        merge_window: float,
        on_send: Callable[[str], None],
        on_timer: Callable[[float], None],
        sense: Sense | None = None,
        limits: Callable[[str], Limits] = lambda _: UNLIMITED,
        on_settled: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._mind, self._clock, self._meter = store, mind, clock, meter
        self._limiter, self._channels, self._merge_window = limiter, channels, merge_window
        self._on_send, self._on_timer, self._sense, self._limits = on_send, on_timer, sense, limits
        self._on_settled = on_settled
        self._wake = Wake(clock)
        self._conflicts: dict[int, int] = {}
        """How often in a row a conversation's decision could not be stored."""
        self._ready: dict[int, tuple[float, float]] = {}
        """Conversations with something new: from when on it is handled, and at the latest when."""

    async def accept(self, inbound: Inbound) -> Accepted:
        """Make a message durable. Raises Refused and StoreError; then nothing is stored."""
        now, address = self._clock.now(), inbound.address
        fitted = _fitted(inbound)
        if not fitted.text and not fitted.choice and not fitted.files and fitted.kind != "deletion":
            raise EmptyMessage
        # What waited at the platform while we were down is measured by when it was said, or a backlog would be a flood.
        late = max(0.0, now - inbound.at) if inbound.at else 0.0
        sent_at = self._clock.steady() - late
        wait = self._limiter.take(f"{address.channel}:{inbound.account}:{inbound.sender.id}", sent_at)
        if wait > 0:
            before = await self._store.known(inbound)
            if before is not None:
                return before
            self._meter.count("refused", channel=address.channel)
            raise TooManyMessages(wait)
        accepted = await self._store.receive(fitted, now)
        if accepted.repeat:
            log.info("message.repeated", channel=address.channel, conversation=accepted.conversation)
            return accepted
        self._meter.count("received", channel=address.channel)
        log.info(
            "message.received",
            channel=address.channel,
            conversation=accepted.conversation,
            seq=accepted.seq,
            hidden=fitted.hidden or None,
        )
        # What people say to each other is passed on at once, an album whole; only the bot waits for the end of a burst.
        at_once = (accepted.silent or is_command(fitted.text)) and not fitted.album
        alone = bool(fitted.choice) or fitted.kind != "message" or at_once
        window = max(self._merge_window, ALBUM_WINDOW) if fitted.album else self._merge_window
        self._schedule(accepted.conversation, 0.0 if alone else window)
        return accepted

    def _schedule(self, conversation: int, window: float) -> None:
        """Handle a conversation after the window; a further message prolongs it, within limits."""
        now = self._clock.steady()
        _, latest = self._ready.get(conversation, (0.0, now + LONGEST_MERGE * window))
        self._ready[conversation] = (min(now + window, latest), latest)
        self._wake.nudge()

    def expect(self, conversations: Sequence[int]) -> None:
        """There are new rows of these conversations, to be handled at once."""
        for conversation in conversations:
            self._schedule(conversation, 0.0)

    async def sweep(self) -> None:
        """Find rows that nobody told us about."""
        now = self._clock.steady()
        for conversation in await self._store.unhandled(self._channels):
            self._ready.setdefault(conversation, (now, now))

    async def step(self, *, hurry: bool = False) -> bool:
        """Handle what is ready: whether there was anything. With `hurry`, no merge window is waited for."""
        now = self._clock.steady()
        ready = [conversation for conversation, (due, _) in self._ready.items() if hurry or due <= now][:MOST_AT_ONCE]
        if not ready:
            return False
        for conversation in ready:
            del self._ready[conversation]
        await asyncio.gather(*(self._handle(work) for work in await self._load(ready)))
        return True

    async def _load(self, ready: Sequence[int]) -> Sequence[Work]:
        """What there is to do; a conversation that can't be read keeps only itself waiting."""
        try:
            return await self._store.load(ready)
        except Exception as error:
            if isinstance(error, StoreError) or len(ready) == 1:
                log.exception("conversation.not_loaded", conversations=list(ready[:5]))
                for conversation in ready:
                    self._schedule(conversation, RETRY_AFTER if isinstance(error, StoreError) else RETRY_BROKEN)
                return []
        return [work for conversation in ready for work in await self._load([conversation])]

    async def run(self) -> None:
        """Handle messages for ever."""
        next_sweep = float("-inf")
        while True:
            now = self._clock.steady()
            if now >= next_sweep:
                await self.sweep()
                next_sweep = now + SWEEP_EVERY
            if not await self.step():
                due = min((due for due, _ in self._ready.values()), default=next_sweep)
                await self._wake.wait(min(due, next_sweep) - self._clock.steady())

    async def _handle(self, work: Work) -> None:
        """Decide and store the decision. Whatever goes wrong, the rows stay until a decision is stored."""
        channel, conversation = work.conversation.address.channel, work.conversation.id
        started = self._clock.now()
        try:
            limits = self._limits(channel)
            work, decided = await self._decided(work)
            decision = fit(decided, limits.text, forms=limits.forms, longest_at=self._longest_at)
            settled = await self._store.settle(work, decision, started)
        except Conflict:
            self._again(conversation)
            return
        except StoreError as error:
            log.error("message.not_settled", conversation=conversation, error=str(error))
            self._schedule(conversation, RETRY_AFTER)
            return
        except Exception:  # our bug: the rows stay, and everybody else goes on
            log.exception("message.not_settled", conversation=conversation)
            self._schedule(conversation, RETRY_BROKEN)
            return
        self._conflicts.pop(conversation, None)
        done = self._clock.now()
        self._meter.count("handled", channel=channel)
        self._meter.observe("handle_seconds", done - started)
        self._meter.observe("answer_seconds", done - work.items[0].at)
        log.info(
            "message.handled",
            conversation=conversation,
            items=len(work.items),
            state=decision.conversation.state.value,
            effects=[type(effect).__name__ for effect in decision.effects],
        )
        for channel in settled.sends:
            self._on_send(channel)
        self.expect(settled.woken)
        self._on_settled()
        if settled.timer is not None:
            self._on_timer(settled.timer)

    async def _sensing(self, work: Work) -> Mind:
        """The mind in force, with what the questions mean, if that can be told in time."""
        mind, now = self._mind(), self._clock.now()
        if self._sense is None:
            return mind
        try:
            wanted = mind.wanting(
                lambda other: other.consider(work.conversation, work.items, work.desk, now, work.facts)
            )
            return mind.knowing(await self._sense(wanted)) if wanted else mind
        except Exception:  # what is wrong with the message shows in the decision; without meanings there still is one
            log.exception("message.not_sensed", conversation=work.conversation.id)
            return mind

    def _again(self, conversation: int) -> None:
        """More came in, or another process was first: look again. What never comes to an end must not keep us busy."""
        self._conflicts[conversation] = self._conflicts.get(conversation, 0) + 1
        often = self._conflicts[conversation] > MOST_CONFLICTS
        if often:
            log.warning("conversation.conflicts", conversation=conversation, times=self._conflicts[conversation])
        self._schedule(conversation, RETRY_AFTER if often else 0.0)

    def _longest_at(self, channel: str) -> int:
        return self._limits(channel).text

    async def _decided(self, work: Work) -> tuple[Work, Decision]:
        """The decision, and the work with all that was needed for it: what a desk knows is read only for tickets."""
        mind = await self._sensing(work)
        decision = self._decide(mind, work)
        if work.facts is None and wants_facts(decision):
            work = await self._store.inform(work)
            decision = self._decide(mind, work)
        return work, decision

    def _decide(self, mind: Mind, work: Work) -> Decision:
        """The decision; where making it fails, the one that hands the message to a human."""
        now = self._clock.now()
        try:
            return mind.consider(work.conversation, work.items, work.desk, now, work.facts)
        except Exception:  # our bug, whatever it is: the message must reach somebody
            log.exception("message.broke", conversation=work.conversation.id)
            self._meter.count("broken", channel=work.conversation.address.channel)
            return mind.rescue(work.conversation, work.items, work.desk, now, work.facts)


def _fitted(inbound: Inbound) -> Inbound:
    """What came in as it may be kept: clean, and with no secret in it."""
    masked = mask(clean(inbound.text))
    formatted = mask(clean(inbound.markdown)) if inbound.markdown else masked
    return replace(
        inbound,
        files=tuple(replace(file, channel=inbound.address.channel) for file in inbound.files),
        text=masked.text,
        sender=replace(inbound.sender, name=clean(inbound.sender.name)[:LONGEST_NAME]),
        choice=clean(inbound.choice),
        hidden=bool(masked.kinds),
        # Formatting may tear a secret into pieces that look like none.
        markdown=formatted.text if inbound.markdown and formatted.kinds == masked.kinds else "",
    )
