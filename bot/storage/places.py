"""Transactions on what a platform tells of its chats: moved, gone, and how far its streams have been read."""

from __future__ import annotations

from bot.storage.query import Query, pairs


def moved(q: Query, channel: str, old: str, new: str) -> None:
    """A chat has another id: its conversations go with it, and what waits to be sent there.

    There the platform counts its messages anew, so what it called the old ones is forgotten.
    """
    here = "select id from conversation where channel = ? and chat = ?"
    for names in ("message set ref", "inbox set ref", "outbox set receipt", "outbox set reply_to"):
        q(f"update {names} = '' where conversation in ({here})", (channel, old))
    q(
        "update conversation set chat = ? where channel = ? and chat = ? and not exists ("
        " select 1 from conversation as there where there.channel = conversation.channel and there.chat = ?"
        " and there.thread = conversation.thread and there.contact = conversation.contact)",
        (new, channel, old, new),
    )
    q("update outbox set chat = ? where channel = ? and chat = ? and status = 'open'", (new, channel, old))


def gone(q: Query, channel: str, chat: str, why: str) -> None:
    """Nothing can be sent to a chat any more: what waits for it is dead."""
    q(
        "update outbox set status = 'dead', error = ? where channel = ? and chat = ? and status = 'open'"
        " and leased_until = 0",
        (why, channel, chat),
    )


def cursors(q: Query, channel: str, account: str) -> dict[str, int]:
    """How far each stream of a bot account has been read."""
    return pairs(q("select stream, position from position where channel = ? and account = ?", (channel, account)))
