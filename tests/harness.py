"""A whole bot for tests: real SQLite, real knowledge, a stand-in platform and a clock that the test moves.

await bot.say("My withdrawal has not arrived")
bot.expect("Wallet > History")
await bot.later(minutes=31)
bot.crash_at("after settle"); ...; await bot.restart()
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import BaseModel

from bot.app import App, World
from bot.config import Config, DialogueBlock, KnowledgeBlock, LimitsBlock, Settings, StorageBlock
from bot.messages import Address, Inbound, Outbound, Sender
from bot.ports import Adapter as AdapterPort
from bot.ports import Clock, Tools
from bot.storage.query import Database
from bot.storage.store import Store
from tests.stands.clock import FakeClock
from tests.stands.platform import Adapter, Options, Platform

CHANNEL = "stand"
WRITES = ("receive", "settle", "claim", "sent", "failed", "fire")
"""The store's writing transactions: the process may die before or after each."""
CRASH_POINTS = (*(f"{when} {write}" for write in WRITES for when in ("before", "after")), "after send")


class Crashed(BaseException):
    """The process died here. Not an Exception, so that nothing in the bot can catch it."""


class CrashingStore(Store):
    """The real store; at the chosen point the process dies."""

    def __init__(self, database: Database, clock: Clock, at: Callable[[str], None]) -> None:
        super().__init__(database, clock)
        self._at = at
        for name in WRITES:
            setattr(self, name, self._dying(name, getattr(self, name)))

    def _dying(self, name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any) -> Any:
            self._at(f"before {name}")
            result = await write(*args)
            self._at(f"after {name}")
            return result

        return call


class Bot:
    """The bot, its platform and its people."""

    def __init__(self, folder: Path, knowledge: Path, **settings: Any) -> None:
        self.clock = FakeClock()
        self.platform = Platform()
        self.platform.on_send = lambda _: self._die("after send")
        self._crash_point: str | None = None
        self._ids = itertools.count(1)
        self._read = 0
        self.config = Config(
            Settings(
                knowledge=KnowledgeBlock(path=str(knowledge)),
                storage=StorageBlock(url=f"sqlite:///{folder / 'frontdesk.db'}"),
                dialogue=settings.pop("dialogue", DialogueBlock()),
                limits=settings.pop("limits", LimitsBlock(burst=1000)),
                **settings,
            ),
            {CHANNEL: Options()},
        )
        self.app: App

    async def __aenter__(self) -> Bot:
        await self._build()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.app.close()

    async def _build(self) -> None:
        def make_adapter(_: str, __: BaseModel, ___: Tools) -> AdapterPort:
            return Adapter(self.platform)

        world = World(
            clock=self.clock,
            jitter=lambda: 1.0,
            make_adapter=make_adapter,
            make_store=lambda database, clock: CrashingStore(database, clock, self._die),
        )
        self.app = await App.build(self.config, [CHANNEL], world, http=False)

    def _die(self, point: str) -> None:
        if point == self._crash_point:
            self._crash_point = None
            raise Crashed(point)

    def crash_at(self, point: str) -> None:
        """Let the process die the next time it comes to this point."""
        assert point in CRASH_POINTS, f"{point!r} is none of {CRASH_POINTS}"
        self._crash_point = point

    async def restart(self) -> None:
        """Begin again on the same database; the platform gives again what was not acknowledged."""
        self._crash_point = None
        await self.app.close()
        await self._build()
        for outbox in self.app.outboxes.values():
            await outbox.release()
        await self.platform.deliver(self.app.inbox.accept)
        await self.app.inbox.sweep()
        await self.settle()

    async def settle(self) -> None:
        """Let the merge window pass and do all that is due."""
        self.clock.move(self.config.settings.dialogue.merge_window_seconds)
        await self.app.settle()

    async def send(self, *texts: str, who: str = "ann", choice: str = "", chat: str = "") -> None:
        """Messages arrive, close together; nothing is handled yet."""
        for text in texts or ("",):
            address = Address(CHANNEL, chat or who)
            inbound = Inbound(address, "bot1", str(next(self._ids)), Sender(who, who.title()), text, choice)
            self.platform.unacknowledged.append(inbound)
        await self.platform.deliver(self.app.inbox.accept)

    async def say(self, *texts: str, who: str = "ann", chat: str = "") -> list[Outbound]:
        """Somebody writes (several texts: a burst): what they are shown in return."""
        return await self._shown_after(self.send(*texts, who=who, chat=chat))

    async def press(self, value: str, who: str = "ann") -> list[Outbound]:
        """Somebody presses a button."""
        return await self._shown_after(self.send(who=who, choice=value))

    async def later(self, minutes: float) -> list[Outbound]:
        """Time passes: what is shown meanwhile."""
        before = len(self.platform.shown)
        self.clock.move(minutes * 60)
        await self.settle()
        return self.platform.shown[before:]

    async def _shown_after(self, sending: Any) -> list[Outbound]:
        before = len(self.platform.shown)
        await sending
        await self.settle()
        return self.platform.shown[before:]

    def expect(self, *parts: str, who: str = "ann") -> Outbound:
        """Exactly one message came since the last look, to this person, with all these parts in it."""
        came = [out for out in self.platform.shown[self._read :] if out.address.chat == who]
        self._read = len(self.platform.shown)
        assert len(came) == 1, f"one message was expected, {len(came)} came: {[out.text for out in came]}"
        for part in parts:
            assert part in came[0].text, f"{part!r} is not in {came[0].text!r}"
        return came[0]

    def expect_silence(self) -> None:
        """Nothing came since the last look."""
        came = [out.text for out in self.platform.shown[self._read :]]
        assert not came, f"nothing was expected, but this came: {came}"

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return [tuple(row) for row in await self.app.database.read(lambda q: q(sql))]
