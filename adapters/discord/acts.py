"""What is done to messages that are there already: they are changed, taken away or marked.

Nothing in an archived thread can be touched; so it is opened for it, and closed again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from adapters.discord.failures import ARCHIVED, GONE, is_final
from adapters.discord.payload import SPACE
from bot.messages import Delivery

log = logging.getLogger("adapters.discord")

MARKS: Mapping[Delivery, str] = {"sent": "✅", "delayed": "⏳", "failed": "❌"}
"""How it is shown on somebody's message what became of it."""

Where = discord.DMChannel | discord.Thread | discord.PartialMessageable


async def change(client: discord.Client, where: Where, message: int, payload: dict[str, Any]) -> None:
    """Give a message of ours another text; its files stay, and its buttons if there are no other ones."""
    changes = {key: payload[key] for key in ("view", "allowed_mentions") if key in payload}
    content, embed = payload.get("content"), payload.get("embed")
    content = SPACE if not content and embed is None else content
    found = where.get_partial_message(message)
    await _in_open_thread(client, where, lambda: found.edit(content=content, embed=embed, **changes))


async def take_away(client: discord.Client, where: Where, message: int) -> None:
    """Delete a message; that it is gone already is fine."""
    found = where.get_partial_message(message)
    try:
        await _in_open_thread(client, where, found.delete)
    except discord.NotFound as error:
        if error.code not in GONE:
            raise


async def mark(client: discord.Client, where: Where, message: int, delivery: Delivery) -> None:
    """Show on a message what became of it, instead of what was shown before. Where that is not allowed, it is not."""
    wanted = MARKS[delivery]

    async def put() -> None:
        found = await where.fetch_message(message)
        ours = [str(reaction.emoji) for reaction in found.reactions if reaction.me]
        for old in (old for old in ours if old != wanted and old in MARKS.values()):
            await found.remove_reaction(old, discord.Object(client.user.id if client.user else 0))
        if wanted not in ours:
            await found.add_reaction(wanted)

    try:
        await _in_open_thread(client, where, put)
    except discord.HTTPException as error:
        if not is_final(error):
            raise
        log.warning("a message of an agent could not be marked as %s: %s (%s)", delivery, error.status, error.code)


async def _in_open_thread(client: discord.Client, where: Where, act: Callable[[], Awaitable[object]]) -> None:
    try:
        await act()
    except discord.HTTPException as error:
        if error.code != ARCHIVED:
            raise
        thread = await client.fetch_channel(where.id)
        if not isinstance(thread, discord.Thread):
            raise
        await thread.edit(archived=False)
        try:
            await act()
        finally:
            await thread.edit(archived=True)
