"""The stand-in of Discord, driven by discord.py's own client: what goes wrong, and what is not allowed."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.stands.discord import Discord, Drop, Lost, RateLimited, Status
from tests.stands.discord.trying import TOKEN, Client, World, everything, point_at

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Discord() as platform:
        with point_at(platform):
            yield World(platform)


async def test_what_was_missed_comes_with_the_resume(world: World) -> None:
    async with world.client() as client:
        world.platform.refuse_gateway()
        world.platform.drop_gateway()
        await world.eventually(lambda: not world.platform.gateway.sockets, "the cut")
        world.channel.says(world.ann, "one")
        world.platform.refuse_gateway(False)
        await world.eventually(lambda: client.saw("resumed"), "the resume")
        world.channel.says(world.ann, "two")
        await world.eventually(lambda: client.texts == ["one", "two"], "both messages")
        assert len(world.platform.gateway.identifies) == 1


@pytest.mark.parametrize("code", [1000, 4000, 4009])
async def test_the_client_comes_back_after_these_close_codes(world: World, code: int) -> None:
    async with world.client() as client:
        world.platform.drop_gateway(code)
        await world.eventually(lambda: client.saw("resumed"), "the resume")


async def test_the_client_resumes_when_it_is_asked_to_reconnect(world: World) -> None:
    async with world.client() as client:
        world.platform.ask_to_reconnect()
        await world.eventually(lambda: client.saw("resumed"), "the resume")


async def test_what_was_missed_with_an_invalid_session_is_found_in_the_history_only(world: World) -> None:
    async with world.client() as client:
        first = world.channel.says(world.ann, "before")
        await world.eventually(lambda: client.heard, "the message")
        world.platform.invalidate_sessions()
        world.platform.refuse_gateway()
        world.platform.drop_gateway()
        await world.eventually(lambda: not world.platform.gateway.sockets, "the cut")
        for number in range(120):
            world.channel.says(world.ann, str(number))
        world.platform.refuse_gateway(False)
        await world.eventually(
            lambda: len(world.platform.gateway.identifies) == 2 and client.is_ready(), "a new session"
        )
        assert client.texts == ["before"]
        channel = client.get_channel(world.channel.id)
        assert isinstance(channel, discord.TextChannel)
        found = [each.content async for each in channel.history(after=discord.Object(first.id), limit=None)]
        assert found == [str(number) for number in range(120)]


async def test_a_connection_without_acks_is_given_up(world: World) -> None:
    world.platform.gateway.heartbeat_seconds = 0.1
    async with world.client(Client(heartbeat_timeout=0.3)) as client:
        world.platform.mute_heartbeat_acks(everything=True)
        world.channel.says(world.ann, "lost on the way")
        await world.eventually(lambda: client.texts == ["lost on the way"], "the message after the resume")


async def test_the_same_nonce_makes_one_message(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        world.platform.fail("POST", f"/channels/{world.channel.id}/messages", Lost())
        with pytest.raises(aiohttp.ClientError):
            await channel.send("once", nonce="n1")
        again = await channel.send("once", nonce="n1")
        assert world.channel.texts == ["once"] and again.id == world.channel.messages[0].id
        world.channel.deletes(world.channel.messages[0])
        with pytest.raises(discord.NotFound, match="10008"):
            await channel.send("once", nonce="n1")
        world.platform.forget_nonces()
        await channel.send("once", nonce="n1")
        assert world.channel.texts == ["once"]


async def test_a_bucket_is_kept_to_and_other_channels_are_not_held_up(world: World) -> None:
    world.platform.enforce_limits(per_channel=2, seconds=0.5, global_=None)
    other = world.guild.text_channel("other")
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        began = time.monotonic()
        sending = asyncio.gather(*(channel.send(str(number)) for number in range(5)))
        await client.get_partial_messageable(other.id).send("me too")
        assert time.monotonic() - began < 0.4
        await sending
        assert time.monotonic() - began > 0.9
        assert len(world.channel.messages) == 5 and not world.platform.limits.refusals


async def test_who_goes_over_a_limit_is_told_how_long_to_wait(world: World) -> None:
    world.platform.enforce_limits(per_channel=1, seconds=5, global_=None)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as http:
        url = f"{world.platform.url}/channels/{world.channel.id}/messages"
        async with http.post(url, json={"content": "a"}) as response:
            assert response.headers["X-RateLimit-Remaining"] == "0"
        async with http.post(url, json={"content": "b"}) as response:
            body = await response.json()
            assert response.status == 429 and 4 < body["retry_after"] <= 5 and not body["global"]


async def test_a_global_429_holds_up_everything(world: World) -> None:
    async with world.client() as client:
        world.platform.fail("POST", "/channels/{id}/messages", RateLimited(0.3, global_=True))
        began = time.monotonic()
        sending = asyncio.create_task(client.get_partial_messageable(world.channel.id).send("one"))
        await world.eventually(lambda: world.platform.requests[-1].status == 429, "the 429")
        await client.fetch_user(world.ann.id)
        assert time.monotonic() - began > 0.25
        await sending
        assert world.channel.texts == ["one"]


async def test_faults_reach_the_client_as_they_should(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        world.platform.fail("POST", "/channels/{id}/messages", Status(503))
        with pytest.raises(discord.DiscordServerError):
            await channel.send("a")
        world.platform.fail("POST", "/channels/{id}/messages", Drop())
        with pytest.raises(aiohttp.ClientError):
            await channel.send("b")
        world.platform.fail("POST", "/channels/{id}/messages", RateLimited(1, html=True))
        with pytest.raises(discord.HTTPException, match="429"):
            await channel.send("c")
        world.platform.fail("POST", "/channels/{id}/messages", Status(502, html=True))
        await channel.send("d")  # discord.py tries this one again by itself, after a second
        assert world.channel.texts == ["d"]


async def test_closed_direct_messages_are_refused(world: World) -> None:
    world.platform.close_dms(world.ann)
    async with world.client() as client:
        user = await client.fetch_user(world.ann.id)
        with pytest.raises(discord.Forbidden) as caught:
            await user.send("hello?")
        assert caught.value.code == 50007


async def test_missing_permissions_are_refused_and_hidden_channels_are_silent(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        world.guild.deny("send_messages", channel=world.channel)
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send("a")
        assert caught.value.code == 50013
        world.guild.deny("view_channel", channel=world.channel)
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send("a")
        assert caught.value.code == 50001
        world.channel.says(world.ann, "unheard")
        world.guild.allow("view_channel", channel=world.channel)
        world.channel.says(world.ann, "heard")
        await world.eventually(lambda: client.texts == ["heard"], "the message that can be seen")


async def test_a_wrong_token_is_refused(world: World) -> None:
    with pytest.raises(discord.LoginFailure):
        async with Client() as client:
            await client.start("something else")
    async with world.client(ready=False) as client:
        await world.eventually(client.is_ready, "ready")
        world.platform.bad_token(world.bot)
        await world.eventually(client.is_closed, "the end")


async def test_an_intent_that_was_not_granted_ends_the_connection(world: World) -> None:
    async with Client(everything(members=True)) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(TOKEN)


async def test_without_the_content_intent_only_what_is_addressed_to_the_bot_is_readable(world: World) -> None:
    async with world.client(Client(everything(message_content=False))) as client:
        world.channel.says(world.ann, "secret")
        world.channel.says(world.ann, "help", mentions=[world.bot])
        world.platform.dm(world.ann).says(world.ann, "psst")
        await world.eventually(lambda: len(client.heard) == 3, "all three")
        assert client.texts == ["", f"{world.bot.mention} help", "psst"]


async def test_too_long_and_empty_messages_are_refused(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        with pytest.raises(discord.HTTPException) as caught:
            await channel.send("x" * 2001)
        assert caught.value.code == 50035 and "Must be 2000 or fewer in length." in str(caught.value)
        with pytest.raises(discord.HTTPException) as caught:
            await channel.send(" ")
        assert caught.value.code == 50006


async def test_threads_are_opened_archived_reopened_and_deleted(world: World) -> None:
    async with world.client() as client:
        asked = world.channel.says(world.ann, "hello")
        await world.eventually(lambda: client.heard, "the message")
        thread = await client.heard[0].create_thread(name="Ticket 1")
        ours = world.guild.threads[thread.id]
        assert thread.id == asked.id and asked.thread is ours
        await thread.send("In here")
        ours.archive()
        await world.eventually(lambda: client.saw("thread_update"), "the archiving")
        listed = [each.id async for each in thread.parent.archived_threads()]  # type: ignore[union-attr]
        assert listed == [thread.id]
        await thread.send("Still here")
        assert not ours.archived
        ours.delete()
        await world.eventually(lambda: client.saw("thread_delete"), "the deletion")
        with pytest.raises(discord.NotFound) as caught:
            await thread.send("Hello?")
        assert caught.value.code == 10003


async def test_the_first_connection_is_tried_only_once_by_discord_py(world: World) -> None:
    world.platform.refuse_gateway()
    async with Client() as client:
        with pytest.raises(AttributeError):  # it wants to resume, but never had a socket
            await asyncio.wait_for(client.start(TOKEN), 5)


async def test_the_platform_can_be_away_altogether(world: World) -> None:
    async with world.client() as client:
        await world.platform.go_offline()
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.fetch_user(world.ann.id)
        await world.platform.go_online()
        await world.eventually(lambda: client.saw("resumed"), "the resume")
        assert (await client.fetch_user(world.ann.id)).id == world.ann.id


SERVICE = """
import sys, discord, yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sys.argv[1], yarl.URL(sys.argv[2])
discord.Client(intents=discord.Intents.default()).run(sys.argv[3], log_handler=None)
"""


async def live_and_die(world: World) -> None:
    """A process connects and is killed."""
    platform = world.platform
    before = len(platform.gateway.identifies)
    arguments = (platform.url, platform.gateway_url, TOKEN)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVICE, *arguments)
    try:
        await world.eventually(lambda: len(platform.gateway.identifies) > before, "it is connected", 20)
    finally:
        process.kill()
        await process.wait()
    await world.eventually(lambda: not platform.gateway.connected(world.bot), "the end of its socket")


async def test_a_process_that_is_killed_can_come_back(world: World) -> None:
    await live_and_die(world)
    await live_and_die(world)
