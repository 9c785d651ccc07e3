"""Slash commands of agents: in the desk's server, beside those of contacts, and heard only at the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import TooManyMessages
from bot.messages import Address
from tests.discord.agents import Desk, desk, working
from tests.stands.discord import RateLimited


def offered(office: Desk) -> dict[str, str]:
    """The commands of the desk's server, and how they are described."""
    return {each["name"]: each["description"] for each in office.bot.commands.all(office.guild.id)}


@pytest.fixture
async def office(anyio_backend: str) -> AsyncIterator[Desk]:
    async with working() as running:
        await running.platform.eventually(lambda: offered(running) and running.bot.commands.all(), "the commands")
        yield running


async def test_each_command_is_offered_in_the_desks_server_only(office: Desk) -> None:
    elsewhere = office.platform.add_guild("Elsewhere")
    assert offered(office) == {
        "claim": "[command_desk_claim ]",
        "priority": "[command_desk_priority ]",
        "close": "[command_desk_close ]",
        "desk-help": "[command_desk_help ]",
    }
    assert office.bot.commands.all(elsewhere.id) == []
    (claim,) = (each for each in office.bot.commands.all(office.guild.id) if each["name"] == "claim")
    assert claim["description_localizations"]["zh-CN"] == "[command_desk_claim zh]"
    ((argument),) = claim["options"]
    assert argument["name"] == "text" and not argument["required"]


async def test_a_command_is_heard_where_it_was_used_and_nothing_is_left_thinking(office: Desk) -> None:
    thread = await office.opened()
    with_text = office.ben.uses("/priority", {"text": " high "}, thread)
    without = office.ben.uses("/claim", channel=office.place)
    high, claim = await office.hears(2)
    assert (high.text, high.choice, high.kind) == ("/priority high", "", "message")
    assert (high.address, high.sender.id) == (office.address(thread), str(office.ben.id))
    assert high.external_id == f"i{with_text.id}"
    assert (claim.text, claim.address) == ("/claim", office.address())
    for used in (with_text, without):
        assert used.acknowledged_after is not None and used.ephemeral
        await office.platform.eventually(lambda used=used: not used.thinking, "the end of thinking")
    assert office.said(thread) == ["The brief"]


async def test_it_is_acknowledged_before_the_store_has_it(office: Desk) -> None:
    office.may_store.clear()
    used = office.ben.uses("/claim", channel=office.place)
    await office.platform.eventually(lambda: used.acknowledged_after is not None, "acknowledged")
    assert office.heard == [] and used.thinking
    office.may_store.set()
    await office.platform.eventually(lambda: office.heard and not used.thinking, "heard")


async def test_what_is_not_taken_leaves_nothing_thinking_either(office: Desk) -> None:
    office.refusal = TooManyMessages(3.0)
    used = office.ben.uses("/claim", channel=office.place)
    await office.platform.eventually(lambda: used.acknowledged_after is not None and not used.thinking, "the end")
    assert used.texts == []


async def test_a_command_that_contacts_have_too_has_another_name_and_does_not_hide_theirs(office: Desk) -> None:
    office.ben.uses("/desk-help", channel=office.place)
    (agents,) = await office.hears()
    assert (agents.text, agents.address) == ("/help", office.address())
    office.person().uses("/help", channel=office.open)
    _, contacts = await office.hears(2)
    assert contacts.text == "/help" and contacts.address.chat.startswith("u")


async def test_elsewhere_it_is_refused_so_that_only_who_used_it_sees_it(office: Desk) -> None:
    for where in (office.open, office.open.thread(office.ben, "about something else")):
        used = office.ben.uses("/claim", channel=where)
        await office.platform.eventually(lambda used=used: used.texts, "a refusal")
        assert used.texts == ["[gone en-US]"] and used.ephemeral
    assert office.heard == []


async def test_a_desk_in_a_forum_has_its_commands_in_its_posts(anyio_backend: str) -> None:
    async with working(forum=True) as office:
        await office.platform.eventually(lambda: offered(office), "the commands")
        thread = await office.opened()
        office.ben.uses("/close", {"text": "solved"}, thread)
        (heard,) = await office.hears()
        assert (heard.text, heard.address) == ("/close solved", Address("discord", heard.address.chat, str(thread.id)))


async def test_discord_is_told_once_and_again_when_they_changed(anyio_backend: str) -> None:
    async with desk() as office:
        for _ in range(2):
            async with office.running():
                await office.platform.eventually(lambda: offered(office), "the commands")
        assert office.bot.commands.puts[office.guild.id] == 1
        async with office.running(desk_commands=("claim",)):
            await office.platform.eventually(lambda: list(offered(office)) == ["claim"], "the other commands")


async def test_they_are_taken_away_where_no_desk_is_any_more(anyio_backend: str) -> None:
    async with desk() as office:
        async with office.running():
            await office.platform.eventually(lambda: offered(office), "the commands")
        async with office.running(desk=""):
            await office.platform.eventually(lambda: not offered(office), "no commands")
        async with office.running():
            await office.platform.eventually(lambda: offered(office), "the commands again")


async def test_while_discord_does_not_take_them_agents_can_type(anyio_backend: str) -> None:
    async with desk() as office:
        path = f"/applications/{office.bot.id}/guilds/{office.guild.id}/commands"
        office.platform.fail("PUT", path, RateLimited(600.0), times=1)
        async with office.running():
            office.place.says(office.ben, "!claim")
            assert [one.text for one in await office.hears()] == ["!claim"]
