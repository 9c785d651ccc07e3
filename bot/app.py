"""The one file that knows everybody: configuration to store, knowledge, channels, loops and web."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import structlog
from pydantic import BaseModel

import adapters
from bot.config import Config, VectorsBlock
from bot.delivery.inbox import InboxLoop
from bot.delivery.outbox import OutboxLoop
from bot.delivery.supervisor import Supervisor
from bot.delivery.timers import TimerLoop
from bot.dialogue.commands import COMMANDS
from bot.dialogue.turn import Manners
from bot.errors import ConfigError, StoreError, StoreUnavailable
from bot.knowledge.library import Library
from bot.knowledge.loader import bundled_folder
from bot.matching.calibration import Thresholds
from bot.mind import Mind, Rules
from bot.ops.clock import SystemClock
from bot.ops.health import Health
from bot.ops.metrics import PrometheusMeter
from bot.ports import Adapter, AsgiApp, Clock, Embedder, Judgement, Problem, Tools, listing
from bot.safety.limits import Limiter, Rate
from bot.storage.query import Database, P, T, Transaction
from bot.storage.sqlite import SqliteDatabase
from bot.storage.store import Store
from bot.web.server import HttpServer

if TYPE_CHECKING:
    from bot.vectors.sense import Sense

log = structlog.get_logger("app")

MOST_JUDGED = 5000
"""Judged answers that thresholds are made of; the latest, as the knowledge changes."""
DRAIN = 5.0
"""Seconds that a stopping service spends on finishing what it took; the rest waits in the store for the next start."""


def adapter_module(channel: str) -> ModuleType | None:
    """The module of a channel's adapter: one of ours by its name, or any by its dotted path.

    Several channels of one kind are told apart by what follows a slash: `telegram/shop`.
    """
    kind = channel.partition("/")[0]
    name = kind if "." in kind else f"{adapters.__name__}.{kind}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise


def options_of(channel: str) -> type[BaseModel] | None:
    """The options model of a channel's adapter."""
    module = adapter_module(channel)
    found: type[BaseModel] | None = getattr(module, "Options", None)
    return found


def adapter_names() -> list[str]:
    """The channels that come with Frontdesk."""
    return [module.name for module in pkgutil.iter_modules(adapters.__path__)]


def make_adapter(channel: str, options: BaseModel, tools: Tools) -> Adapter:
    """The adapter of a channel."""
    module = adapter_module(channel)
    assert module is not None, "the configuration was checked against this adapter's options"
    made: Adapter = module.Adapter(options, tools)
    return made


def nowhere(_: str, __: AsgiApp) -> None:
    """Mount nothing: there is no server."""


def tools_for(
    channel: str,
    config: Config,
    clock: Clock,
    store: Store,
    mount: Callable[[str, AsgiApp], None],
    phrase: Callable[[str, str], str],
    entries: Callable[[str], Sequence[tuple[str, str]]],
) -> Tools:
    """What a channel's adapter is given."""
    brand = config.settings.brand
    return Tools(
        channel=channel,
        clock=clock,
        chats=store,
        places=store,
        mount=mount,
        phrase=phrase,
        entries=entries,
        commands=COMMANDS,
        languages=brand.languages,
        brand=brand.name,
        colour=int(brand.colour[1:], 16),
        public_url=config.settings.http.url,
    )


class _NoDatabase:
    """What an adapter that only looks around has for a database."""

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        raise StoreUnavailable("nothing is stored while a channel is examined")

    read = write


async def examined(channel: str, config: Config) -> Sequence[Problem]:
    """What the adapter of a channel says of it; it does not run. Nothing is mounted, stored or made for that."""
    clock = SystemClock()
    store = Store(_NoDatabase(), clock)
    tools = tools_for(channel, config, clock, store, nowhere, lambda key, _: key, lambda _: ())
    adapter = make_adapter(channel, config.channels[channel], tools)
    try:
        return await adapter.examine()
    finally:
        await adapter.close()


def rules_of(config: Config) -> Rules:
    """The settings that the core obeys."""
    settings, defaults = config.settings, Thresholds()
    answer, clarify = settings.matching.answer, settings.matching.clarify
    return Rules(
        Manners(
            settings.brand.name,
            tuple(settings.brand.languages),
            settings.brand.default_language,
            settings.dialogue.idle_close_minutes * 60,
        ),
        Thresholds(defaults.answer if answer is None else answer, defaults.clarify if clarify is None else clarify),
        settings.dialogue.merge_window_seconds,
        None if settings.matching.wrong_per_100 is None else settings.matching.wrong_per_100 / 100,
        {topic: wrong / 100 for topic, wrong in settings.matching.topics.items()},
        settings.matching.unasked,
    )


def open_library(config: Config, judged: Sequence[Judgement] = ()) -> Library:
    """The knowledge that the configuration names, and what people said of its answers. Raises KnowledgeError."""
    return Library(config.knowledge_folder(bundled_folder()), rules_of(config), judged)


def make_embedder(block: VectorsBlock) -> Embedder | None:
    """The model that makes sentence vectors, if one is wanted. Raises ConfigError where something is not installed."""
    # Imported late: who wants no vectors shall not pay for them.
    if block.kind == "minilm":
        from bot.vectors.local import LocalEmbedder

        return LocalEmbedder()
    if block.kind == "openai":
        from bot.vectors.openai import OpenAiEmbedder

        assert block.url and block.model, "the configuration was checked"
        key = block.api_key.get_secret_value() if block.api_key else ""
        return OpenAiEmbedder(block.url, block.model, key, block.languages)
    return None


def make_sense(config: Config, library: Library, clock: Clock, embedder: Embedder | None) -> Sense | None:
    """What gives the library's mind its vectors, if there is a model."""
    if embedder is None:
        return None
    from bot.vectors.cache import VectorCache
    from bot.vectors.sense import Sense

    block = config.settings.matching.vectors
    cache = VectorCache(Path(block.cache))
    return Sense(embedder, cache, clock, lambda: library.mind, library.replace, block.timeout_seconds)


async def knowing_mind(config: Config, library: Library, look: Callable[[Mind], object]) -> tuple[Mind, str | None]:
    """The mind that a service in its stride would have for what `look` looks up; and why it has only words, if so."""
    sense = make_sense(config, library, SystemClock(), make_embedder(config.settings.matching.vectors))
    if sense is None:
        return library.mind, None
    try:
        mind = await sense.equipped(library.mind, only_cached=True)
        if mind is None:
            return library.mind, "the knowledge has no vectors yet; frontdesk run makes them"
        return mind.knowing(await sense.meanings(mind.wanting(look))), sense.trouble
    finally:
        await sense.close()


def chosen_channels(config: Config, only: Sequence[str] | None) -> list[str]:
    """The channels to run. Raises ConfigError for one that is off or not configured."""
    if only is None:
        return list(config.channels)
    for name in only:
        if name in config.off:
            raise ConfigError(f"the channel {name} is off: {config.off[name]} is not set")
        if name not in config.channels:
            known = ", ".join(config.channels) or "none"
            raise ConfigError(f"the channel {name} is not configured; configured: {known}")
    return list(only)


@dataclass(slots=True)
class World:
    """What the service takes from outside; tests hand over their own."""

    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = random.random
    make_adapter: Callable[[str, BaseModel, Tools], Adapter] = make_adapter
    make_store: Callable[[Database, Clock], Store] = Store
    make_embedder: Callable[[VectorsBlock], Embedder | None] = make_embedder


class App:
    """A whole service. Make one with `await App.build(...)`, then `start` and `stop` it, or `settle` it by hand."""

    def __init__(
        self, config: Config, channels: Sequence[str], world: World, database: SqliteDatabase, library: Library
    ) -> None:
        self.config, self.clock, self.library, self.database = config, world.clock, library, database
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
            channels,
            settings.dialogue.merge_window_seconds,
            on_send=self._nudge_outbox,
            on_timer=self._expect_timer,
            sense=self.vectors.meanings if self.vectors else None,
            longest=self._longest,
        )
        self.timers = TimerLoop(self.store, self.clock, channels, self.inbox.expect)
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
            app = cls(config, channels, world, database, open_library(config, judged))
        except BaseException:
            await database.close()
            raise
        try:
            if http:
                block = config.settings.http
                app.server = HttpServer(block.host, block.port, app.health().report, app.metrics)
            for channel in channels:
                app._add_channel(channel, world)
        except BaseException:
            await app.close()
            raise
        return app

    def _nudge_outbox(self, channel: str) -> None:
        if channel in self.outboxes:  # another process may have the channel
            self.outboxes[channel].nudge()

    def _longest(self, channel: str) -> int:
        """How long one message of a channel may be; of a channel that another process has we know no limit."""
        adapter = self.adapters.get(channel)
        return adapter.limits.text if adapter else sys.maxsize

    def _expect_timer(self, due: float) -> None:
        self.timers.expect(due)

    def _phrase(self, key: str, lang: str) -> str:
        return self.library.mind.phrase(key, lang)  # of the mind in force, which a reload swaps

    def _entries(self, lang: str) -> Sequence[tuple[str, str]]:
        return self.library.mind.titles(lang)

    def _add_channel(self, channel: str, world: World) -> None:
        tools = tools_for(
            channel,
            self.config,
            self.clock,
            self.store,
            mount=self.server.mount if self.server else nowhere,
            phrase=self._phrase,
            entries=self._entries,
        )
        adapter = world.make_adapter(channel, self.config.channels[channel], tools)
        self.adapters[channel] = adapter
        self.outboxes[channel] = OutboxLoop(channel, adapter, self.store, self.clock, self.meter, world.jitter)

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
