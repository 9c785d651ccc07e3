"""What Telegram finds in plain text: commands, mentions, links. Offsets count UTF-16 units, as all over the API."""

from __future__ import annotations

import re
from typing import Any

from .people import Json

_FOUND = re.compile(
    r"(?P<url>\b(?:https?|tg)://[^\s<>\"]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|cn|example)\b(?:/[^\s<>\"]*)?)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<bot_command>(?<![\w/@.:])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?\b)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)",
    re.IGNORECASE,
)
_AFTER_LINK = ".,;:!?)'"


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """What an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def find(text: str) -> list[Json]:
    """The entities of a text that somebody typed."""
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        kind, what = match.lastgroup, match.group()
        if kind == "url":
            what = what.rstrip(_AFTER_LINK)
        found.append({"type": kind, "offset": units(text[: match.start()]), "length": units(what)})
    return found


def add_found(text: str, parsed: list[Json]) -> list[Json]:
    """Parsed entities and what is found between them, in order."""

    def overlaps(one: Json) -> bool:
        return any(
            one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
            for other in parsed
            if other["type"] in ("code", "pre", "text_link", "text_mention")
        )

    both = parsed + [one for one in find(text) if not overlaps(one)]
    return sorted(both, key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, found: list[Json]) -> tuple[str, list[Json]]:
    """Telegram cuts off white space at both ends; entities move along, and the empty ones go."""
    lead = units(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    end, kept = units(text), []
    for entity in found:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return text, kept


def with_entities(key: str, text: str, found: list[Json]) -> Json:
    """A text with its entities, as fields of a message; `key` is text or caption."""
    fields: dict[str, Any] = {key: text} if text else {}
    if text and found:
        fields["entities" if key == "text" else "caption_entities"] = found
    return fields
