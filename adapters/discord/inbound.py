"""What Discord tells as ours: pure translation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import discord

from adapters.discord.places import place_of, private_place
from bot.messages import Address, Cursor, File, FileKind, Inbound, InboundKind, Sender

SPOKEN = {discord.MessageType.default, discord.MessageType.reply}
"""The types of messages that people write; all others tell of the channel."""
INTERACTION = "i"
"""How the reference of something said by a command or a button begins; messages have plain numbers."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the translation needs to know of us: the channel, our account there, and where we answer unasked."""

    channel: str
    me: int
    answer_in: Collection[int]


def message_to_inbound(message: discord.Message, hearing: Hearing, asker: int | None) -> Inbound | None:
    """What a message means for us; None if nothing. `asker` is whose thread it is in, if it is a thread of ours."""
    if message.author.bot or message.webhook_id or message.type not in SPOKEN:
        return None
    kind = kind_of(message, hearing, asker)
    if kind is None:
        return None
    return Inbound(
        address=place_of(hearing.channel, message.channel, message.author.id),
        account=str(hearing.me),
        external_id=f"m{message.id}",
        sender=sender_of(message.author),
        text=without_mention(message.content, hearing.me),
        at=message.created_at.timestamp(),
        kind=kind,
        files=tuple(map(to_file, message.attachments)) + tuple(map(sticker_to_file, message.stickers)),
        ref=str(message.id),
        reply_to=str(message.reference.message_id or "") if message.reference else "",
        public=is_public(message.channel),
        cursor=Cursor(str(message.channel.id), message.id),
    )


def is_public(where: object) -> bool:
    """Whether others read along."""
    private = isinstance(where, discord.Thread) and where.is_private()
    return getattr(where, "guild", None) is not None and not private


def kind_of(message: discord.Message, hearing: Hearing, asker: int | None) -> InboundKind | None:
    """Whether a message is meant for us, overheard, or nothing to us."""
    if message.guild is None or any(user.id == hearing.me for user in message.mentions):
        return "message"
    answered = message.reference.resolved if message.reference else None
    if isinstance(answered, discord.Message) and answered.author.id == hearing.me:
        return "message"
    if isinstance(message.channel, discord.Thread):
        return "message" if asker == message.author.id and not message.mentions and not message.reference else None
    if message.channel.id in hearing.answer_in and not message.reference and not message.mentions:
        return "overheard"
    return None


def edit_to_inbound(message: discord.Message, hearing: Hearing) -> Inbound:
    """A message as it is now."""
    when = message.edited_at or message.created_at
    return Inbound(
        address=place_of(hearing.channel, message.channel, message.author.id),
        account=str(hearing.me),
        external_id=f"e{message.id}:{when.timestamp()}",
        sender=sender_of(message.author),
        text=without_mention(message.content, hearing.me),
        at=when.timestamp(),
        kind="edit",
        ref=str(message.id),
        public=is_public(message.channel),
    )


def deletion_to_inbound(message: int, where: Address, hearing: Hearing) -> Inbound:
    """A message was deleted; Discord does not say by whom."""
    return Inbound(
        address=where,
        account=str(hearing.me),
        external_id=f"d{message}",
        sender=Sender(""),
        kind="deletion",
        ref=str(message),
    )


def interaction_to_inbound(
    interaction: discord.Interaction, hearing: Hearing, *, text: str = "", choice: str = "", private: bool
) -> Inbound:
    """A command or a pressed button, said where everybody reads along or, with `private`, to us alone.

    The buttons of a message can be used once, so all presses on it have one id. The reference names the interaction,
    and where it was, as the answer goes through it, or there if the person can't be written to.
    """
    pressed = interaction.message if interaction.type is discord.InteractionType.component else None
    where = private_place(hearing.channel, interaction.user.id)
    if not private:
        where = place_of(hearing.channel, interaction.channel, interaction.user.id)
    return Inbound(
        address=where,
        account=str(hearing.me),
        external_id=f"p{pressed.id}" if pressed is not None and choice else f"i{interaction.id}",
        sender=Sender(str(interaction.user.id), interaction.user.display_name, str(interaction.locale)),
        text=text,
        choice=choice,
        ref=f"{INTERACTION}{interaction.id}@{interaction.channel_id or 0}",
        public=not private and is_public(interaction.channel),
    )


def sender_of(author: discord.User | discord.Member) -> Sender:
    """A person as we know people."""
    return Sender(str(author.id), author.display_name)


def without_mention(text: str, me: int) -> str:
    """A text without the bot's name in it, which is no part of the question."""
    for mark in (f"<@{me}>", f"<@!{me}>"):
        text = text.replace(mark, " ")
    return text.strip()


def to_file(attachment: discord.Attachment) -> File:
    """An attachment; Discord's addresses expire, so its message is asked for a fresh one when it is needed."""
    type_ = (attachment.content_type or "").partition(";")[0]
    return File(str(attachment.id), _kind(type_, attachment), attachment.filename, type_, attachment.size)


def _kind(type_: str, attachment: discord.Attachment) -> FileKind:
    if attachment.is_voice_message():
        return "voice"
    kinds: dict[str, FileKind] = {"image": "photo", "video": "video", "audio": "audio"}
    return kinds.get(type_.partition("/")[0], "document")


def sticker_to_file(sticker: discord.StickerItem) -> File:
    """A sticker."""
    return File(str(sticker.id), "sticker", sticker.name)
