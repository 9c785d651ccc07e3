"""A console on a real server and a real database, with agents; what they do is kept instead of being handled."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from types import TracebackType

import httpx
import yaml

from bot.desk.routing import Agent
from bot.desk.rules import DeskRules
from bot.dialogue.events import OpenTicket
from bot.errors import Undeliverable
from bot.knowledge.loader import bundled_folder
from bot.messages import CONSOLE, Accepted, Address, File, Inbound, Sender
from bot.storage.inbound import receive
from bot.storage.query import Query
from bot.storage.queueing import Row, enqueue
from bot.storage.sqlite import SqliteDatabase
from bot.storage.tickets import add_history, open_ticket
from bot.web.console import Console, make_link
from bot.web.server import HttpServer
from tests.web.service import FailingStore, ShiftedClock, eventually

TEXTS = yaml.safe_load((bundled_folder() / "desk.yaml").read_text(encoding="utf-8"))


def phrase(key: str, lang: str) -> str:
    """A text of the knowledge."""
    return str(TEXTS[key][lang])


def shown(name: str, value: str, _: str) -> tuple[str, str]:
    """A field as agents may see it."""
    return name.upper(), f"{value[:2]}…"


ANN = Agent("Ann", role="lead", topics=("fees",), accounts={CONSOLE: "Ann"})
BOB = Agent("Bob", accounts={CONSOLE: "Bob"})
RULES = DeskRules(agents=(ANN, BOB))


class DeskService:
    """The console and nothing else."""

    def __init__(self, folder: Path, path: str = "") -> None:
        self.folder, self.path = folder, path
        self.clock = ShiftedClock()
        self.done: list[Inbound] = []
        """What agents did."""
        self.failure: Exception | None = None
        """What whoever does something next gets instead."""
        self.files: dict[str, bytes] = {}
        self._ids = itertools.count(1)

    async def __aenter__(self) -> DeskService:
        self.database = await SqliteDatabase.open(self.folder / "frontdesk.db")
        self.store = FailingStore(self.database, self.clock)
        self.server = HttpServer("127.0.0.1", 0, self._ready, self._metrics)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.console = self.new_console(RULES)
        self.server.mount("/desk", self.console.application())
        self._running = [asyncio.create_task(self.server.run()), asyncio.create_task(self.console.run(self.accept))]
        self.client = httpx.AsyncClient(base_url=self.url, timeout=30, trust_env=False)
        await eventually(self._answers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self.server.close()
        await self.database.close()

    def new_console(self, rules: DeskRules) -> Console:
        """A console on this store."""
        return Console(rules, self.store, self.fetch, phrase, self.clock, self.url + self.path, shown)

    async def _answers(self) -> bool:
        try:
            return (await self.client.get("/healthz")).status_code == 200
        except httpx.TransportError:
            return False

    async def _ready(self) -> tuple[bool, dict[str, str]]:
        return True, {}

    async def _metrics(self) -> tuple[bytes, str]:
        return b"", "text/plain"

    async def accept(self, inbound: Inbound) -> Accepted:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        self.done.append(inbound)
        return Accepted(1, 0)

    async def fetch(self, file: File) -> bytes:
        if file.id not in self.files:
            raise Undeliverable(f"there is no {file.id}")
        return self.files[file.id]

    async def link(self, agent: str = "Ann") -> str:
        """A way in."""
        return await make_link(self.store, agent, self.clock, self.url)

    async def sign_in(self, agent: str = "Ann") -> None:
        """Let the client in."""
        link = httpx.URL(await self.link(agent))
        answer = await self.client.post("/desk/enter", data={"key": link.params["key"]})
        assert answer.status_code == 303, answer.text

    async def ticket(self, who: str = "Maria", question: str = "Where is my money?", *files: File) -> int:
        """Somebody asks for a human: the ticket."""
        return await self.database.write(self._ticket, who, question, files)

    def _ticket(self, q: Query, who: str, question: str, files: tuple[File, ...]) -> int:
        now = self.clock.now()
        conversation, seq = self._said(q, who, question, files)
        wanted = OpenTicket("asked", question, topic="fees", fields=(("uid", "12345"),))
        number = open_ticket(q, conversation, seq, wanted, "en", {}, now)
        add_history(q, number, "opened", "contact", "asked", now)
        return number

    def _said(self, q: Query, who: str, text: str, files: tuple[File, ...] = ()) -> tuple[int, int]:
        now = self.clock.now()
        sender = Sender(who, who, "en")
        inbound = Inbound(Address("web", who), "web", str(next(self._ids)), sender, text, at=now, files=files)
        accepted = receive(q, inbound, now)
        return accepted.conversation, accepted.seq

    async def says(self, who: str, text: str, *files: File) -> None:
        """A contact writes."""
        await self.database.write(self._said, who, text, files)

    async def answered(self, number: int, text: str, author: str = "agent", name: str = "Ann", **row: object) -> int:
        """Somebody answered in a ticket: the outbox row."""
        return await self.database.write(self._answered, number, text, author, name, row)

    def _answered(self, q: Query, number: int, text: str, author: str, name: str, row: dict[str, object]) -> int:
        conversation = q("select conversation from ticket where number = ?", (number,))[0][0]
        rows = q("update conversation set last_seq = last_seq + 1 where id = ? returning last_seq", (conversation,))
        q(
            "insert into message (conversation, seq, author, name, text, buttons, at) values (?, ?, ?, ?, ?, '[]', ?)",
            (conversation, rows[0][0], author, name, text, self.clock.now()),
        )
        enqueue(q, Row(Address("web", "x"), conversation, rows[0][0], text, author="agent"), self.clock.now())
        for column, value in row.items():
            q(f"update outbox set {column} = ? where id = (select max(id) from outbox)", (value,))
        return int(q("select max(id) from outbox")[0][0])

    async def happened(self, number: int, kind: str, actor: str, detail: str = "") -> None:
        """A line of a ticket's history."""
        await self.database.write(add_history, number, kind, actor, detail, self.clock.now())

    async def change(self, sql: str) -> None:
        """Change what is stored."""
        await self.database.write(lambda q: q(sql))

    async def did(self, number: int) -> list[Inbound]:
        """What agents did, once it is so much."""

        async def enough() -> list[Inbound]:
            return self.done if len(self.done) >= number else []

        return await eventually(enough)
