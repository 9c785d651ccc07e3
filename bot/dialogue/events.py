"""What can happen to a conversation (events) and what a decision asks for (effects): frozen values only."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.states import State
from bot.messages import Address, Author, Button, File, OutboundKind, Priority, Ticket, Verdict

IDLE = "idle"
"""The timer that ends a conversation in which nothing was said for long."""
INTAKE = "intake"
"""The timer that hands over with what is known, where a contact no longer answers what is asked before."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A hand-over that waits for details: its `reason` (as in `OpenTicket`), the `phrase` that will tell of it, and the
    entry. `wrong` says how often the field that is asked for now got an answer that doesn't look right."""

    reason: str
    phrase: str
    entry: str = ""
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One contact's dialogue at one address, as far as it must be remembered.

    `lang` is the contact's language, kept from message to message; once `lang_chosen`, only the contact changes it.
    `question` and `entry` are what was asked and answered last; `mood` is what was noticed on the way (angry, urgent);
    `choices` are the buttons offered last; `told_waiting`
    whether the contact was told that the bot is silent now. In a `public` conversation others read along, so a human
    takes over only in private. `fields` is what is known of what agents will need, empty where it was skipped, for the
    hand-over that is `pending`. `misses` counts how often in a row the bot was of no help. `rated` are the number of
    the ticket that was rated last, and its rating. `version` counts the decisions stored.
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
    fields: tuple[tuple[str, str], ...] = ()
    pending: Pending | None = None
    misses: int = 0
    rated: tuple[int, int] | None = None
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
    it is stored, replaces `TICKET_MARK` in the text. `reply_to` is the reference of what it answers, or `quotes` its
    place in the record. What an agent says has the `author` and their `name`, and was written at `source` under the
    platform's id `ref`. Of what had to be cut into parts, the first one has the `whole` for the record, and the others
    have `continues`."""

    text: str
    buttons: tuple[Button, ...] = ()
    numbered: bool = False
    kind: OutboundKind = ""
    reply_to: str = ""
    files: tuple[File, ...] = ()
    author: Author = "bot"
    name: str = ""
    source: Address | None = None
    ref: str = ""
    quotes: int = 0
    whole: tuple[str, tuple[File, ...]] | None = None
    continues: bool = False


LAST_SAID = -1
"""Stands for the place in the record of what was said last in the same decision."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Show this to agents, at one desk. `ticket` 0 is the one that this decision opens; in a place without a thread,
    none. `shows` is the place in the record of the message that it shows, 0 for none, and `quotes` of the one which
    that answers. A thread that is not there yet is opened under `title`. Of the `kind` "reply" is what answers an act:
    it is for this desk alone."""

    place: Address
    text: str
    ticket: int = 0
    buttons: tuple[Button, ...] = ()
    files: tuple[File, ...] = ()
    shows: int = 0
    quotes: int = 0
    title: str = ""
    mentions: tuple[str, ...] = ()
    kind: OutboundKind = ""


@dataclass(frozen=True, slots=True)
class Amend:
    """A message of the record reads otherwise now, or is gone; so everywhere it was sent, but for where `made`.

    `at_desks` is how agents read it, and `at_contact` how the contact does where that is not the `text`.
    `contact_has_it`: it was the contact who changed it; the record has it already.
    """

    seq: int
    text: str
    at_desks: str
    deleted: bool = False
    made: Address | None = None
    contact_has_it: bool = False
    at_contact: str = ""


@dataclass(frozen=True, slots=True)
class CloseThread:
    """Close a ticket's thread at a desk."""

    place: Address
    ticket: int


@dataclass(frozen=True, slots=True)
class SetTicket:
    """The conversation's ticket is like this from now on."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Log:
    """Add a line to a ticket's history. `ticket` 0 is the one that this decision opens; `actor` is an agent's name,
    "contact" or "bot"."""

    ticket: int
    kind: str
    actor: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SetPresence:
    """An agent is there or away. Who goes away gives back what waits for them: those conversations are woken."""

    agent: str
    away: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """Send again what had failed: the outbox row."""

    row: int


TICKET_MARK = "{ticket}"


@dataclass(frozen=True, slots=True)
class Heard:
    """Something overheard is answered, and so becomes part of the record, under its reference."""

    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Hand the conversation to humans.

    `reason` says why: asked, unhelpful, entry, broke, urgent, misses, reopened. `ask` are the fields that an agent
    needs, and `fields` those that are known, by name. `offered` and `promised` are as in `Ticket`.
    """

    reason: str
    question: str
    topic: str = ""
    entry: str = ""
    priority: Priority = "normal"
    ask: tuple[str, ...] = ()
    mood: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    offered: str = ""
    promised: float | None = None


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
class Rated:
    """The contact rated the help on a ticket, from 1 to 5, or said a `word` about it."""

    ticket: int
    rating: int = 0
    word: str = ""


@dataclass(frozen=True, slots=True)
class WantsTranscript:
    """The contact wants the record of what was said."""


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


Effect = (
    Say
    | Tell
    | Amend
    | CloseThread
    | Heard
    | OpenTicket
    | CloseTicket
    | SetTicket
    | Log
    | SetPresence
    | Retry
    | Rated
    | WantsTranscript
    | Asked
    | Judged
    | SetTimer
    | CancelTimer
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The conversation as it is from now on, and what has to happen: stored together or not at all.

    So many of the last rows are `left` for another decision, as they come after the opening of a ticket, whose number
    is known only once it is stored.
    """

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
    left: int = 0
