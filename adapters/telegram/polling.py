"""Long polling: our own loop, as the library's confirms updates before anybody has handled them.

An update counts as confirmed as soon as Telegram is asked for the ones behind it; so they are made durable first.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError

from adapters.telegram.failures import channel_down, wait_of
from bot.ports import Clock

log = logging.getLogger("adapters.telegram")

LONGEST_POLL = 25
"""Seconds that Telegram keeps a poll open when there is nothing; proxies often cut at 30 or 60."""
MOST_UPDATES = 100
"""Updates in one answer; Telegram gives no more."""
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
MOST_FAILURES = 6
"""Failed polls in a row after which the channel counts as down; the waits between them add up to half a minute."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0

Take = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]
"""Makes raw updates durable. If it raises, none of them is confirmed, and all come again."""


async def poll(bot: Bot, clock: Clock, take: Take) -> None:
    """Take updates for ever. Raises ChannelDown when Telegram refuses, or can't be reached for long."""
    await _leave_webhook(bot)
    offset: int | None = None
    failures = 0
    while True:
        try:
            updates = await _updates(bot, offset)
            failures = 0
        except RetryAfter as error:
            await clock.sleep(wait_of(error))
            continue
        except TelegramError as error:
            failures += 1
            if not isinstance(error, NetworkError) or failures >= MOST_FAILURES:
                raise channel_down(error) from None
            log.warning("polling failed: %s", channel_down(error))
            await clock.sleep(min(FIRST_WAIT * 2**failures, LONGEST_WAIT))
            continue
        if updates:
            await take(updates)
            offset = max(int(update["update_id"]) for update in updates) + 1


async def _leave_webhook(bot: Bot) -> None:
    """Polling and a webhook exclude each other; what waits is kept."""
    try:
        if (await bot.get_webhook_info()).url:
            await bot.delete_webhook(drop_pending_updates=False)
    except TelegramError as error:
        raise channel_down(error) from None


async def _updates(bot: Bot, offset: int | None) -> list[dict[str, Any]]:
    """The next updates as Telegram wrote them.

    Not `get_updates`: it understands all of them or none, so that one that the library can't read would come for ever.
    The odd name is the only one under which the library gives raw answers without a warning.
    """
    wanted: dict[str, Any] = {"timeout": LONGEST_POLL, "limit": MOST_UPDATES, "allowed_updates": ALLOWED}
    if offset is not None:
        wanted["offset"] = offset
    found = await bot.do_api_request("get_Updates", wanted, read_timeout=LONGEST_POLL + 10)
    return list(found)
