"""Transactions that read what agents look at: tickets in a list, and a single one with all that belongs to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.desk.facts import Tried
from bot.messages import Author, Delivery, File, Ticket
from bot.ports import Case, Line, Summary
from bot.storage.query import Query, Row, marks
from bot.storage.tickets import tickets as pick

BEFORE = 20
"""Lines of the record that are shown from before a ticket, as it was opened out of them."""
MOST_LINES = 2000
"""Lines of the record that are shown of one ticket: the latest."""
MOST_TRIED = 5
MOST_EARLIER = 5

_TO_ANSWER = (
    "order by case status when 'waiting' then 0 when 'claimed' then 1 else 2 end,"
    " case when snoozed_until is null then 0 else 1 end, closed_at desc,"
    " case priority when 'urgent' then 0 when 'high' then 1 when 'normal' then 2 else 3 end,"
    " case when status = 'claimed' and since is null then 1 else 0 end,"
    " case when status = 'claimed' then coalesce(since, opened_at) else opened_at end, number"
)
_WORST_LAST = ("sent", "waiting", "delayed", "failed")


class _Fate(NamedTuple):
    """What became of a message on its way to the contact."""

    delivery: Delivery | str
    error: str = ""
    row: int = 0


def tickets(q: Query, status: Sequence[str], most: int) -> list[Summary]:
    """Tickets of these statuses: open ones in the order in which they are to be answered, closed ones newest first."""
    return _summaries(q, pick(q, f"where status in ({marks(status)}) {_TO_ANSWER} limit ?", (*status, most)))


def case(q: Query, number: int) -> Case | None:
    """A ticket with the record from shortly before it on, its history, and who the contact is."""
    found = _summaries(q, pick(q, "where number = ?", (number,)))
    if not found:
        return None
    conversation, contact = q(
        "select conversation, contact from ticket join conversation on conversation.id = conversation where number = ?",
        (number,),
    )[0]
    began = _previous_end(q, conversation, number)
    lines = [*_record(q, conversation, number, began), *_history(q, number)]
    return Case(
        summary=found[0],
        lines=tuple(
            sorted(lines, key=lambda line: (line.at, line.seq > 0))
        ),  # what happened comes before what was said
        tried=_tried(q, conversation, began, found[0].ticket.opened_at),
        earlier=_earlier(q, contact, number),
    )


def away(q: Query) -> frozenset[str]:
    """The names of agents who are away."""
    return frozenset(row[0] for row in q("select name from agent where away = 1"))


def _summaries(q: Query, found: Sequence[Ticket]) -> list[Summary]:
    """These tickets with who asks, where, and what people said last; the bot has always just said that they wait."""
    numbers = [ticket.number for ticket in found]
    rows: Mapping[int, Row] = {
        row[0]: row[1:]
        for row in q(
            "select number, contact.name, conversation.channel, text, at, file.name, file.kind from ticket"
            " join conversation on conversation.id = ticket.conversation join contact on contact.id = contact"
            " left join message on message.conversation = conversation.id and message.seq = (select said.seq"
            "  from message as said where said.conversation = conversation.id and said.deleted_at is null"
            "  and said.author <> 'bot' order by said.seq desc limit 1)"
            " left join file on file.conversation = conversation.id and file.seq = message.seq and place = 0"
            f" where number in ({marks(numbers)})",
            numbers,
        )
    }
    summaries = []
    for ticket in found:
        contact, channel, text, at, file, kind = rows[ticket.number]
        said = text or file or kind or ""
        summaries.append(Summary(ticket, contact, channel, said, ticket.opened_at if at is None else at))
    return summaries


def _previous_end(q: Query, conversation: int, number: int) -> float:
    """When the conversation's ticket before this one was closed; 0 if there was none."""
    rows = q(
        "select max(closed_at) from ticket where conversation = ? and number < ? and closed_at is not null",
        (conversation, number),
    )
    return float(rows[0][0] or 0)


def _record(q: Query, conversation: int, number: int, began: float) -> list[Line]:
    """What was said in a ticket and shortly before it; of a closed one, not what belongs to the next."""
    first, closed_at = q("select first_seq, closed_at from ticket where number = ?", (number,))[0]
    following = "select min(first_seq) from ticket where conversation = ? and number > ?"
    after = q(following, (conversation, number))[0][0] if closed_at is not None else None
    until, parameters = ("", ()) if after is None else (" and (seq < ? or at <= ?)", (after, closed_at))
    rows = q(
        "select seq, author, name, text, at, edited_at, deleted_at from message where conversation = ? and seq > ?"
        f" and (at > ? or seq >= ?){until} order by seq desc limit ?",
        (conversation, first - BEFORE, began, first, *parameters, MOST_LINES),
    )[::-1]
    if not rows:
        return []
    fates, files = _fates(q, conversation, rows), _files(q, conversation, rows)
    return [_line(row, files[row[0]], fates.get(row[0], _Fate(""))) for row in rows]


def _line(row: Row, files: Sequence[File], fate: _Fate) -> Line:
    seq, author, name, text, at, edited_at, deleted_at = row
    if deleted_at is not None:
        return Line(at, author, name, "", seq, edited_at=edited_at, deleted_at=deleted_at)
    return Line(at, author, name, text, seq, "", tuple(files), edited_at, None, fate.delivery, fate.error, fate.row)


def _files(q: Query, conversation: int, rows: Sequence[Row]) -> Mapping[int, list[File]]:
    """The files of these messages, by their place in the record."""
    found: defaultdict[int, list[File]] = defaultdict(list)
    for seq, *file in q(
        "select seq, id, kind, name, type, size, channel from file where conversation = ? and seq between ? and ?"
        " order by seq, place",
        (conversation, rows[0][0], rows[-1][0]),
    ):
        found[seq].append(File(*file))
    return found


def _fates(q: Query, conversation: int, rows: Sequence[Row]) -> Mapping[int, _Fate]:
    """What became of each message on its way to the contact: of one that was cut into parts, the worst."""
    found: dict[int, _Fate] = {}
    for seq, status, attempts, error, id_ in q(
        "select seq, status, attempts, error, id from outbox where conversation = ? and seq between ? and ?"
        " and desk = 0 and act = 'send' and status in ('open', 'sent', 'dead', 'uncertain') order by id",
        (conversation, rows[0][0], rows[-1][0]),
    ):
        fate = _fate(status, attempts, error, id_)
        before = found.get(seq)
        if before is None or _WORST_LAST.index(fate.delivery) > _WORST_LAST.index(before.delivery):
            found[seq] = fate
    return found


def _fate(status: str, attempts: int, error: str, row: int) -> _Fate:
    if status == "sent":
        return _Fate("sent")
    if status == "open":
        return _Fate("delayed" if error or attempts > 1 else "waiting", error)  # the first attempt may be under way
    return _Fate("failed", error, row)


def _history(q: Query, number: int) -> list[Line]:
    """What happened to a ticket, notes among it."""
    lines = []
    for at, kind, actor, detail in q(
        "select at, kind, actor, detail from history where ticket = ? order by id", [number]
    ):
        author: Author = "contact" if actor == "contact" else "bot" if actor == "bot" else "agent"
        lines.append(Line(at, author, actor, detail, kind=kind))
    return lines


def _tried(q: Query, conversation: int, began: float, opened_at: float) -> tuple[Tried, ...]:
    """What was asked between the ticket before and this one, and what the bot made of it."""
    rows = q(
        "select text, verdict, entry, confidence from question where conversation = ? and at > ? and at <= ?"
        " order by id desc limit ?",
        (conversation, began, opened_at, MOST_TRIED),
    )
    return tuple(Tried(*row) for row in reversed(rows))


def _earlier(q: Query, contact: int, number: int) -> tuple[Ticket, ...]:
    """The contact's closed tickets from before this one, newest first."""
    where = (
        "where status = 'closed' and number < ? and conversation in (select id from conversation where contact = ?)"
        " order by number desc limit ?"
    )
    return tuple(pick(q, where, (number, contact, MOST_EARLIER)))
