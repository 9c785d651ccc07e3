"""What a contact answers when asked for what agents will need: line by line, as a form, all in one sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bot.dialogue.commands import squeeze
from bot.dialogue.fields import FieldType, folded, found, read

_LABELLED = re.compile(r"\s*([^:：\n]{1,120}?)\s*[:：]\s*(\S.*?)\s*")


def answers(text: str, asked: FieldType, types: Mapping[str, FieldType], names: Collection[str]) -> dict[str, str]:
    """The values of the named fields in an answer to the question for the field `asked`; empty if none looks right.

    Lines such as "the network: TRC20" are as a form writes them. Free text is taken only where nothing else is told.
    """
    told = _labelled(text, types, names)
    rest = "\n".join(line for line in text.splitlines() if not _LABELLED.fullmatch(line) or not told)
    values = found(rest, types, names) | told
    if asked.id not in values and (asked.pattern or not values):
        value = read(asked, _without(rest, values.values()) if values else rest)
        values |= {asked.id: value} if value is not None else {}
    return values


def _labelled(text: str, types: Mapping[str, FieldType], names: Collection[str]) -> dict[str, str]:
    """What stands behind a field's name, in whatever language that is written."""
    by_label = {squeeze(label): name for name in names for label in (name, *types[name].names.values())}
    values = {}
    for line in text.splitlines():
        match = _LABELLED.fullmatch(line)
        name = by_label.get(squeeze(match[1])) if match else None
        value = read(types[name], match[2]) if match and name else None
        if name and value is not None:
            values[name] = value
    return values


def _without(text: str, values: Collection[str]) -> str:
    """The text without what has been read in it, so that no digit is read twice."""
    text = folded(text)
    for value in values:
        text = text.replace(value, " ")
    return text
