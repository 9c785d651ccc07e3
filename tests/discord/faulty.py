"""A Frontdesk on Discord whose network and store fail on demand; what people asked, and how it was answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import App, World
from bot.messages import Accepted, Inbound
from bot.ops.clock import SystemClock
from bot.storage.store import Store
from tests.adapters.driver import module
from tests.stands.discord import Discord
from tests.stands.discord.channels import Channel
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Member
from tests.telegram.running import frontdesk

TOKEN = "MTIzNDU2.a-token-that-must.never-show"
COMMANDS = {"/help": "in your own words", "/topics": "What is it about", "/status": "no open ticket"}
"""Each has an answer of its own, however many come at once, which says this."""


class Server:
    """Discord with one bot, one guild, a channel that is watched, one that is not, a forum, and Ann."""

    def __init__(self, platform: Discord, folder: Path) -> None:
        self.platform, self.folder, self.eventually = platform, folder, platform.eventually
        self.bot = platform.add_bot(TOKEN)
        self.guild = platform.add_guild("Traders")
        self.help = self.guild.text_channel("help")
        self.general = self.guild.text_channel("general")
        self.forum = self.guild.forum_channel("questions", tags=["answered", "needs human"])
        self.ann = self.guild.member("Ann")
        self.asked: list[Message] = []
        self.openings: dict[Channel, int] = {}
        """How many answers there were in a place before `asks` was used there, if any."""

    def options(self, **more: Any) -> Any:
        """A channel's options that lead to the stand-in."""
        given = {"token": TOKEN, "api_url": self.platform.url, "answer_in": [self.help.id, self.forum.id]}
        return module("discord").Options(**(given | more))

    @asynccontextmanager
    async def frontdesk(
        self, world: World | None = None, *, connected: bool = True, window: float = 0.0, **channels: Any
    ) -> AsyncIterator[App]:
        """The service on its database; a second one goes on with it."""
        channels = channels or {"discord": self.options()}
        async with frontdesk(self.folder, channels, world, window=window) as app:
            if connected:
                await self.up(app)
            yield app

    async def up(self, app: App) -> None:
        """Wait until the channel is connected and knows that nothing is missing."""
        adapter: Any = app.adapters["discord"]
        await self.eventually(
            lambda: adapter._client and adapter._client.listener and adapter._client.listener.missed._planned,
            "the channel is up",
        )

    def asks(self, who: Member, where: Channel, text: str) -> Message:
        """Somebody says something that must be answered once: in a direct message, or with a mention."""
        mentions = () if where.guild is None else (self.bot,)
        self.asked.append(where.says(who, text, mentions=mentions))
        return self.asked[-1]

    def answers(self, where: Channel | None = None) -> list[Message]:
        """What the bot said, oldest first."""
        return [said for said in self.platform.bot_messages(self.bot) if where is None or said.channel is where]

    def tally(self) -> Tally:
        """How what was asked has been answered, place by place."""
        found = Tally(asked=len(self.asked), refused=len(self.platform.limits.refusals))
        for place in {each.channel for each in self.asked}:
            wanted = [each.content.split()[-1] for each in self.asked if each.channel is place]
            got = [kind_of(each) for each in self.answers(place)][self.openings.get(place, 0) :]
            found.lost += (Counter(wanted) - Counter(got)).total()
            found.doubled += (Counter(got) - Counter(wanted)).total()
            found.out_of_order += got != wanted
        return found

    def nothing_is_lost(self) -> bool:
        """Whether everything has its answer; counts first, as that is cheap."""
        wanted = len(self.asked) + sum(self.openings.values())
        return len(self.answers()) >= wanted and not self.tally().lost

    async def all_answered(self, seconds: float = 20) -> Tally:
        """Wait until everything has its answer; then nothing may be doubled or out of order."""
        try:
            await self.eventually(self.nothing_is_lost, "all answers", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tally()}") from None
        found = self.tally()
        assert not (found.lost or found.doubled or found.out_of_order), str(found)
        return found


@dataclass
class Tally:
    """What became of what was asked, in numbers; `refused` is how often Discord answered 429."""

    asked: int
    refused: int
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0

    def __str__(self) -> str:
        return (
            f"{self.asked} asked, {self.lost} lost, {self.doubled} answered twice, {self.out_of_order} places out of "
            f"order, {self.refused} times 429"
        )


def kind_of(answer: Message) -> str:
    """Which command a message answers."""
    text = answer.content + "".join(embed["description"] for embed in answer.embeds)
    return next((command for command, part in COMMANDS.items() if part in text), text)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    """Discord, and the library without its waits that only cost the tests' time."""

    async def at_once(*_: Any, **__: Any) -> None:
        """The library waits 5 seconds before it identifies a second time."""

    module("discord")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.client.Client.before_identify_hook", at_once)
        patch.setattr("adapters.discord.client.READY_AFTER", 0.05)
        async with Discord() as platform:
            yield Server(platform, folder)


class Hurried(SystemClock):
    """A clock on which waits, as for a channel's next start, are a tenth as long."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 10)


class Stalling(Store):
    """A store whose writes wait while `gate` is shut."""

    gate: asyncio.Event

    async def receive(self, message: Inbound, now: float) -> Accepted:
        await self.gate.wait()
        return await super().receive(message, now)

    async def settle(self, *args: Any) -> Any:
        await self.gate.wait()
        return await super().settle(*args)

    async def claim(self, *args: Any) -> Any:
        await self.gate.wait()
        return await super().claim(*args)

    async def sent(self, *args: Any) -> Any:
        await self.gate.wait()
        return await super().sent(*args)


def stalling(gate: asyncio.Event) -> World:
    """A world whose store goes on only while the gate is open."""

    def make(*args: Any) -> Store:
        store = Stalling(*args)
        store.gate = gate
        return store

    return World(make_store=make)


async def until(check: Callable[[], Awaitable[Any]], what: str, seconds: float = 10) -> Any:
    """Wait for what happens inside the service, where the stand-in can't see it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"{what}: not within {seconds} s"
        await asyncio.sleep(0.01)
    return found


async def asked_of(app: App, path: str) -> httpx.Response:
    """What the service's own server says."""
    assert app.server is not None
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.server.port}", trust_env=False) as client:
        return await client.get(path)


async def trouble(app: App) -> str:
    """What /readyz says of the channels; empty if it is ready."""
    answer = await asked_of(app, "/readyz")
    return "" if answer.status_code == 200 else str(answer.json()["parts"]["channels"])
