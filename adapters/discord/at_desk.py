"""What agents do with buttons and commands at the desk. Nothing is said in return here: that is the core's matter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import discord

from adapters.discord.desk_commands import ARGUMENT, meant_by
from adapters.discord.failures import BROKEN
from adapters.discord.in_order import InOrder
from adapters.discord.inbound import Hearing, from_desk
from adapters.discord.pressing import acknowledge, chosen_in
from bot.errors import Refused
from bot.messages import Accepted, Inbound
from bot.ports import Tools

log = logging.getLogger("adapters.discord")


class AtDesk:
    """Takes what is done at the desk, in the order in which it was done there. `taken` stores it."""

    def __init__(
        self, tools: Tools, hearing: Hearing, in_order: InOrder, taken: Callable[[Inbound], Awaitable[Accepted]]
    ) -> None:
        self._tools, self._hearing, self._in_order, self._taken = tools, hearing, in_order, taken

    async def pressed(self, interaction: discord.Interaction) -> None:
        """A button. It stays as it is: it can be pressed again."""
        choice, _ = chosen_in(interaction)
        await self._take(interaction, from_desk(interaction, self._hearing, choice=choice))

    async def command(self, interaction: discord.Interaction) -> None:
        """A command of agents. That it was heard is shown for a moment, to whoever used it."""
        if not self._hearing.is_desk(interaction.channel):
            await self._refuse(interaction)
            return
        data: dict[str, object] = dict(interaction.data or {})
        text = f"/{meant_by(str(data.get('name', '')))} {_argument(data)}".rstrip()
        try:
            inbound = from_desk(interaction, self._hearing, text=text)
            await self._take(interaction, inbound, ephemeral=True, thinking=True)
        finally:
            with contextlib.suppress(discord.HTTPException, *BROKEN):
                await interaction.delete_original_response()

    async def _take(self, interaction: discord.Interaction, inbound: Inbound, **how: bool) -> None:
        """Store it in its turn; it is acknowledged meanwhile, however long that takes."""
        acknowledged = asyncio.create_task(acknowledge(interaction, **how))
        try:
            async with self._in_order(interaction.channel_id or 0):
                await self._taken(inbound)
        except Refused as refusal:
            log.info("something at the desk was not taken: %s", type(refusal).__name__)
        finally:
            await acknowledged

    async def _refuse(self, interaction: discord.Interaction) -> None:
        text = self._tools.phrase("gone", str(interaction.locale))
        with contextlib.suppress(discord.HTTPException):
            await interaction.response.send_message(text, ephemeral=True)


def _argument(data: dict[str, object]) -> str:
    """What follows the command's name."""
    options = data.get("options")
    given = options if isinstance(options, list) else []
    return next((str(one.get("value", "")) for one in given if one.get("name") == ARGUMENT), "").strip()
