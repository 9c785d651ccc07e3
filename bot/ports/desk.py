"""What agents look at, and how they get in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.desk.facts import Tried
from bot.messages import File, Ticket


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ticket: of the record (`seq` above 0) or of its history (`kind` is then the event's).

    Of an agent's message `delivery` tells what became of it: "", "waiting" or a `Delivery`; of a failed one `error`
    and the outbox `row` to retry.
    """

    at: float
    author: str
    name: str
    text: str
    seq: int = 0
    kind: str = ""
    files: tuple[File, ...] = ()
    edited_at: float | None = None
    deleted_at: float | None = None
    delivery: str = ""
    error: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """A ticket in a list: with who asks (`contact`) on which `channel`, and what was said last."""

    ticket: Ticket
    contact: str
    channel: str
    last_text: str
    last_at: float


@dataclass(frozen=True, slots=True)
class Case:
    """A whole ticket: its lines (notes and staff talk among them: for agents only), oldest first, and what the bot
    tried before it."""

    summary: Summary
    lines: tuple[Line, ...]
    tried: tuple[Tried, ...] = ()
    earlier: tuple[Ticket, ...] = ()


class DeskStore(Protocol):
    """What agents look at."""

    async def tickets(self, status: Sequence[str], most: int) -> Sequence[Summary]:
        """Tickets of these statuses: open ones in the order in which they are to be answered, closed ones newest
        first."""

    async def case(self, number: int) -> Case | None:
        """A ticket with all that belongs to it."""

    async def away(self) -> frozenset[str]:
        """The names of agents who are away."""


class SessionStore(Protocol):
    """Who may use the console. Keys are never stored, only their hashes."""

    async def add_link(self, key_hash: str, agent: str, expires: float) -> None:
        """A way in for an agent, which works once; `expires` is in seconds, UTC."""

    async def enter(self, link_hash: str, session_hash: str, now: float, expires: float) -> str | None:
        """Use up a link and begin a session: whose it is, or None where the link is used, expired or none."""

    async def session(self, key_hash: str, now: float) -> str | None:
        """The agent whose session that is."""

    async def leave(self, key_hash: str) -> None:
        """End a session."""
