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


def place_of(channel: str, where: object, author: int) -> Address:
    """The address of what `author` said in a channel, thread or direct message."""
    if isinstance(where, discord.Thread):
        return Address(channel, str(where.parent_id), str(where.id))
    if isinstance(where, discord.DMChannel) or getattr(where, "guild", None) is None:
        return private_place(channel, author)
    return Address(channel, str(getattr(where, "id", 0)))


def target_of(address: Address) -> int:
    """The channel or thread that a message to a place in a server is posted in."""
    return int(address.thread or address.chat)
