"""A whole support office for tests: one platform of contacts, two desks of agents, real SQLite, and a clock to move.

async with Office(tmp_path) as office:
    await office.say("my withdrawal hangs", "转人工")
    await office.agent("Ann").says("I'm looking into it")
    office.expect("looking into it")
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.app import App, World
from bot.config import Config
from bot.desk.routing import Agent
from bot.desk.rules import DeskRules
from bot.errors import ThreadGone
from bot.knowledge.loader import bundled_folder
from bot.messages import CONSOLE, NEW_THREAD, Address, File, Inbound, InboundKind, Outbound, Receipt, Sender
from bot.ports import Adapter as AdapterPort
from bot.ports import Limits, Tools
from tests.harness import CHANNEL, Bot, CrashingStore
from tests.stands.platform import Adapter, Options, Platform

NORTH, SOUTH = "north", "south"
ROOMS = {NORTH: "-100", SOUTH: "500"}
"""The desks' chats."""
ANN = Agent("Ann", "Annie", "agent", ("en",), (), {NORTH: "1", SOUTH: "11", CONSOLE: "Ann"})
BEN = Agent("Ben", "", "agent", (), (), {NORTH: "2", SOUTH: "12", CONSOLE: "Ben"})
LEA = Agent("Lea", "", "lead", (), (), {NORTH: "3", SOUTH: "13", CONSOLE: "Lea"})
RULES = DeskRules(places={**ROOMS, CONSOLE: CONSOLE}, agents=(ANN, BEN, LEA))


class Room(Platform):
    """A desk's platform: threads are opened, deleted and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: dict[str, str] = {}
        """Titles of the threads that are there."""
        self.closed: set[str] = set()
        self._ids = itertools.count(1)

    def open(self, title: str) -> str:
        """A new thread."""
        thread = f"t{next(self._ids)}"
        self.threads[thread] = title
        return thread


class RoomAdapter(Adapter):
    """A platform with threads."""

    limits = Limits(text=2000, buttons=25, edits=True, threads=True)

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._room = room

    async def send(self, outbound: Outbound) -> Receipt:
        address, opened = outbound.address, None
        if address.thread.startswith(NEW_THREAD):
            opened = replace(address, thread=self._room.open(outbound.title))
        elif address.thread and address.thread not in self._room.threads:
            raise ThreadGone
        at = opened or address
        (self._room.closed.add if outbound.act == "close" else self._room.closed.discard)(at.thread)
        receipt = await super().send(replace(outbound, address=at))
        return replace(receipt, address=opened)

    async def fetch(self, file: File) -> bytes:
        return f"bytes of {file.id}".encode()


@dataclass(frozen=True)
class Hands:
    """An agent at work; `at` is the desk where they are now."""

    office: Office
    agent: Agent
    at: str

    async def says(
        self, text: str, ticket: int = 1, *, files: tuple[File, ...] = (), reply_to: str = "", ref: str = ""
    ) -> str:
        """Write into a ticket's thread: the reference of what was written."""
        return await self.office.act(
            self.agent.accounts[self.at], self.at, ticket, text=text, files=files, reply_to=reply_to, ref=ref
        )

    async def presses(self, choice: str, ticket: int = 1) -> None:
        """Press a button there."""
        await self.office.act(self.agent.accounts[self.at], self.at, ticket, choice=choice)

    async def changes(self, ref: str, text: str, ticket: int = 1) -> None:
        """Edit what was written there; without a text, delete it."""
        kind: InboundKind = "edit" if text else "deletion"
        await self.office.act(self.agent.accounts[self.at], self.at, ticket, text=text, kind=kind, ref=ref)


class Office(Bot):
    """Contacts write on the stand-in's channel, agents in two rooms and the console."""

    def __init__(self, folder: Path, rules: DeskRules = RULES, knowledge: Path | None = None, **settings: Any) -> None:
        super().__init__(folder, knowledge or bundled_folder(), **settings)
        self.rules = rules
        self.rooms = {name: Room() for name in ROOMS}
        self.config = Config(self.config.settings, {name: Options() for name in (CHANNEL, *ROOMS)})
        self.browser: deque[Inbound] = deque()
        for room in self.rooms.values():
            room.on_send = lambda _: self._die("after send")

    async def _build(self) -> None:
        def make_adapter(channel: str, _: BaseModel, __: Tools) -> AdapterPort:
            return Adapter(self.platform) if channel == CHANNEL else RoomAdapter(self.rooms[channel])

        world = World(
            clock=self.clock,
            jitter=lambda: 1.0,
            make_adapter=make_adapter,
            make_store=lambda database, clock: CrashingStore(database, clock, self._die),
            desk_rules=lambda _: self.rules,
        )
        self.app = await App.build(self.config, [CHANNEL, *ROOMS], world, http=False)

    def agent(self, name: str, at: str = NORTH) -> Hands:
        """An agent, at one of the desks."""
        found = next(agent for agent in self.rules.agents if agent.name == name)
        return Hands(self, found, at)

    async def thread_of(self, ticket: int, at: str) -> str:
        """The thread of a ticket at a desk."""
        if at == CONSOLE or not ticket:
            return str(ticket) if ticket else ""
        sql = f"select thread from place where ticket = {ticket} and channel = '{at}'"
        return str((await self.rows(sql))[0][0])

    async def act(
        self,
        who: str,
        at: str,
        ticket: int,
        *,
        text: str = "",
        choice: str = "",
        files: tuple[File, ...] = (),
        kind: InboundKind = "message",
        ref: str = "",
        reply_to: str = "",
        handle: bool = True,
    ) -> str:
        """Somebody does something at a desk: the reference of it."""
        number = str(next(self._ids))
        room = CONSOLE if at == CONSOLE else ROOMS[at]
        ref = ref or ("" if choice or at == CONSOLE else f"a{number}")
        address = Address(at, room, await self.thread_of(ticket, at))
        inbound = Inbound(
            address, "bot1", f"d{number}", Sender(who, f"name of {who}"), text, choice, self.clock.now(),
            kind=kind, files=files, ref=ref, reply_to=reply_to,
        )  # fmt: skip
        self._came(at).append(inbound)
        await self._deliver_all()
        if handle:
            await self.settle()
        return ref

    def _came(self, at: str) -> deque[Inbound]:
        """What the platform of a desk keeps until it is acknowledged; the console's browser asks again, too."""
        return self.browser if at == CONSOLE else self.rooms[at].unacknowledged

    async def _deliver_all(self) -> None:
        for waiting in (self.browser, *(room.unacknowledged for room in self.rooms.values())):
            while waiting:
                await self.app.inbox.accept(waiting[0])
                waiting.popleft()

    async def restart(self) -> None:
        await super().restart()
        await self._deliver_all()
        await self.settle()

    async def seen(self, ticket: int = 1, at: str = NORTH, act: str = "send") -> list[Outbound]:
        """What a ticket's thread shows."""
        thread = await self.thread_of(ticket, at)
        return [out for out in self.rooms[at].shown if out.address.thread == thread and out.act == act]

    async def texts(self, ticket: int = 1, at: str = NORTH) -> list[str]:
        """The texts in a ticket's thread."""
        return [out.text for out in await self.seen(ticket, at)]

    def said(self, who: str = "ann") -> Sequence[str]:
        """All that a contact was sent."""
        return [out.text for out in self.platform.shown if out.address.chat == who and out.act == "send"]

    async def history(self, ticket: int = 1) -> list[str]:
        """The kinds of what happened to a ticket."""
        return [row[0] for row in await self.rows(f"select kind from history where ticket = {ticket} order by id")]

    async def ticket(self, number: int = 1) -> dict[str, Any]:
        """A ticket's row."""
        names = (
            "status",
            "owner",
            "offered",
            "since",
            "steps",
            "promised",
            "priority",
            "rating",
            "rating_word",
            "fields",
        )
        rows = await self.rows(f"select {', '.join(names)} from ticket where number = {number}")
        return dict(zip(names, rows[0], strict=True))
