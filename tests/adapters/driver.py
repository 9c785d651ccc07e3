"""What the driver of an adapter is: how to make it, how a person says something, and what the person is shown."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from bot.dialogue.commands import COMMANDS
from bot.messages import Address, Cursor, File, Outbound, Receipt
from bot.ops.clock import SystemClock
from bot.parts import adapter_module
from bot.ports import Accept, Adapter, Tools

PATIENCE = 8.0
"""Seconds that anything here may take; on a good day it is milliseconds."""


async def eventually(check: Callable[[], object], what: str) -> None:
    """Until `check` is true; the test fails with `what` if it never is."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not check():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.001)


class Driver(ABC):
    """A person on one platform, and the adapter that serves them. `async with` makes the adapter and runs it."""

    name: ClassVar[str]

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._running: asyncio.Task[None] | None = None
        self.adapter: Adapter

    async def __aenter__(self) -> Driver:
        self.adapter = await self.make()
        self._running = asyncio.create_task(self._keep_running())
        await self.ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()
        await self.tidy()

    async def _keep_running(self) -> None:
        """As the supervisor does: what falls over is started again."""
        while True:
            try:
                await self.adapter.run(self._accept)
                return
            except Exception:
                await asyncio.sleep(0)

    async def end(self) -> None:
        """Cancel `run`; it must end soon, however often this is called."""
        if self._running is not None:
            self._running.cancel()
            done, _ = await asyncio.wait([self._running], timeout=PATIENCE)
            assert done, "run goes on although it was cancelled"

    @property
    def ended(self) -> bool:
        """Whether `run` is over."""
        return self._running is not None and self._running.done()

    @abstractmethod
    async def make(self) -> Adapter:
        """The adapter, on a stand-in of its platform."""

    async def ready(self) -> None:  # noqa: B027  # most platforms are ready at once
        """Wait until the person can say something."""

    async def tidy(self) -> None:  # noqa: B027  # not every platform leaves something behind
        """Free what `make` took."""

    @abstractmethod
    async def say(self, text: str) -> bool:
        """The person says something: once the platform or the person knows, whether it was taken.

        False means that they were told it was not, so that they can say it again. A platform that gives a message
        again by itself returns True when it was taken at last.
        """

    @abstractmethod
    async def send(self, outbound: Outbound) -> Receipt:
        """Send a message of the bot through the adapter."""

    @abstractmethod
    async def seen(self) -> str:
        """All that the person can read of the bot by now: texts and buttons' labels, in order."""

    @abstractmethod
    def address(self) -> Address:
        """Where the person is."""


class MemoryPlaces:
    """Implements PlaceStore: keeps what it is told."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str]] = []
        self.lost: list[tuple[str, str]] = []
        self.read: dict[str, int] = {}

    async def moved(self, _: str, old: str, new: str) -> None:
        self.moves.append((old, new))

    async def gone(self, _: str, chat: str, why: str) -> None:
        self.lost.append((chat, why))

    async def cursors(self, _: str, __: str) -> dict[str, int]:
        return self.read

    async def advance(self, _: str, __: str, cursor: Cursor) -> None:
        self.read[cursor.stream] = max(cursor.position, self.read.get(cursor.stream, 0))


def tools(name: str, chats: Any = None, mount: Any = None, places: Any = None, **other: Any) -> Tools:
    """What an adapter is given; a phrase is its key and the language, such as [too_fast en]."""

    async def fetch(file: File) -> bytes:
        return f"the bytes of {file.id}".encode()

    usual: dict[str, Any] = {
        "fetch": fetch,
        "phrase": lambda key, lang: f"[{key} {lang}]",
        "entries": lambda _: [("fees", "Fees"), ("withdrawal", "Withdrawal")],
        "field": lambda name, lang: (f"{name} {lang}", "where it is found"),
        "commands": COMMANDS,
        "languages": ["en", "zh"],
        "brand": "Example Exchange",
        "colour": 0x1F6FEB,
        "public_url": "http://127.0.0.1:8080",
        "uploads": None,
    }
    return Tools(
        channel=name,
        clock=SystemClock(),
        chats=chats,
        places=places or MemoryPlaces(),
        mount=mount or (lambda *_: None),
        **usual | other,
    )


def module(name: str) -> Any:
    """The adapter's module."""
    found = adapter_module(name)
    assert found is not None
    return found
