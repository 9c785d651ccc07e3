"""What every sending method has in common: the chat, the thread, the reply, the text and the keyboard."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from . import markup
from .account import Account
from .entities import add_found, trim, units, with_entities
from .errors import bad
from .html import parse
from .people import Json, Person, Room
from .records import Sent
from .wire import Params

MOST_TEXT = 4096
MOST_CAPTION = 1024


@dataclass(frozen=True)
class Place:
    """Where a message goes."""

    where: Person | Room
    thread: int | None
    reply: Json | None


def text_of(params: Params, key: str = "text") -> tuple[str, list[Json]]:
    """The visible text and its entities."""
    raw, mode = params.text(key), params.text("parse_mode").lower()
    if mode == "html":
        text, found = parse(raw)
    elif mode:
        raise bad("unsupported parse_mode")  # this stand-in reads HTML only
    else:
        text, found = raw, params.object("entities" if key == "text" else "caption_entities") or []
    text, found = trim(text, found)
    return text, add_found(text, found)


def message_text(params: Params) -> tuple[str, list[Json]]:
    text, found = text_of(params)
    if not text:
        raise bad("message text is empty")
    if units(text) > MOST_TEXT:
        raise bad("message is too long")
    return text, found


def caption(params: Params) -> tuple[str, list[Json]]:
    text, found = text_of(params, "caption")
    if units(text) > MOST_CAPTION:
        raise bad("message caption is too long")
    return text, found


def place(account: Account, params: Params) -> Place:
    """Resolve the chat, the thread and the message to reply to."""
    where = account.reach(params.text("chat_id"))
    thread = params.number("message_thread_id") or None
    reply = _reply(account, params)
    if isinstance(where, Room):
        if thread is None and reply is not None and where.group.forum:
            thread = reply.get("message_thread_id")
        _check_thread(where, thread, account)
        if "can_send_messages" in where.rights.get(account.id, ()):
            raise bad("not enough rights to send text messages to the chat")
    elif thread is not None:
        raise bad("message thread not found")
    return Place(where, thread, reply)


def _check_thread(room: Room, thread: int | None, account: Account) -> None:
    if thread is not None and (not room.group.forum or thread not in room.topics):
        raise bad("message thread not found")
    closed = room.general_closed if thread is None else room.topics[thread].closed
    if closed and (room.closed_for_all or not room.may(account.id, "can_manage_topics")):
        raise bad("TOPIC_CLOSED")


def _reply(account: Account, params: Params) -> Json | None:
    asked: Any = params.object("reply_parameters")
    if asked is None and params.number("reply_to_message_id"):
        asked = {
            "message_id": params.number("reply_to_message_id"),
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    if not asked:
        return None
    chat = int(asked.get("chat_id") or params.chat or 0)
    found = account.find(chat, int(asked.get("message_id", 0)))
    if found is None and not asked.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return found


def send(account: Account, params: Params, content: Json, at: Place, kind: str = "text", upload: bytes = b"") -> Json:
    """Execute: the message exists from here on."""
    keyboard = markup.check(params.object("reply_markup"))
    if keyboard is not None:
        content = {**content, "reply_markup": keyboard}
    if params.flag("protect_content"):
        content = {**content, "has_protected_content": True}
    message = account.post(at.where, account.person, at.thread, at.reply, content)
    account.sent.append(
        Sent(
            message_id=message["message_id"],
            chat=message["chat"]["id"],
            thread=message.get("message_thread_id") if message.get("is_topic_message") else None,
            text=_visible(message),
            html=params.text("text") or params.text("caption"),
            parse_mode=params.text("parse_mode"),
            kind=kind,
            reply_to=at.reply["message_id"] if at.reply else None,
            at=time.monotonic(),
            message=message,
            content=upload,
            params=params.values,
        )
    )
    return message


def _visible(message: Json) -> str:
    return str(message.get("text") or message.get("caption") or "")


def editable(account: Account, params: Params) -> Sent:
    """The message of the bot that a method wants to change."""
    if params.text("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    account.reach(params.text("chat_id"))
    chat, number = params.chat or 0, params.number("message_id")
    if account.find(chat, number) is None:
        raise bad("message to edit not found")
    sent = account.own(chat, number)
    if sent is None:
        raise bad("message can't be edited")
    return sent


def edit(account: Account, sent: Sent, params: Params, key: str, text: str, found: list[Json]) -> Json:
    """Put a new text and keyboard in place; what was not given goes, as on Telegram."""
    keyboard = markup.check(params.object("reply_markup"))
    changed = {**sent.message}
    for old in (key, "entities", "caption_entities", "reply_markup"):
        changed.pop(old, None)
    changed |= with_entities(key, text, found) | ({"reply_markup": keyboard} if keyboard else {})
    replace(account, sent, changed)
    sent.html, sent.parse_mode = params.text(key), params.text("parse_mode")
    return changed


def replace(account: Account, sent: Sent, changed: Json) -> None:
    """Let a changed message stand, unless nothing has changed."""
    before = {key: value for key, value in sent.message.items() if key != "edit_date"}
    if before == {key: value for key, value in changed.items() if key != "edit_date"}:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    changed["edit_date"] = int(time.time())
    sent.message = changed
    sent.text = _visible(changed)
    sent.edits.append(sent.text)
    account.messages[sent.chat, sent.message_id] = changed
