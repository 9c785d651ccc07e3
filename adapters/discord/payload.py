"""Our messages as Discord's: pure translation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.messages import Button, Outbound

LONGEST_TEXT = 2000
"""Characters of a message, from Discord's documentation."""
LONGEST_LABEL, LONGEST_OPTION, LONGEST_AUTHOR = 80, 100, 256
MOST_BUTTONS = 25
"""Five rows of five."""
TOPIC, ENTRY = "topic:", "entry:"
"""How the values of choices out of a list begin. Topics are in a menu, entries only when there are many."""
MOST_AS_BUTTONS = 5
MOST_ROWS, IN_A_ROW, IN_A_MENU = 5, 5, 25
"""Rows below a message, buttons in a row, and choices in a menu, which takes a row for itself."""
MENU = "menu"
USED = "used"
"""What a button gives back that only shows which choice was made."""
SPACE = "\u200b"
"""What is shown where there is nothing to show: Discord takes no empty message."""


def to_payload(outbound: Outbound, colour: int, *, at_desk: bool = False) -> dict[str, Any]:
    """What `send` takes for a message: an answer as an embed in the brand's colour, all else as text.

    The name of an agent stands above what they say to a contact; whoever is called, below. Buttons `at_desk` are for
    everybody and all in sight.
    """
    called = [id_ for id_ in dict.fromkeys(outbound.mentions) if id_.isdecimal()]
    payload: dict[str, Any] = {"allowed_mentions": _calling(called)}
    name = "" if at_desk or outbound.author != "agent" else " ".join(outbound.name.split())
    payload |= _worded(outbound, name, " ".join(f"<@{id_}>" for id_ in called), colour)
    if outbound.buttons and at_desk:
        payload["view"] = view_of(outbound.buttons, "", in_menus=False)
    elif outbound.buttons:
        payload["view"] = view_of(outbound.buttons, outbound.contact)
    return payload


def _calling(people: Sequence[str]) -> discord.AllowedMentions:
    """Nobody is called by what stands in a text, whoever wrote it; only these people are."""
    nobody = discord.AllowedMentions.none()
    nobody.users = [discord.Object(int(id_)) for id_ in people] or False
    return nobody


def _worded(outbound: Outbound, name: str, calls: str, colour: int) -> dict[str, Any]:
    """The text with what stands around it. What is too long with that is shown as an embed, which takes more."""
    text, shown = outbound.text.strip(), f"**{discord.utils.escape_markdown(name)}**" if name else ""
    whole = "\n".join(filter(None, (shown, text, calls)))
    if not (outbound.kind == "answer" and (text or not outbound.files)) and len(whole) <= LONGEST_TEXT:
        return {"content": whole or ("" if outbound.files else SPACE)}
    embed = discord.Embed(description=text or SPACE, colour=colour)
    if name:
        embed.set_author(name=name[:LONGEST_AUTHOR])
    return {"embed": embed} | ({"content": calls} if calls else {})


def view_of(buttons: Sequence[Button], contact: str, *, in_menus: bool = True) -> discord.ui.View:
    """Buttons, and a menu for a long list of choices. Presses are heard by their ids, so they outlive a restart."""
    offered = list({button.token: button for button in buttons}.values())  # Discord refuses two with one id
    entries = [button for button in offered if button.value.startswith(ENTRY)]
    listed = [button for button in offered if button.value.startswith(TOPIC)]
    listed += entries if len(entries) > MOST_AS_BUTTONS else []
    listed = listed if in_menus else []  # who picked from a menu can't pick the same again
    others = [button for button in offered if button not in listed]
    view = discord.ui.View(timeout=None)
    for start in range(0, len(listed), IN_A_MENU)[: MOST_ROWS - bool(others)]:
        view.add_item(_menu(f"{MENU}{start}", listed[start : start + IN_A_MENU], contact))
    for button in others[: IN_A_ROW * (MOST_ROWS - len(view.children))]:
        view.add_item(discord.ui.Button(label=button.label[:LONGEST_LABEL], custom_id=mark(button.token, contact)))
    view.stop()  # or the library would keep it in memory for ever, to call functions that it does not have
    return view


def _menu(name: str, listed: Sequence[Button], contact: str) -> discord.ui.Select[discord.ui.View]:
    options = [discord.SelectOption(label=button.label[:LONGEST_OPTION], value=button.token) for button in listed]
    return discord.ui.Select(custom_id=mark(name, contact), options=options)


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
