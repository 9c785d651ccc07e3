"""What is shown of tickets and their lines: values ready to be read, in the agent's language. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.messages import Button, File, Ticket
from bot.ports import Case, Line, Summary
from bot.web.console.texts import Texts

Phrase = Callable[[str, str], str]
"""A text of the knowledge, by its key and a language."""

FieldShown = Callable[[str, str, str], tuple[str, str]]
"""How a field is called, and its value as agents may see it: by its name, its value and a language."""

QUIET = frozenset({"answered", "edited", "deleted", "kept", "void", "told"})
"""What happened, but shows in the record itself or is no news for agents."""
FRESH = 600.0
"""Seconds that an answer to an agent's command is shown, if nothing else happens."""
LONGEST_PREVIEW = 120

_MARKS = re.compile(r"\\([^\w\s])|[*_`]{1,3}|\n+")


@dataclass(frozen=True, slots=True)
class Reader:
    """How texts and times are read: the language, where the clock hangs, and what time it is."""

    texts: Texts
    phrase: Phrase
    field: FieldShown
    zone: tzinfo
    now: float
    agent: str

    def word(self, key: str) -> str:
        """A phrase of the knowledge; the key itself if it is not there."""
        try:
            return self.phrase(key, self.texts.lang)
        except KeyError:
            return key.rpartition("_")[2]

    def clock(self, at: float) -> str:
        """A moment as the clock shows it, with the day if that is another one."""
        wall, today = (datetime.fromtimestamp(one, self.zone) for one in (at, self.now))
        shown = f"{wall:%H:%M}"
        if wall.date() == today.date():
            return shown
        day = f"{wall.month}月{wall.day}日" if self.texts.lang == "zh" else f"{wall.day} {wall:%b}"
        year = "" if wall.year == today.year else f"{wall.year}年" if self.texts.lang == "zh" else f" {wall.year}"
        return f"{year}{day} {shown}" if self.texts.lang == "zh" else f"{day}{year} {shown}"

    def exactly(self, at: float) -> str:
        """A moment with its day, second and zone."""
        return f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d %H:%M:%S %Z}"

    def long(self, seconds: float) -> str:
        """How long something takes, roughly."""
        minutes = int(max(seconds, 0) // 60)
        if minutes < 1:
            return self.texts("minutes", n="<1")
        if minutes < 60:
            return self.texts("minutes", n=minutes)
        if minutes < 24 * 60:
            rest = f" {self.texts('minutes', n=minutes % 60)}" if minutes % 60 and minutes < 600 else ""
            return self.texts("hours", n=minutes // 60) + rest
        return self.texts("days", n=minutes // (24 * 60))


@dataclass(frozen=True, slots=True)
class RowView:
    """A ticket in the inbox. `late`: the contact has waited past what was promised."""

    number: int
    contact: str
    facts: tuple[str, ...]
    priority: str
    time: str
    preview: str
    owner: str = ""
    late: bool = False
    here: bool = False


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a ticket. `look` is contact, bot, agent, note or event; of `rich` ones the text is Markdown.

    `files` are links and what they are called; `state` is what became of it, `retry` the value that sends it again.
    """

    look: str
    who: str
    text: str
    time: str
    exactly: str
    rich: bool = False
    files: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    state: str = ""
    state_text: str = ""
    retry: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered to a command at a moment: Markdown, and buttons to press."""

    at: float
    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the inbox."""

    key: str
    rows: tuple[RowView, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a ticket at a glance."""

    number: int
    contact: str
    facts: tuple[str, ...]
    priority: str
    priority_text: str
    state: str
    state_text: str
    time: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Who asks what, and what is known: names and values; several values of one name are a list."""

    rows: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def inbox(open_: Sequence[Summary], closed: Sequence[Summary], reader: Reader, here: int) -> tuple[Section, ...]:
    """The inbox: who waits, the agent's own tickets, those of others, and what was closed lately."""
    parts: dict[str, list[RowView]] = {"waiting": [], "mine": [], "others": [], "closed": []}
    for summary in (*open_, *closed):
        ticket = summary.ticket
        owned = "mine" if ticket.owner == reader.agent else "others"
        key = ticket.status if ticket.status in parts else owned
        parts[key].append(row(summary, reader, here))
    return tuple(Section(key, tuple(rows)) for key, rows in parts.items() if rows or key == "waiting")


def row(summary: Summary, reader: Reader, here: int) -> RowView:
    """A ticket in the inbox."""
    ticket = summary.ticket
    owner = ticket.owner if ticket.owner != reader.agent else ""
    if ticket.status == "waiting" and ticket.offered:
        owner = reader.texts("offered", name=ticket.offered)
    return RowView(
        ticket.number,
        summary.contact or reader.texts("visitor"),
        tuple(filter(None, (summary.channel, ticket.lang, ticket.topic))),
        ticket.priority,
        _time(ticket, reader),
        preview(ticket.question if ticket.status == "closed" else summary.last_text),
        owner,
        _is_late(ticket, reader),
        ticket.number == here,
    )


def _time(ticket: Ticket, reader: Reader) -> str:
    if ticket.status == "closed":
        return reader.texts("closed_at", time=reader.clock(ticket.closed_at or ticket.opened_at))
    if ticket.snoozed_until is not None:
        return reader.texts("snoozed_until", time=reader.clock(ticket.snoozed_until))
    since = ticket.opened_at if ticket.status == "waiting" and ticket.since is None else ticket.since
    return reader.texts("answered") if since is None else reader.texts("waits", time=reader.long(reader.now - since))


def _is_late(ticket: Ticket, reader: Reader) -> bool:
    overdue = ticket.promised is not None and ticket.promised < reader.now
    return ticket.status != "closed" and ticket.since is not None and (overdue or ticket.steps > 0)


def preview(text: str) -> str:
    """The beginning of a text in one line, without the marks of its formatting."""
    plain = _MARKS.sub(lambda found: found[1] or (" " if "\n" in found[0] else ""), text[: 3 * LONGEST_PREVIEW])
    return plain if len(plain) <= LONGEST_PREVIEW else f"{plain[: LONGEST_PREVIEW - 1]}…"


def head(summary: Summary, reader: Reader) -> Head:
    """A ticket at a glance."""
    ticket, texts = summary.ticket, reader.texts
    state, text = "waiting", texts("offered", name=ticket.offered) if ticket.offered else texts("nobody_has")
    if ticket.status == "closed":
        state, text = "closed", texts("is_closed")
    elif ticket.owner:
        mine = ticket.owner == reader.agent
        state, text = ("mine", texts("you_have")) if mine else ("others", texts("has", name=ticket.owner))
    return Head(
        ticket.number,
        summary.contact or texts("visitor"),
        tuple(filter(None, (summary.channel, ticket.lang, ticket.topic))),
        ticket.priority,
        reader.word(f"desk_priority_{ticket.priority}"),
        state,
        text,
        _time(ticket, reader),
    )


def brief(case: Case, reader: Reader) -> Brief:
    """What an agent wants to know of a ticket before they answer."""
    summary, ticket, texts = case.summary, case.summary.ticket, reader.texts
    told: list[tuple[str, Sequence[str]]] = [
        ("who", [summary.contact or texts("visitor")]),
        ("where", [summary.channel]),
        ("language", [ticket.lang] if ticket.lang else []),
        ("topic", [ticket.topic] if ticket.topic else []),
        ("question", [ticket.question] if ticket.question else []),
        ("why", [reader.word(f"desk_reason_{ticket.reason}")] if ticket.reason else []),
        ("mood", [", ".join(reader.word(f"desk_mood_{mood}") for mood in ticket.mood)] if ticket.mood else []),
        ("fields", [_field(name, value, reader) for name, value in ticket.fields]),
        ("tried", [_tried(one.entry, one.confidence, one.text, reader) for one in case.tried]),
        ("earlier", [_earlier(one, reader) for one in case.earlier]),
        ("promised", [reader.clock(ticket.promised)] if ticket.promised is not None else []),
    ]
    return Brief(tuple((texts(key), tuple(values)) for key, values in told if values))


def _field(name: str, value: str, reader: Reader) -> str:
    called, shown = reader.field(name, value, reader.texts.lang)
    return f"{called}: {shown or reader.texts('not_given')}"


def _tried(entry: str, confidence: float, asked: str, reader: Reader) -> str:
    found = f"{entry} ({confidence:.0%})" if entry else reader.texts("found_nothing")
    return f"“{preview(asked)}” → {found}"


def _earlier(ticket: Ticket, reader: Reader) -> str:
    rated = f", {reader.texts('rating', n=ticket.rating)}" if ticket.rating else ""
    return f"#{ticket.number}, {reader.clock(ticket.opened_at)}: {preview(ticket.question)}{rated}"


def lines(case: Case, reader: Reader, file_link: Callable[[int, int], str]) -> list[LineView]:
    """The lines of a ticket as they are shown, oldest first; `file_link` is where a file of a line is fetched."""
    return [_line(line, reader, file_link) for line in case.lines if line.kind not in QUIET]


def _line(line: Line, reader: Reader, file_link: Callable[[int, int], str]) -> LineView:
    texts, time, exactly = reader.texts, reader.clock(line.at), reader.exactly(line.at)
    if line.kind == "note":
        return LineView("note", texts("note_by", name=line.name), line.text, time, exactly)
    if line.kind:
        return LineView("event", "", happened(line, reader), time, exactly)
    who = line.name or texts("bot" if line.author == "bot" else "contact")
    if line.deleted_at is not None:
        return LineView(line.author, who, "", time, exactly, remark=texts("deleted"))
    state = line.delivery if line.author == "agent" or line.delivery in {"delayed", "failed"} else ""
    state_key = "waiting_to_send" if state == "waiting" else state
    return LineView(
        line.author,
        who,
        line.text,
        time,
        exactly,
        rich=line.author != "contact",
        files=tuple((file_link(line.seq, place), called(file)) for place, file in enumerate(line.files)),
        remark=texts("edited") if line.edited_at is not None else "",
        state=state,
        state_text=texts(state_key, error=line.error) if state else "",
        retry=f"retry:{line.row}" if state == "failed" and line.row else "",
    )


def called(file: File) -> str:
    """What a file is called, with its size."""
    size = f" ({file.size / 1_000_000:.1f} MB)" if file.size >= 100_000 else f" ({max(1, file.size // 1000)} kB)"
    return (file.name or file.kind) + (size if file.size else "")


def happened(line: Line, reader: Reader) -> str:
    """An event of the history in words."""
    key = f"did_{line.kind}_because" if line.kind == "closed" and line.text else f"did_{line.kind}"
    if not reader.texts.has(key):
        return f"{line.kind} {line.text}".rstrip()
    who = {"bot": reader.texts("bot"), "contact": reader.texts("contact")}.get(line.name, line.name)
    return reader.texts(
        key,
        who=who,
        what=line.text,
        reason=reader.word(f"desk_reason_{line.text}") if line.kind == "opened" else "",
        priority=reader.word(f"desk_priority_{line.text}") if line.kind == "priority" else "",
        time=_moment(line.text, reader),
    )


def _moment(text: str, reader: Reader) -> str:
    try:
        return reader.clock(float(text))
    except ValueError:
        return ""


def answer(case: Case, now: float) -> Answer | None:
    """What the desk answered to the last command, until somebody at the desk does something else or it is old."""
    for line in reversed(case.lines):
        if line.kind == "told":
            found = json.loads(line.text) if now - line.at < FRESH else {}
            buttons = tuple(Button(label, value) for label, value in found.get("buttons", ()))
            return Answer(line.at, found["text"], buttons) if found else None
        if line.author == "agent" and line.kind not in {"note", "ignored"}:
            return None
    return None
