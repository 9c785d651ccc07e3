"""What a desk knows beside the ticket at hand, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.desk.waits import Sample
from bot.messages import File, Priority, Ticket, Verdict


@dataclass(frozen=True, slots=True)
class Queued:
    """A ticket that waits for an agent."""

    number: int
    priority: Priority
    opened_at: float


@dataclass(frozen=True, slots=True)
class Tried:
    """A question of the contact's, and what the bot made of it: the best entry and its confidence (0..1)."""

    text: str
    verdict: Verdict
    entry: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision about a ticket may need.

    `queue`: who waits, of all conversations, the one at hand included. `samples`: earlier waits. `away`: agents who
    are not there, by name; `loads`: open tickets by agent; `given`: when a ticket was last given to each. `tickets`:
    those of this conversation that matter now, by number. `earlier`: the contact's closed ones, newest first. `tried`:
    what was asked before the hand-over, oldest first. `last_said` is what the contact wrote last.
    `open` are all open tickets, those first that are to be answered first; only for who asks from a desk.
    `files`: what the contact sent lately, since the last ticket, oldest first, each with the place of its message in
    the record; none while a ticket is open, as agents have them already.
    """

    queue: tuple[Queued, ...] = ()
    samples: tuple[Sample, ...] = ()
    away: frozenset[str] = frozenset()
    loads: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=dict)
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    earlier: tuple[Ticket, ...] = ()
    tried: tuple[Tried, ...] = ()
    last_said: str = ""
    open: tuple[Ticket, ...] = ()
    files: tuple[tuple[int, File], ...] = ()

    def until(self, seq: int) -> Facts:
        """What was known at this place in the record (0: now): no files that were sent after it."""
        return replace(self, files=tuple(sent for sent in self.files if sent[0] <= seq)) if seq else self
