"""What Discord tells as ours: pure translation."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import discord

from adapters.discord.files import file_id
from adapters.discord.places import is_private_thread, is_within, place_of, private_place, ref_of
from bot.messages import File, FileKind, Inbound, InboundKind, Sender

SPOKEN = {discord.MessageType.default, discord.MessageType.reply}
"""The types of messages that people write; all others tell of the channel."""
INTERACTION = "i"
"""How the reference of something said by a command or a button begins; messages have plain numbers."""

_EMOJI = re.compile(r"<a?(:\w+:)\d+>")
"""A server's own emoji, of which only the name can be read."""
_FORMATTED = re.compile(r"[*_`]|~~|\]\(|^(?:>|#{1,3}|-|\d+\.) ", re.MULTILINE)
"""What Discord makes bold, a list and so on."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the translation needs to know of us: the channel, our account there, and where we answer unasked.

    `desk` is the channel or forum in which agents work, 0 for none: all that people say there is meant for us.
    """

    channel: str
    me: int
    answer_in: Collection[int]
    desk: int = 0

    def is_desk(self, where: object) -> bool:
        """Whether agents work here."""
        return is_within(where, self.desk, self.me)


def message_to_inbound(message: discord.Message, hearing: Hearing, asker: int | None) -> Inbound | None:
    """What a message means for us; None if nothing. `asker` is whose thread it is in, if it is a thread of ours."""
    if message.author.bot or message.webhook_id or message.type not in SPOKEN:
        return None
    kind = kind_of(message, hearing, asker)
    if kind is None:
        return None
    quoted = message.reference.message_id if message.reference else None
    text = text_of(message, hearing)
    return Inbound(
        address=place_of(hearing.channel, message.channel, message.author.id, hearing.me),
        account=str(hearing.me),
        external_id=f"m{message.id}",
        sender=sender_of(message.author),
        text=text,
        markdown=markdown_of(text),
        at=message.created_at.timestamp(),
        kind=kind,
        files=files_of(message),
        ref=ref_of(message.id, message.channel, hearing.me),
        reply_to=ref_of(quoted, message.channel, hearing.me) if quoted else "",
        public=is_public(message.channel),
    )


def asked_for(message: discord.Message, hearing: Hearing) -> Inbound | None:
    """A message that somebody else wants answered, as if its author had asked us; None if there is nothing to read."""
    if message.author.bot or message.webhook_id or message.type not in SPOKEN or not message.content:
        return None
    return Inbound(
        address=place_of(hearing.channel, message.channel, message.author.id, hearing.me),
        account=str(hearing.me),
        external_id=f"a{message.id}",
        sender=sender_of(message.author),
        text=text_of(message, hearing),
        at=message.created_at.timestamp(),
        files=files_of(message),
        ref=ref_of(message.id, message.channel, hearing.me),
        public=is_public(message.channel),
    )


def is_public(where: object) -> bool:
    """Whether others read along."""
    private = isinstance(where, discord.Thread) and where.is_private()
    return getattr(where, "guild", None) is not None and not private


def kind_of(message: discord.Message, hearing: Hearing, asker: int | None) -> InboundKind | None:
    """Whether a message is meant for us, overheard, or nothing to us."""
    if is_private_thread(message.channel, hearing.me):
        return "message" if asker == message.author.id else None
    if hearing.is_desk(message.channel):
        return "message"
    if message.guild is None or _is_called(message, hearing.me):
        return "message"
    answered = message.reference.resolved if message.reference else None
    if isinstance(answered, discord.Message) and answered.author.id == hearing.me:
        return "message"
    if isinstance(message.channel, discord.Thread):
        to_others = (message.mentions or message.reference) and not _begins_post(message)
        return "message" if asker == message.author.id and not to_others else None
    if message.channel.id in hearing.answer_in and not message.reference and not message.mentions:
        return "overheard"
    return None


def _is_called(message: discord.Message, me: int) -> bool:
    """Whether the bot is mentioned: by its name or by its role, which Discord offers side by side."""
    return any(user.id == me for user in message.mentions) or any(mark in message.content for mark in _role(message))


def _role(message: discord.Message) -> tuple[str, ...]:
    role = message.guild.self_role if message.guild else None
    return (role.mention,) if role else ()


def _begins_post(message: discord.Message) -> bool:
    where = message.channel
    return (
        isinstance(where, discord.Thread)
        and isinstance(where.parent, discord.ForumChannel)
        and (where.id == message.id)
    )


def text_of(message: discord.Message, hearing: Hearing) -> str:
    """What somebody wrote to us, without our name; the title of a forum's post is part of what is asked."""
    text = without_mention(message.content, hearing.me, *_role(message))
    if hearing.is_desk(message.channel):
        return _with_names(text, message)  # not the title, which is ours
    if _begins_post(message) and isinstance(message.channel, discord.Thread):
        title = message.channel.name.strip()
        if title.casefold() in text.casefold():
            return text
        end = "" if not title[-1:].isalnum() else "." if title.isascii() else "。"
        return f"{title}{end}\n\n{text}".strip()
    return text


def _with_names(text: str, message: discord.Message) -> str:
    """A text in which people are called by name, as it may be read on another platform."""
    for user in message.mentions:
        for mark in (f"<@{user.id}>", f"<@!{user.id}>"):
            text = text.replace(mark, f"@{user.display_name}")
    return text


def markdown_of(text: str) -> str:
    """The text as Markdown, which it is on Discord; empty where nothing in it is formatted."""
    return text if _FORMATTED.search(text) else ""


def files_of(message: discord.Message) -> tuple[File, ...]:
    """What came with a message."""
    attached = (to_file(attachment, file_id(message, attachment.id)) for attachment in message.attachments)
    return (*attached, *map(sticker_to_file, message.stickers))


def edit_to_inbound(message: discord.Message, hearing: Hearing) -> Inbound:
    """A message as it is now."""
    when = message.edited_at or message.created_at
    text = text_of(message, hearing)
    return Inbound(
        address=place_of(hearing.channel, message.channel, message.author.id, hearing.me),
        account=str(hearing.me),
        external_id=f"e{message.id}:{when.timestamp()}",
        sender=sender_of(message.author),
        text=text,
        markdown=markdown_of(text),
        at=when.timestamp(),
        kind="edit",
        files=files_of(message),
        ref=ref_of(message.id, message.channel, hearing.me),
        public=is_public(message.channel),
    )


def deletion_to_inbound(message: int, where: object, person: int, hearing: Hearing) -> Inbound:
    """A message was deleted; Discord does not say by whom.

    So nobody's pace is measured by it: a moderator may delete a hundred at once.
    """
    return Inbound(
        address=place_of(hearing.channel, where, person, hearing.me),
        account=str(hearing.me),
        external_id=f"d{message}",
        sender=Sender(f"d{message}"),
        kind="deletion",
        ref=ref_of(message, where, hearing.me),
    )


def interaction_to_inbound(
    interaction: discord.Interaction, hearing: Hearing, *, text: str = "", choice: str = "", private: bool
) -> Inbound:
    """A command or a pressed button, said where everybody reads along or, with `private`, to us alone.

    The buttons of a message can be used once, so all presses on it have one id. The reference names the interaction,
    and where it was, as the answer goes through it, or there if the person can't be written to; of a button where all
    read along it is the question that made us offer it, as the answer is one to that.
    """
    pressed = interaction.message if interaction.type is discord.InteractionType.component else None
    where = private_place(hearing.channel, interaction.user.id)
    ref = f"{INTERACTION}{interaction.id}@{interaction.channel_id or 0}"
    if not private:
        where = place_of(hearing.channel, interaction.channel, interaction.user.id, hearing.me)
    public = not private and is_public(interaction.channel)
    if public and pressed is not None and pressed.type is discord.MessageType.reply and pressed.reference:
        ref = str(pressed.reference.message_id or ref)
    return Inbound(
        address=where,
        account=str(hearing.me),
        external_id=f"p{pressed.id}" if pressed is not None and choice else f"i{interaction.id}",
        sender=Sender(str(interaction.user.id), interaction.user.display_name, str(interaction.locale)),
        text=text,
        choice=choice,
        ref=ref,
        public=public,
    )


def from_desk(interaction: discord.Interaction, hearing: Hearing, *, text: str = "", choice: str = "") -> Inbound:
    """A command or a pressed button at the desk. Buttons there can be used again and again, by everybody.

    The reference is the message that has the button; a command is no message that anybody sees.
    """
    pressed = interaction.message if choice else None
    return Inbound(
        address=place_of(hearing.channel, interaction.channel, interaction.user.id, hearing.me),
        account=str(hearing.me),
        external_id=f"i{interaction.id}",
        sender=Sender(str(interaction.user.id), interaction.user.display_name, str(interaction.locale)),
        text=text,
        choice=choice,
        at=interaction.created_at.timestamp(),
        ref=str(pressed.id) if pressed is not None else "",
        public=is_public(interaction.channel),
    )


def sender_of(author: discord.User | discord.Member) -> Sender:
    """A person as we know people."""
    return Sender(str(author.id), author.display_name)


def without_mention(text: str, me: int, *roles: str) -> str:
    """A text without the bot's name in it, which is no part of the question."""
    for mark in (f"<@{me}>", f"<@!{me}>", *roles):
        text = text.replace(mark, " ")
    return _EMOJI.sub(r"\1", text).strip()


def to_file(attachment: discord.Attachment, id_: str) -> File:
    """An attachment, under the id by which it can be found again: Discord's addresses expire."""
    type_ = (attachment.content_type or "").partition(";")[0]
    return File(id_, _kind(type_, attachment), attachment.filename, type_, attachment.size)


def _kind(type_: str, attachment: discord.Attachment) -> FileKind:
    if attachment.is_voice_message():
        return "voice"
    kinds: dict[str, FileKind] = {"image": "photo", "video": "video", "audio": "audio"}
    return kinds.get(type_.partition("/")[0], "document")


def sticker_to_file(sticker: discord.StickerItem) -> File:
    """A sticker."""
    return File(str(sticker.id), "sticker", sticker.name)
