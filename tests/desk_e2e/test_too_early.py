"""Agents see a ticket's thread before its receipt is stored: what they say there at once counts all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import World
from bot.storage.store import Store
from tests.desk_e2e.both import DISCORD, TELEGRAM, platforms


class SlowReceipts(Store):
    """A store in which a new thread's receipt waits while `gate` is shut."""

    gate: asyncio.Event

    async def sent(self, claimed: Any, receipt: Any, now: float) -> Any:
        if receipt.address is not None:
            await self.gate.wait()
        return await super().sent(claimed, receipt, now)


def with_slow_receipts(gate: asyncio.Event) -> World:
    """A world with such a store."""

    def make(*args: Any) -> Store:
        store = SlowReceipts(*args)
        store.gate = gate
        return store

    return World(make_store=make)


@pytest.mark.parametrize("contact_at", [TELEGRAM, DISCORD])
async def test_who_answers_before_the_thread_is_known_is_heard(tmp_path: Path, contact_at: str) -> None:
    gate = asyncio.Event()
    async with platforms() as both, both.running(tmp_path, with_slow_receipts(gate)):
        contact = both.contact(contact_at)
        number = await both.asks_for_people(contact)
        agent = await both.at_desk(number, DISCORD if contact_at == TELEGRAM else TELEGRAM, both.ben)
        said = agent.says("I am on it")
        agent.edits(said, "I'm on it")
        agent.says("// but it is odd")
        stranger = both.account("Stranger"), both.guild.member("Stranger")
        agent.as_(stranger[contact_at == TELEGRAM]).says("not me")
        own = both.bot.opens_topic(both.ben.telegram, both.room.group, "Our lunch")
        both.bot.says(both.ben.telegram, "pizza today?", both.room.group, own)
        await both.bot.eventually(lambda: not both.bot.pending, "all updates taken")
        assert not contact.reads("on it")
        gate.set()
        await contact.sees("I'm on it")
        await agent.sees("Note kept")
        await both.quiet()
        assert not any("odd" in text or "pizza" in text or "not me" in text for text in contact.texts())
        history = [row[0] for row in await both.rows(f"select kind from history where ticket = {number} order by id")]
        assert [kind for kind in history if kind not in {"opened", "offered", "promised", "kept"}] == [
            "claimed",
            "answered",
            "edited",
            "note",
            "ignored",
        ]
        assert await both.rows("select count(*) from inbox where status not in ('new', 'done')") == [(0,)]
