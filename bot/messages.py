"""The words everything else speaks: frozen values that can be stored, compared and replayed.

No value here holds a live client, a connection or a clock. Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Author = Literal["contact", "bot", "agent"]
InboundKind = Literal["message", "overheard", "edit", "deletion"]
ItemKind = Literal["text", "choice", "timer", "overheard", "edit", "deletion", "act", "fate"]
OutboundKind = Literal["", "answer", "unknown", "handed_over", "brief", "reply"]
OutboundAct = Literal["send", "edit", "delete", "mark", "close"]
Delivery = Literal["sent", "delayed", "failed"]
FileKind = Literal["photo", "document", "voice", "audio", "video", "sticker", "location", "contact"]
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

    @property
    def token(self) -> str:
        """The value, or where that is longer than `LONGEST_TOKEN` bytes a digest of it: what a platform gives back."""
        if len(self.value.encode()) <= LONGEST_TOKEN:
            return self.value
        return f"#{hashlib.sha256(self.value.encode()).hexdigest()[:32]}"


LONGEST_TOKEN = 64
"""Bytes that every platform keeps with a button: Telegram's callback_data has 64, Discord's custom_id 100."""
NEW_THREAD = "#"
"""A thread whose name begins so is not there yet: `#7` is the one to be opened for ticket 7."""
AWAY = "away:"
"""How the timer's name begins that tells a conversation at once that an agent, named behind it, is away."""
CONSOLE = "console"
"""The channel of the web console, a desk of our own; its only chat has the same name, a thread is a ticket's number."""
GENERATED = "frontdesk"
"""The channel of files that nobody sent: they are made when they are asked for, such as a transcript."""
FORM = "form:"
"""A button whose value begins so, and goes on with names of fields, opens a form; only for platforms that have some."""
PRIVATE = "private:"
"""A button whose value begins so leads to a private conversation with the bot, which then hears /start and the rest."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody sent, by the id under which its `channel` knows it. `size` is in bytes, 0 if not known."""

    id: str
    kind: FileKind
    name: str = ""
    type: str = ""
    size: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream of messages that a platform keeps for us (a Discord channel) has been read."""

    stream: str
    position: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that came in from a platform.

    `account` is the bot account that received it and `external_id` the platform's id of the update: together with the
    channel they make a repeat recognisable. `choice` is the value of a pressed button, or its token; a message has
    text, files or a choice. `hidden` tells that a secret was masked in it.

    `markdown` is the text with its formatting, where the platform tells of one; empty, the text has none.

    `ref` is the platform's id of the message, for the answer to reply to; with a `choice`, of the message that made the
    bot offer it. `reply_to` is the id of the message that it quotes. Messages of one `album` belong together. An edit
    has the message's `ref` and its text as it is now. In a `public` chat others read along; something `overheard` there
    was said to nobody in particular. `cursor` is moved with the message.
    """

    address: Address
    account: str
    external_id: str
    sender: Sender
    text: str = ""
    choice: str = ""
    at: float = 0.0
    hidden: bool = False
    kind: InboundKind = "message"
    files: tuple[File, ...] = ()
    album: str = ""
    ref: str = ""
    reply_to: str = ""
    public: bool = False
    cursor: Cursor | None = None
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message is durable. `seq` is its place in the conversation; a repeat gets the place of the first one.

    `silent`: a human has the conversation, so nothing may come in return.
    """

    conversation: int
    seq: int
    repeat: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the inbox, waiting to be handled: a text, a pressed button's value, or the kind of a due timer.

    `ref`, `album`, `files` and `markdown` are as in `Inbound`; `seq` is its place in the record and `reply_to` of the
    message that it quotes, 0 for none. An act of an agent is in `act`, what became of a send in `fate`.
    """

    id: int
    kind: ItemKind
    value: str
    at: float
    hidden: bool = False
    ref: str = ""
    album: str = ""
    files: tuple[File, ...] = ()
    seq: int = 0
    reply_to: int = 0
    act: Act | None = None
    fate: Failure | None = None
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did at a desk, agent or not: wrote, pressed, changed or deleted a message.

    `ticket` is the one whose thread it was done in, 0 for none; `seq` the place in the record of the message that is
    changed or deleted, and `reply_to` of the one that is quoted (0: none that we know). `ref` is the platform's id of
    what was written; `markdown` is as in `Inbound`.
    """

    place: Address
    sender: Sender
    ticket: int = 0
    text: str = ""
    choice: str = ""
    kind: InboundKind = "message"
    files: tuple[File, ...] = ()
    ref: str = ""
    seq: int = 0
    reply_to: int = 0
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that will not arrive: the outbox row, whose it was, for whom (`desk`: for agents), why not, and what
    it was to do there."""

    row: int
    author: Author
    desk: bool
    channel: str
    error: str
    act: OutboundAct = "send"


@dataclass(frozen=True, slots=True)
class Outbound:
    """One thing to send. `key` is the same at every attempt, so that a platform with idempotency keys sends it once.

    `text` is Markdown; an adapter turns it into what its platform can show. `reply_to` is the platform's id of the
    message that it answers, and `contact` of the person whom it is for; `kind` says what it is, for platforms that
    show more than the text. A message has a text or `files`, and these of kinds that can be shown together. What an
    `agent` says is shown under their `name`.

    `act`: "send" is the rule. "edit" gives the message `target` (the platform's id of an earlier one of ours) this
    text, "delete" takes it away. "mark" shows on somebody's message `target` what became of it: the text is a
    `Delivery`. "close" closes the thread. A thread that is not there yet (`NEW_THREAD`) is opened under the `title`,
    and the receipt names it. `mentions` are the platform's ids of people who shall be called.
    """

    key: str
    address: Address
    text: str
    buttons: tuple[Button, ...] = ()
    seq: int = 0
    author: Author = "bot"
    name: str = ""
    reply_to: str = ""
    contact: str = ""
    kind: OutboundKind = ""
    files: tuple[File, ...] = ()
    act: OutboundAct = "send"
    target: str = ""
    title: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took a message: its id there, empty where the platform gives none.

    `address`: where the conversation goes on from now on, if it moved (into a thread opened for it).
    """

    external_id: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One line of a conversation's record, as the contact sees it. `edited_at` and `deleted_at` are times, or None."""

    seq: int
    author: Author
    name: str
    text: str
    buttons: tuple[Button, ...]
    at: float
    files: tuple[File, ...] = ()
    edited_at: float | None = None
    deleted_at: float | None = None


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
    """A conversation handed to humans.

    `owner` is the name of the agent who has it, "" while it waits; `offered` of the one it was given to first. `since`
    is when the silence began: the contact's first message that no human has answered, None if all are. `steps` counts
    the steps of the ladder taken since then, and `promised` is by when the contact was told to hear. `answered_at` is
    the first answer from a human, after `waited` seconds of open time. `places` are its threads on the desks. Numbers
    count from 1; 0 is the one that is being opened.
    """

    number: int
    status: TicketStatus
    opened_at: float
    reason: str = ""
    topic: str = ""
    entry: str = ""
    priority: Priority = "normal"
    question: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    mood: tuple[str, ...] = ()
    lang: str = ""
    owner: str = ""
    offered: str = ""
    since: float | None = None
    steps: int = 0
    promised: float | None = None
    answered_at: float | None = None
    waited: float | None = None
    snoozed_until: float | None = None
    stale_asked: bool = False
    closed_at: float | None = None
    closed_because: str = ""
    rating: int | None = None
    rating_word: str = ""
    places: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a contact asked in public before they went on in private: the question, and the entry that was found."""

    question: str
    entry: str = ""
    mood: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known beside the conversation before it decides: its open ticket, and where the contact came from.

    `said` is what the contact wrote lately, oldest first, known where a ticket is about to be opened; `last` is the
    ticket that was closed last.
    """

    ticket: Ticket | None = None
    origin: Origin | None = None
    said: tuple[str, ...] = ()
    last: Ticket | None = None
