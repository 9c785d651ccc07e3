"""Transactions on files that visitors of our own chats sent. They are kept as base64, which every database can hold."""

from __future__ import annotations

from base64 import b64decode, b64encode

from bot.ports import Upload
from bot.storage.query import Query


def keep(q: Query, upload: Upload, now: float) -> None:
    """Store a file."""
    body = b64encode(upload.body).decode("ascii")
    q(
        "insert into upload values (?, ?, ?, ?, ?, ?, ?)",
        (upload.id, upload.chat, upload.name, upload.type, len(upload.body), body, now),
    )


def upload(q: Query, id: str) -> Upload | None:
    """A file, if there is one of this id."""
    rows = q("select id, chat, name, type, body from upload where id = ?", (id,))
    if not rows:
        return None
    id_, chat, name, type_, body = rows[0]
    return Upload(id_, chat, name, type_, b64decode(body))
