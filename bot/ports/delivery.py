"""What the way of a message needs from a store: rows that came in, that go out, and that wait for their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.desk.facts import Facts
from bot.dialogue.events import Conversation, Decision
from bot.messages import Accepted, Desk, Inbound, Item, Outbound, Receipt


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be handled for one conversation: its new inbox rows, oldest first.

    `facts` is there where the desk is concerned for certain; else it is asked for once a decision turns out so.
    """

    conversation: Conversation
    items: tuple[Item, ...]
    desk: Desk
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision is stored: the channels on which there is something to send, when the next timer that it set is due,
    and other conversations in which there is something to handle now."""

    sends: frozenset[str] = frozenset()
    timer: float | None = None
    woken: tuple[int, ...] = ()


class InboxStore(Protocol):
    """Durable rows of what came in."""

    async def receive(self, inbound: Inbound, now: float) -> Accepted:
        """Store a message once."""

    async def known(self, inbound: Inbound) -> Accepted | None:
        """What a message got that is stored already."""

    async def unhandled(self, channels: Sequence[str]) -> Sequence[int]:
        """Conversations on these channels with rows that wait to be handled, oldest first."""

    async def load(self, conversations: Sequence[int]) -> Sequence[Work]:
        """What is to be handled for these conversations; those with nothing new are left out."""

    async def inform(self, work: Work) -> Work:
        """The same work with its facts."""

    async def settle(self, work: Work, decision: Decision, now: float) -> Settled:
        """Store a decision and all its effects and mark the rows handled: all or nothing. Raises Conflict."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row leased to us. `attempts` counts this one; `repeated` says that an earlier send may have arrived.
    `desk`: it is for agents."""

    id: int
    outbound: Outbound
    attempts: int
    repeated: bool
    owner: str
    desk: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a row that was not sent: tried again at `due`, or ended as `dead` or `uncertain`."""

    status: str
    error: str
    due: float = 0.0
    counted: bool = True
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What follows from the fate of a row: channels with something to send, conversations with something to handle.

    `ours` is false if the lease was lost, and so nothing was stored.
    """

    ours: bool = True
    sends: frozenset[str] = frozenset()
    woken: tuple[int, ...] = ()


class OutboxStore(Protocol):
    """Durable rows of what must be sent. Claims are fenced by owner and attempt, so a late answer changes nothing."""

    async def claim(self, channel: str, owner: str, now: float, most: int) -> Sequence[Claimed]:
        """Lease due rows, at most one per address: the oldest."""

    async def sent(self, claimed: Claimed, receipt: Receipt, now: float) -> Aftermath:
        """Mark a row sent. Nothing follows if the lease was lost."""

    async def failed(self, claimed: Claimed, fate: Fate, now: float) -> Aftermath:
        """Mark an attempt failed. Nothing follows if the lease was lost."""

    async def thread_gone(self, claimed: Claimed, now: float) -> Aftermath:
        """A desk's thread was deleted: what waits for it goes to a new one, which begins with the brief."""

    async def moved(self, channel: str, old: str, new: str) -> None:
        """A chat has another id from now on."""

    async def release(self, channel: str, keep: str) -> None:
        """Make what is leased on a channel claimable again, but for the rows of the owner `keep`."""

    async def next_due(self, channel: str) -> float | None:
        """When the next row can be claimed, if there is one."""


class TimerStore(Protocol):
    """Durable timers; when due they become inbox rows."""

    async def fire(self, now: float, most: int, channels: Sequence[str]) -> Sequence[int]:
        """Turn due timers of these channels into inbox rows: the conversations they belong to."""

    async def next_timer(self, channels: Sequence[str]) -> float | None:
        """When the next timer of these channels is due, if there is one."""
