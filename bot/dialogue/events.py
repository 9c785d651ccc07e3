"""What can happen to a conversation (events) and what a decision asks for (effects): frozen values only."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.states import State
from bot.messages import Address, Button, File, OutboundKind, Priority, Verdict

IDLE = "idle"
"""The timer that ends a conversation in which nothing was said for long."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One contact's dialogue at one address, as far as it must be remembered.

    `lang` is the contact's language, kept from message to message; once `lang_chosen`, only the contact changes it.
    `question` and `entry` are what was asked and answered last; `mood` is what was noticed on the way (angry, urgent);
    `choices` are the buttons offered last; `told_waiting`
    whether the contact was told that the bot is silent now. In a `public` conversation others read along, so a human
    takes over only in private. `version` counts the decisions stored.
    """

    id: int
    address: Address
    state: State = State.NEW
    lang: str = ""
    lang_chosen: bool = False
    name: str = ""
    question: str = ""
    entry: str = ""
    mood: tuple[str, ...] = ()
    choices: tuple[Button, ...] = ()
    told_waiting: bool = False
    public: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The contact opened the chat and has said nothing yet."""


@dataclass(frozen=True, slots=True)
class Said:
    """The contact wrote something or sent files; messages of one burst are one text. `hidden`: a secret was masked."""

    text: str
    hidden: bool = False
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Overheard:
    """Somebody wrote in a public chat, to nobody in particular."""

    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The contact changed what they wrote; `text` is what it says now. `hidden`: a secret was masked in it."""

    text: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """The contact pressed a button of this value."""

    value: str


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer of this kind ran out."""

    kind: str


@dataclass(frozen=True, slots=True)
class Broke:
    """Handling what the contact wrote failed: our bug, never the contact's."""

    text: str


Event = Opened | Said | Overheard | Edited | Pressed | TimerDue | Broke


@dataclass(frozen=True, slots=True)
class Say:
    """Send this to the contact. With `numbered`, the number of the conversation's ticket, which is known only once
    it is stored, replaces `TICKET_MARK` in the text. `reply_to` is the reference of what it answers."""

    text: str
    buttons: tuple[Button, ...] = ()
    numbered: bool = False
    kind: OutboundKind = ""
    reply_to: str = ""
    files: tuple[File, ...] = ()


TICKET_MARK = "{ticket}"


@dataclass(frozen=True, slots=True)
class Heard:
    """Something overheard is answered, and so becomes part of the record, under its reference."""

    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Hand the conversation to humans. `reason` says why: asked, unhelpful, entry, broke."""

    reason: str
    question: str
    topic: str = ""
    entry: str = ""
    priority: Priority = "normal"
    ask: tuple[str, ...] = ()
    mood: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """The conversation's ticket is over: the contact no longer needs a human."""

    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Remember a question and what became of it."""

    text: str
    lang: str
    verdict: Verdict
    entry: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The contact said whether the answer of `entry` helped."""

    entry: str
    helpful: bool


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake the conversation at `due` (seconds, UTC); replaces a timer of the same kind."""

    kind: str
    due: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget a timer."""

    kind: str


Effect = Say | Heard | OpenTicket | CloseTicket | Asked | Judged | SetTimer | CancelTimer


@dataclass(frozen=True, slots=True)
class Decision:
    """The conversation as it is from now on, and what has to happen: stored together or not at all."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
