"""One Frontdesk on both platforms, with a desk on each: contacts and agents wherever they like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.config.desk import AgentBlock, DeskBlock, DiscordDesk, TelegramDesk
from tests.discord.running import Service as DiscordService
from tests.discord.running import a_platform, text_of
from tests.stands.discord.messages import Message
from tests.stands.discord.threads import Thread
from tests.stands.telegram import BotAccount, BotApi, Group, Person, Sent
from tests.telegram.running import TOKEN, frontdesk, options, rows

FORUM = Group(-1009, "Desk", forum=True)
ANN, BEN = Person(901, "Ann", lang="en"), Person(902, "Ben", lang="en")
"""Agents on Telegram; both are on Discord, too."""
MARIA = Person(911, "Maria", lang="en")
QUESTION, PERSON, AT_ONCE = "My withdrawal has not arrived", "Talk to a person", "Straight to a person"


class Both:
    """Both platforms, and what their people see."""

    app: App

    def __init__(self, api: BotApi, bot: BotAccount, discord: DiscordService) -> None:
        self.api, self.bot, self.discord = api, bot, discord
        self.channel = discord.guild.text_channel("desk")
        self.ann, self.ben = discord.person("Ann"), discord.person("Ben")
        self.maria = discord.person("Maria")
        room = api.room(FORUM)
        for person in (ANN, BEN):
            room.members[person.id] = person
        api.meet(MARIA)

    @asynccontextmanager
    async def running(self, folder: Path, **settings: Any) -> AsyncIterator[App]:
        """A Frontdesk, connected to both."""
        desk = DeskBlock(telegram=TelegramDesk(chat=FORUM.id), discord=DiscordDesk(channel=self.channel.id))
        agents = [
            AgentBlock(name="Ann", alias="Annie", role="lead", telegram=ANN.id, discord=self.ann.id),
            AgentBlock(name="Ben", telegram=BEN.id, discord=self.ben.id),
        ]
        channels = {"telegram": options(self.api), "discord": self.discord.options()}
        async with frontdesk(folder, channels, desk=desk, agents=agents, **settings) as app:
            self.app = self.discord.app = app
            platform = self.discord.platform
            await platform.eventually(lambda: platform.gateway.connected(self.discord.bot), "a connection")
            yield app

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """What a condition gives, once it is something."""
        return await self.discord.platform.eventually(condition, what)

    def topic(self, ticket: int = 1) -> list[Sent]:
        """What the bot shows in a ticket's newest topic."""
        topics = [topic for topic in self.api.room(FORUM).topics.values() if topic.name.startswith(f"#{ticket} ")]
        return [sent for sent in self.bot.shown(FORUM.id) if topics and sent.thread == topics[-1].thread]

    def topic_number(self, ticket: int = 1) -> int:
        """The number of a ticket's newest topic."""
        return next(
            t.thread for t in reversed(self.api.room(FORUM).topics.values()) if t.name.startswith(f"#{ticket} ")
        )

    def thread(self, ticket: int = 1) -> Thread | None:
        """A ticket's thread on Discord."""
        return next((thread for thread in self.channel.threads if thread.name.startswith(f"#{ticket} ")), None)

    def in_thread(self, ticket: int = 1) -> list[Message]:
        """What the bot shows in a ticket's thread on Discord."""
        thread = self.thread(ticket)
        return self.discord.ours(thread) if thread is not None else []

    async def sees_topic(self, text: str, ticket: int = 1) -> Sent:
        """Wait until a text is in the ticket's topic."""
        found: Sent = await self.until(
            lambda: next((sent for sent in self.topic(ticket) if text in sent.text), None), f"{text!r} in the topic"
        )
        return found

    async def sees_thread(self, text: str, ticket: int = 1) -> Message:
        """Wait until a text is in the ticket's thread on Discord."""
        found: Message = await self.until(
            lambda: next((one for one in self.in_thread(ticket) if text in text_of(one)), None),
            f"{text!r} in the thread",
        )
        return found

    async def on_telegram(self, text: str) -> Sent:
        """Wait until Maria reads a text on Telegram."""
        found: Sent = await self.until(
            lambda: next((sent for sent in self.bot.shown(MARIA.id) if text in sent.text), None),
            f"{text!r} on Telegram",
        )
        return found

    async def on_discord(self, text: str) -> Message:
        """Wait until Maria reads a text on Discord."""
        dm = self.discord.platform.dm(self.maria)
        found: Message = await self.until(
            lambda: next((one for one in self.discord.ours(dm) if text in text_of(one)), None), f"{text!r} on Discord"
        )
        return found

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return list(await rows(self.app, sql))


@asynccontextmanager
async def both() -> AsyncIterator[Both]:
    """Both platforms before any Frontdesk runs there. Paces are tested elsewhere, and would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        async with a_platform() as platform, BotApi() as api:
            patch.setattr("adapters.telegram.pace.PER_SECOND", 1000)
            patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
            patch.setattr("adapters.telegram.pace.PER_GROUP_MINUTE", 1000)
            yield Both(api, api.add_bot(TOKEN, "frontdesk_bot"), DiscordService(platform))
