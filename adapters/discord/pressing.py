"""Interactions: what was chosen, and that they are acknowledged within the 3 seconds that Discord waits."""

from __future__ import annotations

import logging

import discord

from adapters.discord.failures import BROKEN
from adapters.discord.payload import MENU, read_mark

log = logging.getLogger("adapters.discord")


async def acknowledge(interaction: discord.Interaction, **how: bool) -> None:
    """At once, whatever comes then. What was said counts even if Discord does not take this."""
    try:
        await interaction.response.defer(**how)
    except (discord.HTTPException, *BROKEN) as error:
        log.warning("an interaction could not be acknowledged: %s", type(error).__name__)


def chosen_in(interaction: discord.Interaction) -> tuple[str, str]:
    """What was chosen with a button or out of a menu, and who alone may choose it ("": anybody)."""
    data: dict[str, object] = dict(interaction.data or {})
    choice, owner = read_mark(str(data.get("custom_id", "")))
    values = data.get("values")
    if choice.startswith(MENU) and isinstance(values, list) and values:
        choice = str(values[0])
    return choice, owner
