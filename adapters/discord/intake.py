"""What Discord tells, made durable: messages, edits, deletions, commands and pressed buttons."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace

import discord

from adapters.discord.at_desk import AtDesk
from adapters.discord.catching_up import CatchingUp, stream_of
from adapters.discord.failures import BROKEN
from adapters.discord.forms import filled_in, form_of
from adapters.discord.in_order import InOrder
from adapters.discord.inbound import (
    Hearing,
    asked_for,
    deletion_to_inbound,
    edit_to_inbound,
    interaction_to_inbound,
    message_to_inbound,
)
from adapters.discord.payload import ENTRY, USED, chosen_view, label_of
from adapters.discord.pending import Pending, PendingAnswers
from adapters.discord.places import is_private_thread
from adapters.discord.pressing import acknowledge, chosen_in
from adapters.discord.private_threads import PrivateThreads
from bot.errors import EmptyMessage, Refused, StoreError, TooManyMessages
from bot.messages import FORM, PRIVATE, Accepted, Cursor, Inbound
from bot.ports import Accept, Tools

log = logging.getLogger("adapters.discord")

FIRST_WAIT, LONGEST_WAIT = 0.25, 10.0
"""Seconds between two tries to store something while the store fails."""
MOST_WAITING = 5000
"""Messages in memory while the store stands still; further ones are read from their channels later."""
MOST_ASKERS = 10_000
"""Threads of which we remember who asked there."""
ALWAYS_ANSWERED = {"/status", "/human", "/end"}
"""The commands that are answered even while a person has the conversation."""
MOST_STUMBLES = 5
"""Times that a message may break us before it is left out: it would hold up its channel for ever."""


class Intake:
    """Implements client.Listener for one connection."""

    def __init__(
        self, client: discord.Client, tools: Tools, hearing: Hearing, accept: Accept, pending: PendingAnswers
    ) -> None:
        self._client, self._tools, self._hearing, self._accept = client, tools, hearing, accept
        self._pending = pending
        self._in_order = InOrder()
        self._askers: dict[int, int | None] = {}
        self._private = PrivateThreads(tools, str(hearing.me))
        self._desk = AtDesk(tools, hearing, self._in_order, self._taken)
        self.missed = CatchingUp(client, tools, str(hearing.me), self.take)
        self.is_ready = asyncio.Event()

    def began(self) -> None:
        """A new session: of what was said before it, nothing will be told."""
        self.missed.began()

    def ready(self) -> None:
        """The session's channels are known: what was said before it can be read."""
        self.missed.ready()
        self.is_ready.set()

    async def message(self, message: discord.Message) -> None:
        """Somebody wrote. Messages of one channel are taken in their order, however long one takes."""
        if len(self._in_order) >= MOST_WAITING:
            self.missed.left_out(message)
            return
        async with self._in_order(message.channel.id):
            moves = await self.missed.settled(message.channel)
            try:
                await self.take(message, moves=moves)
            except (discord.DiscordException, *BROKEN) as error:
                log.warning("a message is read again later, as Discord failed: %s", type(error).__name__)
                self.missed.left_out(message)

    async def take(self, message: discord.Message, *, moves: bool = True) -> None:
        """Store a message; with `moves`, all before it in its channel is stored too, and so is that."""
        inbound = message_to_inbound(message, self._hearing, await self._asker(message))
        if inbound is None:
            return
        cursor = Cursor(stream_of(message.channel), message.id) if moves else None
        try:
            await self._taken(replace(inbound, cursor=cursor))
            return
        except EmptyMessage:
            if self._owes_an_answer(inbound):
                await self._tell(message, "unreadable")
        except TooManyMessages as error:
            if self._owes_an_answer(inbound):
                await self._tell(message, "too_fast", seconds=str(max(1, round(error.retry_after))))
        if cursor:  # it need not be read again
            with contextlib.suppress(StoreError):
                await self._tools.places.advance(self._hearing.channel, str(self._hearing.me), cursor)

    def _owes_an_answer(self, inbound: Inbound) -> bool:
        """Not to what was only overheard, nor to agents at work."""
        return inbound.kind == "message" and inbound.address.chat != self._tools.desk

    async def _taken(self, inbound: Inbound) -> Accepted:
        """Store something, however long the store needs to recover: nobody tells us of it again. Raises Refused."""
        wait, stumbles = FIRST_WAIT, 0
        while True:
            try:
                return await self._accept(inbound)
            except Refused:
                raise
            except Exception as error:
                stumbles += not isinstance(error, StoreError)
                if stumbles >= MOST_STUMBLES:
                    raise
                log.warning("a message waits, as it could not be stored: %s", error or type(error).__name__)
            await self._tools.clock.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _asker(self, message: discord.Message) -> int | None:
        """Whose thread a message is in, if it is one in which we answer without being called."""
        thread = message.channel
        if not isinstance(thread, discord.Thread) or message.author.bot or self._hearing.is_desk(thread):
            return None
        if isinstance(thread.parent, discord.ForumChannel):
            return thread.owner_id if thread.parent_id in self._hearing.answer_in else None
        if thread.owner_id != self._hearing.me and thread.me is None:
            return None
        if is_private_thread(thread, self._hearing.me):
            return await self._private.owner(thread.id)
        if thread.id not in self._askers:
            if len(self._askers) >= MOST_ASKERS:
                del self._askers[next(iter(self._askers))]
            self._askers[thread.id] = await self._starter(thread)
        return self._askers[thread.id]

    async def _starter(self, thread: discord.Thread) -> int | None:
        """Who wrote the message that a thread hangs on; both have the same number."""
        if isinstance(thread.parent, discord.TextChannel):
            with contextlib.suppress(discord.NotFound, discord.Forbidden):  # any other failure passes by
                return (await thread.parent.fetch_message(thread.id)).author.id
        return None

    async def _tell(self, message: discord.Message, key: str, **values: str) -> None:
        text = self._tools.phrase(key, "")
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        with contextlib.suppress(discord.HTTPException):
            await message.reply(text, mention_author=False, nonce=f"told-{message.id}"[:25])

    async def edited(self, message: discord.Message) -> None:
        """A message reads otherwise now."""
        if message.author.bot or message.webhook_id or not message.edited_at:
            return
        async with self._in_order(message.channel.id):
            with contextlib.suppress(EmptyMessage, TooManyMessages):
                await self._taken(edit_to_inbound(message, self._hearing))

    async def deleted(self, channel: int, message: int) -> None:
        """A message is gone."""
        async with self._in_order(channel):
            where = self._client.get_channel(channel)
            with contextlib.suppress(discord.HTTPException):
                where = where or await self._client.fetch_channel(channel)
            person = 0
            if isinstance(where, discord.DMChannel):
                person = where.recipient.id if where.recipient else 0
            elif is_private_thread(where, self._hearing.me):
                person = await self._private.owner(channel) or 0
            if where is not None:
                with contextlib.suppress(TooManyMessages):
                    await self._taken(deletion_to_inbound(message, where, person, self._hearing))

    async def ask(self, interaction: discord.Interaction, question: str, *, everyone: bool) -> None:
        """/ask: the answer goes through the interaction, to all or to the one who asked."""
        chosen = question if question.startswith(ENTRY) else ""
        titles = dict(self._tools.entries(str(interaction.locale))) if chosen else {}
        text = titles.get(question.removeprefix(ENTRY), question)
        private = not everyone or self._hearing.is_desk(interaction.channel)  # or it would go to a ticket's contact
        await self._command(interaction, text=text, choice=chosen, private=private)

    async def command(self, interaction: discord.Interaction, name: str) -> None:
        """Any other command: what it says is the asker's own business."""
        await self._command(interaction, text=f"/{name}", choice="", private=True)

    async def _command(self, interaction: discord.Interaction, *, text: str, choice: str, private: bool) -> None:
        alone = private and interaction.guild_id is not None
        await acknowledge(interaction, ephemeral=alone, thinking=True)
        inbound = interaction_to_inbound(interaction, self._hearing, text=text, choice=choice, private=private)
        pending = Pending(interaction, alone, "original")
        self._pending.add(inbound.ref, pending)
        accepted = await self._said(interaction, inbound)
        if accepted is not None and accepted.silent and text not in ALWAYS_ANSWERED:
            await self._show_the_way(pending)

    async def _show_the_way(self, pending: Pending) -> None:
        """A person answers, and not through a command: the one who used it must not wait for that."""
        if pending.way != "original":
            return
        pending.way = "followup"
        interaction = pending.interaction
        with contextlib.suppress(discord.HTTPException):
            thread = self._client.get_channel(await self._private.of(interaction.user.id) or 0)
            where = thread if isinstance(thread, discord.Thread) else await interaction.user.create_dm()
            text = self._tools.phrase("went_private", str(interaction.locale)).replace("{link}", where.jump_url)
            await interaction.edit_original_response(content=text)

    async def _said(self, interaction: discord.Interaction, inbound: Inbound) -> Accepted | None:
        """Store what was said by an interaction; None if it was refused, of which the person is told."""
        try:
            return await self._taken(inbound)
        except TooManyMessages as error:
            text = self._tools.phrase("too_fast", str(interaction.locale))
            await self._whisper(interaction, text.replace("{seconds}", str(max(1, round(error.retry_after)))))
        except EmptyMessage:
            await self._whisper(interaction, self._tools.phrase("unreadable", str(interaction.locale)))
        return None

    async def answer_this(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """A helper wants somebody's message answered: as if its author had asked us."""
        if self._hearing.is_desk(interaction.channel):  # nobody there is a contact
            await self._refuse(interaction, "gone")
            return
        await acknowledge(interaction, ephemeral=True, thinking=True)
        asked = asked_for(message, self._hearing)
        if asked is None:
            await self._whisper(interaction, self._tools.phrase("unreadable", str(interaction.locale)))
            return
        accepted = await self._said(interaction, asked)
        if accepted is not None:
            key = "button_used" if accepted.repeat else "answer_follows"
            await self._whisper(interaction, self._tools.phrase(key, str(interaction.locale)))

    async def pressed(self, interaction: discord.Interaction) -> None:
        """A button or a menu. First of all it is acknowledged: Discord waits 3 seconds, the store perhaps longer."""
        if self._hearing.is_desk(interaction.channel) and not _is_whispered(interaction):
            await self._desk.pressed(interaction)
            return
        choice, owner = chosen_in(interaction)
        if choice == USED:
            await self._refuse(interaction, "button_used")
        elif owner and owner != str(interaction.user.id):
            await self._refuse(interaction, "button_not_yours")
        elif choice.startswith(FORM):
            names = choice.removeprefix(FORM).split(",")
            form = form_of(names, self._tools, str(interaction.locale), owner)
            with contextlib.suppress(discord.HTTPException):
                await interaction.response.send_modal(form)
        elif choice.startswith(PRIVATE):
            await self._go_private(interaction, choice.removeprefix(PRIVATE))
        else:
            await self._choose(interaction, choice)

    async def filled_in(self, interaction: discord.Interaction) -> None:
        """A form was sent off: what it says goes to the ticket like any message of the person."""
        lang = str(interaction.locale)
        await acknowledge(interaction, ephemeral=interaction.guild_id is not None, thinking=True)
        text = filled_in(dict(interaction.data or {}), self._tools, lang)
        inbound = interaction_to_inbound(interaction, self._hearing, text=text, private=True)
        if await self._said(interaction, replace(inbound, ref="")) is not None:
            await self._whisper(interaction, self._tools.phrase("form_sent", lang))

    async def desk_command(self, interaction: discord.Interaction) -> None:
        """A command of agents."""
        await self._desk.command(interaction)

    async def _refuse(self, interaction: discord.Interaction, key: str) -> None:
        text = self._tools.phrase(key, str(interaction.locale))
        with contextlib.suppress(discord.HTTPException):
            await interaction.response.send_message(text, ephemeral=interaction.guild_id is not None)

    async def _go_private(self, interaction: discord.Interaction, payload: str) -> None:
        await acknowledge(interaction, ephemeral=interaction.guild_id is not None, thinking=True)
        inbound = interaction_to_inbound(interaction, self._hearing, text=f"/start {payload}", private=True)
        self._pending.add(inbound.ref, Pending(interaction, interaction.guild_id is not None, "original"))
        await self._said(interaction, inbound)

    async def _choose(self, interaction: discord.Interaction, choice: str) -> None:
        await acknowledge(interaction)
        whispered = _is_whispered(interaction)
        inbound = interaction_to_inbound(interaction, self._hearing, choice=choice, private=whispered)
        if whispered:
            self._pending.add(inbound.ref, Pending(interaction, True, "followup"))
        accepted = await self._said(interaction, inbound)
        if accepted is not None and accepted.repeat:
            await self._whisper(interaction, self._tools.phrase("button_used", str(interaction.locale)))
        elif accepted is not None and interaction.message is not None:
            label = label_of(interaction.message, choice)
            with contextlib.suppress(discord.HTTPException):
                await interaction.edit_original_response(view=chosen_view(label) if label else None)

    async def _whisper(self, interaction: discord.Interaction, text: str) -> None:
        with contextlib.suppress(discord.HTTPException):
            await interaction.followup.send(text, ephemeral=interaction.guild_id is not None)


def _is_whispered(interaction: discord.Interaction) -> bool:
    """Whether the pressed button is one that only this person sees: an answer to a contact's command."""
    return interaction.message is not None and interaction.message.flags.ephemeral
