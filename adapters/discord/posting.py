"""Puts our messages where they belong: through the interaction, in private, in a thread, in a forum post."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import discord

from adapters.discord.failures import CLOSED_DMS, HAS_THREAD
from adapters.discord.inbound import INTERACTION
from adapters.discord.options import Options
from adapters.discord.payload import to_payload
from adapters.discord.pending import Pending, PendingAnswers
from adapters.discord.places import person_of, target_of
from bot.errors import Undeliverable
from bot.messages import Address, Outbound, Receipt
from bot.ports import Tools

log = logging.getLogger("adapters.discord")

LONGEST_NAME = 100
"""Characters of a thread's name."""
EXPIRED = {10008, 10015, 10062, 50027}
"""Discord's error codes for an interaction that takes no answer any more."""


class Posting:
    """Sends through one connection. Raises the library's exceptions, and DeliveryError."""

    def __init__(self, client: discord.Client, options: Options, tools: Tools, pending: PendingAnswers) -> None:
        self._client, self._options, self._tools, self._pending = client, options, tools, pending

    async def post(self, outbound: Outbound) -> Receipt:
        """Send one message to where its conversation is."""
        payload = to_payload(outbound, self._tools.colour)
        person = person_of(outbound.address)
        pending = self._pending.get(outbound.reply_to) if outbound.reply_to.startswith(INTERACTION) else None
        # A person who takes over answers in a place that lasts; what only one reader sees is gone at the next start.
        lasting = pending is not None and pending.alone and outbound.kind == "handed_over"
        if pending is not None and not lasting:
            receipt = await self._through(pending, payload, outbound.reply_to)
            if receipt is not None:
                return receipt
        if person is not None:
            message, moved = await self._privately(person, outbound, payload)
            if pending is not None and lasting:
                await self._point_to(pending, message)
            return Receipt(str(message.id), moved)
        return await self._in_server(outbound, payload)

    async def _through(self, pending: Pending, payload: dict[str, Any], ref: str) -> Receipt | None:
        """Answer an interaction; None if it takes no answer any more."""
        try:
            if pending.way == "original":
                message: discord.Message = await pending.interaction.edit_original_response(**payload)
                pending.way = "followup"
            else:
                message = await pending.interaction.followup.send(**payload, ephemeral=pending.alone, wait=True)
        except discord.HTTPException as error:
            if error.code not in EXPIRED:
                raise
            self._pending.drop(ref)
            return None
        return Receipt(str(message.id))

    async def _point_to(self, pending: Pending, message: discord.Message) -> None:
        """Say where the question was asked that the answer is in private."""
        lang = str(pending.interaction.locale)
        text = self._tools.phrase("went_private", lang).replace("{link}", message.jump_url)
        with contextlib.suppress(discord.HTTPException):
            if pending.way == "original":
                await pending.interaction.edit_original_response(content=text)
                pending.way = "followup"
            else:
                await pending.interaction.followup.send(text, ephemeral=pending.alone)

    async def _privately(
        self, person: int, outbound: Outbound, payload: dict[str, Any]
    ) -> tuple[discord.Message, Address | None]:
        """Send a direct message; where those are closed, open a private thread in the channel the person was in."""
        user = self._client.get_user(person) or await self._client.fetch_user(person)
        try:
            return await user.send(**payload, nonce=outbound.key), None
        except discord.Forbidden as error:
            origin = await self._origin(outbound.reply_to) if error.code == CLOSED_DMS else None
            if origin is None:
                raise
        try:
            thread = await origin.create_thread(
                name=self._tools.brand[:LONGEST_NAME], type=discord.ChannelType.private_thread, invitable=False
            )
            await thread.add_user(user)
        except discord.Forbidden:
            raise Undeliverable(
                f"{person} takes no direct messages, and the bot may not open private threads in #{origin.name}"
            ) from None
        place = Address(outbound.address.channel, str(origin.id), str(thread.id))
        return await thread.send(**payload, nonce=outbound.key), place

    async def _origin(self, ref: str) -> discord.TextChannel | None:
        """The channel that an interaction came from, in which a private thread can be opened."""
        id_ = ref.partition("@")[2] if ref.startswith(INTERACTION) else ""
        where = await self._channel(int(id_)) if id_.isdecimal() else None
        if isinstance(where, discord.Thread):
            where = where.parent
        return where if isinstance(where, discord.TextChannel) else None

    async def _channel(self, id_: int) -> Any:
        return self._client.get_channel(id_) or await self._client.fetch_channel(id_)

    async def _in_server(self, outbound: Outbound, payload: dict[str, Any]) -> Receipt:
        where = await self._channel(target_of(outbound.address))
        asked = int(outbound.reply_to) if outbound.reply_to.isdecimal() else None
        if asked is not None and isinstance(where, discord.TextChannel) and where.id in self._options.answer_in:
            thread = await self._thread_of(where, asked)
            if thread is not None:
                message = await thread.send(**payload, nonce=outbound.key)
                place = Address(outbound.address.channel, outbound.address.chat, str(thread.id))
                return Receipt(str(message.id), place)
        if asked is not None and asked != where.id:  # a post's own text needs no quoting
            payload["reference"] = discord.MessageReference(
                message_id=asked, channel_id=where.id, fail_if_not_exists=False
            )
            payload["mention_author"] = False
        message = await where.send(**payload, nonce=outbound.key)
        if isinstance(where, discord.Thread):
            await self._tag(where, outbound.kind)
        return Receipt(str(message.id))

    async def _thread_of(self, channel: discord.TextChannel, asked: int) -> discord.Thread | None:
        """The thread that hangs on a question, opened if there is none; None where the bot may not open one."""
        try:
            question = await channel.fetch_message(asked)
        except discord.NotFound:
            return None
        name = self._tools.phrase("thread_name", "").replace("{name}", question.author.display_name)
        try:
            return await question.create_thread(name=name[:LONGEST_NAME])
        except discord.Forbidden:
            log.warning("the bot may not open threads in #%s; it answers in the channel", channel.name)
            return None
        except discord.HTTPException as error:
            if error.code != HAS_THREAD:
                raise
            thread: discord.Thread = await self._channel(asked)  # a message and its thread have the same number
            return thread

    async def _tag(self, post: discord.Thread, kind: str) -> None:
        """Show on a forum's post whether it was answered or waits for a person."""
        forum = post.parent
        if not isinstance(forum, discord.ForumChannel) or forum.id not in self._options.answer_in or not kind:
            return
        names = self._options.answered_tag.casefold(), self._options.human_tag.casefold()
        wanted = names[0] if kind == "answer" else names[1]
        tag = next((tag for tag in forum.available_tags if tag.name.casefold() == wanted), None)
        kept = [tag for tag in post.applied_tags if tag.name.casefold() not in names]
        if tag is None or tag in post.applied_tags:
            return
        try:
            await post.edit(applied_tags=[*kept, tag][:5])
        except discord.HTTPException as error:  # the answer is there; the tag is a comfort
            log.warning("a post in #%s could not be tagged: %s", forum.name, error.status)
