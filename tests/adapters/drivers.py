"""One small driver for each adapter.

A new adapter needs a class here, or in a file of its own, and a line in `DRIVERS`; the contract suite then finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.messages import Address, Button, ChatMessage, Inbound, Outbound, Receipt
from bot.ports import Adapter, AsgiApp, Guest
from bot.web.server import HttpServer
from tests.adapters.discord_driver import DiscordDriver
from tests.adapters.driver import PATIENCE, Driver, eventually, module, tools
from tests.adapters.telegram_driver import TelegramDriver


class TerminalDriver(Driver):
    """A pipe for a keyboard, a buffer for a screen."""

    name = "terminal"

    async def make(self) -> Adapter:
        read, write = os.pipe()
        self._keyboard = os.fdopen(write, "w", encoding="utf-8", buffering=1)
        self._screen = io.StringIO()
        self._stack = contextlib.ExitStack()
        stdin = self._stack.enter_context(os.fdopen(read, "r", encoding="utf-8"))
        self._stack.callback(setattr, sys, "stdin", sys.stdin)
        sys.stdin = stdin
        self._stack.enter_context(contextlib.redirect_stdout(self._screen))
        self._outcomes: asyncio.Queue[bool] = asyncio.Queue()
        self._address = Address("", "")
        accept = self._accept

        async def watched(inbound: Inbound) -> Any:
            self._address = inbound.address
            try:
                found = await accept(inbound)
            except Exception:
                self._outcomes.put_nowait(False)
                raise
            self._outcomes.put_nowait(True)
            return found

        self._accept = watched
        made: Adapter = module("terminal").Adapter(module("terminal").Options(), tools("terminal"))
        return made

    async def tidy(self) -> None:
        self._keyboard.close()
        # The reader holds the buffer's lock until it sees the end of the input; only then can the file be closed.
        for thread in threading.enumerate():
            if thread.name == "stdin":
                await asyncio.to_thread(thread.join, PATIENCE)
        self._stack.close()

    async def say(self, text: str) -> bool:
        before = self._screen.tell()
        self._keyboard.write(text + "\n")
        async with asyncio.timeout(PATIENCE):
            taken = await self._outcomes.get()
        if not taken:
            await eventually(lambda: self._screen.tell() > before, "a refusal must be told on the screen")
        return taken

    async def send(self, outbound: Outbound) -> Receipt:
        return await self.adapter.send(outbound)

    async def seen(self) -> str:
        return self._screen.getvalue()

    def address(self) -> Address:
        return Address("terminal", "me")


@dataclass
class MemoryChats:
    """Implements ChatStore: the record of the one chat."""

    guests: dict[str, Guest] = field(default_factory=dict)
    record: list[ChatMessage] = field(default_factory=list)

    async def admit(self, key_hash: str, guest: Guest) -> None:
        self.guests[key_hash] = guest

    async def guest(self, key_hash: str) -> Guest | None:
        return self.guests.get(key_hash)

    async def messages(self, _: Address, after: int, most: int) -> tuple[str, Sequence[ChatMessage]]:
        return "new", [message for message in self.record if message.seq > after][:most]


class WebDriver(Driver):
    """A browser with one chat and its event stream, on the real HTTP server."""

    name = "web"

    async def make(self) -> Adapter:
        async def ready() -> tuple[bool, dict[str, str]]:
            return True, {}

        async def metrics() -> tuple[bytes, str]:
            return b"", "text/plain"

        self._server = HttpServer("127.0.0.1", 0, ready, metrics)
        self._chats = MemoryChats()

        def mount(path: str, app: AsgiApp) -> None:
            self._server.mount(path, app)

        adapter: Adapter = module("web").Adapter(module("web").Options(), tools("web", self._chats, mount))
        self._serving = asyncio.create_task(self._server.run())
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._server.port}", timeout=PATIENCE, trust_env=False
        )
        self._number = 0
        return adapter

    async def ready(self) -> None:
        opened = (await self._client.post("/api/chat")).json()
        self._chat, self._headers = opened["conversation"], {"Authorization": f"Bearer {opened['token']}"}

    async def tidy(self) -> None:
        await self._client.aclose()
        self._serving.cancel()
        await asyncio.wait([self._serving])
        self._server.close()

    async def say(self, text: str) -> bool:
        self._number += 1
        body = {"id": str(self._number), "text": text}
        answer = await self._client.post("/api/chat/messages", json=body, headers=self._headers)
        assert answer.status_code == 202 or answer.json()["error"]["message"], "a refusal must be told in words"
        return answer.status_code == 202

    async def send(self, outbound: Outbound) -> Receipt:
        """The message is in the record first, as the core does it; the open stream shows it once it is sent."""
        async with self._client.stream(
            "GET", "/api/chat/stream", params={"after": outbound.seq - 1}, headers=self._headers
        ) as stream:
            lines = stream.aiter_lines()
            async with asyncio.timeout(PATIENCE):
                await anext(lines)
                self._chats.record.append(
                    ChatMessage(outbound.seq, outbound.author, "", outbound.text, outbound.buttons, 0.0)
                )
                receipt = await self.adapter.send(outbound)
                while not (await anext(lines)).startswith("id:"):
                    pass
        return receipt

    async def seen(self) -> str:
        found = (await self._client.get("/api/chat/messages", headers=self._headers)).json()["messages"]
        return "\n".join(
            "\n".join([message["text"], *(button["label"] for button in message.get("buttons", ()))])
            for message in found
        )

    def address(self) -> Address:
        return Address("web", self._chat)


DRIVERS: dict[str, type[Driver]] = {
    driver.name: driver for driver in (TerminalDriver, WebDriver, TelegramDriver, DiscordDriver)
}


def driver_of(name: str) -> type[Driver]:
    """The driver of an adapter; without one, the suite can't know whether the adapter keeps the contract."""
    assert name in DRIVERS, (
        f"the adapter {name} has no driver: write a class {name.title()}Driver in tests/adapters/drivers.py "
        f"(make, say, send, seen, address) and add it to DRIVERS"
    )
    return DRIVERS[name]


def message(driver: Driver, seq: int, text: str, buttons: Sequence[Button] = ()) -> Outbound:
    """Something to send to the driver's person."""
    return Outbound(f"key-{seq}", driver.address(), text, tuple(buttons), seq)
