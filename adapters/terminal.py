"""The terminal: one person, one chat, lines in and Markdown out."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import io
import sys
import threading
import uuid
from collections.abc import Sequence

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from bot.errors import FrontdeskError, Undeliverable
from bot.messages import START, Address, File, Inbound, Outbound, Receipt, Sender
from bot.ports import Accept, Limits, Problem, Tools

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
        self._lines: asyncio.Queue[str | None] | None = None

    async def run(self, accept: Accept) -> None:
        """Take lines until the input ends or the person says /quit."""
        if self._lines is None:  # started again, we go on with the same reader: a second one would steal lines
            self._lines = _lines()
            if self._interactive:
                await self._say(accept, self._inbound(choice=START))
        while (line := await self._lines.get()) is not None and line.strip() not in GOODBYES:
            if line.strip():
                await self._say(accept, self._inbound(text=line))

    async def _say(self, accept: Accept, inbound: Inbound) -> None:
        """Hand a line over. If it was not taken, the person is told, who still sees it and can say it again."""
        try:
            await accept(inbound)
        except FrontdeskError as error:
            self._console.print(Text(str(error), "yellow"))
        except Exception:
            self._console.print(Text("Something went wrong, and this was not taken. Please say it again.", "yellow"))
            raise

    async def send(self, outbound: Outbound) -> Receipt:
        """Print a message; its buttons are numbered, and a number typed chooses one."""
        self._console.print(to_markdown(outbound.text))
        for number, button in enumerate(outbound.buttons, start=1):
            self._console.print(Text.assemble("  ", (str(number), "bold"), " ", button.label))
        self._console.print()
        return Receipt()

    async def fetch(self, file: File) -> bytes:
        """Nobody can send a file here."""
        raise Undeliverable(f"there is no file {file.name or file.id}")

    async def examine(self) -> Sequence[Problem]:
        """Nothing outside of us can be wrong."""
        return []

    async def close(self) -> None:
        """There is nothing to free."""

    def _inbound(self, text: str = "", choice: str = "") -> Inbound:
        return Inbound(self._address, ACCOUNT, uuid.uuid4().hex, self._sender, text, choice)


def to_markdown(text: str) -> Markdown:
    """Markdown as Rich shows it, but HTML stays the text it is, and a link shows where it leads."""
    found = Markdown(text, hyperlinks=False)
    found.parsed = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"]).parse(text)
    return found


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
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # bytes that are no text must not end the conversation

    def put(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(queue.put_nowait, line)

    def read() -> None:
        try:
            for line in sys.stdin:
                put(line.rstrip("\n"))
        finally:
            put(None)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return queue
