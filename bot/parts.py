"""The parts that a configuration asks for: rules, knowledge, vectors, and adapters with what they are given."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pydantic import BaseModel

import adapters
from bot.config import Config, VectorsBlock
from bot.config.desk_rules import desk_rules
from bot.desk.commands import DESK_COMMANDS
from bot.desk.rules import DeskRules
from bot.dialogue.commands import COMMANDS
from bot.dialogue.turn import Manners
from bot.errors import ConfigError, StoreUnavailable, Undeliverable
from bot.knowledge.library import Library
from bot.knowledge.loader import bundled_folder
from bot.matching.calibration import Thresholds
from bot.messages import File
from bot.mind import Mind, Rules
from bot.ops.clock import SystemClock
from bot.ports import Adapter, AsgiApp, Clock, Embedder, Judgement, Problem, Tools
from bot.storage.query import P, T, Transaction
from bot.storage.store import Store

if TYPE_CHECKING:
    from bot.vectors.sense import Sense


_NO_DESK = DeskRules(places={})


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
    fetch: Callable[[File], Awaitable[bytes]],
    phrase: Callable[[str, str], str],
    entries: Callable[[str], Sequence[tuple[str, str]]],
    field: Callable[[str, str], tuple[str, str]],
    desk: DeskRules = _NO_DESK,
) -> Tools:
    """What a channel's adapter is given."""
    brand = config.settings.brand
    return Tools(
        channel=channel,
        clock=clock,
        chats=store,
        places=store,
        mount=mount,
        fetch=fetch,
        phrase=phrase,
        entries=entries,
        field=field,
        commands=COMMANDS,
        languages=brand.languages,
        brand=brand.name,
        colour=int(brand.colour[1:], 16),
        public_url=config.settings.http.url,
        uploads=store,
        desk=desk.places.get(channel, ""),
        desk_commands=DESK_COMMANDS,
    )


class _NoDatabase:
    """What an adapter that only looks around has for a database."""

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        raise StoreUnavailable("nothing is stored while a channel is examined")

    read = write


async def _nothing(file: File) -> bytes:
    raise Undeliverable(f"{file.name or file.kind}: nothing is sent while a channel is examined")


async def examined(channel: str, config: Config) -> Sequence[Problem]:
    """What the adapter of a channel says of it; it does not run. Nothing is mounted, stored or made for that."""
    clock = SystemClock()
    store = Store(_NoDatabase(), clock)
    unread = (_nothing, lambda key, _: key, lambda _: (), lambda name, _: (name, ""))
    tools = tools_for(channel, config, clock, store, nowhere, *unread, desk=desk_rules(config))
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
            intake_timeout=settings.dialogue.intake_minutes * 60,
            misses=settings.dialogue.misses,
        ),
        Thresholds(defaults.answer if answer is None else answer, defaults.clarify if clarify is None else clarify),
        settings.dialogue.merge_window_seconds,
        None if settings.matching.wrong_per_100 is None else settings.matching.wrong_per_100 / 100,
        {topic: wrong / 100 for topic, wrong in settings.matching.topics.items()},
        settings.matching.unasked,
        desk=desk_rules(config),
    )


def open_library(config: Config, judged: Sequence[Judgement] = (), desk: DeskRules | None = None) -> Library:
    """The knowledge that the configuration names, and what people said of its answers. Raises KnowledgeError."""
    rules = rules_of(config)
    rules = rules if desk is None else replace(rules, desk=desk)
    return Library(config.knowledge_folder(bundled_folder()), rules, judged)


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
