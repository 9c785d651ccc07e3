"""The desk on Discord: a thread or a forum's post for each ticket, opened, found again, reopened and closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import discord
from discord.channel import ThreadWithMessage

from adapters.discord import acts
from adapters.discord.failures import GONE, SHUT, UNKNOWN_CHANNEL
from adapters.discord.files import UPLOADS, ready, with_files
from adapters.discord.payload import SPACE, to_payload
from adapters.discord.places import number_of
from bot.errors import ThreadGone, Undeliverable
from bot.messages import NEW_THREAD, Address, Delivery, Outbound, Receipt
from bot.ports import Tools

LONGEST_NAME = 100
"""Characters of a thread's name."""
A_WEEK: Final = 10_080
"""Minutes without a word after which Discord archives a thread; the longest that there is."""
LOOKED_AT = 50
"""Messages at the beginning of a thread among which ours would be, if it was sent."""
NO_PLACE = "the desk's channel is neither a text channel nor a forum; correct it in the configuration"
NO_GENERAL = "a forum has no place beside its posts"

Place = discord.TextChannel | discord.ForumChannel


class DeskPosting:
    """Sends to agents through one connection. Raises the library's exceptions, and DeliveryError."""

    def __init__(self, client: discord.Client, tools: Tools) -> None:
        self._client, self._tools = client, tools
        self._me = client.user.id if client.user else 0

    async def post(self, outbound: Outbound) -> Receipt:
        """Send one message, or do to an earlier one what is to be done."""
        thread = outbound.address.thread
        if outbound.act == "send":
            return await (self._open(outbound) if thread.startswith(NEW_THREAD) else self._send(outbound))
        if not thread.startswith(NEW_THREAD):  # in a thread that is not there, there is nothing to do
            await (self._close(outbound.address) if outbound.act == "close" else self._act(outbound))
        return Receipt(outbound.target)

    async def _send(self, outbound: Outbound) -> Receipt:
        where = await self._there(outbound.address)
        payload = await self._payload(outbound, where.guild)
        asked = number_of(outbound.reply_to)
        if asked is not None:
            payload["reference"] = discord.MessageReference(
                message_id=asked, channel_id=where.id, fail_if_not_exists=False
            )
            payload["mention_author"] = False
        if isinstance(where, discord.Thread) and where.locked:
            await where.edit(archived=False, locked=False)
        try:
            message = await where.send(**ready(payload), nonce=outbound.key)
        except discord.HTTPException as error:
            if error.code == UNKNOWN_CHANNEL:
                raise await self._lost(outbound.address, error) from None
            if error.code not in SHUT or not isinstance(where, discord.Thread):
                raise
            await where.edit(archived=False, locked=False)
            message = await where.send(**ready(payload), nonce=outbound.key)
        return Receipt(str(message.id))

    async def _there(self, address: Address) -> discord.TextChannel | discord.Thread:
        """Where a message is posted. Raises ThreadGone where that was deleted, but not the channel around it."""
        try:
            where = await self._channel(int(address.thread or address.chat))
        except discord.NotFound as error:
            raise await self._lost(address, error) from None
        if isinstance(where, discord.ForumChannel):
            raise Undeliverable(NO_GENERAL)
        if not isinstance(where, discord.TextChannel | discord.Thread):
            raise Undeliverable(NO_PLACE)
        return where

    async def _lost(self, address: Address, error: discord.HTTPException) -> Exception:
        """What it means that a place is not there. Raises the library's exception if the whole desk is lost."""
        if error.code != UNKNOWN_CHANNEL or not address.thread:
            return error
        await self._client.fetch_channel(int(address.chat))
        return ThreadGone()

    async def _channel(self, id_: int) -> object:
        return self._client.get_channel(id_) or await self._client.fetch_channel(id_)

    async def _payload(self, outbound: Outbound, guild: discord.Guild) -> dict[str, Any]:
        payload = to_payload(outbound, self._tools.colour, at_desk=True)
        if outbound.files:
            payload = await with_files(payload, outbound.files, guild, self._tools.fetch)
        return payload

    async def _open(self, outbound: Outbound) -> Receipt:
        """Open a ticket's thread with its first message; an earlier attempt may have come so far or further."""
        parent = await self._channel(int(outbound.address.chat))
        if not isinstance(parent, Place):
            raise Undeliverable(NO_PLACE)
        payload = await self._payload(outbound, parent.guild)
        thread, message = await self._begun(parent, outbound.address.thread, payload)
        if thread is None:
            thread, message = await self._opened(parent, outbound, payload)
        if message is None:
            message = await thread.send(**ready(payload), nonce=outbound.key)
        address = outbound.address
        return Receipt(str(message.id), Address(address.channel, address.chat, str(thread.id)))

    async def _opened(
        self, parent: Place, outbound: Outbound, payload: dict[str, Any]
    ) -> tuple[discord.Thread, discord.Message | None]:
        """A new thread; a forum's post has its first message from the beginning."""
        name = " ".join(outbound.title.split())[:LONGEST_NAME] or outbound.address.thread
        if isinstance(parent, discord.ForumChannel):
            more = ready(payload) | {"applied_tags": parent.available_tags[:1] if parent.flags.require_tag else []}
            made: ThreadWithMessage = await parent.create_thread(name=name, auto_archive_duration=A_WEEK, **more)
            return made.thread, made.message
        kind = discord.ChannelType.public_thread
        return await parent.create_thread(name=name, type=kind, auto_archive_duration=A_WEEK), None

    async def _begun(
        self, parent: Place, number: str, payload: dict[str, Any]
    ) -> tuple[discord.Thread | None, discord.Message | None]:
        """The thread that an earlier attempt opened for this ticket, and the message if that is in it already.

        One in which we said something else is of a ticket that had the same number in another database.
        """
        for thread in await self._named(parent, number):
            said = [
                message
                async for message in thread.history(limit=LOOKED_AT, oldest_first=True)
                if message.author.id == self._me and not message.is_system()
            ]
            same = next((message for message in said if _is(message, payload)), None)
            if same is not None or not said:
                return thread, same
        return None, None

    async def _named(self, parent: Place, number: str) -> Sequence[discord.Thread]:
        """Our open threads there whose names begin with a ticket's number; asked for, as we may not be told yet."""
        return [
            thread
            for thread in await parent.guild.active_threads()
            if thread.parent_id == parent.id and thread.owner_id == self._me and thread.name.split()[:1] == [number]
        ]

    async def _close(self, address: Address) -> None:
        try:
            thread = await self._channel(int(address.thread))
            if isinstance(thread, discord.Thread) and not thread.archived:
                await thread.edit(archived=True)
        except discord.HTTPException as error:
            if error.code not in {*GONE, *SHUT}:
                raise

    async def _act(self, outbound: Outbound) -> None:
        """Change, delete or mark a message. Where it is gone there is nothing to change any more."""
        number = number_of(outbound.target)
        if number is None:
            return
        where = self._client.get_partial_messageable(int(outbound.address.thread or outbound.address.chat))
        try:
            if outbound.act == "edit":
                await acts.change(self._client, where, number, to_payload(outbound, self._tools.colour, at_desk=True))
            elif outbound.act == "delete":
                await acts.take_away(self._client, where, number)
            else:
                await acts.mark(self._client, where, number, cast(Delivery, outbound.text))
        except discord.NotFound as error:
            if error.code not in GONE:
                raise


def _is(message: discord.Message, payload: dict[str, Any]) -> bool:
    """Whether a message is the one that would be sent."""
    embed: discord.Embed | None = payload.get("embed")
    shown = [embed.description for embed in message.embeds]
    return (
        message.content == (payload.get("content") or "").strip(f" \n{SPACE}")
        and (embed is None or embed.description in shown)
        and len(message.attachments) == len(payload.get(UPLOADS, ()))
    )
