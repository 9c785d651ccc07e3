"""The words everything else speaks: frozen values that can be stored, compared and replayed.

No value here holds a live client, a connection or a clock. Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Author = Literal["contact", "bot", "agent"]
ItemKind = Literal["text", "choice", "timer"]
Verdict = Literal["answer", "clarify", "handover"]
Priority = Literal["low", "normal", "high", "urgent"]
TicketStatus = Literal["waiting", "claimed", "closed"]

START = "start"
"""The choice that a channel sends when a contact opens a chat without having said anything yet."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message comes from or goes to: a configured channel, a chat in it, and a thread of that chat if any."""

    channel: str
    chat: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as the platform names them: `id` is the platform's own and never changes; `name` may be anything."""

    id: str
    name: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered below a message: what is read, and the value that comes back when it is pressed."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that came in from a platform.

    `account` is the bot account that received it and `external_id` the platform's id of the update: together with the
    channel they make a repeat recognisable. `choice` is the value of a pressed button; a message has text or a choice.
    `hidden` tells that a secret was masked in it.
    """

    address: Address
    account: str
    external_id: str
    sender: Sender
    text: str = ""
    choice: str = ""
    at: float = 0.0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message is durable. `seq` is its place in the conversation; a repeat gets the place of the first one."""

    conversation: int
    seq: int
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the inbox, waiting to be handled: a text, a pressed button's value, or the kind of a due timer."""

    id: int
    kind: ItemKind
    value: str
    at: float
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Outbound:
    """One thing to send. `key` is the same at every attempt, so that a platform with idempotency keys sends it once.

    `text` is Markdown; an adapter turns it into what its platform can show.
    """

    key: str
    address: Address
    text: str
    buttons: tuple[Button, ...] = ()
    seq: int = 0
    author: Author = "bot"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took a message: its id there, empty where the platform gives none."""

    external_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One line of a conversation's record, as the contact sees it."""

    seq: int
    author: Author
    name: str
    text: str
    buttons: tuple[Button, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that may answer a question.

    `confidence` is 0..1 on one scale for all knowledge bases; `matched` is the phrasing that carried the result and
    `reasons` say in words and numbers why.
    """

    entry: str
    confidence: float
    matched: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """What the knowledge makes of a text. `lang` is the language it is written in; None if that can't be told.

    `others` are the answers to further questions in the same text, where it asks several.
    """

    verdict: Verdict
    lang: str | None = None
    ranked: tuple[Match, ...] = ()
    others: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A conversation handed to humans, as the conversation needs to know it."""

    number: int
    status: TicketStatus
    opened_at: float


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk tells the conversation before it decides: its open ticket, if any."""

    ticket: Ticket | None = None
