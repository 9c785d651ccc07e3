"""The gateway fails in every way: nothing that people write is missed or answered twice, and the oldest comes first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.web import Options as WebOptions
from bot.app import App, World
from tests.discord.faulty import COMMANDS, TOKEN, Hurried, Server, asked_of, serving, stalling, trouble, until
from tests.stands.discord import Hang, Status
from tests.stands.discord.channels import Channel
from tests.stands.discord.people import APPLICATION_FLAGS, Member

PLACES = 20
REFUSED = "Discord refuses the token of this bot"
GATEWAY = "Discord's gateway can't be reached"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    async with serving(tmp_path) as running:
        yield running


def memory(app: App) -> Any:
    """What listens on the connection of now."""
    adapter: Any = app.adapters["discord"]
    return adapter._client.listener


async def test_what_is_said_in_a_gap_an_invalid_session_and_a_restart_is_answered_once_oldest_first(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [server.guild.member(f"Person {number}") for number in range(PLACES)]
    channels: list[Channel] = [server.guild.text_channel(f"channel-{number}") for number in range(PLACES)]
    private = [server.platform.dm(person) for person in people]
    lines = []

    def everybody_asks() -> None:
        for text in list(COMMANDS)[:2]:
            for who, where in zip([*people, *people], [*channels, *private], strict=True):
                server.asks(who, where, text)

    async def answered(when: str) -> None:
        lines.append(f"{when}: {await server.all_answered(30)}")

    server.platform.enforce_limits()
    async with server.frontdesk() as app:
        for who, where in zip(people, private, strict=True):
            server.asks(who, where, "/help")  # a direct message is known once it was written in
        await server.all_answered()

        server.platform.drop_gateway()
        everybody_asks()
        await answered("a gap, resumed")
        assert len(server.platform.gateway.resumes) == 1

        server.platform.invalidate_sessions()
        server.platform.drop_gateway()
        everybody_asks()
        await answered("an invalid session")
        assert len(server.platform.gateway.identifies) == 2
        assert not len(memory(app)._in_order)
    everybody_asks()
    async with server.frontdesk():
        await answered("a restart")
    assert not server.platform.limits.refusals
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def cut(server: Server) -> None:
    server.platform.drop_gateway()


def closed_1000(server: Server) -> None:
    server.platform.drop_gateway(1000)


def closed_4000(server: Server) -> None:
    server.platform.drop_gateway(4000)


def session_timed_out(server: Server) -> None:
    server.platform.invalidate_sessions()
    server.platform.drop_gateway(4009)


def asked_to_reconnect(server: Server) -> None:
    server.platform.ask_to_reconnect()


def invalidated_at_once(server: Server) -> None:
    server.platform.invalidate_sessions()
    for socket in server.platform.gateway.sockets:
        socket.send({"op": 9, "d": False})


WAYS: list[Callable[[Server], None]] = [
    cut, closed_1000, closed_4000, session_timed_out, asked_to_reconnect, invalidated_at_once,
]  # fmt: skip


async def test_however_a_connection_ends_nothing_is_missed_or_doubled(server: Server) -> None:
    dm = server.platform.dm(server.ann)
    async with server.frontdesk():
        server.asks(server.ann, dm, "/help")
        await server.all_answered()
        for end in WAYS:
            before = len(server.platform.gateway.resumes) + len(server.platform.gateway.identifies)
            server.asks(server.ann, server.general, "/help")
            end(server)
            for text in COMMANDS:
                server.asks(server.ann, server.general, text)
                server.asks(server.ann, dm, text)
            await server.all_answered()
            after = len(server.platform.gateway.resumes) + len(server.platform.gateway.identifies)
            assert after > before, end.__name__


@pytest.mark.parametrize("everything", [True, False], ids=["silence", "no acknowledgements"])
async def test_a_connection_without_acknowledgements_is_given_up_and_nothing_is_lost(
    server: Server, everything: bool
) -> None:
    server.platform.gateway.heartbeat_seconds = 0.05
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.client.LONGEST_SILENCE", 0.2)
        async with server.frontdesk():
            server.platform.mute_heartbeat_acks(everything=everything)
            server.asks(server.ann, server.general, "/help")
            await server.eventually(lambda: server.platform.gateway.resumes, "a new connection")
            server.asks(server.ann, server.general, "/status")
            await server.all_answered()


async def test_a_gateway_that_is_down_at_boot_is_told_of_and_waited_for(server: Server) -> None:
    async with server.frontdesk():
        server.asks(server.ann, server.platform.dm(server.ann), "/help")
        await server.all_answered()
    server.platform.refuse_gateway()
    server.asks(server.ann, server.platform.dm(server.ann), "/status")
    server.asks(server.ann, server.general, "/topics")
    async with server.frontdesk(World(clock=Hurried()), connected=False) as app:

        async def told() -> bool:
            return GATEWAY in await trouble(app)

        await until(told, "a word on it")
        server.platform.refuse_gateway(False)
        await server.all_answered()
        await server.eventually(lambda: is_well(app), "readiness")


async def is_well(app: App) -> bool:
    return not await trouble(app)


async def test_a_gateway_that_is_lost_for_long_is_told_of_and_what_was_said_meanwhile_is_answered(
    server: Server,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.client.LONGEST_CUT", 0.2)
        async with server.frontdesk(World(clock=Hurried())) as app:
            server.asks(server.ann, server.platform.dm(server.ann), "/help")
            await server.all_answered()
            server.platform.refuse_gateway()
            server.platform.drop_gateway()
            server.asks(server.ann, server.platform.dm(server.ann), "/status")
            server.asks(server.ann, server.general, "/topics")

            async def told() -> bool:
                return GATEWAY in await trouble(app)

            await until(told, "a word on it")
            server.platform.refuse_gateway(False)
            await server.all_answered()


@pytest.mark.parametrize("when", ["at the start", "later"])
async def test_a_wrong_token_is_told_of_clearly_the_rest_goes_on_and_it_recovers(
    server: Server, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    if when == "at the start":
        server.platform.bad_token(server.bot)
    channels = {"discord": server.options(), "web": WebOptions()}
    async with server.frontdesk(World(clock=Hurried()), connected=False, **channels) as app:
        if when == "later":
            await server.up(app)
            server.platform.bad_token(server.bot)

        async def told() -> bool:
            return REFUSED in await trouble(app)

        await until(told, "a word on it")
        assert (await asked_of(app, "/healthz")).status_code == 200
        server.platform.bad_token(server.bot, bad=False)
        if when == "later":
            server.asks(server.ann, server.general, "/help")
        await server.up(app)
        server.asks(server.ann, server.general, "/status")
        await server.all_answered()
        await server.eventually(lambda: is_well(app), "readiness")
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("told_by", ["the application", "close code 4014"])
async def test_without_the_content_intent_all_but_reading_along_works_and_the_log_says_where_to_grant_it(
    server: Server, caplog: pytest.LogCaptureFixture, told_by: str
) -> None:
    server.bot.intents.clear()
    with pytest.MonkeyPatch.context() as patch:
        if told_by == "close code 4014":  # the portal's switch and what the application tells may disagree for a while
            patch.setitem(APPLICATION_FLAGS, "message_content", 0)
            patch.setattr("adapters.discord.client.Client.may_read_content", lambda _: True)
        with caplog.at_level(logging.WARNING, "adapters.discord"):
            async with server.frontdesk() as app:
                assert await is_well(app)
                server.help.says(server.ann, "My withdrawal has not arrived")
                server.asks(server.ann, server.general, "/help")
                server.asks(server.ann, server.platform.dm(server.ann), "/topics")
                await server.all_answered()
                asked = server.ann.uses("/status", {}, server.general)
                await server.eventually(lambda: asked.texts, "an answer to the command")
                assert not server.answers(server.help)
    said = [record.getMessage() for record in caplog.records if "Message Content Intent" in record.getMessage()]
    assert len(said) == 1 and "developer portal, page Bot" in said[0] and "answer_in" in said[0]


@pytest.mark.parametrize("after", ["a restart", "an invalid session"])
async def test_what_is_said_now_waits_for_what_was_missed_in_its_channel_and_holds_no_other_up(
    server: Server, after: str
) -> None:
    async def goes_on() -> None:
        await server.eventually(lambda: len(server.platform.gateway.identifies) == 2, "a new session")
        server.asks(server.ann, server.general, "/status")
        server.asks(server.ann, server.help, "/help")
        await server.eventually(lambda: server.answers(server.help), "an answer elsewhere", 0.5)
        assert len(server.answers(server.general)) == 1
        await server.all_answered()

    async with server.frontdesk():
        server.asks(server.ann, server.general, "/help")
        await server.all_answered()
        server.platform.fail("GET", f"/channels/{server.general.id}/messages", Hang(0.6))
        if after == "an invalid session":
            server.platform.invalidate_sessions()
            server.platform.drop_gateway()
            server.asks(server.ann, server.general, "/topics")
            await goes_on()
    if after == "a restart":
        server.asks(server.ann, server.general, "/topics")
        async with server.frontdesk():
            await goes_on()


@pytest.mark.parametrize("fault", [Status(503), Status(403, html=True), Status(404, html=True)], ids=str)
async def test_a_channel_that_can_t_be_read_for_a_while_is_read_later_and_loses_nothing(
    server: Server, fault: Status
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.catching_up.FIRST_WAIT", 0.05)
        async with server.frontdesk():
            server.asks(server.ann, server.general, "/help")
            await server.all_answered()
        missed = server.asks(server.ann, server.general, "/topics")
        server.platform.fail("GET", f"/channels/{server.general.id}/messages", fault, times=10**6)
        async with server.frontdesk():
            server.asked.append(server.general.says(server.ann, "/status", mentions=[server.bot]))
            await server.eventually(lambda: len(server.answers(server.general)) == 2, "an answer to what is told")
        # the cursor stays in front of what could not be read, so the next process finds it
        async with server.frontdesk():
            server.platform.faults.clear()
            await server.eventually(lambda: len(server.answers(server.general)) == 3, "an answer to what was missed")
    found = server.tally()
    assert (found.lost, found.doubled) == (0, 0), str(found)
    assert missed in server.general.messages


async def test_what_the_gateway_never_told_is_found_by_the_look_that_comes_now_and_then(server: Server) -> None:
    every = server.options(catch_up_minutes=0.2 / 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.catching_up.MARGIN", 0)
        async with server.frontdesk(discord=every) as app:
            server.asks(server.ann, server.platform.dm(server.ann), "/help")
            server.asks(server.ann, server.general, "/help")
            await server.all_answered()

            async def all_seen() -> bool:
                cursors = await app.store.cursors("discord", str(server.bot.id))
                return cursors.get("seen", 0) >= (server.general.last_message_id or 0)

            await until(all_seen, "a look at what there is")
            with pytest.MonkeyPatch.context() as deaf:
                deaf.setattr(server.platform.gateway, "tell", lambda *_: None)
                server.asks(server.ann, server.platform.dm(server.ann), "/topics")
                server.asks(server.ann, server.general, "/topics")
            await server.all_answered()


async def test_a_person_heard_before_is_found_in_private_whoever_else_wrote_meanwhile(server: Server) -> None:
    """Direct messages can't be listed: the limit is somebody who writes for the first time ever, and is heard later."""
    new: Member = server.guild.member("New")
    async with server.frontdesk():
        server.asks(server.ann, server.platform.dm(server.ann), "/help")
        await server.all_answered()
    server.asks(server.ann, server.platform.dm(server.ann), "/topics")
    unheard = server.platform.dm(new).says(new, "/help")
    async with server.frontdesk():
        await server.all_answered()
        server.asks(new, server.platform.dm(new), "/status")
        await server.all_answered()
    assert unheard in server.platform.dm(new).messages


async def test_more_messages_than_fit_into_memory_are_read_from_their_channels_once_the_store_goes_on(
    server: Server,
) -> None:
    gate = asyncio.Event()
    gate.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.intake.MOST_WAITING", 10)
        async with server.frontdesk(stalling(gate)) as app:
            server.asks(server.ann, server.platform.dm(server.ann), "/help")
            await server.all_answered()
            gate.clear()
            for _ in range(8):
                for text in COMMANDS:
                    server.asks(server.ann, server.general, text)
                    server.asks(server.ann, server.platform.dm(server.ann), text)
            await server.eventually(lambda: len(memory(app)._in_order) >= 10, "a full memory")
            assert len(memory(app)._in_order) == 10
            gate.set()
            await server.all_answered(30)
