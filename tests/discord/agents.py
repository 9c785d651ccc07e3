"""Agents at work: our adapter alone in front of the stand-in, with all that it hands over and sends in view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.messages import Accepted, Address, Button, Inbound, Outbound, Receipt
from bot.ports import Adapter
from tests.adapters.driver import MemoryPlaces, module, tools
from tests.discord.running import Server, a_platform
from tests.stands.discord import Discord
from tests.stands.discord.channels import Channel
from tests.stands.discord.people import Member
from tests.stands.discord.threads import Thread

COMMANDS = ("claim", "priority", "close", "help")
BUTTONS = (Button("Claim", "claim"), Button("High", "priority:high"))


class Desk(Server):
    """A channel, or with `forum` a forum, in which agents work. Ben is one of them, but that is not known here."""

    def __init__(self, platform: Discord, *, forum: bool) -> None:
        super().__init__(platform)
        self.place: Any = self.guild.forum_channel("desk") if forum else self.guild.text_channel("desk")
        self.ben: Member = self.person("Ben")
        self.places = MemoryPlaces()
        self.heard: list[Inbound] = []
        self.refusal: Exception | None = None
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.adapter: Any = None
        self._keys = 0

    async def accept(self, inbound: Inbound) -> Accepted:
        """As the store does it: once, and the cursor moves with it."""
        await self.may_store.wait()
        if self.refusal is not None:
            raise self.refusal
        known = [one.external_id for one in self.heard]
        if inbound.external_id in known:
            return Accepted(1, known.index(inbound.external_id) + 1, repeat=True)
        if inbound.cursor:
            await self.places.advance("discord", inbound.account, inbound.cursor)
        self.heard.append(inbound)
        return Accepted(1, len(self.heard))

    async def hears(self, count: int = 1) -> list[Inbound]:
        """All that was handed over, once it is so much."""
        await self.platform.eventually(lambda: len(self.heard) >= count, f"{count} things heard")
        assert len(self.heard) == count, [one.text or one.choice for one in self.heard]
        return self.heard

    def said(self, where: Channel) -> list[str]:
        """What the bot wrote somewhere."""
        return [message.content for message in where.messages if message.author == self.bot and message.content]

    def address(self, thread: str | Channel = "") -> Address:
        """A place at the desk."""
        return Address("discord", str(self.place.id), str(thread.id) if isinstance(thread, Channel) else thread)

    def outbound(self, text: str, thread: str | Channel = "", **more: Any) -> Outbound:
        """Something for agents to see."""
        self._keys += 1
        return Outbound(**({"key": f"key-{self._keys}", "address": self.address(thread), "text": text} | more))

    async def send(self, text: str, thread: str | Channel = "", **more: Any) -> Receipt:
        """Show it to them."""
        receipt: Receipt = await self.adapter.send(self.outbound(text, thread, **more))
        return receipt

    async def opened(self, number: int = 7, text: str = "The brief", **more: Any) -> Thread:
        """A ticket's new thread."""
        title = more.pop("title", f"#{number} Ann: where is it?")
        receipt = await self.send(text, f"#{number}", title=title, **more)
        assert receipt.address is not None
        thread = self.platform.channels[int(receipt.address.thread)]
        assert isinstance(thread, Thread)
        return thread

    async def lock(self, thread: Thread, *, archived: bool) -> None:
        """A moderator closes a thread, and our side is told of it."""
        thread.update(archived=archived, locked=True)

        def is_known() -> bool:
            known = self.adapter._client.get_channel(thread.id)
            return known is None or known.locked

        await self.platform.eventually(is_known, "the lock is known")

    def tools(self, **more: Any) -> Any:
        """What the adapter is given."""
        given = {"places": self.places, "desk": str(self.place.id), "desk_commands": COMMANDS, "uploads": None}
        return tools("discord", **(given | more))

    @asynccontextmanager
    async def running(self, *, options: Any = None, **more: Any) -> AsyncIterator[Desk]:
        """The adapter at work; a second time, it goes on with what it noted."""
        adapter: Adapter = module("discord").Adapter(options or self.options(), self.tools(**more))
        self.adapter = adapter
        work = asyncio.create_task(adapter.run(self.accept))
        try:
            await self.platform.eventually(lambda: work.done() or self._is_up(), "the adapter is up")
            if work.done():
                work.result()
            yield self
        finally:
            work.cancel()
            await asyncio.wait([work])

    def _is_up(self) -> bool:
        listener = self.adapter._client and self.adapter._client.listener
        return bool(listener and listener.missed._planned and not listener.missed._unread)


@asynccontextmanager
async def desk(*, forum: bool = False) -> AsyncIterator[Desk]:
    """A desk at which nobody works yet."""
    async with a_platform() as platform:
        yield Desk(platform, forum=forum)


@asynccontextmanager
async def working(*, forum: bool = False, **more: Any) -> AsyncIterator[Desk]:
    """A desk at work."""
    async with desk(forum=forum) as made, made.running(**more):
        yield made
