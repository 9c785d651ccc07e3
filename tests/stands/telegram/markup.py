"""Keyboards, checked as Telegram checks them."""

from __future__ import annotations

import re
from typing import Any

from .errors import bad
from .people import Json

_URL = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^/?#:\s]*)(?::(?P<port>[^/?#]*))?(?P<rest>\S*)$", re.I
)
_ACTIONS = {"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"}  # fmt: skip
MOST_BUTTONS = 100


def check(raw: Any) -> Json | None:
    """The markup as a message keeps it, or None; only inline keyboards stay on a message."""
    if not raw:
        return None
    if not isinstance(raw, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in raw:
        return None
    rows = [[_button(button) for button in row] for row in raw["inline_keyboard"]]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not _ACTIONS & set(button):
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(str(button["url"]))
    return dict(button)


def _check_url(url: str) -> None:
    match = _URL.match(url.strip())
    reason = ""
    if match is None:
        reason = "Wrong HTTP URL"
    elif (match["scheme"] or "http").lower() not in ("http", "https", "tg", "ton"):
        reason = "Unsupported URL protocol"
    elif not match["host"]:
        reason = "URL host is empty"
    elif match["port"] is not None and not (match["port"].isdigit() and 0 < int(match["port"]) < 65536):
        reason = "Wrong port number specified in the URL"
    elif (match["scheme"] or "http").lower().startswith("http") and "." not in match["host"]:
        reason = "Wrong HTTP URL"
    if reason:
        raise bad(f"inline keyboard button URL '{url}' is invalid: {reason}")
