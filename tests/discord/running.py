"""People in front of a running Frontdesk on Discord: one service for a file of tests, new people for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, World
from tests.adapters.driver import module
from tests.stands.discord import Discord
from tests.stands.discord.channels import Channel
from tests.stands.discord.interactions import Interaction
from tests.stands.discord.messages import CONTEXT_MENU, NORMAL, REPLY, SLASH, Message
from tests.stands.discord.people import Bot, Member, Person
from tests.stands.discord.threads import Thread
from tests.stands.discord.trying import point_at
from tests.telegram.running import frontdesk, rows

TOKEN = "a-token-that-must-never-show"
QUESTION, ANSWER = "My withdrawal has not arrived", "Wallet > History"
UNKNOWN, UNKNOWN_ANSWER = "what is the weather like today", "I don't know"
PRIVATELY = "Go on in private"
TICKET = "Your ticket is"
DETAILS, AT_ONCE = "A few details first", "Straight to a person"
SPOKEN = {NORMAL, REPLY, SLASH, CONTEXT_MENU}


def text_of(message: Message) -> str:
    """What is read in a message, be it in an embed."""
    return "\n".join([message.content, *(embed.get("description", "") for embed in message.embeds)]).strip()


class Server:
    """A Discord with our bot in one guild: a channel and a forum in which it answers unasked, and one of each where
    it does not."""

    def __init__(self, platform: Discord) -> None:
        self.platform = platform
        self.bot: Bot = platform.add_bot(TOKEN)
        self.guild = platform.add_guild("Traders")
        self.open, self.other = self.guild.text_channel("help"), self.guild.text_channel("general")
        tags = ["answered", "Needs Human", "mobile"]
        self.forum, self.unlisted = self.guild.forum_channel("questions", tags), self.guild.forum_channel("ideas", tags)

    def person(self, name: str = "Ann", lang: str = "en-US", **more: Any) -> Member:
        """Somebody new in the guild."""
        return self.guild.member(name, lang=lang, **more)

    def options(self, **more: Any) -> Any:
        """The channel's options that lead here."""
        here = {"token": TOKEN, "api_url": self.platform.url, "answer_in": [self.open.id, self.forum.id]}
        return module("discord").Options(**(here | more))


class Service(Server):
    """A running Frontdesk on such a Discord."""

    app: App

    def ours(self, where: Channel | Person) -> list[Message]:
        """What the bot said in a channel, thread or direct message; what only one sees is not in it."""
        channel = self.platform.dm(where) if isinstance(where, Person) else where
        return [message for message in channel.messages if message.author == self.bot and message.type in SPOKEN]

    async def shown(self, where: Channel | Person, count: int = 1) -> list[Message]:
        """All that the bot said there, once it is `count` messages."""
        await self.platform.eventually(lambda: len(self.ours(where)) >= count, f"{count} messages in {where}")
        found = self.ours(where)
        assert len(found) == count, [text_of(message) for message in found]
        return found

    async def ask(self, who: Person, text: str, where: Channel | None = None, **how: Any) -> Message:
        """Somebody writes: the bot's next message at the same place."""
        channel = where or self.platform.dm(who)
        before = len(self.ours(channel))
        channel.says(who, text, **how)
        return (await self.shown(channel, before + 1))[-1]

    async def thread_of(self, message: Message) -> Thread:
        """The thread on a message, with something of ours in it."""
        thread: Thread = await self.platform.eventually(lambda: message.thread, f"a thread on {message}")
        await self.platform.eventually(lambda: self.ours(thread), "a message in the thread")
        return thread

    async def answered(self, interaction: Interaction, count: int = 1) -> str:
        """What a command, button or menu got in return, as soon as it is there."""
        await self.platform.eventually(lambda: len(interaction.messages) >= count, f"an answer to {interaction}")
        assert interaction.acknowledged_after is not None and interaction.acknowledged_after < 3
        return text_of(interaction.messages[count - 1])

    async def quiet(self, where: Channel | Person, count: int = 0) -> None:
        """Nothing more comes there: somebody who asked later is answered, and nothing waits to be handled or sent."""
        await self.ask(self.platform.user("Marker"), "/help")
        await self.until("select count(*) from inbox where status = 'new'", [(0,)])
        await self.until("select count(*) from outbox where status = 'open'", [(0,)])
        found = self.ours(where)
        assert len(found) == count, [text_of(message) for message in found]

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return list(await rows(self.app, sql))

    async def until(self, sql: str, wanted: list[tuple[Any, ...]]) -> None:
        """Wait until the database holds this."""
        found: list[tuple[Any, ...]] = []

        async def holds() -> bool:
            found[:] = await self.rows(sql)
            return found == wanted

        try:
            await self.platform.eventually(holds, sql)
        except AssertionError:
            raise AssertionError(f"{sql}: {found} instead of {wanted}") from None

    async def record(self, who: Person, fields: str = "author, text") -> list[tuple[Any, ...]]:
        """What was said in somebody's conversations, as the record has it."""
        return await self.rows(
            f"select {fields} from message join conversation on conversation.id = message.conversation"
            f" join contact on contact.id = contact where sender = '{who.id}' order by message.conversation, seq"
        )

    async def remembers(self, who: Person, fields: str, wanted: list[tuple[Any, ...]]) -> None:
        """Wait until the record has this of what somebody said."""
        await self.until(
            f"select {fields} from message join conversation on conversation.id = message.conversation join contact"
            f" on contact.id = contact where sender = '{who.id}' and author = 'contact'"
            " order by message.conversation, seq",
            wanted,
        )

    async def tickets(self, who: Person) -> list[tuple[Any, ...]]:
        """The questions of somebody's tickets."""
        return await self.rows(
            "select question from ticket join conversation on conversation.id = ticket.conversation join contact"
            f" on contact.id = contact where sender = '{who.id}'"
        )

    @asynccontextmanager
    async def running(
        self, folder: Path, world: World | None = None, *, window: float = 0.0, options: Any = None, **settings: Any
    ) -> AsyncIterator[App]:
        """A Frontdesk, connected; a second one in the same folder goes on with what the first one knew."""
        connected = options or self.options()
        async with frontdesk(folder, {"discord": connected}, world, window=window, **settings) as app:
            self.app = app
            await self.platform.eventually(lambda: self.platform.gateway.connected(self.bot), "a connection")
            await self.platform.eventually(self.bot.commands.all, "the commands")
            yield app


@asynccontextmanager
async def a_platform() -> AsyncIterator[Discord]:
    """A Discord on which nobody is yet; clients don't wait long for servers that they don't know of."""
    module("discord")  # the library is imported only where it is used
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.client.READY_AFTER", 0.05)
        async with Discord() as platform:
            with point_at(platform):
                yield platform


@asynccontextmanager
async def discord() -> AsyncIterator[Service]:
    """A Discord before any Frontdesk runs there."""
    async with a_platform() as platform:
        yield Service(platform)


@asynccontextmanager
async def serving(folder: Path, **more: Any) -> AsyncIterator[Service]:
    """A Frontdesk that runs."""
    settings = {key: more.pop(key) for key in ("world", "window", "limits", "knowledge") if key in more}
    async with discord() as service, service.running(folder, options=service.options(**more), **settings):
        yield service
