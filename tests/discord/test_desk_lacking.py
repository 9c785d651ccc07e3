"""What keeps agents from working in their channel on Discord is named, with its cure."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from bot.ports import Problem
from tests.adapters.driver import module
from tests.discord.agents import Desk, desk

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "read_message_history": "Read Message History",
}
GOOD_TO_HAVE = {
    "manage_threads": "Manage Threads (to open what somebody locked)",
    "add_reactions": "Add Reactions (to show what has arrived)",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
}


@pytest.fixture
async def office(anyio_backend: str) -> AsyncIterator[Desk]:
    async with desk() as made:
        yield made


async def problems(office: Desk, **more: object) -> list[Problem]:
    """What doctor is told."""
    found: list[Problem] = await module("discord").Adapter(office.options(), office.tools(**more)).examine()
    return found


async def test_nothing_is_said_where_nothing_is_lacking(office: Desk) -> None:
    assert await problems(office) == []


@pytest.mark.parametrize("permission", [*NEEDED, *GOOD_TO_HAVE])
async def test_each_permission_is_named_with_its_channel_and_the_cure(office: Desk, permission: str) -> None:
    office.guild.deny(permission, channel=office.place)
    (problem,) = await problems(office)
    name = (NEEDED | GOOD_TO_HAVE)[permission]
    assert problem.fatal == (permission in NEEDED)
    assert problem.text.startswith(f"in #desk (Traders), where agents work, the bot lacks: {name}. Grant"), problem.text
    assert "page Permissions" in problem.text and "https://discord.com/oauth2/authorize" in problem.text


async def test_a_forum_needs_no_threads_but_posts(anyio_backend: str) -> None:
    async with desk(forum=True) as office:
        office.guild.deny("create_public_threads", channel=office.place)
        assert await problems(office) == []
        office.guild.deny("send_messages", channel=office.place)
        (problem,) = await problems(office)
        assert problem.fatal and "lacks: Create Posts. " in problem.text


@pytest.mark.parametrize("chat", ["123456789", "no number"])
async def test_a_channel_that_is_not_there_is_named(office: Desk, chat: str) -> None:
    (problem,) = await problems(office, desk=chat)
    assert problem.fatal and f"no text channel or forum {chat} " in problem.text and "add the bot" in problem.text


async def test_without_the_content_of_messages_there_is_no_desk(office: Desk) -> None:
    office.bot.intents.clear()
    fatal = [problem.text for problem in await problems(office) if problem.fatal]
    assert len(fatal) == 1 and "Message Content Intent" in fatal[0] and "arrives empty" in fatal[0]


async def test_without_a_desk_nothing_of_it_is_lacking(office: Desk) -> None:
    office.guild.deny("view_channel", channel=office.place)
    assert await problems(office, desk="") == []


async def test_the_log_says_it_at_the_start(anyio_backend: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "adapters.discord")
    async with desk() as office:
        office.guild.deny("add_reactions", channel=office.place)
        async with office.running():
            await office.platform.eventually(lambda: "to show what has arrived" in caplog.text, "the warning")
