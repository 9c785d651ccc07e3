"""People in front of a running Frontdesk: one service for a file of tests, and new people and groups for each test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from tests.adapters.driver import module
from tests.stands.telegram import BotAccount, BotApi, Group, Person, Sent
from tests.telegram.running import TOKEN, frontdesk, options, rows

NAME = "frontdesk_bot"
QUESTION, ANSWER = "My withdrawal has not arrived", "Wallet > History"
UNKNOWN, UNKNOWN_ANSWER = "what is the weather like today", "I don't know"
_numbers = itertools.count(1000)


class Service:
    """A running Frontdesk and its stand-in."""

    def __init__(self, api: BotApi, bot: BotAccount, app: App) -> None:
        self.api, self.bot, self.app = api, bot, app

    def person(self, name: str = "Ann", lang: str = "en") -> Person:
        """Somebody new, who has opened the chat with the bot."""
        who = Person(next(_numbers), name, lang=lang)
        self.api.meet(who)
        return who

    def group(self, *, forum: bool = False, kind: str = "supergroup") -> Group:
        """A new group with the bot in it."""
        group = Group(-next(_numbers), "Traders", forum, kind)
        self.api.meet(group)
        return group

    async def shown(self, chat: Person | Group, count: int = 1) -> list[Sent]:
        """All that the bot said in a chat, once it is `count` messages."""
        await self.bot.eventually(lambda: len(self.bot.shown(chat.id)) >= count, f"{count} messages in {chat.id}")
        found = self.bot.shown(chat.id)
        assert len(found) == count, [sent.text for sent in found]
        return found

    async def ask(self, who: Person, text: str, chat: Group | None = None, **how: Any) -> Sent:
        """Somebody writes: the next message of the bot in this chat."""
        before = len(self.bot.shown((chat or who).id))
        self.bot.says(who, text, chat, **how)
        return (await self.shown(chat or who, before + 1))[-1]

    async def press(self, who: Person, on: Sent, label: str, chat: Group | None = None, **how: Any) -> str:
        """Somebody presses a button: what pops up in return."""
        query = self.bot.presses(who, on.message_id, label, chat, **how)
        return (await self.bot.eventually(lambda: self.bot.answered.get(query), "an answer to the press")).text

    async def quiet(self, chat: Person | Group, count: int = 0) -> None:
        """Nothing more comes in a chat: somebody who asked later is answered, and it still has `count` messages."""
        await self.ask(self.person("Marker"), "/help")
        found = self.bot.shown(chat.id)
        assert len(found) == count, [sent.text for sent in found]

    async def taken(self) -> None:
        """Telegram was told that all updates are durable."""
        await self.bot.eventually(lambda: not self.bot.pending, "all updates confirmed")

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return list(await rows(self.app, sql))

    async def until(self, sql: str, wanted: list[tuple[Any, ...]]) -> None:
        """Wait until the database holds this."""
        found = await self.rows(sql)
        deadline = asyncio.get_running_loop().time() + 10
        while found != wanted:
            assert asyncio.get_running_loop().time() < deadline, f"{sql}: {found} instead of {wanted}"
            await asyncio.sleep(0.005)
            found = await self.rows(sql)

    async def conversation(self, who: Person, chat: Group | None = None) -> int:
        """The number of somebody's conversation."""
        sql = "select conversation.id from conversation join contact on contact.id = contact"
        return int((await self.rows(f"{sql} where sender = '{who.id}' and chat = '{(chat or who).id}'"))[0][0])


@asynccontextmanager
async def serving(folder: Path, answer_in: list[int] | None = None, **settings: Any) -> AsyncIterator[Service]:
    """A service that is not paced: what that does is tested by itself, and here it would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        module("telegram")  # the library is imported only where it is used
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        patch.setattr("adapters.telegram.pace.PER_GROUP_MINUTE", 1000)
        async with BotApi() as api:
            bot = api.add_bot(TOKEN, NAME)
            channels = {"telegram": options(api, answer_in=answer_in or [])}
            async with frontdesk(folder, channels, **settings) as app:
                yield Service(api, bot, app)
