"""Our messages as Discord's: pure translation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.messages import Button, Outbound

LONGEST_TEXT = 2000
"""Characters of a message, from Discord's documentation."""
LONGEST_LABEL, LONGEST_OPTION = 80, 100
MOST_BUTTONS = 25
"""Five rows of five."""
IN_A_MENU = ("topic:", "entry:")
"""Choices out of a list; when there are many, a menu shows them better than buttons."""
MOST_AS_BUTTONS = 5
MENU = "menu"
USED = "used"
"""What a button gives back that only shows which choice was made."""
SPACE = "\u200b"
"""What is shown where there is nothing to show: Discord takes no empty message."""


def to_payload(outbound: Outbound, colour: int) -> dict[str, Any]:
    """What `send` takes for a message: an answer as an embed in the brand's colour, all else as text."""
    text = outbound.text.strip() or SPACE
    payload: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none()}
    if outbound.kind == "answer":
        payload["embed"] = discord.Embed(description=text, colour=colour)
    else:
        payload["content"] = text
    if outbound.buttons:
        payload["view"] = view_of(outbound.buttons, outbound.contact)
    return payload


def view_of(buttons: Sequence[Button], contact: str) -> discord.ui.View:
    """Buttons, and a menu for a long list of choices. Presses are heard by their ids, so they outlive a restart."""
    listed = [button for button in buttons if button.value.startswith(IN_A_MENU)]
    view = discord.ui.View(timeout=None)
    if len(listed) > MOST_AS_BUTTONS:
        view.add_item(_menu(listed, contact))
    else:
        listed = []
    for button in buttons:
        if button not in listed and len(view.children) < MOST_BUTTONS:
            view.add_item(discord.ui.Button(label=button.label[:LONGEST_LABEL], custom_id=mark(button.token, contact)))
    view.stop()  # or the library would keep it in memory for ever, to call functions that it does not have
    return view


def _menu(listed: Sequence[Button], contact: str) -> discord.ui.Select[discord.ui.View]:
    options = [discord.SelectOption(label=button.label[:LONGEST_OPTION], value=button.token) for button in listed[:25]]
    return discord.ui.Select(custom_id=mark(MENU, contact), options=options)


def chosen_view(label: str) -> discord.ui.View:
    """What is left of a message's buttons when one was pressed."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=f"✓ {label}"[:LONGEST_LABEL], custom_id=USED, disabled=True))
    view.stop()
    return view


def mark(token: str, contact: str) -> str:
    """A component's id: what was chosen, and by whom alone it may be; 64 bytes and a number fit into Discord's 100."""
    return f"{token}~{contact}"


def read_mark(custom_id: str) -> tuple[str, str]:
    """What was chosen, and who may choose it."""
    token, _, contact = custom_id.rpartition("~")
    return (token, contact) if token else (custom_id, "")


def label_of(message: discord.Message, chosen: str) -> str:
    """What stands on the button or in the menu for a choice."""
    for row in message.components:
        for item in getattr(row, "children", ()):
            if isinstance(item, discord.Button) and item.custom_id and read_mark(item.custom_id)[0] == chosen:
                return item.label or ""
            for option in getattr(item, "options", ()):
                if option.value == chosen:
                    return str(option.label)
    return ""
