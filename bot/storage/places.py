"""Transactions on what a platform tells of its chats: moved, gone, and how far its streams have been read."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import Failure
from bot.storage.fates import report
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
    q("update outbox set receipt = '', reply_to = '' where desk = 1 and channel = ? and chat = ?", (channel, old))
    q("update outbox set chat = ? where channel = ? and chat = ? and status = 'open'", (new, channel, old))
    q("update place set chat = ? where channel = ? and chat = ?", (new, channel, old))
    q("update message set source_chat = ?, ref = '' where source_channel = ? and source_chat = ?", (new, channel, old))
    q("insert into desk_moved values (?, ?, ?) on conflict do nothing", (channel, old, new))


def gone(q: Query, channel: str, chat: str, why: str, now: float) -> None:
    """Nothing can be sent to a chat any more: what waits for it is dead, and agents who have a ticket there know."""
    for row, conversation, author in q(
        "select max(id), conversation, max(author) from outbox where channel = ? and chat = ? and status = 'open'"
        " and leased_until = 0 and desk = 0 group by conversation",
        (channel, chat),
    ):
        report(q, Failure(row, author, False, channel, why), conversation, now)
    q(
        "update outbox set status = 'dead', error = ? where channel = ? and chat = ? and status = 'open'"
        " and leased_until = 0",
        (why, channel, chat),
    )


def desks(q: Query, configured: Mapping[str, str]) -> dict[str, str]:
    """The chats in which agents work as they are called now; a group that became a supergroup has another id."""
    moved_to = {(channel, old): new for channel, old, new in q("select channel, old, new from desk_moved")}
    return {channel: moved_to.get((channel, chat), chat) for channel, chat in configured.items()}


def cursors(q: Query, channel: str, account: str) -> dict[str, int]:
    """How far each stream of a bot account has been read."""
    return pairs(q("select stream, position from position where channel = ? and account = ?", (channel, account)))
