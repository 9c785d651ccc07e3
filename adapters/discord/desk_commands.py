"""The slash commands of agents. They belong to the server that the desk is in, those of contacts to all servers.

A server's command hides the general one of the same name, so those have another name here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from adapters.discord.commands import LONGEST_DESCRIPTION, OFFERED, told
from bot.ports import Tools

APART = "desk-"
"""How an agents' command begins whose name is one of the contacts', too."""
ARGUMENT = "text"
TOLD = "desk-commands:"
"""How the cursor streams begin under which it is noted which commands a server has; its number follows."""
NOT_THERE = {10004, 50001}
"""Discord's error codes for a server that the bot is no longer in."""


def is_of_agents(interaction: discord.Interaction) -> bool:
    """Whether it is a command of a single server, as only agents' commands are."""
    return "guild_id" in dict(interaction.data or {})


def meant_by(name: str) -> str:
    """The command behind a name that Discord shows."""
    return name.removeprefix(APART)


async def sync(client: discord.Client, tree: app_commands.CommandTree, tools: Tools, guild: int) -> None:
    """Tell Discord of the agents' commands of a server (0: none), and take away those of a server that had them."""
    assert client.user is not None and tree.translator is not None, "the adapter logs in and sets it first"
    account, application = str(client.user.id), client.application_id or client.user.id
    streams = await tools.places.cursors(tools.channel, account)
    before = {int(name.split(":")[1]) for name in streams if name.startswith(TOLD)}
    for where in {*before, guild} - {0}:
        payload = [await one.get_translated_payload(tree, tree.translator) for one in _made(tools)]
        payload = payload if where == guild else []
        tell = partial(_put, client, application, where, payload)
        await told(tools, account, f"{TOLD}{where}:", payload, tell)


async def _put(client: discord.Client, application: int, guild: int, payload: list[Any]) -> None:
    try:
        await client.http.bulk_upsert_guild_commands(application, guild, payload)
    except discord.HTTPException as error:
        if payload or error.code not in NOT_THERE:
            raise


def _made(tools: Tools) -> list[app_commands.Command[Any, ..., Any]]:
    """Each with one argument that may be left out."""
    taken = {*tools.commands, *OFFERED}

    async def called(_: discord.Interaction, text: str = "") -> None:
        """Never: the client hands agents' commands over before the library looks for them."""

    return [
        app_commands.Command(
            name=f"{APART}{name}" if name in taken else name,
            description=locale_str(
                tools.phrase(f"command_desk_{name}", "")[:LONGEST_DESCRIPTION],
                key=f"command_desk_{name}",
                longest=LONGEST_DESCRIPTION,
            ),
            callback=called,
        )
        for name in tools.desk_commands
    ]
