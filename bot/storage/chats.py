"""Transactions of chats that live with us: who holds the key, and what was said."""

from __future__ import annotations

import json
from collections import defaultdict

from bot.dialogue.states import State
from bot.messages import Address, Button, ChatMessage, File
from bot.ports import Guest
from bot.storage.query import Query, Row


def admit(q: Query, key_hash: str, guest: Guest, now: float) -> None:
    """Remember a new chat's key, and forget those that ran out."""
    q("delete from guest where expires < ?", (now - _KEEP_EXPIRED,))
    q("insert into guest values (?, ?, ?, ?, ?)", (key_hash, guest.chat, guest.name, guest.lang, guest.expires))


_KEEP_EXPIRED = 30 * 86400.0
"""Seconds that an expired key is kept, so that its holder is told "expired" rather than "unknown"."""


def guest(q: Query, key_hash: str) -> Guest | None:
    """Whose key that is."""
    rows = q("select chat, name, lang, expires from guest where key_hash = ?", (key_hash,))
    return Guest(*rows[0]) if rows else None


def messages(q: Query, address: Address, after: int, most: int) -> tuple[str, list[ChatMessage]]:
    """The conversation's state, and its messages above `after` as they are now, oldest first.

    Of a deleted one nothing leaves the store but that it was there.
    """
    found = q(
        "select id, state from conversation where channel = ? and chat = ? and thread = ? order by id limit 1",
        (address.channel, address.chat, address.thread),
    )
    if not found:
        return State.NEW.value, []
    conversation, state = found[0]
    rows = q(
        "select seq, author, name, text, buttons, at, edited_at, deleted_at from message"
        " where conversation = ? and seq > ? order by seq limit ?",
        (conversation, after, most),
    )
    files = _files(q, conversation, rows)
    return state, [_shown(row, files[row[0]]) for row in rows]


def _files(q: Query, conversation: int, rows: list[Row]) -> defaultdict[int, list[File]]:
    """The files of these messages, by their place in the record."""
    found: defaultdict[int, list[File]] = defaultdict(list)
    if rows:
        for row in q(
            "select seq, id, kind, name, type, size, channel from file"
            " where conversation = ? and seq between ? and ? order by seq, place",
            (conversation, rows[0][0], rows[-1][0]),
        ):
            found[row[0]].append(File(*row[1:]))
    return found


def _shown(row: Row, files: list[File]) -> ChatMessage:
    seq, author, name, text, buttons, at, edited_at, deleted_at = row
    if deleted_at is not None:
        return ChatMessage(seq, author, name, "", (), at, (), edited_at, deleted_at)
    choices = tuple(Button(*pair) for pair in json.loads(buttons))
    return ChatMessage(seq, author, name, text, choices, at, tuple(files), edited_at)


def ping(q: Query, now: float) -> None:
    """Write one row and read it back."""
    q("insert into pulse values (1, ?) on conflict (id) do update set at = excluded.at", (now,))
    q("select at from pulse where id = 1")
