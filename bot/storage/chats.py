"""Transactions of chats that live with us: who holds the key, and what was said."""

from __future__ import annotations

import json

from bot.dialogue.states import State
from bot.messages import Address, Button, ChatMessage
from bot.ports import Guest
from bot.storage.query import Query


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
    """The conversation's state, and its messages above `after`, oldest first."""
    found = q(
        "select id, state from conversation where channel = ? and chat = ? and thread = ? order by id limit 1",
        (address.channel, address.chat, address.thread),
    )
    if not found:
        return State.NEW.value, []
    rows = q(
        "select seq, author, name, text, buttons, at from message where conversation = ? and seq > ?"
        " order by seq limit ?",
        (found[0][0], after, most),
    )
    return found[0][1], [
        ChatMessage(seq, author, name, text, tuple(Button(*pair) for pair in json.loads(buttons)), at)
        for seq, author, name, text, buttons, at in rows
    ]


def ping(q: Query, now: float) -> None:
    """Write one row and read it back."""
    q("insert into pulse values (1, ?) on conflict (id) do update set at = excluded.at", (now,))
    q("select at from pulse where id = 1")
