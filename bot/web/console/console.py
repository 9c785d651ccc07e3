"""The console as the rest of the house sees it: what agents do in it is accepted like on any other desk."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.desk.routing import Agent
from bot.desk.rules import DeskRules
from bot.errors import StoreUnavailable
from bot.messages import CONSOLE, Address, File, Inbound, Sender
from bot.ports import Accept, AsgiApp, Clock, DeskStore, SessionStore
from bot.web.console.entrance import Entrance
from bot.web.console.gate import Gate
from bot.web.console.hosting import hosted
from bot.web.console.live import Board
from bot.web.console.views import FieldShown, Phrase


def _hidden(name: str, value: str, _: str) -> tuple[str, str]:
    """A field of which nothing is known, not even whether its value is sensitive."""
    return name, "***" if value else ""


class Store(DeskStore, SessionStore, Protocol):
    """What the console reads, and who may."""


class SignedOut(Exception):
    """The session ended, or its agent is none any more: nothing more is shown or done."""


class Console:
    """Mount `application()` at /desk and keep `run(accept)` running; call `wake()` when something may be new.

    It reads through `store`, and writes only by what it gives to `accept`: an `Inbound` at the address of the ticket's
    thread (`Address(CONSOLE, CONSOLE, number)`, or thread "" for what concerns no ticket). `url` is where the service
    is reached from outside; a path in it is kept in front of /desk. `phrase(key, lang)` are the knowledge's texts;
    `field(name, value, lang)` is how a field is called and its value as agents may see it.
    """

    def __init__(
        self,
        rules: DeskRules,
        store: Store,
        fetch: Callable[[File], Awaitable[bytes]],
        phrase: Phrase,
        clock: Clock,
        url: str,
        field: FieldShown = _hidden,
    ) -> None:
        self.rules, self.phrase, self.field, self.clock = rules, phrase, field, clock
        self.entrance = Entrance(rules, store, clock, url)
        self.board = Board(store, clock)
        self.drafts: defaultdict[tuple[str, int], str] = defaultdict(str)
        """What agents have typed and not sent yet, by agent and ticket."""
        self._gate = Gate(self, self.entrance, store, fetch, self._pages, url)
        self._accept: Accept | None = None
        self._wanted = asyncio.Event()
        self._hosted: asyncio.Future[AsgiApp] | None = None

    def application(self) -> AsgiApp:
        """What is served under /desk."""
        return self._gate.application()

    def wake(self) -> None:
        """Something may be new: open pages show it at once, not only at their next look."""
        self.board.wake()

    async def run(self, accept: Accept) -> None:
        """Serve until cancelled. Little happens before the first agent comes."""
        self._accept = accept
        self._hosted = asyncio.get_running_loop().create_future()
        self._wanted.clear()
        try:
            await self._wanted.wait()
            async with hosted() as pages:
                self._hosted.set_result(pages)
                await self.board.run()
        finally:
            self._accept = None
            if not self._hosted.done():
                self._hosted.cancel()
            self._hosted = None

    async def _pages(self) -> AsgiApp | None:
        """The pages, loaded now if they are not yet; None while the console doesn't run."""
        hosted = self._hosted
        if hosted is None:
            return None
        self._wanted.set()
        try:
            return await asyncio.shield(hosted)
        except asyncio.CancelledError:
            if hosted.cancelled():  # the console was stopped, not the request
                return None
            raise

    async def agent(self, session: str) -> Agent:
        """Who acts in a session (the hash of its key). Raises SignedOut."""
        found = await self.entrance.agent(session)
        if found is None:
            raise SignedOut
        return found

    async def act(self, session: str, number: int, *, text: str = "", choice: str = "") -> None:
        """An agent types or presses something in a ticket; number 0 is the desk itself.

        Raises SignedOut, Refused and StoreError; then nothing was taken.
        """
        agent = await self.agent(session)
        if self._accept is None:
            raise StoreUnavailable("the console does not run at the moment")
        await self._accept(
            Inbound(
                Address(CONSOLE, CONSOLE, str(number) if number else ""),
                CONSOLE,
                uuid.uuid4().hex,
                Sender(agent.accounts.get(CONSOLE, agent.name), agent.name),
                text,
                choice,
                self.clock.now(),
            )
        )
        self.wake()
