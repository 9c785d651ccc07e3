"""Markdown as people wrap it in a YAML file, made one line a paragraph: what a line break means is not left to chance.

Platforms differ: Markdown takes a single line break for a space, chats show it, and Chinese wants nothing in its place.
"""

from __future__ import annotations

import re

# A line that begins something of its own: a list item, a heading, a quotation, a table row, a rule.
_BEGINS = re.compile(r"\s*(?:[-*+]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\||(?:-{3,}|\*{3,})\s*$)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
# Scripts and punctuation that are written without spaces.
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


def unwrap(text: str) -> str:
    """The text with the lines of each paragraph and list item joined. Code between fences stays as it is.

    A line that ends with two spaces or a backslash asks for a break, as in Markdown, and keeps it.
    """
    found: list[str] = []
    is_code = False
    for line in text.split("\n"):
        fence = _FENCE.match(line) is not None
        goes_on = found and found[-1].strip() and line.strip() and not (fence or is_code or _BEGINS.match(line))
        if goes_on and not found[-1].endswith(("  ", "\\")) and not _FENCE.match(found[-1]):
            found[-1] = _joined(found[-1], line.strip())
        else:
            found.append(line)
        is_code = is_code != fence
    return "\n".join(found)


def _joined(first: str, second: str) -> str:
    unspaced = _UNSPACED.match(first[-1]) and _UNSPACED.match(second[0])
    return f"{first}{'' if unspaced else ' '}{second}"
