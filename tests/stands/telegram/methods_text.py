"""Messages of text, changing and deleting them, and button presses."""

from __future__ import annotations

from typing import Any

from . import markup
from .account import Account
from .entities import with_entities
from .errors import bad
from .outgoing import caption, edit, editable, message_text, place, replace, send
from .people import Json, Room
from .records import Answer
from .registry import method
from .wire import Params

_ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
            "choose_sticker", "find_location", "record_video_note", "upload_video_note"}  # fmt: skip

_REACTIONS = frozenset(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕"
    "😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)
"""Of ReactionTypeEmoji in the Bot API's documentation, those of one character."""


@method
def send_message(account: Account, params: Params) -> Json:
    at = place(account, params)
    return send(account, params, with_entities("text", *message_text(params)), at)


@method
def edit_message_text(account: Account, params: Params) -> Json:
    text, found = message_text(params)
    sent = editable(account, params)
    if "text" not in sent.message:
        raise bad("there is no text in the message to edit")
    return edit(account, sent, params, "text", text, found)


@method
def edit_message_caption(account: Account, params: Params) -> Json:
    text, found = caption(params)
    sent = editable(account, params)
    if "text" in sent.message:
        raise bad("there is no caption in the message to edit")
    return edit(account, sent, params, "caption", text, found)


@method
def edit_message_reply_markup(account: Account, params: Params) -> Json:
    sent = editable(account, params)
    keyboard = markup.check(params.object("reply_markup"))
    changed = {key: value for key, value in sent.message.items() if key != "reply_markup"}
    changed |= {"reply_markup": keyboard} if keyboard else {}
    replace(account, sent, changed)
    return changed


@method
def delete_message(account: Account, params: Params) -> bool:
    account.reach(params.text("chat_id"))
    if (params.chat or 0, params.number("message_id")) in account.aged:
        raise bad("message can't be deleted for everyone")
    if not account.delete(params.chat or 0, params.number("message_id")):
        raise bad("message to delete not found")
    return True


@method
def delete_messages(account: Account, params: Params) -> bool:
    account.reach(params.text("chat_id"))
    for number in params.object("message_ids") or []:
        account.delete(params.chat or 0, int(number))
    return True


@method
def answer_callback_query(account: Account, params: Params) -> bool:
    query = params.text("callback_query_id")
    if query not in account.open_presses:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(params.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    account.answered[query] = Answer(params.text("text"), params.flag("show_alert"), params.text("url"))
    return True


@method
def send_chat_action(account: Account, params: Params) -> bool:
    place(account, params)
    if params.text("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    account.typing.append(params.chat or 0)
    return True


@method
def set_message_reaction(account: Account, params: Params) -> bool:
    where = account.reach(params.text("chat_id"))
    key = (params.chat or 0, params.number("message_id"))
    if key not in account.messages:
        raise bad("message to react not found")
    wanted = params.object("reaction") or []
    allowed = where.reactions if isinstance(where, Room) else None
    if len(wanted) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if any(not _is_reaction(one, allowed) for one in wanted):
        raise bad("REACTION_INVALID")
    account.reactions[key] = wanted
    return True


def _is_reaction(one: Json, allowed: frozenset[str] | None) -> bool:
    """Whether a bot may put this on a message: one of Telegram's emoji, and where the chat has a choice, of that."""
    emoji = one.get("emoji", "")
    return one.get("type") == "emoji" and emoji in _REACTIONS and (allowed is None or emoji in allowed)


@method
def pin_chat_message(account: Account, params: Params) -> bool:
    account.reach(params.text("chat_id"))
    key = (params.chat or 0, params.number("message_id"))
    if key not in account.messages:
        raise bad("message to pin not found")
    account.pinned.setdefault(key[0], []).append(key[1])
    return True


@method
def unpin_chat_message(account: Account, params: Params) -> bool:
    account.reach(params.text("chat_id"))
    pinned = account.pinned.get(params.chat or 0, [])
    number = params.number("message_id") or (pinned[-1] if pinned else 0)
    if number not in pinned:
        raise bad("message to unpin not found")
    pinned.remove(number)
    return True


@method
def unpin_all_chat_messages(account: Account, params: Params) -> Any:
    account.reach(params.text("chat_id"))
    account.pinned.pop(params.chat or 0, None)
    return True
