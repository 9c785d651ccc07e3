"""Our messages as Telegram's: pure translation."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from adapters.telegram.markup import to_html, to_plain, units
from bot.messages import PRIVATE, Button, Outbound

SHORT_LABEL = 18
"""Characters of a label that leave room for a second button beside it on a phone."""
USED = "used"
"""What a button gives back that only shows which choice was made."""


MOST_CALLED = 10
"""People whom one message calls; Telegram tells no more than a few, and takes no more than 100 pieces of markup."""

Called = Sequence[tuple[int, str]]
"""Whom a message calls: their id on Telegram, and the name that is shown."""


def to_payload(outbound: Outbound, username: str, called: Called = ()) -> dict[str, Any]:
    """What `send_message` takes for a message, as HTML."""
    chat = int(outbound.address.chat)
    payload: dict[str, Any] = {
        "chat_id": chat,
        "text": _framed(outbound, called, with_tags=True),
        "parse_mode": "HTML",
        "disable_web_page_preview": True,
    }
    if outbound.address.thread:
        payload["message_thread_id"] = int(outbound.address.thread)
    if outbound.buttons:
        payload["reply_markup"] = keyboard(outbound.buttons, username)
    # In private it is plain what the bot answers; a human who quotes means just that message
    if outbound.reply_to and (chat < 0 or outbound.author == "agent"):
        payload["reply_parameters"] = ReplyParameters(int(outbound.reply_to), allow_sending_without_reply=True)
    return payload


def _framed(outbound: Outbound, called: Called, *, with_tags: bool) -> str:
    """The text below the name of the agent who says it, and above those whom it calls."""
    name = " ".join(outbound.name.split()) if outbound.author == "agent" else ""
    names = [shown for _, shown in called]
    room = units("\n".join([name, "", " ".join(names)]))
    if with_tags:
        text, name = to_html(outbound.text, room), f"<b>{html.escape(name)}</b>" if name else ""
        names = [
            f'<a href="tg://user?id={id_}">{html.escape(shown)}</a>'
            for (id_, _), shown in zip(called, names, strict=True)
        ]
    else:
        text = to_plain(outbound.text, room)
    framed = "\n".join(filter(None, (name, text, " ".join(names))))
    return framed if framed or outbound.files else "…"


def place_of(payload: dict[str, Any]) -> dict[str, Any]:
    """Where a message goes, as every kind of message takes it."""
    return {key: payload[key] for key in ("chat_id", "message_thread_id", "reply_parameters") if key in payload}


def caption_of(payload: dict[str, Any], files: int) -> dict[str, Any]:
    """The text, as so many files take it; and the buttons, which an album can't have."""
    found = {"caption": payload["text"], "parse_mode": payload["parse_mode"]} if payload["text"] else {}
    return found | {"reply_markup": payload["reply_markup"]} if files == 1 and "reply_markup" in payload else found


def as_plain(payload: dict[str, Any], outbound: Outbound, called: Called = ()) -> dict[str, Any]:
    """The same message without any markup."""
    return {**payload, "text": _framed(outbound, called, with_tags=False), "parse_mode": None}


def keyboard(buttons: tuple[Button, ...], username: str) -> InlineKeyboardMarkup:
    """Buttons in rows: short ones in pairs, long ones alone."""
    rows: list[list[InlineKeyboardButton]] = []
    room = False
    for button in buttons:
        short = _width(button.label) <= SHORT_LABEL
        if room and short:
            rows[-1].append(_button(button, username))
            room = False
        else:
            rows.append([_button(button, username)])
            room = short
    return InlineKeyboardMarkup(rows)


def _width(label: str) -> int:
    """Columns that a label takes: a Chinese character two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in label)


def _button(button: Button, username: str) -> InlineKeyboardButton:
    if button.value.startswith(PRIVATE):
        return InlineKeyboardButton(button.label, url=deep_link(username, button.value.removeprefix(PRIVATE)))
    return InlineKeyboardButton(button.label, callback_data=button.token)


def deep_link(username: str, payload: str) -> str:
    """The address that opens a private chat with the bot, which then hears `/start payload`."""
    return f"https://t.me/{username}?start={payload}"


def chosen_keyboard(label: str) -> InlineKeyboardMarkup:
    """What is left of a message's buttons when one was pressed."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {label}", callback_data=USED)]])
