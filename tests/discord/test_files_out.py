"""Files on their way out to Discord, within what a server allows, and back from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import Undeliverable
from bot.messages import Accepted, Address, File, Inbound, Outbound
from tests.adapters.driver import module, tools
from tests.stands.discord import Discord
from tests.stands.discord.trying import point_at

pytestmark = pytest.mark.anyio


class World:
    """A server with one channel, one person, and the connected adapter."""

    def __init__(self, platform: Discord) -> None:
        self.platform = platform
        self.bot = platform.add_bot("token-text", intents={"message_content"})
        self.guild = platform.add_guild("Traders")
        self.channel = self.guild.text_channel("help")
        self.ann = self.guild.member("Ann")
        self.heard: list[Inbound] = []
        options = module("discord").Options(token="token-text", api_url=platform.url)
        self.adapter: Any = module("discord").Adapter(options, tools("discord"))

    async def accept(self, inbound: Inbound) -> Accepted:
        self.heard.append(inbound)
        return Accepted(1, len(self.heard))

    async def send(self, *files: File, chat: str = "") -> None:
        address = Address("discord", chat or str(self.channel.id))
        await self.adapter.send(Outbound(f"key-{len(self.platform.bot_messages())}", address, "", files=files))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Discord() as platform:
        with point_at(platform):
            made = World(platform)
            running = asyncio.create_task(made.adapter.run(made.accept))
            await platform.eventually(lambda: platform.gateway.connected(made.bot), "connected")
            yield made
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await made.adapter.close()


async def test_files_of_another_platform_are_uploaded_together(world: World) -> None:
    await world.send(File("7", "photo", "screen.png", channel="telegram"), File("8", "photo", channel="telegram"))
    (sent,) = world.platform.bot_messages()
    assert [(one.filename, one.data) for one in sent.attachments] == [
        ("screen.png", b"the bytes of 7"),
        ("photo", b"the bytes of 8"),
    ]


async def test_files_go_to_a_person_as_a_direct_message(world: World) -> None:
    await world.send(File("7", "document", "bill.pdf", channel="telegram"), chat=f"u{world.ann.id}")
    (sent,) = world.platform.dm(world.ann).messages
    assert [one.filename for one in sent.attachments] == ["bill.pdf"]


async def test_a_person_without_direct_messages_gets_none_and_that_is_said(world: World) -> None:
    world.platform.close_dms(world.ann)
    with pytest.raises(Undeliverable):
        await world.send(File("7", "document", "bill.pdf", channel="telegram"), chat=f"u{world.ann.id}")


async def test_a_place_and_a_phone_number_are_said_in_words(world: World) -> None:
    await world.send(File("52.5,13.4", "location", "52.5,13.4", channel="telegram"))
    await world.send(File("+491234567", "contact", "Ann", channel="telegram"))
    assert [message.content for message in world.platform.bot_messages()] == ["52.5,13.4", "Ann: +491234567"]


async def test_a_file_larger_than_the_server_allows_is_refused_with_the_limit(world: World) -> None:
    with pytest.raises(Undeliverable, match=r"film\.mp4 is larger than the 10 MB"):
        await world.send(File("7", "video", "film.mp4", size=11 * 2**20, channel="telegram"))
    assert not world.platform.bot_messages()


async def test_an_attachment_can_be_fetched_later_and_is_gone_with_its_message(world: World) -> None:
    dm = world.platform.dm(world.ann)
    said = dm.says(world.ann, "look", attachments=[("screen.png", b"png")])
    await world.platform.eventually(lambda: world.heard, "the message was heard")
    (file,) = world.heard[0].files
    world.platform.expire_attachments()
    assert await world.adapter.fetch(file) == b"png"
    dm.deletes(said)
    with pytest.raises(Undeliverable):
        await world.adapter.fetch(file)
