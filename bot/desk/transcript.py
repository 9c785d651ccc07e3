"""The transcript of a ticket or a conversation: what was said, for the contact; everything, for agents.

The contact's holds only lines of the record that reached them or came from them, each chosen by what it is: whatever
else there may be one day stays inside until somebody decides otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from bot.desk.times import stamp, zone_name
from bot.desk.transcript_words import EVENTS, TIMES, WORDS
from bot.messages import File, Ticket

NOTE = "note"
"""The kind of a note in a ticket's history."""
LINK = re.compile(r"(?<!\\)\[([^\]\n]+)(?<!\\)\]\((https?://[^\s)]+)\)")
BOLD = re.compile(r"\*\*(?=\S)(.+?)\*\*")
ESCAPED = re.compile(r"\\([\\`*_\[\]#+-])")
"""The little Markdown that a transcript knows: links to the web, bold, and signs that stand for themselves."""

# Control characters, and marks that make text run the other way and so swallow what stands around it.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Line(Protocol):
    """One line of a ticket, as `bot.ports.Line` is: of the record (`seq` above 0), or of its history (of a `kind`)."""

    @property
    def at(self) -> float: ...
    @property
    def author(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def files(self) -> tuple[File, ...]: ...
    @property
    def edited_at(self) -> float | None: ...
    @property
    def deleted_at(self) -> float | None: ...
    @property
    def delivery(self) -> str: ...
    @property
    def error(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Record:
    """What a transcript is made of. Without a `ticket` it is that of a conversation.

    `contact` is their name; `topic` and the `details` (what an agent needed to know: what it is called, and the value,
    masked where it is sensitive) are ready to be read, and for agents only. `made_at` is when it is made.
    """

    brand: str
    zone: tzinfo
    made_at: float
    lines: Sequence[Line] = ()
    ticket: Ticket | None = None
    contact: str = ""
    channel: str = ""
    topic: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the record as it is shown. `kind` is contact, agent, bot, note or event; an event has only a text.

    `at` is when, in words, and `moment` the same for machines. `text` is Markdown unless a contact wrote it.
    """

    kind: str
    at: str
    moment: str
    who: str
    text: str
    files: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A transcript before it has a form: `head` are labels and values, `remark` is said of all of it."""

    lang: str
    title: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    remark: str


def page(record: Record, lang: str, *, for_agents: bool = False) -> Page:
    """What a transcript holds, in words of this language; those that we have none of get the English ones."""
    return _Writer(record, lang, for_agents).page()


def as_text(record: Record, lang: str, *, for_agents: bool = False) -> str:
    """The transcript as plain text. What people wrote is indented, so that nobody can write a line of the record."""
    made = page(record, lang, for_agents=for_agents)
    colon = "：" if lang == "zh" else ": "
    head = "\n".join(f"{label}{colon}{value}" for label, value in made.head)
    return "\n\n".join(part for part in (made.title, head, made.remark, *map(_row_text, made.rows)) if part) + "\n"


def plain(text: str) -> str:
    """Markdown as one reads it without: bold marks gone, links written out, escaped signs bare."""
    return ESCAPED.sub(r"\1", BOLD.sub(r"\1", LINK.sub(r"\1 (\2)", text)))


def _row_text(row: Row) -> str:
    if row.kind == "event":
        return f"[{row.at}] -- {one_line(row.text)}"
    text = row.text if row.kind == "contact" else plain(row.text)
    below = [*text.splitlines(), *row.files, *(f"({mark})" for mark in row.marks)]
    return "\n".join([f"[{row.at}] {row.who}:", *(f"    {line}" for line in below)])


class _Writer:
    """Puts one record into the words of one language, for one kind of reader."""

    def __init__(self, record: Record, lang: str, for_agents: bool) -> None:
        self._record = record
        self._lang = lang
        self._for_agents = for_agents
        self._words: Mapping[str, str] = WORDS.get(lang, WORDS["en"])
        self._events: Mapping[str, str] = EVENTS.get(lang, EVENTS["en"])

    def page(self) -> Page:
        record, word = self._record, self._words
        rows = tuple(self._row(line) for line in record.lines if self._for_agents or _is_for_contact(line))
        ticket = word["ticket"].format(number=record.ticket.number) if record.ticket else word["conversation"]
        remark = word["internal"] if self._for_agents else ""
        head = tuple((one_line(label), one_line(value)) for label, value in self._head() if value)
        return Page(self._lang, f"{one_line(record.brand)} – {ticket}", head, rows, remark if rows else word["nothing"])

    def _head(self) -> list[tuple[str, str]]:
        record, ticket, word = self._record, self._record.ticket, self._words
        now = datetime.fromtimestamp(record.made_at, record.zone)
        head = [(word["contact"], record.contact)]
        if ticket is not None:
            head += [(word["question"], ticket.question), (word["opened"], self._at(ticket.opened_at))]
            head += [(word["closed"], self._at(ticket.closed_at)), (word["rating"], self._rating(ticket))]
            head += self._inside(ticket) if self._for_agents else []
        return [*head, (word["made"], self._at(record.made_at)), (word["zone"], zone_name(record.zone, now))]

    def _inside(self, ticket: Ticket) -> list[tuple[str, str]]:
        """What only agents see of a ticket."""
        record, word = self._record, self._words
        known = [(word["channel"], record.channel), (word["topic"], record.topic)]
        return [
            *known,
            (word["priority"], word[f"detail_{ticket.priority}"]),
            (word["owner"], ticket.owner),
            *record.details,
        ]

    def _rating(self, ticket: Ticket) -> str:
        if ticket.rating is None:
            return ""
        key = "rated_word" if ticket.rating_word else "rated"
        return self._words[key].format(rating=ticket.rating, word=ticket.rating_word)

    def _at(self, at: float | None) -> str:
        return "" if at is None else stamp(at, self._record.zone, self._lang)

    def _row(self, line: Line) -> Row:
        moment = datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if line.kind == NOTE:
            who = self._words["by"].format(name=one_line(line.name), role=self._words["note"])
            return Row("note", self._at(line.at), moment, who, clean(line.text))
        if line.kind:
            return Row("event", self._at(line.at), moment, "", self._event(line))
        gone = line.deleted_at is not None and not self._for_agents
        text, files = ("", ()) if gone else (clean(line.text), tuple(map(self._file, line.files)))
        return Row(line.author, self._at(line.at), moment, self._who(line), text, files, self._marks(line))

    def _event(self, line: Line) -> str:
        detail = clean(line.text)
        if line.kind in TIMES and re.fullmatch(r"\d{1,11}(\.\d+)?", detail):
            detail = self._at(float(detail))
        detail = self._words.get(f"detail_{detail}", detail) if line.kind in ("opened", "priority") else detail
        actor = {"contact": self._words["role_contact"], "bot": self._words["role_bot"]}.get(line.author, "")
        who = one_line(actor or line.name)
        text = self._events.get(line.kind)
        told = f"{who}: {line.kind} {detail}" if text is None else text.format(who=who, detail=detail)
        return told.strip().rstrip(":：")

    def _who(self, line: Line) -> str:
        """Who said something, always with what they are: anybody may call themselves like an agent."""
        record, word = self._record, self._words
        role = "you" if line.author == "contact" and not self._for_agents else line.author
        name = {"contact": line.name or record.contact, "bot": record.brand}.get(line.author, line.name)
        said = word.get(f"role_{role}", role)
        return word["by"].format(name=one_line(name), role=said) if one_line(name) else said

    def _file(self, file: File) -> str:
        return self._words["file"].format(name=one_line(file.name) or self._words[f"kind_{file.kind}"])

    def _marks(self, line: Line) -> tuple[str, ...]:
        found = [
            (mark, at) for mark, at in (("edited", line.edited_at), ("deleted", line.deleted_at)) if at is not None
        ]
        marks = [self._words[mark].format(at=self._at(at)) for mark, at in found]
        if self._for_agents and line.delivery in ("failed", "waiting", "delayed"):
            marks.append(self._words[line.delivery].format(error=clean(line.error)))
        return tuple(marks)


def _is_for_contact(line: Line) -> bool:
    """Whether a line was said between the contact and us, and is not known to have failed to arrive."""
    return line.seq > 0 and not line.kind and line.author in ("contact", "bot", "agent") and line.delivery != "failed"


def clean(text: str) -> str:
    """A text without what would change the text around it; its lines are kept."""
    return _UNFIT.sub("", "\n".join(text.splitlines())).strip()


def one_line(text: str) -> str:
    """A name or a short text, on a single line."""
    return " ".join(clean(text).split())
