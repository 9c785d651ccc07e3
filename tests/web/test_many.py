"""Many at once over real HTTP: conversations, open streams, and the end of the service with all of them open."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

import bot.web.server
from adapters.web import Options
from adapters.web.answers import EventStream
from tests.web.service import Chat, Line, Service, eventually, is_refusal

Serve = Callable[..., Awaitable[Service]]
LETTERS = str.maketrans("0123456789", "abcdefghij")
QUESTION = "My withdrawal has not arrived"


def resident() -> int:
    """Bytes of memory that this process holds, client and server together."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_three_hundred_conversations_at_once_each_get_exactly_one_answer_in_order(serve: Serve) -> None:
    service = await serve()

    async def conversation(number: int) -> list[str]:
        line = await Line.open(service)
        chat = await line.chat(service)
        own = f"/x{str(number).translate(LETTERS)}"
        stream = await Line.follow(chat)
        for id_, text in ((2, QUESTION if number % 2 else "怎么提币"), (4, own)):
            answer = await line.ask("POST", "/api/chat/messages", chat.token, {"id": text, "text": text})
            assert (answer.status_code, answer.json()) == (202, {"seq": id_ - 1})
            await stream.until(b"id: %d\n" % id_)
        messages = (await line.ask("GET", "/api/chat/messages", chat.token)).json()["messages"]
        stream.close()
        line.close()
        assert [message["seq"] for message in messages] == [1, 2, 3, 4]
        assert ("Did this help?" if number % 2 else "这个回答有帮助吗？") in messages[1]["text"]
        assert own in messages[3]["text"]
        return [message["from"] for message in messages]

    records = await asyncio.gather(*(conversation(number) for number in range(300)))
    assert records == [["contact", "bot", "contact", "bot"]] * 300

    async def all_sent() -> bool:
        return await service.rows("select status, count(*) from outbox where status <> 'sent' group by status") == []

    await eventually(all_sent)


async def test_five_hundred_open_streams_are_all_served_and_memory_stays_bounded(serve: Serve) -> None:
    service = await serve(web=Options(most_streams=500))
    chats = [await service.chat() for _ in range(25)]
    before = resident()
    lines = [await Line.follow(chat) for chat in chats for _ in range(20)]
    for line in lines:
        await line.until(b"retry: 2000\n\n")
    is_refusal(await service.client.get("/api/chat/stream", headers=chats[0].headers), 429, "too_many_streams")
    grown = resident() - before
    assert grown < 100 * 2**20, f"{grown / 2**20:.0f} MiB for 500 streams"
    for chat in chats:
        await chat.say(QUESTION)
    for line in lines:
        assert b'"from": "contact"' in await line.until(b"id: 2\n")
        assert b'"from": "bot"' in await line.until(b"}\n\n")
    assert resident() - before < 150 * 2**20
    for line in lines:
        line.close()
    for line in [await a_line(chat) for chat in chats for _ in range(20)]:
        line.close()


async def opened(chat: Chat) -> Line | None:
    """A stream, if there is room for one."""
    line = await Line.follow(chat)
    if b" 200 " in await line.until(b"\r\n\r\n"):
        return line
    line.close()
    return None


async def a_line(chat: Chat) -> Line:
    """A stream, as soon as there is room for one."""
    found = await eventually(lambda: opened(chat))
    assert found is not None
    return found


async def test_with_no_stream_left_the_next_is_told_to_wait_and_the_others_go_on(serve: Serve) -> None:
    service = await serve(web=Options(most_streams=3))
    chats = [await service.chat() for _ in range(4)]
    async with chats[0].stream() as one, chats[1].stream() as two:
        async with chats[2].stream() as three:
            refused = await service.client.get("/api/chat/stream", headers=chats[3].headers)
            is_refusal(refused, 429, "too_many_streams")
            assert int(refused.headers["retry-after"]) >= 1
            for chat, events in zip(chats, (one, two, three), strict=False):
                await chat.say(QUESTION)
                assert [event.id for event in await events.take(2)] == [1, 2]
            await chats[3].say(QUESTION)
            assert len(await chats[3].record(2)) == 2, "without a stream, the record is there"
        line = await a_line(chats[3])
        assert b"Wallet" in await line.until(b"id: 2\n") + await line.until(b"}\n\n")
        line.close()


async def test_one_person_can_not_take_all_streams(serve: Serve) -> None:
    service = await serve(web=Options(most_streams=6, most_streams_per_chat=2))
    greedy, other = await service.chat(), await service.chat()
    async with greedy.stream(), greedy.stream(), other.stream() as events:
        refused = await service.client.get("/api/chat/stream", headers=greedy.headers)
        is_refusal(refused, 429, "too_many_streams")
        await other.say(QUESTION)
        assert [event.id for event in await events.take(2)] == [1, 2]


async def test_clients_that_leave_at_once_take_no_stream_away_from_others(serve: Serve) -> None:
    service = await serve(web=Options(most_streams=2))
    chat = await service.chat()
    for _ in range(100):
        (await Line.follow(chat)).close()
    for line in [await a_line(chat) for _ in range(2)]:
        line.close()


async def test_a_stopping_service_ends_open_streams_and_idle_connections_soon(serve: Serve) -> None:
    service = await serve()
    chats = [await service.chat() for _ in range(5)]
    lines = [await Line.follow(chat) for chat in chats for _ in range(20)]
    for line in lines:
        await line.until(b"retry: 2000\n\n")
    idle = await Line.open(service)
    await chats[0].say(QUESTION)
    started = time.monotonic()
    await service.stop()
    assert time.monotonic() - started < 5
    rests = [await line.rest() for line in lines]
    assert all(rest.endswith(b"0\r\n\r\n") for rest in rests), "each stream was ended in good order"
    assert sum(b'"from": "contact"' in rest for rest in rests) >= 20, "and had what was said before"
    assert await idle.rest() == b""
    with pytest.raises(httpx.ConnectError):
        await service.client.get("/healthz")
    idle.close()
    for line in lines:
        line.close()


async def test_a_request_that_never_ends_does_not_keep_the_service_from_stopping(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, server_errors: list[str]
) -> None:
    monkeypatch.setattr(bot.web.server, "GRACE", 1)
    service = await serve()
    chat = await service.chat()
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    await service.client.get("/healthz")
    started = time.monotonic()
    await service.stop()
    assert time.monotonic() - started < 5
    writer.close()
    server_errors.clear()  # uvicorn tells how many requests it gave up


async def test_what_was_acknowledged_just_before_the_stop_is_answered_in_the_record(serve: Serve) -> None:
    service = await serve()
    chats = [await service.chat() for _ in range(20)]
    await asyncio.gather(*(chat.say(QUESTION) for chat in chats))
    rows = service.config.settings.storage.sqlite_path
    await service.stop()
    again = Service(rows.parent)
    async with again:
        for chat in chats:
            chat.service = again
            assert [message["from"] for message in await chat.record(2)] == ["contact", "bot"]


def test_a_low_limit_of_open_files_is_raised_as_far_as_the_system_lets_us() -> None:
    script = (
        "import resource, socket\n"
        "hard = min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))\n"
        "from bot.web.server import HttpServer\n"
        "HttpServer('127.0.0.1', 0, None, None)\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


@pytest.mark.anyio
async def test_a_stream_whose_client_left_before_it_began_gives_its_place_back() -> None:
    ended: list[bool] = []

    async def events() -> AsyncIterator[str]:
        yield "never asked for"

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        await asyncio.Event().wait()

    stream = EventStream(events(), lambda: ended.append(True))
    await stream({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    assert ended == [True]
