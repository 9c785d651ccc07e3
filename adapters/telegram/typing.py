"""Shows that the bot is typing while an answer takes longer than a second."""

from __future__ import annotations

import asyncio
import contextlib

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.messages import Address
from bot.ports import Clock

PATIENCE = 1.0
"""Seconds after which somebody wonders whether anybody is there."""
SHOWN_FOR = 4.5
"""Seconds until it must be said again; Telegram shows it for 5."""
MOST_TIMES = 4
"""Nobody types for ever: after this the answer waits for something that typing should not hide."""


class Typing:
    """One hint a chat, from a message until the answer to it is sent."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot, self._clock = bot, clock
        self._waiting: dict[Address, asyncio.Task[None]] = {}

    def expect(self, address: Address) -> None:
        """An answer is being worked on."""
        if address not in self._waiting:
            task = asyncio.create_task(self._show(address))
            self._waiting[address] = task
            task.add_done_callback(lambda _: self._waiting.pop(address, None))

    def answered(self, address: Address) -> None:
        """The answer is about to be sent."""
        task = self._waiting.get(address)
        if task is not None:
            task.cancel()

    async def _show(self, address: Address) -> None:
        await self._clock.sleep(PATIENCE)
        for _ in range(MOST_TIMES):
            with contextlib.suppress(TelegramError):
                thread = int(address.thread) if address.thread else None
                await self._bot.send_chat_action(int(address.chat), ChatAction.TYPING, message_thread_id=thread)
            await self._clock.sleep(SHOWN_FOR)

    async def finish(self) -> None:
        """End all hints."""
        tasks = list(self._waiting.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
