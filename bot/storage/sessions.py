"""Transactions on ways into the console: links that work once, and sessions."""

from __future__ import annotations

from bot.storage.query import Query


def add_link(q: Query, key_hash: str, agent: str, expires: float) -> None:
    """Remember a link that was given out."""
    q("insert into link values (?, ?, ?)", (key_hash, agent, expires))


def enter(q: Query, link_hash: str, session_hash: str, now: float, expires: float) -> str | None:
    """Use up a link and begin a session: whose it is."""
    q("delete from link where expires < ?", (now,))
    q("delete from session where expires < ?", (now,))
    rows = q("delete from link where key_hash = ? returning agent", (link_hash,))
    if not rows:
        return None
    agent = str(rows[0][0])
    q("insert into session values (?, ?, ?)", (session_hash, agent, expires))
    return agent


def session(q: Query, key_hash: str, now: float) -> str | None:
    """The agent whose session that is."""
    rows = q("select agent from session where key_hash = ? and expires >= ?", (key_hash, now))
    return str(rows[0][0]) if rows else None


def leave(q: Query, key_hash: str) -> None:
    """End a session."""
    q("delete from session where key_hash = ?", (key_hash,))
