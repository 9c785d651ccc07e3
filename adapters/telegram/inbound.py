"""Telegram's updates as ours: pure translation."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from telegram import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    MessageEntity,
    Update,
    User,
)

from adapters.telegram.formatting import to_markdown
from bot.messages import Address, File, FileKind, Inbound, Sender

ANONYMOUS_ADMIN = 1087968824
"""Telegram's GroupAnonymousBot, in whose name a group's administrators write when they hide theirs."""
CHANNEL_OWNER = 136817688
"""Telegram's Channel_Bot, in whose name people write in groups as one of their channels."""
FILES: Sequence[tuple[str, FileKind]] = (
    ("document", "document"),
    ("voice", "voice"),
    ("audio", "audio"),
    ("video", "video"),
    ("video_note", "video"),
    ("sticker", "sticker"),
)
"""Where a message holds a file, and what we call it. An animation is a document, too."""
HERE = frozenset({"member", "administrator", "creator", "restricted"})
"""A bot's status in a chat that it can write in."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the translation needs to know of us: the channel, our account there, and what is meant for us in a group.

    `desk` is the group in which agents work, "" for none: all that people say there is meant for us.
    """

    channel: str
    me: User
    commands: Collection[str]
    answer_in: Collection[int]
    desk: str = ""

    def is_desk(self, chat: Chat) -> bool:
        """Whether agents work in this chat."""
        return str(chat.id) == self.desk


@dataclass(frozen=True, slots=True)
class Migrated:
    """A group has another id now."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class TopicClosed:
    """Somebody closed a topic of the desk."""

    topic: int


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot was let into a chat or put out of it; in a private chat, blocked."""

    chat: Chat
    was_here: bool
    is_here: bool


def to_inbound(update: Update, hearing: Hearing) -> Inbound | Migrated | TopicClosed | Membership | None:
    """What an update means for us; None if it is nothing to us. A pressed button is `press_to_inbound`'s matter."""
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None or message.is_automatic_forward:
        return None
    if message.migrate_to_chat_id:
        return Migrated(message.chat.id, message.migrate_to_chat_id)
    if message.forum_topic_closed and hearing.is_desk(message.chat):
        return TopicClosed(message.message_thread_id or 0)
    sender = _sender(message)
    if sender is None or _is_service(message):
        return None
    return _message(message, sender, hearing, update.update_id if update.edited_message else None)


def _message(message: Message, sender: Sender, hearing: Hearing, edit: int | None) -> Inbound | None:
    text, public = message.text or message.caption or "", message.chat.type != Chat.PRIVATE
    at_desk = hearing.is_desk(message.chat)
    overheard = public and not at_desk and not _is_for_us(message, hearing)
    if overheard and (message.chat.id not in hearing.answer_in or _is_for_another(message, hearing.me)):
        return None
    place = f"{message.chat.id}:{message.message_id}"
    return Inbound(
        address=address_of(message, hearing.channel),
        account=str(hearing.me.id),
        # Not the update's number: that changes when somebody switches to a webhook or sets the bot up anew.
        external_id=f"m{place}" if edit is None else f"e{place}:{edit}",
        sender=sender,
        text=without_mention(text, hearing.me) if public and not at_desk else text,
        markdown=to_markdown(text, message.entities or message.caption_entities) if at_desk or not public else "",
        at=(message.edit_date or message.date if edit else message.date).timestamp(),
        kind="edit" if edit is not None else "overheard" if overheard else "message",
        files=files_of(message),
        album=message.media_group_id or "",
        ref=str(message.message_id),
        reply_to=_quoted(message),
        public=public,
    )


def press_to_inbound(query: CallbackQuery, hearing: Hearing) -> Inbound | None:
    """A pressed button. A message's buttons can be used once, so its presses have one id: whoever is second repeats.

    At the desk they can be used again and again, by everybody; there `ref` is the message that has the button.
    """
    if query.message is None or not query.data:
        return None
    chat, message = query.message.chat, query.message
    thread = str(message.message_thread_id) if isinstance(message, Message) and message.is_topic_message else ""
    at_desk = hearing.is_desk(chat)
    asked = message if at_desk else _answered(message)
    return Inbound(
        address=Address(hearing.channel, str(chat.id), thread),
        account=str(hearing.me.id),
        external_id=f"q{query.id}" if at_desk else f"p{chat.id}:{message.message_id}",
        sender=sender_of(query.from_user),
        choice=query.data,
        ref=str(asked.message_id) if asked is not None else "",
        public=chat.type != Chat.PRIVATE,
    )


def label_of(query: CallbackQuery) -> str:
    """What stands on the pressed button; empty where Telegram no longer tells."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    buttons = (button for row in markup.inline_keyboard for button in row) if markup else ()
    return next((button.text for button in buttons if button.callback_data == query.data), "")


def is_anothers(query: CallbackQuery) -> bool:
    """Whether somebody pressed a button that was offered to somebody else: the bot's message answers them."""
    asked = _answered(query.message)
    author = asked.from_user if asked is not None else None
    # Who asked in a group's or channel's name presses in their own, so they can't be told from others
    return author is not None and not author.is_bot and author.id != query.from_user.id


def _answered(message: MaybeInaccessibleMessage | None) -> Message | None:
    """What a message answers. In a forum, what answers nothing looks like an answer to the topic's creation."""
    answered = message.reply_to_message if isinstance(message, Message) else None
    return answered if answered is not None and not answered.forum_topic_created else None


def address_of(message: Message, channel: str) -> Address:
    """Where a message was written."""
    thread = str(message.message_thread_id) if message.is_topic_message else ""
    return Address(channel, str(message.chat.id), thread)


def sender_of(user: User) -> Sender:
    """A user as we know people."""
    return Sender(str(user.id), user.full_name, user.language_code or "")


def _sender(message: Message) -> Sender | None:
    """Who wrote; None for what no person wrote: bots would talk to each other for ever."""
    user, chat = message.from_user, message.sender_chat
    if user is None or user.id in {ANONYMOUS_ADMIN, CHANNEL_OWNER}:
        return Sender(str(chat.id), chat.title or "") if chat is not None else None
    return None if user.is_bot else sender_of(user)


def _is_service(message: Message) -> bool:
    """Whether a message tells of the chat (a new member, a new title) instead of saying something."""
    return bool(
        message.new_chat_members
        or message.left_chat_member
        or message.new_chat_title
        or message.new_chat_photo
        or message.delete_chat_photo
        or message.pinned_message
        or message.migrate_from_chat_id
        or message.group_chat_created
        or message.supergroup_chat_created
        or message.message_auto_delete_timer_changed
        or message.forum_topic_created
        or message.forum_topic_edited
        or message.forum_topic_closed
        or message.forum_topic_reopened
        or message.video_chat_started
        or message.video_chat_ended
        or message.write_access_allowed
    )


def _is_for_us(message: Message, hearing: Hearing) -> bool:
    """Whether a message in a group is meant for us: by a command, a mention, or as a reply."""
    answered = _answered(message)
    author = answered.from_user if answered is not None else None
    if author is not None and author.id == hearing.me.id:
        return True
    name = f"@{hearing.me.username}".casefold()
    for entity, text in _entities(message).items():
        if entity.type == MessageEntity.MENTION and text.casefold() == name:
            return True
        if entity.type == MessageEntity.TEXT_MENTION and entity.user and entity.user.id == hearing.me.id:
            return True
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            command, _, wanted = text[1:].partition("@")
            if f"@{wanted}".casefold() == name if wanted else command.lower() in hearing.commands:
                return True
    return False


def _is_for_another(message: Message, me: User) -> bool:
    """Whether a message in a group is said to somebody: a reply, or a command of another bot."""
    return _answered(message) is not None or any(
        e.type == MessageEntity.BOT_COMMAND and e.offset == 0 for e in _entities(message)
    )


def _entities(message: Message) -> dict[MessageEntity, str]:
    return message.parse_entities() if message.text else message.parse_caption_entities() if message.caption else {}


def without_mention(text: str, me: User) -> str:
    """A text without the bot's name in it, which is no part of the question; a command keeps its form."""
    if text.startswith("/"):
        return text
    return re.sub(
        rf"[^\S\n]*@{re.escape(me.username or '')}\b[,:，：]?[^\S\n]*", " ", text, flags=re.IGNORECASE
    ).strip()


def _quoted(message: Message) -> str:
    answered = _answered(message)
    return str(answered.message_id) if answered is not None else ""


def files_of(message: Message) -> tuple[File, ...]:
    """What a message brings beside its text, by Telegram's ids."""
    if message.photo:
        largest = message.photo[-1]
        return (File(largest.file_id, "photo", "", "image/jpeg", largest.file_size or 0),)
    if message.location:
        place = f"{message.location.latitude},{message.location.longitude}"
        return (File(place, "location", message.venue.title if message.venue else place),)
    if message.contact:
        person = message.contact
        name = " ".join(filter(None, (person.first_name, person.last_name)))
        return (File(person.phone_number, "contact", name),)
    for attribute, kind in FILES:
        found = getattr(message, attribute)
        if found is not None:
            name = getattr(found, "file_name", None) or getattr(found, "emoji", None) or ""
            type_ = getattr(found, "mime_type", None) or ("image/webp" if kind == "sticker" else "")
            return (File(found.file_id, kind, name, type_, found.file_size or 0),)
    return ()


def _membership(change: ChatMemberUpdated) -> Membership:
    return Membership(change.chat, change.old_chat_member.status in HERE, change.new_chat_member.status in HERE)
