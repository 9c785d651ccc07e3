"""kill -9 of the real service in every step of a ticket's life: a contact on Telegram, agents on Discord.

Nothing is lost, no step is skipped or taken twice; on Telegram, which has no idempotency keys, a send that was in
flight may be repeated.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.across.both import ANN, BEN, FORUM, MARIA, Both, both
from tests.crash.service import Service
from tests.discord.running import TOKEN as DISCORD_TOKEN
from tests.discord.running import text_of
from tests.telegram.running import TOKEN as TELEGRAM_TOKEN

PATIENCE = 30.0
LONGEST_WAIT = 0.25
"""Seconds from an act to the kill, at most: before it is stored, while it is handled, while it is sent."""

pytestmark = pytest.mark.anyio


def configured(folder: Path, world: Both) -> Service:
    """The real program on both platforms, with a desk on Discord."""
    service = Service(
        folder,
        channels=(
            f"{{telegram: {{token: '{TELEGRAM_TOKEN}', api_url: '{world.api.url}'}},"
            f" discord: {{token: '{DISCORD_TOKEN}', api_url: '{world.discord.platform.url}'}}}}"
        ),
        desk=f"{{discord: {{channel: {world.channel.id}}}, telegram: {{chat: {FORUM.id}}}}}",
        agents=(
            f"[{{name: Ann, telegram: {ANN.id}, discord: {world.ann.id}}},"
            f" {{name: Ben, telegram: {BEN.id}, discord: {world.ben.id}}}]"
        ),
    )
    service.command = tuple("tests.crash.hurried" if part == "bot" else part for part in service.command)
    return service


def rows(service: Service, sql: str) -> list[tuple[Any, ...]]:
    """What the database of the service holds."""
    with sqlite3.connect(f"file:{service.database}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


async def test_a_ticket_survives_a_kill_in_every_step_of_its_life(tmp_path: Path) -> None:
    dice = random.Random(7)
    async with both() as world:
        service, gateway = configured(tmp_path, world), world.discord.platform.gateway
        await service.start()
        await world.until(lambda: gateway.connected(world.discord.bot), "a connection")

        async def step(act: Callable[[], Any], seen: Callable[[], Any], what: str) -> None:
            """Do something, kill the service soon, start it again: what follows is seen all the same."""
            act()
            await asyncio.sleep(dice.uniform(0, LONGEST_WAIT))
            await service.kill()
            await service.begin()
            await world.discord.platform.eventually(seen, what, PATIENCE)

        def read(text: str) -> Callable[[], bool]:
            return lambda: any(text in sent.text for sent in world.bot.shown(MARIA.id))

        def shown(text: str) -> Callable[[], bool]:
            return lambda: any(text in text_of(one) for one in world.in_thread())

        def holds(sql: str, wanted: object) -> Callable[[], bool]:
            return lambda: rows(service, sql) == [(wanted,)]

        def say(who: Any, text: str) -> Callable[[], object]:
            def act() -> None:
                thread = world.thread()
                assert thread is not None
                thread.says(who, text)

            return act

        try:
            await step(lambda: world.bot.says(MARIA, "/human"), lambda: shown("#1")() and read("#1")(), "a ticket")
            await step(lambda: world.bot.says(MARIA, "are you there?"), shown("are you there?"), "the question")
            await step(say(world.ben, "Hello, I am"), read("Hello, I am"), "the answer")
            noted = holds("select count(*) from history where kind = 'note'", 1)
            await step(say(world.ben, "!note be gentle"), noted, "the note")
            await step(say(world.ben, "!transfer Ann"), holds("select owner from ticket", "Ann"), "the transfer")
            await step(say(world.ann, "Ann here"), read("Ann here"), "her answer")
            await step(lambda: world.bot.says(MARIA, "thank you"), shown("thank you"), "the thanks")
            await step(say(world.ann, "!close solved"), read("has closed ticket #1"), "the end")
            closing = next(one for one in world.bot.shown(MARIA.id) if "has closed ticket #1" in one.text)
            rated = holds("select rating from ticket", 5)
            await step(lambda: world.bot.presses(MARIA, closing.message_id, "5"), rated, "the rating")
            await world.until(lambda: not rows(service, "select 1 from outbox where status = 'open'"), "all is sent")
        finally:
            await service.stop()
        history = [kind for (kind,) in rows(service, "select kind from history order by id")]
        assert history == [
            "opened", "offered", "promised", "claimed", "answered", "kept", "note", "transferred", "answered", "closed",
            "rated",
        ]  # fmt: skip
        assert rows(service, "select count(*) from ticket") == [(1,)]
        assert not any("gentle" in sent.text for sent in world.bot.shown(MARIA.id))
        relayed = [text_of(one).splitlines()[1] for one in world.in_thread() if "**Maria:**" in text_of(one)]
        assert relayed == ["are you there?", "thank you"], "once each, in their order"
