"""Rows of the outbox in the making: what is to be sent, where, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from bot.messages import CONSOLE, Address, Author, Button, File, OutboundAct, OutboundKind
from bot.storage.query import Query, to_json


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be sent; the fields are the columns of the table."""

    address: Address
    conversation: int
    seq: int = 0
    text: str = ""
    buttons: Sequence[Button] = ()
    files: Sequence[File] = ()
    author: Author = "bot"
    name: str = ""
    reply_to: str = ""
    contact: str = ""
    kind: OutboundKind = ""
    desk: bool = False
    ticket: int = 0
    act: OutboundAct = "send"
    target_seq: int = 0
    target: str = ""
    title: str = ""
    mentions: Sequence[str] = ()


def enqueue(q: Query, row: Row, now: float) -> str:
    """Add a row; its channel. The console has no outbox: it reads what is stored."""
    address = row.address
    if address.channel == CONSOLE:
        return address.channel
    q(
        "insert into outbox (channel, chat, thread, conversation, seq, author, name, text, buttons, status, attempts,"
        " repeated, due, owner, leased_until, error, receipt, created_at, reply_to, kind, files, contact, desk, ticket,"
        " act, target_seq, target, title, mentions)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 0, 0, ?, '', 0, '', '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            address.channel,
            address.chat,
            address.thread,
            row.conversation,
            row.seq,
            row.author,
            row.name,
            row.text,
            to_json([[button.label, button.value] for button in row.buttons]),
            now,
            now,
            row.reply_to,
            row.kind,
            to_json([astuple(file) for file in row.files]),
            row.contact,
            int(row.desk),
            row.ticket,
            row.act,
            row.target_seq,
            row.target,
            row.title,
            to_json(row.mentions),
        ),
    )
    return address.channel


def desk_place(q: Query, ticket: int, place: Address) -> Address:
    """Where a ticket's thread at a desk is now: it may have been opened since the decision, or deleted."""
    rows = q(
        "select chat, thread from place where ticket = ? and channel = ?",
        (ticket, place.channel),
    )
    return Address(place.channel, rows[0][0], rows[0][1]) if rows else place


def ref_for_contact(q: Query, conversation: int, seq: int) -> str:
    """What the contact's platform calls the message at this place in the record; empty if it isn't there (yet)."""
    rows = q(
        "select ref from message where conversation = ? and seq = ? and author = 'contact' and ref <> ''"
        " union all select receipt from outbox where conversation = ? and seq = ? and desk = 0 and act = 'send'",
        (conversation, seq, conversation, seq),
    )
    return str(rows[0][0]) if rows else ""


def ref_at_desk(q: Query, conversation: int, seq: int, place: Address) -> str:
    """What a desk calls the message at this place in the record: written there, or shown there."""
    rows = q(
        "select ref from message where conversation = ? and seq = ? and source_channel = ? and source_chat = ?"
        " union all select receipt from outbox where conversation = ? and seq = ? and channel = ? and chat = ?"
        " and desk = 1 and act = 'send' and receipt <> ''",
        (conversation, seq, place.channel, place.chat, conversation, seq, place.channel, place.chat),
    )
    return str(rows[0][0]) if rows else ""
