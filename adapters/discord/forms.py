"""Forms: what an agent needs to know, filled in at once instead of line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from adapters.discord.payload import mark
from bot.messages import FORM
from bot.ports import Tools

LONGEST_LABEL, LONGEST_HINT, LONGEST_VALUE = 45, 100, 300
"""Characters: the first two are Discord's limits for a form's field, the third is ours."""
MOST_FIELDS = 5


def form_of(names: Sequence[str], tools: Tools, lang: str, contact: str) -> discord.ui.Modal:
    """The form that asks for these fields. None has to be filled in: somebody may not know."""
    form = discord.ui.Modal(title=tools.phrase("button_form", lang)[:LONGEST_LABEL], custom_id=mark(FORM, contact))
    for name in names[:MOST_FIELDS]:
        label, hint = tools.field(name, lang)
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=label[:LONGEST_LABEL],
            placeholder=hint[:LONGEST_HINT] or None,
            custom_id=name,
            required=False,
            max_length=LONGEST_VALUE,
        )
        form.add_item(field)
    form.stop()  # heard by its id, as buttons are; the library need not keep it
    return form


def filled_in(data: dict[str, Any], tools: Tools, lang: str) -> str:
    """What was filled in, a line a field; empty if nothing was."""
    lines = []
    for row in data.get("components", ()):
        fields = row.get("components") or [row.get("component") or {}]
        for field in fields:
            value = str(field.get("value") or "").strip()
            if value:
                lines.append(f"{tools.field(str(field.get('custom_id', '')), lang)[0]}: {value}")
    return "\n".join(lines)
