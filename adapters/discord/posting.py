"""Puts our messages where they belong: through the interaction, in private, in a thread, in a forum post."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import discord

from adapters.discord import acts
from adapters.discord.desk import LONGEST_NAME, DeskPosting
from adapters.discord.failures import CLOSED_DMS, HAS_THREAD, UNKNOWN_CHANNEL
from adapters.discord.files import ready, with_files
from adapters.discord.options import Options
from adapters.discord.payload import to_payload
from adapters.discord.pending import Pending, PendingAnswers
from adapters.discord.places import is_private_thread, number_of, person_of, ref_of, target_of, where_said
from adapters.discord.private_threads import PrivateThreads
from bot.errors import Undeliverable
from bot.messages import NEW_THREAD, Address, Outbound, Receipt
from bot.ports import Tools

log = logging.getLogger("adapters.discord")

EXPIRED = {10008, 10015, 10062, 50027}
"""Discord's error codes for an interaction that takes no answer any more."""
MOST_TAGS = 5
"""On a forum's post."""


class Posting:
    """Sends through one connection. Raises the library's exceptions, and DeliveryError."""

    def __init__(self, client: discord.Client, options: Options, tools: Tools, pending: PendingAnswers) -> None:
        self._client, self._options, self._tools, self._pending = client, options, tools, pending
        self._me = client.user.id if client.user else 0
        self._private = PrivateThreads(tools, str(self._me))

    async def post(self, outbound: Outbound) -> Receipt:
        """Send one message to where its conversation is, or do to an earlier one what is to be done."""
        if self._is_for_desk(outbound):
            return await DeskPosting(self._client, self._tools).post(outbound)
        if outbound.act != "send":
            await self._act(outbound)
            return Receipt(outbound.target)
        return await self._send(outbound)

    def _is_for_desk(self, outbound: Outbound) -> bool:
        """Whether agents are to see it: at the desk of now, or at one that was configured before."""
        at, thread = outbound.address.chat, outbound.address.thread
        return at == self._tools.desk or thread.startswith(NEW_THREAD) or outbound.act in {"mark", "close"}

    async def _act(self, outbound: Outbound) -> None:
        """Change or delete what was said to a contact."""
        number = number_of(outbound.target)
        if number is None:
            raise Undeliverable("there is no such message")
        where = await self._where_said(outbound)
        if outbound.act == "edit":
            await acts.change(self._client, where, number, to_payload(outbound, self._tools.colour))
        else:
            await acts.take_away(self._client, where, number)

    async def _where_said(self, outbound: Outbound) -> acts.Where:
        """Where the message is that an act is about."""
        thread, person = where_said(outbound.target), person_of(outbound.address)
        if thread is None and person is not None:
            return await self._client.create_dm(discord.Object(person))
        return self._client.get_partial_messageable(thread or target_of(outbound.address))

    async def _send(self, outbound: Outbound) -> Receipt:
        payload = to_payload(outbound, self._tools.colour)
        person = person_of(outbound.address)
        if outbound.files:
            payload = await with_files(payload, outbound.files, await self._guild(outbound.address), self._tools.fetch)
        by_hand = outbound.author == "agent"
        pending = None if outbound.files or by_hand else self._pending.get(outbound.reply_to)
        # A person who takes over answers in a place that lasts; what only one reader sees is gone at the next start.
        lasting = pending is not None and pending.alone and outbound.kind == "handed_over"
        if pending is not None and not lasting:
            receipt = await self._through(pending, payload, outbound.reply_to)
            if receipt is not None:
                return receipt
        if person is not None:
            message = await self._privately(person, outbound, payload)
            if pending is not None and lasting:
                await self._point_to(pending, message)
            return Receipt(ref_of(message.id, message.channel, self._me))
        return await self._in_server(outbound, payload)

    async def _guild(self, address: Address) -> discord.Guild | None:
        """The server that an address is in; a person is in none."""
        if person_of(address) is not None:
            return None
        guild: discord.Guild = (await self._channel(target_of(address))).guild
        return guild

    async def _through(self, pending: Pending, payload: dict[str, Any], ref: str) -> Receipt | None:
        """Answer an interaction; None if it takes no answer any more."""
        way, pending.way = pending.way, "followup"
        try:
            if way == "original":
                message: discord.Message = await pending.interaction.edit_original_response(**payload)
            else:
                message = await pending.interaction.followup.send(**payload, ephemeral=pending.alone, wait=True)
        except Exception as error:
            pending.way = way
            if not isinstance(error, discord.HTTPException) or error.code not in EXPIRED:
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

    async def _privately(self, person: int, outbound: Outbound, payload: dict[str, Any]) -> discord.Message:
        """Send a direct message; where those are closed, in a private thread of the channel that the person was in.

        What was written in a private thread is answered there.
        """
        where = where_said(outbound.reply_to)
        here = self._client.get_channel(where) if where else None
        if isinstance(here, discord.Thread) and is_private_thread(here, self._me):
            return await here.send(**ready(payload), **_quoting(outbound, here.id), nonce=outbound.key)
        user = discord.Object(person)
        try:
            chat = await self._client.create_dm(user)
            return await chat.send(**ready(payload), **_quoting(outbound, chat.id), nonce=outbound.key)
        except discord.Forbidden as error:
            if error.code != CLOSED_DMS:
                raise
            thread = await self._their_thread(user) or await self._new_thread(user, here)
            if thread is None:
                raise
        return await thread.send(**ready(payload), nonce=outbound.key)

    async def _their_thread(self, user: discord.Object) -> discord.Thread | None:
        """The private thread opened for somebody before, if it is still there."""
        id_ = await self._private.of(user.id)
        if id_ is None:
            return None
        try:
            thread: discord.Thread = await self._channel(id_)
        except discord.HTTPException as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
            return None
        return thread

    async def _new_thread(self, user: discord.Object, where: object) -> discord.Thread | None:
        """A private thread with somebody, in the channel that they were in; None where there can't be one."""
        channel = where.parent if isinstance(where, discord.Thread) else where
        if not isinstance(channel, discord.TextChannel):
            return None
        try:
            thread = await channel.create_thread(
                name=self._tools.brand[:LONGEST_NAME], type=discord.ChannelType.private_thread, invitable=False
            )
            await thread.add_user(user)
        except discord.Forbidden:
            raise Undeliverable(
                f"{user.id} takes no direct messages, and the bot may not open private threads in #{channel.name}"
            ) from None
        await self._private.keep(user.id, thread.id)
        return thread

    async def _channel(self, id_: int) -> Any:
        return self._client.get_channel(id_) or await self._client.fetch_channel(id_)

    async def _in_server(self, outbound: Outbound, payload: dict[str, Any]) -> Receipt:
        where = await self._channel(target_of(outbound.address))
        asked = int(outbound.reply_to) if outbound.reply_to.isdecimal() else None
        if asked is not None and isinstance(where, discord.TextChannel) and self._gets_thread(where, outbound):
            thread = await self._thread_of(where, asked)
            if thread is not None:
                message = await thread.send(**ready(payload), nonce=outbound.key)
                place = Address(outbound.address.channel, outbound.address.chat, str(thread.id))
                return Receipt(str(message.id), place)
        if asked is not None and asked != where.id:  # a post's own text needs no quoting
            payload["reference"] = discord.MessageReference(
                message_id=asked, channel_id=where.id, fail_if_not_exists=False
            )
            payload["mention_author"] = False
        message = await where.send(**ready(payload), nonce=outbound.key)
        if isinstance(where, discord.Thread):
            await self._tag(where, outbound.kind)
        return Receipt(str(message.id))

    def _gets_thread(self, where: discord.TextChannel, outbound: Outbound) -> bool:
        """Not for chatter: only an answer, or the wish for a person, is worth a thread."""
        return where.id in self._options.answer_in and outbound.kind in {"answer", "handed_over"}

    async def _thread_of(self, channel: discord.TextChannel, asked: int) -> discord.Thread | None:
        """The thread that hangs on a question, opened if there is none; None where the bot may not open one."""
        try:
            question = await channel.fetch_message(asked)
        except (discord.NotFound, discord.Forbidden):
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
            if thread.me is None:  # so that we hear the one who asked, though it is not our thread
                await thread.join()
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
        if tag is None or tag in post.applied_tags or len(kept) >= MOST_TAGS:
            return
        try:
            await post.edit(applied_tags=[*kept, tag])
        except discord.HTTPException as error:  # the answer is there; the tag is a comfort
            log.warning("a post in #%s could not be tagged: %s", forum.name, error.status)


def _quoting(outbound: Outbound, where: int) -> dict[str, Any]:
    """In private it is plain what the bot answers; an agent who quotes means just that message."""
    asked = number_of(outbound.reply_to)
    if outbound.author != "agent" or asked is None:
        return {}
    quoted = discord.MessageReference(message_id=asked, channel_id=where, fail_if_not_exists=False)
    return {"reference": quoted, "mention_author": False}
