"""The terminal: one person, one chat, lines in and Markdown out."""

from __future__ import annotations

import asyncio
import getpass
import sys
import threading
import uuid

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.markdown import Markdown

from bot.errors import Refused
from bot.messages import START, Address, Inbound, Outbound, Receipt, Sender
from bot.ports import Accept, Limits, Tools

ACCOUNT = "terminal"
GOODBYES = frozenset({"/quit", "/exit"})


class Options(BaseModel):
    """`channels.terminal` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: str = ""


class Adapter:
    """Reads standard input until it ends; prints to standard output."""

    limits = Limits(text=100_000, buttons=12)

    def __init__(self, options: Options, tools: Tools) -> None:
        user = _user()
        self._address = Address(tools.channel, user)
        self._sender = Sender(user, user, options.lang)
        self._console = Console()
        self._interactive = sys.stdin.isatty()

    async def run(self, accept: Accept) -> None:
        """Take lines until the input ends or the person says /quit."""
        if self._interactive:
            await accept(self._inbound(choice=START))
        lines = _lines()
        while (line := await lines.get()) is not None and line.strip() not in GOODBYES:
            if not line.strip():
                continue
            try:
                await accept(self._inbound(text=line))
            except Refused as error:
                self._console.print(f"[yellow]{error}[/yellow]")

    async def send(self, outbound: Outbound) -> Receipt:
        """Print a message; its buttons are numbered, and a number typed chooses one."""
        self._console.print(Markdown(outbound.text))
        for number, button in enumerate(outbound.buttons, start=1):
            self._console.print(f"  [bold]{number}[/bold] {button.label}", highlight=False)
        self._console.print()
        return Receipt()

    def _inbound(self, text: str = "", choice: str = "") -> Inbound:
        return Inbound(self._address, ACCOUNT, uuid.uuid4().hex, self._sender, text, choice)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"  # a container's user may have no name


def _lines() -> asyncio.Queue[str | None]:
    """Lines of standard input as they come; None at its end.

    A daemon thread reads, because a read from a terminal can't be cancelled and must not keep the process alive.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def put(line: str | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, line)

    def read() -> None:
        for line in sys.stdin:
            put(line)
        put(None)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return queue
