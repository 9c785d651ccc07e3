"""Tickets as rows: read, opened, changed, and what happened to them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.dialogue.events import OpenTicket
from bot.messages import NEW_THREAD, Address, Ticket
from bot.storage.query import Query, Row, marks, to_json

COLUMNS = (
    "number, status, opened_at, reason, topic, entry, priority, question, fields, mood, lang, owner, offered, since,"
    " steps, promised, answered_at, waited, snoozed_until, stale_asked, closed_at, closed_because, rating, rating_word"
)


def to_ticket(row: Row, places: Sequence[Address] = ()) -> Ticket:
    """A ticket of its row (`COLUMNS`)."""
    (number, status, opened_at, reason, topic, entry, priority, question, fields, mood, lang, owner, offered, since,
     steps, promised, answered_at, waited, snoozed, stale_asked, closed_at, because, rating, word) = row  # fmt: skip
    return Ticket(
        number=number,
        status=status,
        opened_at=opened_at,
        reason=reason,
        topic=topic,
        entry=entry,
        priority=priority,
        question=question,
        fields=tuple((name, value) for name, value in json.loads(fields)),
        mood=tuple(json.loads(mood)),
        lang=lang,
        owner=owner,
        offered=offered,
        since=since,
        steps=steps,
        promised=promised,
        answered_at=answered_at,
        waited=waited,
        snoozed_until=snoozed,
        stale_asked=bool(stale_asked),
        closed_at=closed_at,
        closed_because=because,
        rating=rating,
        rating_word=word,
        places=tuple(places),
    )


def tickets(q: Query, where: str, parameters: Sequence[object]) -> list[Ticket]:
    """The tickets that a condition (and order) picks, with their places."""
    rows = q(f"select {COLUMNS} from ticket {where}", parameters)
    places = _places(q, [row[0] for row in rows])
    return [to_ticket(row, places[row[0]]) for row in rows]


def _places(q: Query, numbers: Sequence[int]) -> Mapping[int, list[Address]]:
    found: defaultdict[int, list[Address]] = defaultdict(list)
    if numbers:
        for ticket, channel, chat, thread in q(
            f"select ticket, channel, chat, thread from place where ticket in ({marks(numbers)}) order by channel",
            numbers,
        ):
            found[ticket].append(Address(channel, chat, thread))
    return found


def open_ticket(
    q: Query, conversation: int, first_seq: int, ticket: OpenTicket, lang: str, desks: Mapping[str, str], now: float
) -> int:
    """Open a ticket, with a thread to be opened on every desk: its number."""
    number: int = q(
        "insert into ticket (conversation, status, reason, topic, entry, priority, question, ask, mood, opened_at,"
        " closed_because, fields, offered, promised, since, lang, first_seq)"
        " values (?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?) returning number",
        (
            conversation,
            ticket.reason,
            ticket.topic,
            ticket.entry,
            ticket.priority,
            ticket.question,
            to_json(ticket.ask),
            to_json(ticket.mood),
            now,
            to_json(ticket.fields),
            ticket.offered,
            ticket.promised,
            now,
            lang,
            first_seq,
        ),
    )[0][0]
    for channel, chat in desks.items():
        q("insert into place values (?, ?, ?, ?)", (number, channel, chat, f"{NEW_THREAD}{number}"))
    if ticket.offered:
        given(q, ticket.offered, now)
    return number


def given(q: Query, agent: str, now: float) -> None:
    """Note that an agent was given a ticket: the next one goes to somebody else first."""
    q(
        "insert into agent (name, away, changed_at, given_at) values (?, 0, ?, ?)"
        " on conflict (name) do update set given_at = excluded.given_at",
        (agent, now, now),
    )


def set_ticket(q: Query, number: int, ticket: Ticket, now: float) -> None:
    """Store a ticket as it is now."""
    offered = q("select offered from ticket where number = ?", (number,))[0][0]
    if ticket.offered and ticket.offered != offered:
        given(q, ticket.offered, now)
    q(
        "update ticket set status = ?, topic = ?, priority = ?, fields = ?, owner = ?, offered = ?, since = ?,"
        " steps = ?, promised = ?, answered_at = ?, waited = ?, snoozed_until = ?, stale_asked = ?, closed_at = ?,"
        " closed_because = ?, rating = ?, rating_word = ? where number = ?",
        (
            ticket.status,
            ticket.topic,
            ticket.priority,
            to_json(ticket.fields),
            ticket.owner,
            ticket.offered,
            ticket.since,
            ticket.steps,
            ticket.promised,
            ticket.answered_at,
            ticket.waited,
            ticket.snoozed_until,
            int(ticket.stale_asked),
            ticket.closed_at,
            ticket.closed_because,
            ticket.rating,
            ticket.rating_word,
            number,
        ),
    )


def add_history(q: Query, ticket: int, kind: str, actor: str, detail: str, now: float) -> None:
    """Add a line to a ticket's history; none is ever changed."""
    q(
        "insert into history (ticket, at, kind, actor, detail) values (?, ?, ?, ?, ?)",
        (ticket, now, kind, actor, detail),
    )
