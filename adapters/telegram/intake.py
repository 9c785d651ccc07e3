"""What Telegram tells, made durable: messages, pressed buttons, and what happens to chats."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from telegram import Bot, CallbackQuery, Chat, Update
from telegram.error import TelegramError

from adapters.telegram.desk import log_moved, warn_of_desk
from adapters.telegram.inbound import (
    Hearing,
    Membership,
    Migrated,
    TopicClosed,
    is_anothers,
    label_of,
    press_to_inbound,
    to_inbound,
)
from adapters.telegram.payload import USED, chosen_keyboard
from bot.errors import EmptyMessage, Refused, StoreError, TooManyMessages
from bot.messages import Accepted, Inbound
from bot.ports import Accept, Tools

log = logging.getLogger("adapters.telegram")

MOST_STUMBLES = 3
"""Times that an update may break us before it is left out: it would hold up everybody behind it for ever."""
AFTER_STUMBLE = 0.05
"""Seconds before it is tried again."""
TELL_EVERY = 10.0
"""Seconds between two messages to somebody who writes too fast."""

Answered = Callable[[Inbound, Accepted], None]


class Intake:
    """Takes raw updates. `on_accepted` is told of every message of a contact that is durable, and `on_closed` of every
    topic of the desk that somebody closed."""

    def __init__(
        self,
        bot: Bot,
        tools: Tools,
        hearing: Hearing,
        accept: Accept,
        on_accepted: Answered,
        on_closed: Callable[[int], None],
    ) -> None:
        self._bot, self._tools, self._hearing = bot, tools, hearing
        self._accept, self._on_accepted, self._on_closed = accept, on_accepted, on_closed
        self._told: dict[str, float] = {}
        self._errands: set[asyncio.Task[None]] = set()

    async def take_all(self, updates: Sequence[dict[str, Any]]) -> None:
        """Make updates durable: one chat's in their order, different chats beside each other."""
        chats: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for update in updates:
            chats[_chat_of(update)].append(update)
        done = await asyncio.gather(*map(self._take_in_order, chats.values()), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _take_in_order(self, updates: Sequence[dict[str, Any]]) -> None:
        for update in updates:
            await self.take(update)

    async def take(self, raw: dict[str, Any]) -> None:
        """Make one update durable, or leave it out if we can't. Raises StoreError; then it must come again."""
        update = readable(raw, self._bot)
        for stumbles in range(1, MOST_STUMBLES + 1):
            try:
                await self._update(update)
                return
            except StoreError:
                raise
            except Exception:  # our bug: those behind it must not wait for ever
                if stumbles == MOST_STUMBLES:
                    log.exception("an update of Telegram's can't be taken and is left out: kinds %s", sorted(raw))
                else:
                    await self._tools.clock.sleep(AFTER_STUMBLE)

    async def _update(self, update: Update) -> None:
        if update.callback_query is not None:
            await self._pressed(update.callback_query)
            return
        meant = to_inbound(update, self._hearing)
        match meant:
            case Inbound() if meant.address.chat == self._hearing.desk:
                await self._at_desk(meant)
            case Inbound():
                await self._message(meant)
            case TopicClosed(topic):
                self._on_closed(topic)
            case Migrated(old, new):
                await self._tools.places.moved(self._hearing.channel, str(old), str(new))
                if str(old) == self._hearing.desk:
                    log_moved(old, new)
            case Membership():
                await self._membership(meant)

    async def _at_desk(self, inbound: Inbound) -> None:
        """What agents say and press. What is not taken (a poll, a flood) is no reason to talk into their work."""
        try:
            await self._accept(inbound)
        except Refused as refusal:
            log.info("something at the desk was not taken: %s", type(refusal).__name__)

    async def _message(self, inbound: Inbound) -> None:
        try:
            accepted = await self._accept(inbound)
        except TooManyMessages as error:
            self._tell_slower(inbound, error.retry_after)
        except EmptyMessage:  # a poll, a game: nothing that can be kept
            if inbound.kind == "message":
                self._errand(self._say(inbound, "unreadable"))
        else:
            self._on_accepted(inbound, accepted)

    def _tell_slower(self, inbound: Inbound, wait: float) -> None:
        """Somebody writes too fast: tell them, but not at every message."""
        now, key = self._tools.clock.steady(), f"{inbound.address.chat}:{inbound.sender.id}"
        self._told = {other: at for other, at in self._told.items() if now - at < TELL_EVERY}
        if inbound.kind == "message" and key not in self._told:
            self._told[key] = now
            self._errand(self._say(inbound, "too_fast", seconds=str(max(1, round(wait)))))

    async def _pressed(self, query: CallbackQuery) -> None:
        inbound, lang = press_to_inbound(query, self._hearing), query.from_user.language_code or ""
        if inbound is not None and inbound.address.chat == self._hearing.desk:
            await self._at_desk(inbound)
            self._errand(self._answer(query, ""))
        elif inbound is None or query.data == USED:
            self._errand(self._answer(query, self._tools.phrase("button_used", lang)))
        elif is_anothers(query):
            self._errand(self._answer(query, self._tools.phrase("button_not_yours", lang)))
        else:
            await self._choice(query, inbound, lang)

    async def _choice(self, query: CallbackQuery, inbound: Inbound, lang: str) -> None:
        try:
            accepted = await self._accept(inbound)
        except TooManyMessages as error:
            text = self._tools.phrase("too_fast", lang).replace("{seconds}", str(max(1, round(error.retry_after))))
            self._errand(self._answer(query, text))
            return
        if accepted.repeat:
            self._errand(self._answer(query, self._tools.phrase("button_used", lang)))
            return
        self._on_accepted(replace(inbound, at=0.0), accepted)
        self._errand(self._answer(query, ""))
        self._errand(self._show_choice(query))

    async def _answer(self, query: CallbackQuery, text: str) -> None:
        await query.answer(text or None)

    async def _show_choice(self, query: CallbackQuery) -> None:
        """Leave of the buttons only the one that was pressed."""
        label = label_of(query)
        if label and query.message is not None:
            await self._bot.edit_message_reply_markup(
                query.message.chat.id, query.message.message_id, reply_markup=chosen_keyboard(label)
            )

    async def _membership(self, change: Membership) -> None:
        chat, private = change.chat, change.chat.type == Chat.PRIVATE
        if self._hearing.is_desk(chat):
            self._errand(warn_of_desk(self._bot, self._hearing.me, self._hearing.desk))
        if change.was_here and not change.is_here:
            why = "the bot was blocked by the user" if private else "the bot was removed from the group"
            await self._tools.places.gone(self._hearing.channel, str(chat.id), why)
        elif change.is_here and not change.was_here and not private and not self._hearing.is_desk(chat):
            text = self._tools.phrase("group_hello", "").replace("{bot}", f"@{self._hearing.me.username}")
            self._errand(self._send(chat.id, text))
        log.info("the bot is %s in a %s chat", "now" if change.is_here else "no longer", chat.type)

    async def _say(self, inbound: Inbound, key: str, **values: str) -> None:
        text = self._tools.phrase(key, inbound.sender.lang)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        await self._send(int(inbound.address.chat), text, inbound.address.thread)

    async def _send(self, chat: int, text: str, thread: str = "") -> None:
        await self._bot.send_message(chat, text, message_thread_id=int(thread) if thread else None)

    def _errand(self, errand: Awaitable[None]) -> None:
        """Do something that may fail and that nobody waits for."""
        task = asyncio.create_task(_tried(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def finish(self) -> None:
        """End the errands."""
        for task in self._errands:
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)


async def _tried(errand: Awaitable[None]) -> None:
    try:
        await errand
    except TelegramError as error:  # an answer to a press that came too late, a chat that is gone
        log.info("Telegram did not take a courtesy: %s", type(error).__name__)


def readable(raw: dict[str, Any], bot: Bot | None) -> Update:
    """An update as the library reads it; what it can't read, without the one field that it stumbles over.

    A Bot API server that is older or newer than the library may leave something out, or mean something else by it.
    """
    try:
        return Update.de_json(raw, bot)
    except Exception as error:  # whatever it raises, it would raise it again
        reason = type(error).__name__
    for kind, content in raw.items():
        for field in content if isinstance(content, dict) else ():
            rest = {key: value for key, value in content.items() if key != field}
            with contextlib.suppress(Exception):
                update = Update.de_json({**raw, kind: rest}, bot)
                log.warning("%s.%s of an update of Telegram's can't be read: %s", kind, field, reason)
                return update
    log.error("an update of Telegram's can't be read and is left out: kinds %s", sorted(raw))
    return Update(int(raw.get("update_id", 0)))


def _chat_of(raw: dict[str, Any]) -> int:
    """The chat of a raw update, 0 where it has none that we can read."""
    about = raw.get("callback_query") or raw
    for kind in ("message", "edited_message", "my_chat_member"):
        with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
            return int(about[kind]["chat"]["id"])
    return 0
