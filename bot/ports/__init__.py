"""What Frontdesk needs from outside, as small protocols. Implementations are handed over by bot.app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.matching.meaning import Vector
from bot.messages import Accepted, Address, ChatMessage, Cursor, File, Inbound, Outbound, Receipt
from bot.ports.delivery import (
    Aftermath,
    Claimed,
    Fate,
    InboxStore,
    OutboxStore,
    Settled,
    TimerStore,
    Work,
)
from bot.ports.desk import Case, DeskStore, Line, SessionStore, Summary

__all__ = [
    "Accept",
    "Adapter",
    "Aftermath",
    "Case",
    "ChatStore",
    "Claimed",
    "Clock",
    "DeskStore",
    "Embedder",
    "Fate",
    "Guest",
    "HealthStore",
    "InboxStore",
    "Judgement",
    "Limits",
    "Line",
    "Meter",
    "OutboxStore",
    "PlaceStore",
    "Problem",
    "Question",
    "QuestionStore",
    "SessionStore",
    "Settled",
    "Summary",
    "TimerStore",
    "Tools",
    "Upload",
    "UploadStore",
    "Work",
    "listing",
]


Accept = Callable[[Inbound], Awaitable[Accepted]]
"""Makes a message durable. Only when it returns may the adapter acknowledge to its platform. Raises Refused."""

AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


class Clock(Protocol):
    """The time. Nothing else in Frontdesk asks the machine for it."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def steady(self) -> float:
        """Seconds since some moment; unlike `now`, never set back or forward."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Meter(Protocol):
    """Counts what happens; never sees a text."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""

    def observe(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform can show. `text` is how long a message may be, in UTF-16 units; `buttons` how many fit under one
    message (0: none); `forms` whether a button can open one."""

    text: int = 4096
    buttons: int = 0
    edits: bool = False
    threads: bool = False
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a file that people write: where, and what to do about it."""

    place: str
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class Adapter(Protocol):
    """One platform. It is used by the bot; it never is the bot."""

    limits: Limits

    async def run(self, accept: Accept) -> None:
        """Take messages from the platform until cancelled, or until the platform has no more to say."""

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one message. Raises DeliveryError, never a platform's own exception."""

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that somebody sent here. Raises DeliveryError; Undeliverable if there are none."""

    async def examine(self) -> Sequence[Problem]:
        """What keeps the channel from working (fatal) or from working well, with the cure; for doctor."""

    async def close(self) -> None:
        """Free what it holds; nothing is sent after this."""


class Embedder(Protocol):
    """A model that tells what texts mean, as vectors of length one."""

    name: str
    """Names the vectors: under another name there are other ones."""
    languages: Sequence[str] | None
    """The languages that it understands; None for all."""
    needs_gauge: bool
    """Whether its scale is to be measured first; not of a model whose scale is known."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector for each text. Raises VectorsUnavailable; whoever waits sets the time limit."""

    async def close(self) -> None:
        """Free what it holds."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who holds the key to a chat of ours; `expires` is in seconds, UTC."""

    chat: str
    name: str
    lang: str
    expires: float


class ChatStore(Protocol):
    """Chats of channels that have no server of their own, such as the web chat."""

    async def admit(self, key_hash: str, guest: Guest) -> None:
        """Remember the hash of a new chat's key."""

    async def guest(self, key_hash: str) -> Guest | None:
        """Whose key that is."""

    async def messages(self, address: Address, after: int, most: int) -> tuple[str, Sequence[ChatMessage]]:
        """The conversation's state, and its messages with a `seq` above `after`, oldest first."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a visitor of one of our own chats sent."""

    id: str
    chat: str
    name: str
    type: str
    body: bytes


class UploadStore(Protocol):
    """Files of visitors; they are part of the database, so that a backup has them."""

    async def keep(self, upload: Upload) -> None:
        """Store a file."""

    async def upload(self, id: str) -> Upload | None:
        """A file, if there is one of this id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person said of an answer: whether `entry`, found with this confidence, helped."""

    entry: str
    confidence: float
    helpful: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as somebody asked it, and what became of it; secrets in it are hidden.

    `entry` was the best match. `helpful` is what was said of the answer. `chosen` is the entry taken after "did you
    mean", or `none` for none of those. `escalated`: a ticket was opened with this question, other than by its entry's
    own wish.
    """

    text: str
    lang: str = ""
    verdict: str = "handover"
    entry: str = ""
    confidence: float = 0.0
    conversation: int = 0
    at: float = 0.0
    helpful: bool | None = None
    chosen: str = ""
    escalated: bool = False


class QuestionStore(Protocol):
    """Real questions, for those who write the knowledge."""

    async def questions(self, since: float, most: int) -> Sequence[Question]:
        """The last `most` questions asked at `since` (seconds, UTC) or later, oldest first."""


class PlaceStore(Protocol):
    """What a platform tells of its chats, and how far its streams of messages have been read."""

    async def moved(self, channel: str, old: str, new: str) -> None:
        """A chat has another id from now on: its conversations, and what is to be sent there, go with it."""

    async def gone(self, channel: str, chat: str, why: str) -> None:
        """Nothing can be sent to a chat any more: what waits for it is dead."""

    async def cursors(self, channel: str, account: str) -> Mapping[str, int]:
        """How far each stream of this bot account has been read."""

    async def advance(self, channel: str, account: str, cursor: Cursor) -> None:
        """A stream has been read so far, and there was nothing for us; never moves back."""


class HealthStore(Protocol):
    """What health and doctor ask the store."""

    async def ping(self) -> None:
        """Write and read one row; raises StoreError."""

    async def counts(self) -> Mapping[str, int]:
        """Rows by kind: unhandled, unsent, dead, uncertain, tickets and so on."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter is given: only ports and plain values.

    `fetch` gives the bytes of a file of any channel, or raises DeliveryError. `phrase(key, lang)` is a text of ours
    that an adapter shows by itself. `entries(lang)` are the entries' ids and titles; `field(name, lang)` is how a
    field is called and where its value is found. `colour` is the brand's, as 0xRRGGBB; `public_url` is where people
    and platforms reach our HTTP server. `desk` is the chat of this channel in which agents work, "" for none: all that
    is said there by people is taken, and every press of a button counts.
    """

    channel: str
    clock: Clock
    chats: ChatStore
    places: PlaceStore
    mount: Callable[[str, AsgiApp], None]
    fetch: Callable[[File], Awaitable[bytes]]
    phrase: Callable[[str, str], str]
    entries: Callable[[str], Sequence[tuple[str, str]]]
    field: Callable[[str, str], tuple[str, str]]
    commands: Sequence[str]
    languages: Sequence[str]
    brand: str
    colour: int
    public_url: str
    uploads: UploadStore
    desk: str = ""
    desk_commands: Sequence[str] = ()


def listing(problems: Iterable[Problem]) -> str:
    """Problems as a text, one a line."""
    return "\n".join(map(str, problems))
