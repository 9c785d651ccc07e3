"""The whole way of a message - accept, match, decide, store, claim, mark sent - on SQLite with synchronous=FULL.

Yardsticks, in the same run, with the very statements that the service runs for one message:
  grouped   a bare sqlite3 connection that replays them, 256 messages under one commit: the limit
  plain     aiosqlite, statement by statement, one commit per message
Neither matches nor decides. Frontdesk is measured on commands (nothing to look up), on the knowledge's labelled
questions asked again and again, and on questions that nobody has asked before: there the matcher is the cost.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiosqlite
import structlog
from pydantic import BaseModel

from bot.app import App, World
from bot.config import Config, DialogueBlock, LimitsBlock, Settings, StorageBlock
from bot.dialogue.events import Conversation
from bot.dialogue.states import HUMAN_STATES, State
from bot.knowledge.checks import read_checks
from bot.knowledge.loader import bundled_folder
from bot.messages import Address, Desk, Inbound, Item, Outbound, Sender
from bot.parts import open_library
from bot.ports import Adapter as AdapterPort
from bot.ports import Tools
from bot.storage import sqlite
from tests.stands.platform import Adapter, Options, Platform

AT_ONCE = 32
MESSAGES = 3000
REPLAYED = 1000
GROUP = 256
PATIENCE = 30.0
"""Seconds until an answer that does not come is a fault of the benchmark."""
CHANNEL = "stand"
COMMANDS = ("/help",)

Statement = tuple[str, Sequence[Any]]


async def build(folder: Path, platform: Platform) -> App:
    settings = Settings(
        storage=StorageBlock(url=f"sqlite:///{folder / 'bench.db'}"),
        dialogue=DialogueBlock(merge_window_seconds=0, misses=10**9),
        limits=LimitsBlock(burst=10**6, per_minute=10**9),
    )

    def make_adapter(_: str, __: BaseModel, ___: Tools) -> AdapterPort:
        return Adapter(platform)

    return await App.build(
        Config(settings, {CHANNEL: Options()}), [CHANNEL], World(make_adapter=make_adapter), http=False
    )


def message(texts: Sequence[str], number: int, person: int) -> Inbound:
    text = texts[number % len(texts)]
    return Inbound(Address(CHANNEL, f"p{person}"), "bot", f"{number}", Sender(f"p{person}"), text)


async def ours(folder: Path, texts: Sequence[str]) -> tuple[float, float]:
    """Messages a second with 32 conversations at once, each waiting for its answer; and the median wait in ms."""
    platform = Platform()
    answered = {f"p{person}": asyncio.Event() for person in range(AT_ONCE)}

    def on_send(outbound: Outbound) -> None:
        answered[outbound.address.chat].set()

    platform.on_send = on_send
    app = await build(folder, platform)
    app.start()
    waits: list[float] = []

    async def person(who: int, count: int) -> None:
        for number in range(count):
            started = time.perf_counter()
            answered[f"p{who}"].clear()
            await app.inbox.accept(message(texts, number * AT_ONCE + who, who))
            async with asyncio.timeout(PATIENCE):
                await answered[f"p{who}"].wait()
            waits.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(person(who, MESSAGES // AT_ONCE) for who in range(AT_ONCE)))
    took = time.perf_counter() - started
    await app.stop()
    return len(waits) / took, sorted(waits)[len(waits) // 2] * 1e3


async def recorded(folder: Path, texts: Sequence[str]) -> list[list[Statement]]:
    """The statements of every message, one message after the other."""
    log: list[Statement] = []
    real = sqlite.SqliteQuery

    class Recording(real):  # type: ignore[misc, valid-type]  # its base is named at run time
        def __call__(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
            log.append((sql, tuple(parameters)))
            return super().__call__(sql, parameters)

        def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
            log.append((sql, tuple(parameters)))
            return super().changed(sql, parameters)

    app = await build(folder, Platform())
    sqlite.SqliteQuery = Recording  # type: ignore[misc]  # put back below
    try:
        messages = []
        for number in range(REPLAYED):
            log.clear()
            await app.inbox.accept(message(texts, number, number % AT_ONCE))
            await app.inbox.step()
            await app.outboxes[CHANNEL].step()
            messages.append(list(log))
    finally:
        sqlite.SqliteQuery = real  # type: ignore[misc]  # put back below
        await app.close()
    return messages


async def empty_database(folder: Path) -> Path:
    app = await build(folder, Platform())
    await app.close()
    return folder / "bench.db"


def grouped(path: Path, messages: list[list[Statement]]) -> float:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    started = time.perf_counter()
    for first in range(0, len(messages), GROUP):
        connection.execute("begin immediate")
        for statements in messages[first : first + GROUP]:
            for sql, parameters in statements:
                connection.execute(sql, parameters).fetchall()
        connection.execute("commit")
    took = time.perf_counter() - started
    connection.close()
    return len(messages) / took


async def plain(path: Path, messages: list[list[Statement]]) -> float:
    async with aiosqlite.connect(path, cached_statements=256) as connection:
        await connection.execute("pragma journal_mode = wal")
        await connection.execute("pragma synchronous = full")
        started = time.perf_counter()
        for statements in messages:
            for sql, parameters in statements:
                await connection.execute_fetchall(sql, parameters)
            await connection.commit()
        return len(messages) / (time.perf_counter() - started)


def questions() -> list[str]:
    """The knowledge's own labelled questions, but for those that lead to a human: then the bot would fall silent."""
    mind = open_library(Config(Settings())).mind

    def stays(text: str) -> bool:
        asked = Conversation(1, Address(CHANNEL, "p"))
        state = mind.consider(asked, [Item(1, "text", text, 0.0)], Desk(), 0.0).conversation.state
        return state not in {State.COLLECTING, *HUMAN_STATES}

    return [one.check.say for one in read_checks(bundled_folder())[0] if stays(one.check.say)]


def never_asked() -> list[str]:
    """As many different questions as there are messages: labelled ones, each with a number that nobody gave before."""
    some = questions()
    return [f"{some[number % len(some)]} {number}" for number in range(MESSAGES)]


async def measure() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        messages = await recorded(folder / "recorded", questions())
        limit = grouped(await empty_database(folder / "grouped"), messages)
        loop = await plain(await empty_database(folder / "plain"), messages)
        print(f"{sum(map(len, messages)) / len(messages):.1f} statements a message")
        print(f"{'':36} msg/s  : plain  : limit")
        print(f"{'grouped, bare sqlite3 (the limit)':36} {limit:5.0f} {limit / loop:8.2f} {1:8.2f}")
        print(f"{'plain aiosqlite loop':36} {loop:5.0f} {1:8.2f} {loop / limit:8.2f}")
        for title, texts in (
            ("commands", COMMANDS),
            ("labelled questions, repeated", questions()),
            ("questions never asked before", never_asked()),
        ):
            rate, wait = await ours(folder / title, texts)
            name = f"Frontdesk, {title}"
            print(f"{name:36} {rate:5.0f} {rate / loop:8.2f} {rate / limit:8.2f}   median wait {wait:.1f} ms")


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"way_of_a_message takes no arguments, not: {' '.join(arguments)}")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(measure())
