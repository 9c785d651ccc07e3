"""Our messages as Telegram's: pure translation."""

from __future__ import annotations

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from adapters.telegram.markup import to_html, to_plain
from bot.messages import PRIVATE, Button, Outbound

SHORT_LABEL = 18
"""Characters of a label that leave room for a second button beside it on a phone."""
USED = "used"
"""What a button gives back that only shows which choice was made."""


def to_payload(outbound: Outbound, username: str) -> dict[str, Any]:
    """What `send_message` takes for a message, as HTML."""
    chat = int(outbound.address.chat)
    payload: dict[str, Any] = {
        "chat_id": chat,
        "text": to_html(outbound.text) or "…",
        "parse_mode": "HTML",
        "disable_web_page_preview": True,
    }
    if outbound.address.thread:
        payload["message_thread_id"] = int(outbound.address.thread)
    if outbound.buttons:
        payload["reply_markup"] = keyboard(outbound.buttons, username)
    if outbound.reply_to and chat < 0:  # in a private chat it is plain what is answered
        payload["reply_parameters"] = ReplyParameters(int(outbound.reply_to), allow_sending_without_reply=True)
    return payload


def place_of(payload: dict[str, Any]) -> dict[str, Any]:
    """Where a message goes, as every kind of message takes it."""
    return {key: payload[key] for key in ("chat_id", "message_thread_id", "reply_parameters") if key in payload}


def as_plain(payload: dict[str, Any], text: str) -> dict[str, Any]:
    """The same message without any markup."""
    return {**payload, "text": to_plain(text) or "…", "parse_mode": None}


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
