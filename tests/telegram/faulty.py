"""What the tests of Telegram's faults share: a small service, and what to wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from bot.app import App, World
from bot.config import KnowledgeBlock
from tests.cli.conftest import furnish
from tests.stands.telegram import BotAccount, BotApi, Call, Group, Person
from tests.telegram import running
from tests.telegram.running import rows

BEN = Person(7, "Ben", lang="en")
GROUP = Group(-1001, "Traders")
OBEYED = 0.2
"""Seconds within which a wait that Telegram asks for must be over."""
FATES = "select status, attempts, repeated from outbox where channel = 'telegram' order by id"
SECOND_POLLER = "another program reads this bot's messages (409)"
REFUSED = "Telegram refuses the token of this bot"
UNREACHABLE = "Telegram can't be reached"


@contextlib.asynccontextmanager
async def frontdesk(
    folder: Path, channels: dict[str, Any], world: World | None = None, **settings: Any
) -> AsyncIterator[App]:
    """The whole service, with a knowledge so small that it starts at once; only commands are asked here."""
    if not (folder / "faq").exists():
        furnish(folder)
    knowledge = KnowledgeBlock(path=str(folder / "faq"))
    async with running.frontdesk(folder, channels, world, knowledge=knowledge, **settings) as app:
        yield app


async def until(check: Callable[[], Awaitable[Any]], what: str, seconds: float = 10) -> Any:
    """Wait for what happens inside the service, where the stand-in can't see it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"{what}: not within {seconds} s"
        await asyncio.sleep(0.01)
    return found


async def holds(app: App, sql: str, *wanted: tuple[Any, ...]) -> None:
    """Wait until the database holds this."""

    async def check() -> bool:
        return list(await rows(app, sql)) == list(wanted)

    try:
        await until(check, sql)
    except AssertionError:
        assert list(await rows(app, sql)) == list(wanted)


async def trouble(app: App) -> str:
    """What /readyz says of the channels; empty if it is ready."""
    assert app.server is not None
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.server.port}", trust_env=False) as client:
        answer = await client.get("/readyz")
    return "" if answer.status_code == 200 else str(answer.json()["parts"]["channels"])


async def web_answers(app: App) -> None:
    """The web chat goes on as if nothing were."""
    assert app.server is not None
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.server.port}", trust_env=False) as client:
        headers = {"Authorization": f"Bearer {(await client.post('/api/chat')).json()['token']}"}
        await client.post("/api/chat/messages", json={"id": "1", "text": "/help"}, headers=headers)

        async def answered() -> bool:
            record = (await client.get("/api/chat/messages", headers=headers)).json()["messages"]
            return [message["from"] for message in record] == ["contact", "bot"]

        await until(answered, "an answer in the web chat")


def sends(bot: BotAccount, chat: Person | Group | None = None) -> list[Call]:
    """The sends that were tried, to one chat or to all."""
    found = [call for call in bot.calls if call.method == "sendMessage"]
    return [call for call in found if chat is None or call.params["chat_id"] == str(chat.id)]


async def sent_and_stored(app: App, bot: BotAccount, count: int) -> None:
    """So many messages are shown, and all that is under way is over."""
    await bot.eventually(lambda: len(bot.sent) >= count, f"{count} messages")
    await app.outboxes["telegram"].finish()
    assert len(bot.sent) == count, [sent.text for sent in bot.sent]


# Sending


class Line:
    """The line to Telegram. While it is cut, connections are refused."""

    def __init__(self, api: BotApi) -> None:
        self._port = int(api.url.rpartition(":")[2])
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        self._ends.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, here}
        for source, sink in ((reader, here), (there, writer)):
            task = asyncio.create_task(pipe(source, sink))
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)


async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand on what comes until one side ends."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
