"""discord.py's client, made ready for us: what it hears goes to one listener, and it keeps nothing we don't need."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.options import Options

log = logging.getLogger("adapters.discord")

OFFICIAL = "https://discord.com/api/v10"
LONGEST_HOLD = 30.0
"""Seconds that the library waits for a rate limit by itself, which is the least it can be told; beyond, it tells us."""
CACHED_MESSAGES = 1000

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    create_private_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""What the bot should be allowed; the invite link asks for it."""


class Listener(Protocol):
    """What hears the client's events."""

    async def ready(self) -> None: ...
    async def resumed(self) -> None: ...
    def disconnected(self) -> None: ...
    async def message(self, message: discord.Message) -> None: ...
    async def edited(self, message: discord.Message) -> None: ...
    async def deleted(self, channel: int, message: int) -> None: ...
    async def pressed(self, interaction: discord.Interaction) -> None: ...


class Client(discord.Client):
    """One connection. It can't be used again once it is closed; a new one is made then."""

    def __init__(self, options: Options, *, content: bool) -> None:
        intents = discord.Intents(guilds=True, messages=True, message_content=content)
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=CACHED_MESSAGES,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_HOLD,
            proxy=options.proxy.get_secret_value() if options.proxy else None,
        )
        self.tree = app_commands.CommandTree(self)
        self.listener: Listener | None = None

    async def on_ready(self) -> None:
        if self.listener:
            await self.listener.ready()

    async def on_resumed(self) -> None:
        if self.listener:
            await self.listener.resumed()

    async def on_disconnect(self) -> None:
        if self.listener:
            self.listener.disconnected()

    async def on_message(self, message: discord.Message) -> None:
        if self.listener:
            await self.listener.message(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        if self.listener:
            await self.listener.edited(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        if self.listener:
            await self.listener.deleted(payload.channel_id, payload.message_id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if self.listener and interaction.type is discord.InteractionType.component:
            await self.listener.pressed(interaction)

    async def on_error(self, event: str, /, *_: Any, **__: Any) -> None:
        """Our own mistake: the log has it, and the connection goes on."""
        log.exception("handling Discord's event %s failed", event)


async def point_to(options: Options) -> None:
    """Lead the library to another API server than Discord's own: it has no option for that, and one for all clients."""
    Route.BASE = options.api_url
    if options.api_url != OFFICIAL:
        proxy = options.proxy.get_secret_value() if options.proxy else None
        async with aiohttp.ClientSession() as session, session.get(f"{options.api_url}/gateway", proxy=proxy) as answer:
            answer.raise_for_status()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(str((await answer.json())["url"]))


def invite_link(application: int) -> str:
    """The address with which an administrator adds the bot to a server, with all that it needs."""
    return discord.utils.oauth_url(application, permissions=NEEDED, scopes=("bot", "applications.commands"))
