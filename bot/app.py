"""The one file that knows everybody: configuration to store, knowledge, channels, loops and web."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from pydantic import BaseModel

from bot.config import Config, VectorsBlock
from bot.config.desk_rules import desk_rules
from bot.delivery.inbox import UNLIMITED, InboxLoop
from bot.delivery.outbox import OutboxLoop
from bot.delivery.supervisor import Supervisor
from bot.delivery.timers import TimerLoop
from bot.desk.routing import leads
from bot.desk.rules import DeskRules
from bot.dialogue.fields import masked
from bot.errors import StoreError, Undeliverable
from bot.generated import generated
from bot.knowledge.library import Library
from bot.messages import CONSOLE, GENERATED, File
from bot.ops.clock import SystemClock
from bot.ops.health import Health
from bot.ops.metrics import PrometheusMeter
from bot.parts import make_adapter, make_embedder, make_sense, nowhere, open_library, tools_for
from bot.ports import Adapter, Aftermath, Clock, Embedder, Limits, Tools, listing
from bot.safety.limits import Limiter, Rate
from bot.storage.query import Database
from bot.storage.sqlite import SqliteDatabase
from bot.storage.store import Store
from bot.web.console import Console, make_link
from bot.web.server import HttpServer

log = structlog.get_logger("app")

MOST_JUDGED = 5000
"""Judged answers that thresholds are made of; the latest, as the knowledge changes."""
DRAIN = 5.0
"""Seconds that a stopping service spends on finishing what it took; the rest waits in the store for the next start."""


@dataclass(slots=True)
class World:
    """What the service takes from outside; tests hand over their own."""

    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = random.random
    make_adapter: Callable[[str, BaseModel, Tools], Adapter] = make_adapter
    make_store: Callable[[Database, Clock], Store] = Store
    make_embedder: Callable[[VectorsBlock], Embedder | None] = make_embedder
    desk_rules: Callable[[Config], DeskRules] = desk_rules


class App:
    """A whole service. Make one with `await App.build(...)`, then `start` and `stop` it, or `settle` it by hand."""

    def __init__(
        self, config: Config, channels: Sequence[str], world: World, database: SqliteDatabase, library: Library
    ) -> None:
        self.config, self.clock, self.library, self.database = config, world.clock, library, database
        self.desk = library.mind.rules.desk
        self.store = world.make_store(database, world.clock)
        self.meter = PrometheusMeter()
        self.supervisor = Supervisor(self.clock, self.meter)
        self.server: HttpServer | None = None
        settings = config.settings
        self.vectors = make_sense(config, library, world.clock, world.make_embedder(settings.matching.vectors))
        self.inbox = InboxLoop(
            self.store,
            lambda: library.mind,
            self.clock,
            self.meter,
            Limiter(Rate(settings.limits.burst, settings.limits.per_minute / 60)),
            [*channels, CONSOLE],
            settings.dialogue.merge_window_seconds,
            on_send=self._nudge_outbox,
            on_timer=self._expect_timer,
            on_settled=self._wake_console,
            sense=self.vectors.meanings if self.vectors else None,
            limits=self._limits,
        )
        self.timers = TimerLoop(self.store, self.clock, channels, self.inbox.expect)
        self.console: Console | None = None
        self.adapters: dict[str, Adapter] = {}
        self.outboxes: dict[str, OutboxLoop] = {}

    @classmethod
    async def build(
        cls, config: Config, channels: Sequence[str], world: World | None = None, *, http: bool = True
    ) -> App:
        """Everything made and connected, nothing running. Raises FrontdeskError with what to do."""
        world = world or World()
        database = await SqliteDatabase.open(config.settings.storage.sqlite_path)
        try:
            judged = await Store(database, world.clock).judged(MOST_JUDGED)
            app = cls(config, channels, world, database, open_library(config, judged, world.desk_rules(config)))
        except BaseException:
            await database.close()
            raise
        try:
            await app.store.find_desks(app.desk.places)
            if http:
                block = config.settings.http
                app.server = HttpServer(block.host, block.port, app.health().report, app.metrics)
                app._add_console(app.server)
            for channel in channels:
                app._add_channel(channel, world)
        except BaseException:
            await app.close()
            raise
        return app

    def _nudge_outbox(self, channel: str) -> None:
        if channel in self.outboxes:  # another process may have the channel
            self.outboxes[channel].nudge()

    def _follow_up(self, aftermath: Aftermath) -> None:
        """A send's fate has consequences."""
        for channel in aftermath.sends:
            self._nudge_outbox(channel)
        self.inbox.expect(aftermath.woken)
        self._wake_console()

    def _limits(self, channel: str) -> Limits:
        """What a channel can show; of one that another process has we know no limit."""
        adapter = self.adapters.get(channel)
        return adapter.limits if adapter else UNLIMITED

    def _wake_console(self) -> None:
        if self.console is not None:
            self.console.wake()

    def _expect_timer(self, due: float) -> None:
        self.timers.expect(due)

    async def fetch(self, file: File) -> bytes:
        """A file from the channel that has it, or made now. Raises DeliveryError."""
        if file.channel == GENERATED:
            return await generated(file, self.store, self.library.mind, self.clock)
        if file.channel not in self.adapters:
            raise Undeliverable(f"{file.name or file.kind} is on the channel {file.channel}, which does not run here")
        return await self.adapters[file.channel].fetch(file)

    def _phrase(self, key: str, lang: str) -> str:
        return self.library.mind.phrase(key, lang)  # of the mind in force, which a reload swaps

    def _field(self, name: str, lang: str) -> tuple[str, str]:
        return self.library.mind.field(name, lang)

    def _field_shown(self, name: str, value: str, lang: str) -> tuple[str, str]:
        """How a field is called, and its value as agents may see it."""
        type_ = self.library.mind.knowledge.fields.get(name)
        return self._field(name, lang)[0], masked(type_, value) if type_ else value

    def _entries(self, lang: str) -> Sequence[tuple[str, str]]:
        return self.library.mind.titles(lang)

    def _add_console(self, server: HttpServer) -> None:
        """Serve the agents' console, if it is one of the desks."""
        if CONSOLE in self.desk.places:
            self.console = Console(
                self.desk, self.store, self.fetch, self._phrase, self.clock, self.url(server), self._field_shown
            )
            server.mount("/desk", self.console.application())

    def url(self, server: HttpServer) -> str:
        """Where people reach the server."""
        block = self.config.settings.http
        return block.public_url or f"http://{block.host}:{server.port}"

    async def console_link(self) -> str | None:
        """A link that lets the first lead, or else the first agent, into the console once; None without a console."""
        agents = (*leads(self.desk.agents), *self.desk.agents)
        if self.console is None or self.server is None:
            return None
        return await make_link(self.store, agents[0].name, self.clock, self.url(self.server))

    def _add_channel(self, channel: str, world: World) -> None:
        tools = tools_for(
            channel,
            self.config,
            self.clock,
            self.store,
            mount=self.server.mount if self.server else nowhere,
            fetch=self.fetch,
            phrase=self._phrase,
            entries=self._entries,
            field=self._field,
            desk=self.desk,
        )
        adapter = world.make_adapter(channel, self.config.channels[channel], tools)
        self.adapters[channel] = adapter
        self.outboxes[channel] = OutboxLoop(
            channel, adapter, self.store, self.clock, self.meter, world.jitter, self._follow_up
        )

    def start(self) -> None:
        """Run everything."""
        self.supervisor.start("inbox", self.inbox.run)
        self.supervisor.start("timers", self.timers.run)
        self.supervisor.start("knowledge", lambda: self.library.watch(self.clock))
        if self.vectors is not None:
            self.supervisor.start("vectors", self.vectors.run)
        for name, outbox in self.outboxes.items():
            self.supervisor.start(f"outbox:{name}", outbox.run)
        for name, adapter in self.adapters.items():
            self.supervisor.start(channel_part(name), partial(adapter.run, self.inbox.accept))
        if self.console is not None:
            self.supervisor.start("console", partial(self.console.run, self.inbox.accept))
        if self.server is not None:
            self.supervisor.start("http", self.server.run)

    async def stop(self) -> None:
        """Take nothing more, finish what was taken as far as `DRAIN` allows, and close."""
        if self.server is not None:
            self.server.stop()
        await self.supervisor.stop()
        try:
            async with asyncio.timeout(DRAIN):
                for outbox in self.outboxes.values():
                    await outbox.finish()
                    await outbox.release()  # a claim that was cut off must not wait for its lease
                await self.inbox.sweep()
                await self.settle(hurry=True)
        except (TimeoutError, StoreError) as error:
            note = "the rest is in the store and goes out at the next start"
            log.warning("app.not_drained", error=str(error) or type(error).__name__, note=note)
        finally:
            await self.close()

    async def settle(self, *, hurry: bool = False) -> None:
        """Do all that is due now, until nothing is."""
        busy = True
        while busy:
            busy = await self.timers.step()
            busy = await self.inbox.step(hurry=hurry) or busy
            for outbox in self.outboxes.values():
                busy = await outbox.step() or busy

    async def close(self) -> None:
        """Free the port and the database."""
        if self.server is not None:
            self.server.close()
        if self.vectors is not None:
            await self.vectors.close()
        for adapter in self.adapters.values():
            await adapter.close()
        await self.database.close()

    def health(self) -> Health:
        """How every part is."""

        async def store() -> str | None:
            await self.store.ping()
            return None

        async def knowledge() -> str | None:
            return listing(self.library.problems) or None

        async def parts() -> str | None:
            return "; ".join(f"{name}: {why}" for name, why in self.supervisor.troubles.items()) or None

        async def vectors() -> str | None:
            return self.vectors.trouble if self.vectors else None

        other = {"knowledge": knowledge} | ({"vectors": vectors} if self.vectors else {})
        return Health({"store": store, "channels": parts}, other)

    async def metrics(self) -> tuple[bytes, str]:
        """Prometheus' text."""
        return self.meter.text(await self.store.counts())


def channel_part(channel: str) -> str:
    """The supervisor's name for a channel's adapter."""
    return f"channel:{channel}"
