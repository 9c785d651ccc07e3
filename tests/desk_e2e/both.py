"""One Frontdesk between a Telegram and a Discord: real App, adapters and SQLite; contacts on both, a desk on both."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, World
from bot.config import HttpBlock
from bot.config.desk import AgentBlock, DeskBlock, DiscordDesk, TelegramDesk
from tests.adapters.driver import module
from tests.desk_e2e.ends import End, OnDiscord, OnTelegram, thread_named
from tests.discord.running import TOKEN as DISCORD_TOKEN
from tests.discord.running import a_platform
from tests.stands.discord import Discord
from tests.stands.discord.commands import GLOBAL
from tests.stands.discord.people import Member
from tests.stands.telegram import BotApi, Group, Person
from tests.telegram.running import TOKEN, frontdesk, options, rows

FORUM = Group(-1002, "Desk", forum=True)
QUESTION = "My withdrawal has not arrived"
TELEGRAM, DISCORD = "telegram", "discord"


@dataclass(frozen=True)
class Worker:
    """An agent with an account on both platforms."""

    name: str
    alias: str
    telegram: Person
    discord: Member
    role: Any = "agent"


@dataclass
class Opened:
    """A ticket in everybody's view: the contact's, the agent's, and of the other desk."""

    both: Both
    number: int
    contact: Any
    agent: Any
    other: Any

    @property
    def desks(self) -> Sequence[End]:
        """Both threads."""
        return (self.agent, self.other)

    async def both_desks_see(self, *parts: str) -> None:
        """Wait until it is read at both desks."""
        for desk in self.desks:
            await desk.sees(*parts)

    async def history(self) -> list[str]:
        """The kinds of what happened to it."""
        sql = f"select kind from history where ticket = {self.number} order by id"
        return [row[0] for row in await self.both.rows(sql)]

    async def row(self, *fields: str) -> tuple[Any, ...]:
        """What the store holds of it."""
        found = await self.both.rows(f"select {', '.join(fields)} from ticket where number = {self.number}")
        return found[0]

    async def until(self, wanted: tuple[Any, ...], *fields: str) -> None:
        """Wait until the store holds this of it."""
        sql = f"select {', '.join(fields)} from ticket where number = {self.number}"
        await self.both.until(sql, [wanted])


class Both:
    """The service, both platforms, and those who work at the desk: Ben, Cy and the lead, Lea."""

    app: App

    def __init__(self, api: BotApi, platform: Discord) -> None:
        self.api, self.platform = api, platform
        self.bot = api.add_bot(TOKEN, "frontdesk_bot")
        self.room = api.room(FORUM)
        self.discord_bot = platform.add_bot(DISCORD_TOKEN)
        self.guild = platform.add_guild("Staff")
        self.place = self.guild.text_channel("desk")
        self._numbers = itertools.count(1000)
        self.ben, self.cy = self.worker("Ben", "Ben B"), self.worker("Cy")
        self.lea = self.worker("Lea", role="lead")
        self.workers = [self.ben, self.cy, self.lea]
        self.desks = DeskBlock(telegram=TelegramDesk(chat=FORUM.id), discord=DiscordDesk(channel=self.place.id))

    def account(self, name: str, lang: str = "en") -> Person:
        """Somebody new on Telegram."""
        who = Person(next(self._numbers), name, lang=lang)
        self.api.meet(who)
        return who

    def worker(self, name: str, alias: str = "", role: str = "agent") -> Worker:
        """Somebody who works at the desk."""
        account = self.account(name)
        self.room.members[account.id] = account
        return Worker(name, alias or name, account, self.guild.member(name), role)

    def settings(self) -> dict[str, Any]:
        """The desk's part of the configuration."""
        agents = [
            AgentBlock(name=one.name, alias=one.alias, role=one.role, telegram=one.telegram.id, discord=one.discord.id)
            for one in self.workers
        ]
        return {"desk": self.desks, "agents": agents}

    def channels(self) -> dict[str, Any]:
        """Both channels, led to the stand-ins."""
        leading = module(DISCORD).Options(token=DISCORD_TOKEN, api_url=self.platform.url)
        return {TELEGRAM: options(self.api), DISCORD: leading}

    @asynccontextmanager
    async def running(self, folder: Path, world: World | None = None) -> AsyncIterator[Both]:
        """The service, connected; a second one in the same folder goes on with what the first one knew."""
        http = HttpBlock(port=0)
        where = self.guild.id if DISCORD in self.desks.platforms else GLOBAL
        async with frontdesk(folder, self.channels(), world, http=http, **self.settings()) as app:
            self.app = app
            await self.platform.eventually(lambda: self.platform.gateway.connected(self.discord_bot), "a connection")
            await self.platform.eventually(lambda: self.discord_bot.commands.all(where), "the commands")
            await self.bot.eventually(lambda: self.bot.polled, "a look for updates")
            yield self

    # People

    def contact(self, at: str, name: str = "Ann", lang: str = "en") -> Any:
        """Somebody new who writes to the bot in private."""
        if at == TELEGRAM:
            return OnTelegram(self.bot, self.account(name, lang))
        member = self.guild.member(name, lang="zh-CN" if lang == "zh" else "en-US")
        return OnDiscord(self.platform, member, self.platform.dm(member))

    def thread(self, number: int, at: str, who: Worker) -> End | None:
        """A worker at a ticket's newest thread, if it is there."""
        if at == DISCORD:
            thread = thread_named(self.place.threads, number)
            return OnDiscord(self.platform, who.discord, thread) if thread else None
        topics = [topic for topic in self.room.topics.values() if topic.name.split()[0] == f"#{number}"]
        return OnTelegram(self.bot, who.telegram, FORUM, topics[-1].thread) if topics else None

    async def at_desk(self, number: int, at: str, who: Worker) -> Any:
        """The same, once it is there with something in it."""

        def there() -> End | None:
            end = self.thread(number, at, who)
            return end if end is not None and end.shown() else None

        return await self.platform.eventually(there, f"the thread of #{number} on {at}")

    # Tickets

    async def asks_for_people(self, contact: Any, question: str = QUESTION) -> int:
        """The contact asks, and goes straight to a person: the ticket's number."""
        contact.says(question)
        contact.presses(await contact.sees("Did this help?"), "Talk to a person")
        contact.presses(await contact.sees("A few details first"), "Straight to a person")
        said = await contact.sees("Your ticket is")
        return int(said.text.partition("#")[2].partition(".")[0])

    async def opened(self, contact_at: str, worker: Worker | None = None) -> Opened:
        """A ticket that nobody has yet, of a contact on one platform and an agent on the other one."""
        contact = self.contact(contact_at)
        number = await self.asks_for_people(contact)
        here, there = (DISCORD, TELEGRAM) if contact_at == TELEGRAM else (TELEGRAM, DISCORD)
        who = worker or self.ben
        agent = await self.at_desk(number, here, who)
        other = await self.at_desk(number, there, who) if there in self.desks.platforms else agent
        return Opened(self, number, contact, agent, other)

    async def claimed(self, contact_at: str) -> Opened:
        """A ticket that Ben has."""
        ticket = await self.opened(contact_at)
        ticket.agent.commands("claim")
        await ticket.both_desks_see("Ben has this ticket now")
        await ticket.contact.sees("Ben B has joined")
        return ticket

    # What the store holds

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return list(await rows(self.app, sql))

    async def until(self, sql: str, wanted: list[tuple[Any, ...]]) -> None:
        """Wait until it holds this."""
        found: list[tuple[Any, ...]] = []

        async def holds() -> bool:
            found[:] = await self.rows(sql)
            return found == wanted

        try:
            await self.platform.eventually(holds, sql)
        except AssertionError:
            raise AssertionError(f"{sql}: {found} instead of {wanted}") from None

    async def quiet(self) -> None:
        """Nothing waits to be taken, handled or sent, and nothing has failed for good."""
        await self.bot.eventually(lambda: not self.bot.pending, "all updates taken")
        await self.until("select count(*) from inbox where status = 'new'", [(0,)])
        await self.until("select count(*) from outbox where status = 'open'", [(0,)])
        assert await self.rows("select error from outbox where status in ('dead', 'uncertain')") == []


@asynccontextmanager
async def platforms(*, paced: bool = False) -> AsyncIterator[Both]:
    """Both platforms before a Frontdesk runs. Unless it is `paced`, it keeps no limits: that is tested by itself."""
    with pytest.MonkeyPatch.context() as patch:
        module(TELEGRAM)
        if not paced:
            for limit in ("PER_SECOND", "PER_CHAT_SECOND", "PER_GROUP_MINUTE"):
                patch.setattr(f"adapters.telegram.pace.{limit}", 100_000)
        async with BotApi() as api, a_platform() as platform:
            yield Both(api, platform)


@asynccontextmanager
async def serving(folder: Path, world: World | None = None) -> AsyncIterator[Both]:
    """A Frontdesk between both."""
    async with platforms() as both, both.running(folder, world):
        yield both
