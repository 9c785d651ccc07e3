"""What goes wrong between Frontdesk and Discord's REST API, and in the store: the fault table's lines on sending."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, World
from bot.ops.clock import SystemClock
from tests.discord.faulty import COMMANDS, Server, serving, stalling, until
from tests.stands.discord import Drop, Hang, Lost, RateLimited, Status
from tests.stands.discord.channels import Channel
from tests.stands.discord.front import Request
from tests.telegram.running import rows

OBEYED = 0.2
"""Seconds within which a wait that Discord asks for must be over."""
FATES = "select status, attempts from outbox order by id"
SENDS = "/channels/{id}/messages"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    async with serving(tmp_path) as running:
        yield running


def sends(server: Server, where: Channel | None = None) -> list[Request]:
    """The sends that were tried, to one channel or to all."""
    tried = [each for each in server.platform.requests if each.method == "POST" and each.path.endswith("/messages")]
    return [each for each in tried if where is None or f"/{where.id}/" in each.path]


async def holds(app: App, *wanted: tuple[str, int]) -> None:
    """Wait until the outbox holds this: how each message ended, after how many attempts."""

    async def check() -> bool:
        return list(await rows(app, FATES)) == list(wanted)

    try:
        await until(check, "the outbox", 5)
    except AssertionError:
        assert list(await rows(app, FATES)) == list(wanted)


class Leaping(SystemClock):
    """A clock that can be set forward."""

    leapt = 0.0

    def now(self) -> float:
        return super().now() + self.leapt


async def test_a_wait_for_one_channel_is_obeyed_not_counted_and_holds_no_other_up(server: Server) -> None:
    server.platform.fail("POST", f"/channels/{server.general.id}/messages", RateLimited(0.6))
    async with server.frontdesk() as app:
        server.asks(server.ann, server.general, "/help")
        await server.eventually(lambda: sends(server, server.general), "a refused send")
        server.asks(server.guild.member("Bob"), server.help, "/help")
        await server.all_answered()
        await holds(app, ("sent", 1), ("sent", 1))
        refused, again = sends(server, server.general)
        assert 0.6 <= again.at - refused.at <= 0.6 + OBEYED
        assert sends(server, server.help)[0].at < again.at - 0.3


async def test_a_global_wait_holds_everything_back_for_as_long_as_it_says(server: Server) -> None:
    server.platform.fail("POST", SENDS, RateLimited(0.6, global_=True))
    async with server.frontdesk() as app:
        server.asks(server.ann, server.general, "/help")
        await server.eventually(lambda: [each for each in sends(server) if each.status == 429], "a refused send")
        server.asks(server.guild.member("Bob"), server.help, "/help")
        await server.all_answered()
        await holds(app, ("sent", 1), ("sent", 1))
        refused, *others = sends(server)
        assert all(0.6 <= each.at - refused.at <= 0.6 + OBEYED for each in others)


async def test_a_wait_that_is_longer_than_an_attempt_may_take_costs_nothing_and_blocks_nothing(server: Server) -> None:
    """The library holds back all requests for a global limit; whoever cut it off there would stop them for ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.adapter.LONGEST_SEND", 0.1)
        patch.setattr("adapters.discord.adapter.AFTER_HELD", 0.1)
        server.platform.fail("POST", SENDS, RateLimited(0.8, global_=True))
        async with server.frontdesk() as app:
            server.asks(server.ann, server.general, "/help")
            await server.all_answered()
            await holds(app, ("sent", 1))
            server.asks(server.ann, server.general, "/status")
            await holds(app, ("sent", 1), ("sent", 1))
            adapter: Any = app.adapters["discord"]
            assert not adapter._sending


async def test_a_wait_of_more_than_half_a_minute_goes_back_to_the_outbox(server: Server) -> None:
    server.platform.fail("POST", SENDS, RateLimited(45))
    clock = Leaping()
    async with server.frontdesk(World(clock=clock)) as app:
        server.asks(server.ann, server.general, "/help")
        await holds(app, ("open", 0))

        async def put_off() -> bool:  # the row is open before the attempt, too
            return bool(await rows(app, "select 1 from outbox where error <> ''"))

        await server.eventually(put_off, "the wait")
        due = (await rows(app, "select due from outbox"))[0][0]
        assert 44 < due - clock.now() <= 45
        clock.leapt = 45
        app.outboxes["discord"].nudge()
        await server.all_answered()
        await holds(app, ("sent", 1))


async def test_a_page_that_says_too_many_requests_is_waited_for_and_not_counted(server: Server) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.failures.AFTER_BLOCKED", 0.05)
        server.platform.fail("POST", SENDS, RateLimited(1, html=True), times=12)
        async with server.frontdesk() as app:
            server.asks(server.ann, server.general, "/help")
            await server.all_answered()
            await holds(app, ("sent", 1))
            assert len(sends(server)) == 13


@pytest.mark.parametrize(
    "fault", [Status(503), Status(520, html=True), Status(403, html=True), Status(404, html=True), Drop()], ids=str
)
async def test_what_discord_or_a_proxy_before_it_breaks_is_tried_again_with_growing_waits(
    server: Server, fault: Any
) -> None:
    """Also a 403 or 404 that is a proxy's page: it says nothing of the channel, which must not count as gone."""
    server.platform.fail("POST", SENDS, fault, times=2)
    async with server.frontdesk(World(jitter=lambda: 0.0)) as app:
        server.asks(server.ann, server.general, "/help")
        await server.all_answered()
        await holds(app, ("sent", 3))
        first, second = (after.at - before.at for before, after in itertools.pairwise(sends(server)))
        assert 0.25 <= first < 0.5 <= second < 0.75


async def test_what_the_library_tries_again_by_itself_is_one_attempt_of_ours(server: Server) -> None:
    server.platform.fail("POST", SENDS, Status(502, html=True))
    async with server.frontdesk() as app:
        server.asks(server.ann, server.general, "/help")
        await server.all_answered()
        await holds(app, ("sent", 1))


@pytest.mark.parametrize("fault", [Lost(), Hang(30, done_first=True)], ids=str)
async def test_a_lost_answer_makes_no_repeat(server: Server, fault: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.adapter.LONGEST_SEND", 0.3)
        server.platform.fail("POST", SENDS, fault, times=2)
        async with server.frontdesk(World(jitter=lambda: 0.0)) as app:
            server.asks(server.ann, server.general, "/help")
            await holds(app, ("sent", 3))
            await server.all_answered()
            assert len(sends(server)) == 3 and len(server.answers()) == 1


async def test_discord_can_be_away_altogether(server: Server) -> None:
    gate = asyncio.Event()
    gate.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.failures.AFTER_UNREACHABLE", 0.1)
        async with server.frontdesk(stalling(gate)) as app:
            server.asks(server.ann, server.platform.dm(server.ann), "/help")
            await server.all_answered()
            gate.clear()
            server.asks(server.ann, server.general, "/topics")
            adapter: Any = app.adapters["discord"]
            await server.eventually(lambda: len(adapter._client.listener._in_order), "the message")
            await server.platform.go_offline()
            server.asks(server.ann, server.platform.dm(server.ann), "/status")
            gate.set()

            async def kept() -> bool:
                return ("open", 0) in await rows(app, FATES) and "can't be reached" in str(
                    await rows(app, "select error from outbox")
                )

            await until(kept, "a failed attempt")
            await server.platform.go_online()
            await server.all_answered()
            await holds(app, ("sent", 1), ("sent", 1), ("sent", 1))


def closed_messages(server: Server) -> Channel:
    server.platform.close_dms(server.ann)
    return server.platform.dm(server.ann)


def missing_permission(server: Server) -> Channel:
    server.guild.deny("send_messages", channel=server.general)
    return server.general


def hidden_channel(server: Server) -> Channel:
    server.platform.fail("POST", f"/channels/{server.general.id}/messages", Status(403, code=50001), times=10**6)
    return server.general


def deleted_channel(server: Server) -> Channel:
    server.platform.fail("POST", f"/channels/{server.general.id}/messages", Status(404, code=10003), times=10**6)
    return server.general


@pytest.mark.parametrize("end", [closed_messages, missing_permission, hidden_channel, deleted_channel])
async def test_where_nothing_can_be_sent_a_message_is_dead_at_once_and_others_go_on(
    server: Server, end: Callable[[Server], Channel]
) -> None:
    where = end(server)
    async with server.frontdesk() as app:
        server.asks(server.ann, where, "/help")
        server.asked.clear()
        await holds(app, ("dead", 1))
        error = (await rows(app, "select error from outbox"))[0][0]
        assert error.startswith("Undeliverable: "), error
        bob = server.guild.member("Bob")
        server.asks(bob, server.help, "/help")
        server.asks(bob, server.platform.dm(bob), "/help")
        await server.all_answered()
        assert len(sends(server, where)) == 1
        assert (await app.store.counts())["dead"] == 1


async def test_a_deleted_thread_kills_only_what_was_to_be_said_in_it(server: Server) -> None:
    async with server.frontdesk() as app:
        question = server.help.says(server.ann, "My withdrawal has not arrived")
        await server.eventually(lambda: question.thread and server.answers(question.thread), "an answer in a thread")
        thread = question.thread
        assert thread is not None
        server.platform.fail("POST", f"/channels/{thread.id}/messages", Status(404, code=10003), times=10**6)
        thread.says(server.ann, "/status")
        thread.delete()
        await holds(app, ("sent", 1), ("dead", 1))
        server.asks(server.ann, server.general, "/help")
        await server.all_answered()
        assert len(sends(server, thread)) <= 2


async def test_a_thread_whose_first_message_can_t_be_fetched_just_now_loses_nothing(server: Server) -> None:
    async with server.frontdesk():
        question = server.help.says(server.ann, "My withdrawal has not arrived")
        await server.eventually(lambda: question.thread and len(server.answers(question.thread)) == 1, "a thread")
    thread = question.thread
    assert thread is not None
    thread.says(server.ann, "/status")
    server.platform.fail("GET", f"/channels/{server.help.id}/messages/{question.id}", Status(503))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.catching_up.FIRST_WAIT", 0.05)
        async with server.frontdesk():
            await server.eventually(lambda: len(server.answers(thread)) == 2, "an answer")
            thread.says(server.ann, "/topics")
            await server.eventually(lambda: len(server.answers(thread)) == 3, "another")


# The store


async def test_everything_pressed_and_typed_is_acknowledged_at_once_while_the_store_stands_still(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = asyncio.Event()
    gate.set()
    people = [server.guild.member(f"Person {number}") for number in range(20)]
    async with server.frontdesk(stalling(gate)):
        await server.eventually(server.bot.commands.all, "the commands")
        questions = [server.help.says(who, "My withdrawal has not arrived") for who in people[:5]]
        menus = [who.uses("/topics", {}, server.general) for who in people[5:10]]
        await server.eventually(
            lambda: all(each.thread and server.answers(each.thread) for each in questions), "answers with buttons"
        )
        await server.eventually(lambda: all(each.messages and each.messages[0].components for each in menus), "menus")
        gate.clear()
        pressed, commands = [], []
        for who, question in zip(people[:5], questions, strict=True):
            assert question.thread is not None
            answer = server.answers(question.thread)[0]
            pressed.append(who.clicks(answer, answer.buttons[0]))
        for who, menu in zip(people[5:10], menus, strict=True):
            control = next(iter(menu.messages[0].controls()))
            pressed.append(who.selects(menu.messages[0], control["custom_id"], [control["options"][0]["value"]]))
        commands += [
            who.uses("/ask", {"question": "How do I reset my password?"}, server.general) for who in people[10:15]
        ]
        commands += [who.uses("/status", {}, server.general) for who in people[15:]]
        typed = [who.autocompletes("/ask", "question", "withd", server.general) for who in people]
        done = [*pressed, *commands, *typed]
        await server.eventually(lambda: all(each.acknowledged_after is not None for each in done), "all of it", 3)
        server.platform.age_interactions(10)  # so long the store stands still
        before = len(server.answers())
        assert not any(each.messages for each in commands), "the store does not stand still"
        gate.set()
        await server.eventually(lambda: all(each.messages for each in commands), "answers to the commands")
        await server.eventually(lambda: all(each.followups for each in pressed[5:]), "answers to the menus")
        await server.eventually(lambda: len(server.answers()) >= before + 5, "answers to the buttons")
        assert all(each.choices for each in typed)
        slowest = max(each.acknowledged_after or 0 for each in done)
    with capsys.disabled():
        print(f"\n{len(done)} interactions while the store stood still for 10 s: all acknowledged, the last", end=" ")
        print(f"after {slowest * 1000:.0f} ms, and answered once it went on")


async def test_two_hundred_messages_at_once_are_answered_and_leave_nothing_in_memory(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    places: list[Channel] = [server.guild.text_channel(f"channel-{number}") for number in range(20)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.discord.flight.PER_SECOND", 1000.0)
        async with server.frontdesk() as app:
            began = asyncio.get_running_loop().time()
            for number in range(10):
                for place in places:
                    server.asks(server.ann, place, list(COMMANDS)[number % 3])
            found = await server.all_answered(30)
            took = asyncio.get_running_loop().time() - began
            adapter: Any = app.adapters["discord"]
            await app.outboxes["discord"].finish()
            memory = adapter._client.listener
            assert not len(memory._in_order) and not memory._in_order._locks and not adapter._sending
            assert not memory.missed._unread and not memory.missed._torn
    with capsys.disabled():
        print(f"\n200 at once: {found}, in {took:.1f} s")
