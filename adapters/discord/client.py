"""discord.py's client, made ready for us: what it hears goes to one listener, and it keeps nothing we don't need."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.desk_commands import is_of_agents
from adapters.discord.flight import trace
from adapters.discord.options import Options

log = logging.getLogger("adapters.discord")

OFFICIAL = "https://discord.com/api/v10"
LONGEST_HOLD = 30.0
"""Seconds that the library waits for a rate limit by itself, which is the least it can be told; beyond, it tells us."""
CACHED_MESSAGES = 1000
READY_AFTER = 1.0
"""Seconds without a further server after which a new session is taken to know all of them."""
LONGEST_SILENCE = 60.0
"""Seconds without a word from the gateway, its acknowledgements included, after which the connection is dead."""
LONGEST_CUT = 120.0
"""Seconds in which the library may find its session again."""

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    create_private_threads=True,
    manage_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
)
"""What the bot should be allowed; the invite link asks for it."""


class Listener(Protocol):
    """What hears the client's events."""

    def began(self) -> None: ...
    def ready(self) -> None: ...
    async def message(self, message: discord.Message) -> None: ...
    async def edited(self, message: discord.Message) -> None: ...
    async def deleted(self, channel: int, message: int) -> None: ...
    async def pressed(self, interaction: discord.Interaction) -> None: ...
    async def filled_in(self, interaction: discord.Interaction) -> None: ...
    async def desk_command(self, interaction: discord.Interaction) -> None: ...


class Tree(app_commands.CommandTree):
    """The commands of contacts. Those of agents go to the listener, as they depend on nothing that is kept here."""

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Whether the library is to look for the command."""
        return not is_of_agents(interaction)


class Client(discord.Client):
    """One connection. It can't be used again once it is closed; a new one is made then."""

    def __init__(self, options: Options, *, content: bool = True) -> None:
        intents = discord.Intents(guilds=True, messages=True, message_content=content)
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=CACHED_MESSAGES,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=READY_AFTER,
            heartbeat_timeout=LONGEST_SILENCE,
            max_ratelimit_timeout=LONGEST_HOLD,
            http_trace=trace(),
            proxy=options.proxy.get_secret_value() if options.proxy else None,
        )
        self.tree = Tree(self)
        self.listener: Listener | None = None
        self.reads_content = content
        self._online, self._offline = asyncio.Event(), asyncio.Event()
        self._knows_servers = False

    def _turned(self, *, online: bool) -> None:
        (self._online.set if online else self._online.clear)()
        (self._offline.clear if online else self._offline.set)()

    async def cut_for_long(self) -> None:
        """Return when the gateway was there and has been away for so long that the library should not go on alone.

        It waits up to 17 minutes between its tries; until then it may find its session again, which misses nothing.
        """
        while True:
            await self._offline.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_CUT):  # wait_for loses a cancellation that comes with the event
                    await self._online.wait()
            if self._offline.is_set():
                return

    async def close(self) -> None:
        """End. A session that is not ready yet must not become so afterwards: the library would fail at telling us."""
        ready = self._connection._ready_task
        if ready is not None:
            ready.cancel()
        await super().close()

    def may_read_content(self) -> bool:
        """Whether the developer portal grants the intent; known after login."""
        flags = self.application_flags
        return flags.gateway_message_content or flags.gateway_message_content_limited

    async def on_connect(self) -> None:
        """A new session begins."""
        self._turned(online=True)
        self._knows_servers = False
        if self.listener:
            self.listener.began()

    async def on_ready(self) -> None:
        self._knows_servers = True
        if self.listener:
            self.listener.ready()

    async def on_guild_available(self, _: discord.Guild) -> None:
        """A server that Discord had lost is back. At the beginning of a session all are, which `on_ready` tells."""
        if self.listener and self._knows_servers:
            self.listener.ready()

    async def on_resumed(self) -> None:
        self._turned(online=True)

    async def on_disconnect(self) -> None:
        self._turned(online=False)

    async def on_message(self, message: discord.Message) -> None:
        if self.listener:
            await self.listener.message(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        if self.listener:
            await self.listener.edited(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        if self.listener:
            await self.listener.deleted(payload.channel_id, payload.message_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        for message in sorted(payload.message_ids):
            if self.listener:
                await self.listener.deleted(payload.channel_id, message)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if self.listener is None:
            return
        if interaction.type is discord.InteractionType.component:
            await self.listener.pressed(interaction)
        elif interaction.type is discord.InteractionType.modal_submit:
            await self.listener.filled_in(interaction)
        elif interaction.type is discord.InteractionType.application_command and is_of_agents(interaction):
            await self.listener.desk_command(interaction)

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
