"""What the bot lacks is named exactly: which permission or intent, in which channel, and where to grant it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from bot.config import Config, Settings
from bot.parts import examined
from tests.cli.program import environment
from tests.discord.faulty import TOKEN, Server, serving
from tests.stands.discord.channels import Channel

IN_CHANNELS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "create_private_threads": "Create Private Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
IN_FORUMS = {name: IN_CHANNELS[name] for name in ("view_channel", "send_messages_in_threads", "read_message_history")}
IN_FORUMS["manage_threads"] = "Manage Threads (to set tags)"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    async with serving(tmp_path) as running:
        yield running


async def problems(server: Server, **options: object) -> list[str]:
    """What the adapter says of itself when it is asked, as doctor does."""
    config = Config(Settings(), {"discord": server.options(**options)})
    return [problem.text for problem in await examined("discord", config)]


def granted_by(text: str) -> discord.Permissions:
    """What the invite link in a text asks for."""
    link = next(word for word in text.split() if word.startswith("https://discord.com/oauth2/authorize"))
    query = parse_qs(urlsplit(link).query)
    assert set(query["scope"][0].split()) == {"bot", "applications.commands"}
    return discord.Permissions(int(query["permissions"][0]))


async def test_nothing_is_said_where_nothing_is_lacking(server: Server) -> None:
    assert await problems(server) == []


async def test_each_permission_is_named_by_its_name_in_discord_with_its_channel_and_the_cure(server: Server) -> None:
    for where, names in ((server.help, IN_CHANNELS), (server.forum, IN_FORUMS)):
        for permission, shown in names.items():
            server.guild.deny(permission, channel=where)
            (text,) = await problems(server)
            server.guild.allow(permission, channel=where)
            assert text.startswith(f"in #{where.name} (Traders) the bot lacks: {shown}. "), text
            assert "channel's settings, page Permissions" in text
            assert getattr(granted_by(text), permission), "the link does not grant what is asked for"


async def test_several_channels_and_permissions_are_each_named(server: Server) -> None:
    for permission in ("create_public_threads", "attach_files"):
        server.guild.deny(permission, channel=server.help)
    server.guild.deny("manage_threads", channel=server.forum)
    server.guild.deny("send_messages", channel=server.general)  # not ours to watch
    first, second = await problems(server)
    assert "#help" in first and "Attach Files, Create Public Threads. " in first
    assert "#questions" in second and "Manage Threads" in second


async def test_a_channel_that_is_not_there_and_a_bot_without_a_server_are_told(server: Server) -> None:
    (text,) = await problems(server, answer_in=[12345])
    assert "12345" in text and "answer_in" in text and granted_by(text)
    server.guild.kick(server.bot)
    (text,) = await problems(server)
    assert "in no server" in text and granted_by(text)


async def test_the_intent_is_named_beside_what_else_is_lacking(server: Server) -> None:
    server.bot.intents.clear()
    server.guild.deny("view_channel", channel=server.help)
    first, second = await problems(server)
    assert "View Channel" in first
    assert "Message Content Intent" in second and "developer portal, page Bot" in second


async def test_a_refused_token_and_a_discord_that_is_away_are_told(server: Server) -> None:
    server.platform.refuse_gateway()
    assert await problems(server) == ["Discord's gateway can't be reached"]
    server.platform.refuse_gateway(False)
    server.platform.bad_token(server.bot)
    (text,) = await problems(server)
    assert text.startswith("Discord refuses the token of this bot; take the current one from the developer portal")
    await server.platform.go_offline()
    (text,) = await problems(server)
    assert text.startswith("Discord can't be reached")
    await server.platform.go_online()


async def test_it_is_said_at_the_start_and_the_rest_works(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.guild.deny("create_public_threads", channel=server.help)
    with caplog.at_level(logging.WARNING, "adapters.discord"):
        async with server.frontdesk():
            server.help.says(server.ann, "My withdrawal has not arrived")
            where: Channel = server.help
            await server.eventually(lambda: server.answers(where), "an answer in the channel, as threads are refused")
            server.asks(server.ann, server.general, "/help")
            await server.all_answered()
    said = [record.getMessage() for record in caplog.records]
    assert any("in #help (Traders) the bot lacks: Create Public Threads. " in line for line in said), said


async def test_doctor_shows_it_all(server: Server) -> None:
    server.bot.intents.clear()
    server.guild.deny("embed_links", channel=server.help)
    config = server.folder / "config.yaml"
    block = f"{{token: '{TOKEN}', api_url: '{server.platform.url}', answer_in: [{server.help.id}]}}"
    config.write_text(
        f"channels: {{discord: {block}}}\nstorage: {{url: 'sqlite:///{server.folder / 'frontdesk.db'}'}}\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", "--config", str(config), cwd=server.folder,
        env=os.environ | environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out = " ".join((await process.communicate())[0].decode().split())
    assert "#help (Traders) the bot lacks: Embed Links." in out and "Message Content Intent" in out, out
    assert TOKEN not in out
