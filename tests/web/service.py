"""A whole real service for tests, and people who use its chat API over real sockets.

async with Service(folder) as service:
    chat = await service.chat()
    await chat.say("My withdrawal has not arrived")
    question, answer = await chat.record(2)
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import itertools
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx

from adapters.web import Options
from bot.app import App, World
from bot.config import Config, DialogueBlock, HttpBlock, LimitsBlock, Settings, StorageBlock
from bot.errors import StoreUnavailable
from bot.ops.clock import SystemClock
from bot.ports import Clock
from bot.storage.query import Database
from bot.storage.store import Store

T = TypeVar("T")

if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # httpx looks for it again at every single request

PATIENCE = 8.0
"""Seconds that a test waits for what must happen; on a good day everything here takes milliseconds."""


async def eventually(check: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """What `check` returns once that is true; the test fails if it never is."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"it did not happen within {seconds} s; last: {found!r}"
        await asyncio.sleep(0.01)
    return found


class ShiftedClock(SystemClock):
    """The machine's time, moved by `shift` seconds."""

    shift = 0.0

    def now(self) -> float:
        return super().now() + self.shift

    def steady(self) -> float:
        return super().steady() + self.shift


class FailingStore(Store):
    """The real store; everything asked of it fails while `failure` is set."""

    failure: Exception | None = None

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        for name, method in inspect.getmembers(self, inspect.iscoroutinefunction):
            setattr(self, name, self._failing(method))

    def _failing(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any) -> Any:
            if self.failure is not None:
                raise self.failure
            return await method(*args)

        return call

    def fail(self, error: Exception | None = None) -> None:
        """From now on, everything fails."""
        self.failure = error or StoreUnavailable("the disk is on fire")

    def heal(self) -> None:
        """All is well again."""
        self.failure = None


class Service:
    """A running Frontdesk with its web channel (or without: `web=None`) on a free port."""

    def __init__(self, folder: Path, *, web: Options | None = Options(), **settings: Any) -> None:  # noqa: B008
        self.clock = ShiftedClock()
        settings = {"dialogue": DialogueBlock(merge_window_seconds=0), "limits": LimitsBlock(burst=1000), **settings}
        storage = StorageBlock(url=f"sqlite:///{folder / 'frontdesk.db'}")
        self.config = Config(
            Settings(storage=storage, http=HttpBlock(port=0), **settings), {} if web is None else {"web": web}
        )
        self.app: App
        self.store: FailingStore
        self.client: httpx.AsyncClient
        self._stopped = False

    async def __aenter__(self) -> Service:
        def make_store(database: Database, clock: Clock) -> Store:
            self.store = FailingStore(database, clock)
            return self.store

        world = World(clock=self.clock, make_store=make_store)
        self.app = await App.build(self.config, list(self.config.channels), world)
        self.app.start()
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            timeout=30,
            trust_env=False,
            limits=httpx.Limits(max_connections=64),  # httpx looks at all of them for every request
        )
        await eventually(self._is_ready)
        return self

    async def _is_ready(self) -> bool:
        """The channel runs, which is a moment after the port answers."""
        if "web" in self.config.channels:
            return (await self.client.post("/api/chat", json={"greet": True})).status_code == 201
        return (await self.client.get("/readyz")).status_code == 200

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()
        await self.stop()

    @property
    def port(self) -> int:
        assert self.app.server is not None
        return self.app.server.port

    async def stop(self) -> None:
        """As at SIGTERM."""
        if not self._stopped:
            self._stopped = True
            async with asyncio.timeout(3 * PATIENCE):
                await self.app.stop()

    async def chat(self, **body: Any) -> Chat:
        """Somebody opens a chat."""
        answer = await self.client.post("/api/chat", json=body)
        assert answer.status_code == 201, answer.text
        return Chat(self, answer.json()["token"], answer.json()["conversation"])

    async def quiet(self) -> None:
        """Wait until all that came in is answered and all answers are sent."""

        async def nothing_left() -> bool:
            open_ = "select 1 from inbox where status = 'new' union all select 1 from outbox where status = 'open'"
            return not await self.rows(open_)

        await eventually(nothing_left)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return [tuple(row) for row in await self.app.database.read(lambda q: q(sql))]


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; `id` is 0 and `name` says what it is where it is no new message."""

    id: int
    data: dict[str, Any]
    name: str = ""


@dataclass(slots=True)
class Chat:
    """One person in one chat."""

    service: Service
    token: str
    conversation: str
    ids: Any = None

    def __post_init__(self) -> None:
        self.ids = itertools.count(1)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, **body: Any) -> httpx.Response:
        """One message, with an id if none is given."""
        body = {"id": f"client-{next(self.ids)}", **body}
        return await self.service.client.post("/api/chat/messages", json=body, headers=self.headers)

    async def post_raw(self, body: bytes, content_type: str = "application/json") -> httpx.Response:
        """A body as it is."""
        headers = {**self.headers, "Content-Type": content_type}
        return await self.service.client.post("/api/chat/messages", content=body, headers=headers)

    async def say(self, text: str) -> int:
        """A message that must be taken: its seq."""
        answer = await self.post(text=text)
        assert answer.status_code == 202, answer.text
        return int(answer.json()["seq"])

    async def upload(
        self, name: str, body: bytes, type_: str = "application/octet-stream", field: str = "file"
    ) -> httpx.Response:
        """Send a file."""
        form = {field: (name, body, type_)}
        return await self.service.client.post("/api/chat/files", files=form, headers=self.headers)

    async def uploaded(self, name: str, body: bytes) -> str:
        """A file that must be taken: its id."""
        answer = await self.upload(name, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["file"])

    async def get(self, url: str, **headers: str) -> httpx.Response:
        """What is at an address of the API for who has the token."""
        return await self.service.client.get(url, headers={**self.headers, **headers})

    async def press(self, value: str) -> int:
        """A button that must be taken."""
        answer = await self.post(choice=value)
        assert answer.status_code == 202, answer.text
        return int(answer.json()["seq"])

    async def read(self, after: int | str | None = None) -> dict[str, Any]:
        """One answer of the record."""
        query = {} if after is None else {"after": str(after)}
        answer = await self.service.client.get("/api/chat/messages", params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def all(self) -> list[dict[str, Any]]:
        """The whole record, page by page."""
        found: list[dict[str, Any]] = []
        while page := (await self.read(found[-1]["seq"] if found else 0))["messages"]:
            found += page
        return found

    async def record(self, least: int) -> list[dict[str, Any]]:
        """The record once it has that many messages."""

        async def enough() -> list[dict[str, Any]]:
            found = await self.all()
            return found if len(found) >= least else []

        return await eventually(enough)

    @asynccontextmanager
    async def stream(self, after: int | None = None, last_event_id: int | None = None) -> AsyncIterator[Events]:
        """Follow the chat."""
        headers = dict(self.headers)
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        query = {} if after is None else {"after": str(after)}
        request = self.service.client.stream("GET", "/api/chat/stream", params=query, headers=headers)
        async with request as answer:
            yield Events(answer)


class Events:
    """What a stream sends."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def take(self, number: int) -> list[Event]:
        """The next messages."""
        async with asyncio.timeout(PATIENCE):
            return [await self._next("") for _ in range(number)]

    async def named(self, name: str) -> dict[str, Any]:
        """What the next event of this name says; those before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            return (await self._next(name)).data

    async def _next(self, name: str) -> Event:
        while (event := await self._any()).name != name:
            pass
        return event

    async def _any(self) -> Event:
        fields: dict[str, str] = {}
        async for line in self._lines:
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            elif not line and "data" in fields:
                event = Event(int(fields.get("id", 0)), json.loads(fields["data"]), fields.get("event", ""))
                assert bool(event.id) != bool(event.name), "only new messages move a stream's id"
                return event
        raise AssertionError("the stream ended")

    async def ends(self) -> bool:
        """Whether the stream ends, in whatever way."""
        try:
            async with asyncio.timeout(PATIENCE):
                async for _ in self._lines:
                    pass
        except httpx.HTTPError:
            return True
        return True


class Line:
    """A client that costs next to nothing: one socket, for requests one after the other or for one stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, service: Service) -> Line:
        return cls(*await asyncio.open_connection("127.0.0.1", service.port))

    @classmethod
    async def follow(cls, chat: Chat) -> Line:
        """An open stream."""
        line = await cls.open(chat.service)
        line.write("GET", "/api/chat/stream", chat.token)
        return line

    def write(self, method: str, path: str, token: str = "", body: Any = None) -> None:
        """Send a request; without waiting for its answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> httpx.Response:
        """Send a request: its answer."""
        self.write(method, path, token, body)
        head = (await self.until(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        content = await self._reader.readexactly(int(headers["content-length"]))
        return httpx.Response(int(head[0].split()[1]), headers=headers, content=content)

    async def chat(self, service: Service) -> Chat:
        """Open a chat."""
        opened = (await self.ask("POST", "/api/chat")).json()
        return Chat(service, opened["token"], opened["conversation"])

    async def until(self, mark: bytes) -> bytes:
        """What comes up to and with `mark`."""
        async with asyncio.timeout(4 * PATIENCE):
            return await self._reader.readuntil(mark)

    async def rest(self) -> bytes:
        """What comes until the server ends it."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()

    def close(self) -> None:
        self._writer.close()


def is_refusal(answer: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """The one form that every error has: its "error"."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message"}, body
    assert all(isinstance(part, str) and part for part in body["error"].values()), body
    assert "Traceback" not in answer.text
    assert not code or body["error"]["code"] == code, body
    error: dict[str, Any] = body["error"]
    return error
