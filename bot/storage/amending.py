"""A message of the record reads otherwise now, or is gone: so wherever it was sent, or still will be."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bot.dialogue.events import Amend
from bot.messages import Address
from bot.storage.query import Query
from bot.storage.queueing import Row, desk_place, enqueue

_AT = "conversation = ? and seq = ? and channel = ? and chat = ? and thread = ? and act = 'send'"


class _Copy(NamedTuple):
    """One address to which the message was sent, in so many parts."""

    at: Address
    desk: bool
    ticket: int
    parts: int


def amend(q: Query, conversation: int, amended: Amend, now: float) -> set[str]:
    """Change the record and every copy: the channels on which there is something to send."""
    if not amended.contact_has_it:
        _change_record(q, conversation, amended, now)
    author, name = q(
        "select author, name from message where conversation = ? and seq = ?", (conversation, amended.seq)
    )[0]
    sends: set[str] = set()
    for copy in _copies(q, conversation, amended):
        text = amended.at_desks if copy.desk else (amended.at_contact or amended.text)
        row = Row(copy.at, conversation, 0, text, desk=copy.desk, ticket=copy.ticket)
        row = row if copy.desk else replace(row, author=author, name=name)  # under whose name it was said
        sends |= (
            _take_back(q, row, amended.seq, now) if amended.deleted else _change(q, row, amended.seq, copy.parts, now)
        )
    return sends


def _change_record(q: Query, conversation: int, amended: Amend, now: float) -> None:
    if amended.deleted:
        q("update message set deleted_at = ? where conversation = ? and seq = ?", (now, conversation, amended.seq))
    else:
        q(
            "update message set text = ?, edited_at = ? where conversation = ? and seq = ?",
            (amended.text, now, conversation, amended.seq),
        )


def _copies(q: Query, conversation: int, amended: Amend) -> list[_Copy]:
    """Where the message was sent, but for where it was changed, and for threads that are no longer the ticket's."""
    found = []
    for channel, chat, thread, desk, ticket, parts in q(
        "select channel, chat, thread, desk, ticket, count(*) from outbox"
        " where conversation = ? and seq = ? and act = 'send' and status <> 'moved'"
        " group by channel, chat, thread, desk, ticket",
        (conversation, amended.seq),
    ):
        at, made = Address(channel, chat, thread), amended.made
        made_here = made is not None and (made.channel, made.chat) == (channel, chat)
        if not (desk and (made_here or desk_place(q, ticket, at) != at)):
            found.append(_Copy(at, bool(desk), int(ticket), int(parts)))
    return found


def _change(q: Query, row: Row, seq: int, parts: int, now: float) -> set[str]:
    """What was not sent yet is sent as it is now; what was cut into parts is said again below, as it is now."""
    where = (row.conversation, seq, row.address.channel, row.address.chat, row.address.thread)
    unsent = f"{_AT} and status in ('open', 'dead', 'uncertain') and leased_until <= ?"
    if parts == 1 and q.changed(f"update outbox set text = ? where {unsent}", (row.text, *where, now)):
        return set()
    return {enqueue(q, replace(row, act="edit", target_seq=seq) if parts == 1 else row, now)}


def _take_back(q: Query, row: Row, seq: int, now: float) -> set[str]:
    """What was not sent yet never is; what was, or is just being sent, is deleted."""
    where = (row.conversation, seq, row.address.channel, row.address.chat, row.address.thread)
    q(
        f"update outbox set status = 'withdrawn' where {_AT} and status in ('open', 'dead') and leased_until <= ?",
        (*where, now),
    )
    sends = set()
    for (receipt,) in q(f"select receipt from outbox where {_AT} and status = 'sent'", where):
        sends.add(enqueue(q, replace(row, act="delete", target=receipt, text=""), now))
    if q(f"select 1 from outbox where {_AT} and status = 'open'", where):
        sends.add(enqueue(q, replace(row, act="delete", target_seq=seq, text=""), now))
    return sends
