"""Transactions on files that visitors of our own chats sent. They are kept as base64, which every database can hold."""

from __future__ import annotations

from base64 import b64decode, b64encode

from bot.errors import Refused
from bot.ports import Upload
from bot.storage.query import Query

MOST_BYTES = 100 * 2**20
"""Bytes of files of one chat that are kept; a visitor must not fill our disk."""
MOST_FILES = 200
"""Files of one chat that are kept, however small."""


def keep(q: Query, upload: Upload, now: float) -> None:
    """Store a file. Raises Refused if its chat has too many."""
    number, size = q("select count(*), coalesce(sum(size), 0) from upload where chat = ?", (upload.chat,))[0]
    if number >= MOST_FILES or size + len(upload.body) > MOST_BYTES:
        raise Refused(f"A chat may have {MOST_FILES} files and {MOST_BYTES // 2**20} MB of them at most.")
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
