"""A forum in which agents work, an adapter that serves it, and what the core would get of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Accepted, Address, Inbound, Outbound, Receipt
from bot.ports import Adapter
from tests.adapters.driver import module, tools
from tests.stands.telegram import BotAccount, BotApi, Group, Person, Sent
from tests.telegram.running import TOKEN, options

FORUM = Group(-1002, "Desk", forum=True)
BO, CY = Person(11, "Bo", "bo_of_the_desk", "en"), Person(12, "Cy", lang="zh")
CONTACT = Person(5, "Ann", lang="en")
GENERAL = Address("telegram", str(FORUM.id))
NEW = Address("telegram", str(FORUM.id), "#7")
AT_CONTACT = Address("telegram", str(CONTACT.id))
NEARLY_FULL = "| a | b |\n|---|---|\n| yyyyyyyy | x |\n" + "\n".join(f"| {n} | x |" for n in range(1, 311))
"""A table of 3,648 characters, of which Telegram shows 4,068 when its columns are padded: nearly all it takes."""


class Desk:
    """The desk's forum. `taken` is what the core accepted; `refusal` is raised instead, if there is one."""

    def __init__(self, api: BotApi, bot: BotAccount, group: Group) -> None:
        self.api, self.bot, self.group = api, bot, group
        self.room = api.room(group)
        self.taken: list[Inbound] = []
        self.refusal: Exception | None = None
        self.adapter: Adapter
        self._keys = 0

    async def accept(self, inbound: Inbound) -> Accepted:
        self.taken.append(inbound)
        if self.refusal is not None:
            raise self.refusal
        return Accepted(1, len(self.taken))

    async def heard(self, count: int = 1) -> list[Inbound]:
        """What was accepted, once all that people did was taken; it must be so many."""
        await self.bot.eventually(lambda: self.bot.polled and not self.bot.pending, "all updates taken")
        assert len(self.taken) == count, self.taken
        return self.taken

    async def send(self, text: str = "", place: Address = NEW, **how: Any) -> Receipt:
        """Send one message, under a key of its own."""
        self._keys += 1
        how.setdefault("title", "#7 Ann: withdrawal")
        return await self.adapter.send(Outbound(how.pop("key", f"key-{self._keys}"), place, text, **how))

    async def opened(self, text: str = "brief") -> Address:
        """The place of a new ticket's topic."""
        receipt = await self.send(text)
        assert receipt.address is not None
        return receipt.address

    @property
    def last(self) -> Sent:
        return self.bot.last(self.group.id)

    def methods(self, *besides: str) -> list[str]:
        """What was asked of Telegram, but for what every run asks."""
        usual = {"getMe", "getUpdates", "getWebhookInfo", "getMyCommands", "setMyCommands", "getChat", *besides}
        return [call.method for call in self.bot.calls if call.method not in {*usual, "get_Updates", "getChatMember"}]


@asynccontextmanager
async def working(group: Group = FORUM, **other: Any) -> AsyncIterator[Desk]:
    """A desk whose adapter can send; it does not listen yet. Its pace is tested elsewhere, and would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        telegram = module("telegram")
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        patch.setattr("adapters.telegram.pace.PER_GROUP_MINUTE", 1000)
        async with BotApi() as api:
            desk = Desk(api, api.add_bot(TOKEN, "frontdesk_bot"), group)
            api.meet(CONTACT)
            for person in (BO, CY):
                desk.room.members[person.id] = person
            usual: dict[str, Any] = {"desk": str(group.id), "uploads": None}
            desk.adapter = telegram.Adapter(
                options(api, answer_in=other.pop("answer_in", [])), tools("telegram", **usual | other)
            )
            try:
                yield desk
            finally:
                await desk.adapter.close()


def in_thread(thread: int) -> Address:
    """The place of a topic."""
    return replace(GENERAL, thread=str(thread))
