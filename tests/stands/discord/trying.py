"""discord.py's own client on the stand-in, for trying things out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.stands.discord.platform import Discord

TOKEN = "token-text"


@contextmanager
def point_at(platform: Discord) -> Iterator[None]:
    """Lead discord.py to the stand-in: two class attributes, as it has no option for either."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = platform.url, yarl.URL(platform.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Client(discord.Client):
    """Keeps what it hears, and does with a message what the test tells it to."""

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(intents=intents or everything(), guild_ready_timeout=0.01, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.events: list[tuple[str, tuple[Any, ...]]] = []
        self.answer: Callable[[discord.Message], Any] | None = None

    @property
    def texts(self) -> list[str]:
        return [message.content for message in self.heard]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 seconds here; we don't."""

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user or message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return
        self.heard.append(message)
        if self.answer:
            await self.answer(message)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append((event, args))
        super().dispatch(event, *args, **kwargs)

    def saw(self, event: str) -> list[tuple[Any, ...]]:
        return [args for name, args in self.events if name == event]


def everything(**changes: bool) -> discord.Intents:
    """The intents that a support bot asks for."""
    intents = discord.Intents.default()
    intents.message_content = True
    for name, value in changes.items():
        setattr(intents, name, value)
    return intents


class World:
    """A platform with one bot, one guild and one person."""

    def __init__(self, platform: Discord) -> None:
        self.platform = platform
        self.bot = platform.add_bot(TOKEN, intents={"message_content"})
        self.guild = platform.add_guild("Traders")
        self.channel = self.guild.text_channel("help")
        self.forum = self.guild.forum_channel("questions", tags=["answered", "needs human"])
        self.ann = self.guild.member("Ann", lang="zh-CN")
        self.eventually = platform.eventually

    @asynccontextmanager
    async def client(self, client: Client | None = None, ready: bool = True) -> AsyncIterator[Client]:
        """A client that is connected."""
        client = client or Client()
        task = asyncio.create_task(client.start(TOKEN))
        try:
            if ready:
                await self.eventually(lambda: client.is_ready() or task.done(), "the bot is ready")
                if task.done():
                    task.result()
            yield client
        finally:
            await client.close()
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
