"""Where a conversation on Discord takes place, as our addresses: pure.

In a server: the channel, and the thread if it is one. In private: the person, as `u` and their id, so that it is the
same place whether they write a direct message, use a command that only they see, or are answered in a private thread.
"""

from __future__ import annotations

import discord

from bot.messages import Address

PERSON = "u"


def private_place(channel: str, user: int) -> Address:
    """Where one talks with a person alone."""
    return Address(channel, f"{PERSON}{user}")


def person_of(address: Address) -> int | None:
    """The person whom a private address is about; None for a place in a server."""
    return int(address.chat[len(PERSON) :]) if address.chat.startswith(PERSON) else None


def is_private_thread(where: object, me: int) -> bool:
    """Whether it is a thread that we opened to talk with one person who takes no direct messages."""
    return isinstance(where, discord.Thread) and where.is_private() and where.owner_id == me


def is_within(where: object, channel: int, me: int) -> bool:
    """Whether a place is this channel or in it: one of its threads or posts, but not those with one person alone."""
    if not channel or is_private_thread(where, me):
        return False
    return channel in (getattr(where, "id", 0), getattr(where, "parent_id", 0))


def place_of(channel: str, where: object, author: int, me: int) -> Address:
    """The address of what `author` said in a channel, thread or direct message."""
    if is_private_thread(where, me):
        return private_place(channel, author)
    if isinstance(where, discord.Thread):
        return Address(channel, str(where.parent_id), str(where.id))
    if isinstance(where, discord.DMChannel) or getattr(where, "guild", None) is None:
        return private_place(channel, author)
    return Address(channel, str(getattr(where, "id", 0)))


def ref_of(message: int, where: object, me: int) -> str:
    """How we call a message. In a private thread of ours with where it is, as its address does not tell."""
    return f"{message}@{getattr(where, 'id', 0)}" if is_private_thread(where, me) else str(message)


def where_said(ref: str) -> int | None:
    """The channel or thread that a reference names, if it names one."""
    id_ = ref.partition("@")[2]
    return int(id_) if id_.isdecimal() else None


def number_of(ref: str) -> int | None:
    """The number of the message that a reference names; None if it is no message's."""
    number = ref.partition("@")[0]
    return int(number) if number.isdecimal() else None


def target_of(address: Address) -> int:
    """The channel or thread that a message to a place in a server is posted in."""
    return int(address.thread or address.chat)
