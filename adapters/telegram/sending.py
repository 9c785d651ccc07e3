"""What is sent: messages, and what is done to earlier ones. The library's exceptions become ours here."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from telegram import Bot, Message, ReactionTypeEmoji, User
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from adapters.telegram.desk import Names, log_moved
from adapters.telegram.failures import (
    delivery_error,
    has_other_text,
    is_closed,
    is_deleted,
    is_gone,
    is_unchanged,
    refuses_markup,
    wait_of,
)
from adapters.telegram.markup import seen_units
from adapters.telegram.pace import Pace
from adapters.telegram.payload import as_plain, caption_of, place_of, to_payload
from adapters.telegram.sending_files import send_files
from adapters.telegram.topics import Topics
from bot.errors import TemporaryFailure, ThreadGone, Uncertain, Undeliverable
from bot.messages import Address, Outbound, Receipt
from bot.ports import Tools

log = logging.getLogger("adapters.telegram")

LONGEST_CAPTION = 1024
"""UTF-16 units that Telegram shows below a file."""
MARKS = {"sent": "👌", "delayed": "😴", "failed": "💔"}
"""How an agent sees what became of a message. Telegram lets bots use only some emoji, so none of the usual ticks."""
MOST_ALBUMS = 1000
"""Messages made of several whose parts are remembered, to be deleted together."""

Send = Callable[[dict[str, Any]], Awaitable[Sequence[Message]]]


class Sending:
    """Sends, edits, deletes and marks for one bot account, with the chats' pace.

    `on_turn` is told of an address when a message to it is just about to be sent.
    """

    def __init__(self, bot: Bot, tools: Tools, pace: Pace, topics: Topics, on_turn: Callable[[Address], None]) -> None:
        self._bot, self._tools, self._pace, self._topics, self._on_turn = bot, tools, pace, topics, on_turn
        self._names = Names(bot, tools.desk)
        self._albums: OrderedDict[tuple[str, int], list[int]] = OrderedDict()
        self._halves: OrderedDict[str, Message] = OrderedDict()
        """Texts, by the key of their message, whose files are still to be sent."""
        self._no_marks = False

    async def send(self, outbound: Outbound, me: User) -> Receipt:
        """Do what is asked. Raises DeliveryError."""
        try:
            return await self._do(outbound, me)
        except RetryAfter as error:
            self._pace.pause(int(outbound.address.chat), wait_of(error))
            raise delivery_error(error) from None
        except ChatMigrated as error:
            if self._is_at_desk(outbound):
                log_moved(outbound.address.chat, error.new_chat_id)
            raise delivery_error(error) from None
        except TelegramError as error:
            meaning = delivery_error(error)
            if isinstance(meaning, Uncertain) and outbound.act != "send":  # once more does no harm
                raise TemporaryFailure(str(meaning)) from None
            raise meaning from None

    def _is_at_desk(self, outbound: Outbound) -> bool:
        return outbound.address.chat == self._tools.desk

    async def _do(self, outbound: Outbound, me: User) -> Receipt:
        if outbound.act != "send":
            self._pace.respect_pause(int(outbound.address.chat))
        match outbound.act:
            case "send" if self._is_at_desk(outbound):
                return await self._send_to_desk(outbound, me)
            case "send":
                return await self._post(outbound, me)
            case "edit":
                await self._edit(outbound, me)
            case "delete":
                await self._delete(outbound)
            case "mark":
                await self._mark(outbound)
            case "close":
                await self._topics.close(outbound.address)
        return Receipt(outbound.target)

    # Messages

    async def _send_to_desk(self, outbound: Outbound, me: User) -> Receipt:
        """A message in its topic, of which the receipt tells if it was not there yet. Raises ThreadGone."""
        place = await self._topics.place(outbound)
        there = replace(outbound, address=place)
        try:
            receipt = await self._post_in_topic(there, me)
        except ThreadGone:
            if place == outbound.address:
                raise
            place = await self._topics.place(outbound)  # that one was opened at an earlier attempt: now another one is
            receipt = await self._post_in_topic(replace(outbound, address=place), me)
        return receipt if place == outbound.address else replace(receipt, address=place)

    async def _post_in_topic(self, outbound: Outbound, me: User) -> Receipt:
        """A message in a topic, which is opened again if it was closed meanwhile. Raises ThreadGone."""
        topic = int(outbound.address.thread or 0)
        try:
            return await self._post(outbound, me)
        except BadRequest as error:
            if topic and is_gone(error):
                raise self._topics.gone(topic) from None
            if not is_closed(error):
                raise
        await self._topics.reopen(topic)
        return await self._post(outbound, me)

    async def _post(self, outbound: Outbound, me: User) -> Receipt:
        outbound, called = await self._prepared(outbound)
        payload = to_payload(outbound, me.username or "", called)
        messages = await self._legible(payload, as_plain(payload, outbound, called), self._way(outbound))
        ids = [message.message_id for message in messages]
        self._remember(outbound.address.chat, ids)
        return Receipt(str(ids[0]))

    async def _prepared(self, outbound: Outbound) -> tuple[Outbound, list[tuple[int, str]]]:
        """The message as its readers see it, and whom it calls. At the desk the text itself says who wrote."""
        if not self._is_at_desk(outbound):
            return outbound, []
        return replace(outbound, author="bot"), await self._names.of(outbound.mentions)

    @asynccontextmanager
    async def _turn(self, address: Address) -> AsyncIterator[None]:
        async with self._pace.turn(int(address.chat)):
            self._on_turn(address)
            yield

    def _way(self, outbound: Outbound) -> Send:
        async def text(payload: dict[str, Any]) -> Sequence[Message]:
            return [await self._send_text(outbound, payload)]

        async def files(payload: dict[str, Any]) -> Sequence[Message]:
            return await self._send_files(outbound, payload)

        return files if outbound.files else text

    async def _legible(self, payload: dict[str, Any], plain: dict[str, Any], send: Send) -> Sequence[Message]:
        """Better without markup than not at all. Ours is legal, so a server that refuses it sees it differently."""
        try:
            return await send(payload)
        except BadRequest as error:
            if not refuses_markup(error):
                raise
            log.warning("Telegram refused the markup of a message; it is sent as plain text: %s", error)
            return await send(plain)

    async def _send_text(self, outbound: Outbound, payload: dict[str, Any]) -> Message:
        async with self._turn(outbound.address):
            return await self._bot.send_message(**payload)

    async def _send_files(self, outbound: Outbound, payload: dict[str, Any]) -> Sequence[Message]:
        """Files with their text and buttons below them, or above them where there is no room for those."""
        place, first = place_of(payload), []
        is_long = seen_units(payload["text"]) > LONGEST_CAPTION
        if payload["text"] and (is_long or ("reply_markup" in payload and len(outbound.files) > 1)):
            if outbound.key not in self._halves:
                self._halves[outbound.key] = await self._send_text(outbound, payload)
                _bound(self._halves)
            first, payload = [self._halves[outbound.key]], {**place, "text": ""}
        async with self._turn(outbound.address):
            sent = await send_files(
                self._bot, outbound, self._tools.fetch, place, caption_of(payload, len(outbound.files))
            )
        self._halves.pop(outbound.key, None)
        return [*first, *sent]

    def _remember(self, chat: str, ids: list[int]) -> None:
        if len(ids) > 1:
            self._albums[chat, ids[0]] = ids
            _bound(self._albums)

    # What is done to earlier messages

    async def _edit(self, outbound: Outbound, me: User) -> None:
        """Give a message of ours another text. One with files has a caption, and we may not know which it is."""
        outbound, called = await self._prepared(outbound)
        payload = to_payload(outbound, me.username or "", called)
        number = _number(outbound.target)

        async def change(payload: dict[str, Any]) -> Sequence[Message]:
            try:
                await self._change(payload, number, is_caption=bool(outbound.files))
            except BadRequest as error:
                if not has_other_text(error):
                    raise
                await self._change(payload, number, is_caption=not outbound.files)
            return ()

        try:
            await self._legible(payload, as_plain(payload, outbound, called), change)
        except BadRequest as error:
            if not is_unchanged(error):
                raise

    async def _change(self, payload: dict[str, Any], number: int, *, is_caption: bool) -> None:
        chat, mode, buttons = payload["chat_id"], payload["parse_mode"], payload.get("reply_markup")
        if is_caption:
            await self._bot.edit_message_caption(
                chat, number, caption=payload["text"], parse_mode=mode, reply_markup=buttons
            )
        else:
            await self._bot.edit_message_text(
                payload["text"], chat, number, parse_mode=mode, reply_markup=buttons, disable_web_page_preview=True
            )

    async def _delete(self, outbound: Outbound) -> None:
        chat, number = outbound.address.chat, _number(outbound.target)
        ids = self._albums.pop((chat, number), [number])
        try:
            if len(ids) > 1:
                await self._bot.delete_messages(int(chat), ids)
            else:
                await self._bot.delete_message(int(chat), number)
        except BadRequest as error:
            if not is_deleted(error):
                raise

    async def _mark(self, outbound: Outbound) -> None:
        """Show what became of an agent's message; where a group allows no reactions, nothing is shown."""
        reaction = ReactionTypeEmoji(MARKS[outbound.text])
        try:
            await self._bot.set_message_reaction(int(outbound.address.chat), _number(outbound.target), reaction)
        except BadRequest as error:
            if not is_deleted(error) and not self._no_marks:
                self._no_marks = True
                log.warning(
                    "what became of agents' messages can't be shown in the desk group (%s): allow reactions there, %s",
                    error,
                    " ".join(MARKS.values()),
                )


def _number(target: str) -> int:
    """Telegram's number of an earlier message."""
    if not target.isdigit():
        raise Undeliverable(f"there is no message {target!r} on Telegram")
    return int(target)


def _bound(some: OrderedDict[Any, Any]) -> None:
    if len(some) > MOST_ALBUMS:
        some.popitem(last=False)
