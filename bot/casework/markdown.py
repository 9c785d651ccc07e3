"""What people typed as Markdown that shows just that: their stars and underscores are no formatting."""

from __future__ import annotations

import re

_LINK = re.compile(r"https?://\S+")
_MARKS = re.compile(r"[\\`*_~\[\]<>|]|^(?=[#>+-])|^(\d+)(?=[.)])", re.MULTILINE)


def as_markdown(text: str) -> str:
    """A plain text as Markdown; addresses of pages stay as they are, so that they can be opened."""
    found, last = [], 0
    for link in _LINK.finditer(text):
        found += [_escaped(text[last : link.start()]), link[0]]
        last = link.end()
    return "".join([*found, _escaped(text[last:])])


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda mark: f"{mark[1]}\\" if mark[1] else f"\\{mark[0]}", text)
