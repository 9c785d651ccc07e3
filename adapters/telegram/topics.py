"""A topic of the desk's forum for each ticket: opened when its first message is sent, and opened again when closed."""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict
from dataclasses import replace

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from adapters.telegram.failures import delivery_error, is_closed, is_gone, is_unchanged, lacks_topics
from adapters.telegram.markup import units
from bot.errors import RetryLater, TemporaryFailure, ThreadGone, Uncertain
from bot.messages import NEW_THREAD, Address, Outbound

log = logging.getLogger("adapters.telegram")

LONGEST_TITLE = 128
"""Characters of a topic's title; counted as Telegram counts lengths, where an emoji is two."""
AFTER_LACKING = 30.0
"""Seconds until a topic is tried to be opened again that could not be: somebody has to turn topics on, or give the bot
the right to open them. Until then the tickets wait; they are not lost for the desk."""
MOST_REMEMBERED = 1000
"""Topics opened here that are remembered by the address under which they were asked for."""


class Topics:
    """The topics of one forum.

    Who opens a topic and then fails to send must not open another one, so what was opened is remembered. Whether a
    topic is closed is only told when it changes, and an administrator may write in a closed one without noticing; so
    before the first message each is opened again, which does nothing where it is open.
    """

    def __init__(self, bot: Bot, desk: str) -> None:
        self._bot, self._desk = bot, desk
        self._opened: OrderedDict[Address, int] = OrderedDict()
        self._ready: set[int] = set()
        """Topics that are open, as far as we know."""

    async def place(self, outbound: Outbound) -> Address:
        """Where a message goes: in a topic that is there and open. Raises ThreadGone and the library's exceptions."""
        address = outbound.address
        if not address.thread:
            return address
        if not address.thread.startswith(NEW_THREAD):
            await self._make_ready(int(address.thread))
            return address
        if address in self._opened:
            with contextlib.suppress(ThreadGone):  # then it is forgotten, and another one opened
                await self._make_ready(self._opened[address])
        topic = self._opened.get(address) or await self._open(outbound)
        return replace(address, thread=str(topic))

    async def _open(self, outbound: Outbound) -> int:
        try:
            title = short_title(outbound.title) or outbound.address.thread
            topic = (await self._bot.create_forum_topic(int(self._desk), title)).message_thread_id
        except TelegramError as error:
            if lacks_topics(error):
                raise RetryLater(AFTER_LACKING, f"no topic can be opened in the desk group: {error}") from None
            meaning = delivery_error(error)
            if isinstance(meaning, Uncertain):  # at worst an empty topic is left; the message itself was not sent
                raise TemporaryFailure(f"the topic may not have been opened: {meaning}") from None
            raise
        self._opened[outbound.address] = topic
        self._ready.add(topic)
        if len(self._opened) > MOST_REMEMBERED:
            self._opened.popitem(last=False)
        return topic

    async def _make_ready(self, topic: int) -> None:
        if topic in self._ready:
            return
        try:
            await self.reopen(topic)
        except BadRequest as error:  # it may be open all the same; a send will show
            log.warning("a topic of the desk can't be opened again: %s", error)
            self._ready.add(topic)

    async def reopen(self, topic: int) -> None:
        """Let a topic take messages; 0 is the general one. Raises ThreadGone and the library's exceptions."""
        try:
            if topic:
                await self._bot.reopen_forum_topic(int(self._desk), topic)
            else:
                await self._bot.reopen_general_forum_topic(int(self._desk))
        except BadRequest as error:
            if is_gone(error):
                raise self.gone(topic) from None
            if not is_unchanged(error):
                raise
        self._ready.add(topic)

    async def close(self, address: Address) -> None:
        """Close a topic, if it is there and open. Raises the library's exceptions."""
        topic = self._opened.get(address, 0) if address.thread.startswith(NEW_THREAD) else int(address.thread or 0)
        if not topic:
            return
        try:
            await self._bot.close_forum_topic(int(self._desk), topic)
        except BadRequest as error:
            if not (is_gone(error) or is_unchanged(error) or is_closed(error)):
                raise
        self.was_closed(topic)

    def was_closed(self, topic: int) -> None:
        """Somebody closed a topic."""
        self._ready.discard(topic)

    def gone(self, topic: int) -> ThreadGone:
        """What it means that a topic was deleted; it is forgotten."""
        self._ready.discard(topic)
        self._opened = OrderedDict((asked, it) for asked, it in self._opened.items() if it != topic)
        return ThreadGone(f"the topic {topic} of the desk was deleted")


def short_title(title: str) -> str:
    """A title that Telegram takes: in one line, and cut where it is too long."""
    title = " ".join(title.split())
    if units(title) <= LONGEST_TITLE:
        return title
    while units(title) > LONGEST_TITLE - 1:
        title = title[:-1]
    return f"{title.rstrip()}…"
