"""What Telegram tells of a text's formatting, as Markdown: what is bold, a link, code and so on.

Markdown can't say everything, and says some things by accident. So the outcome is read again, and where another text
would be seen than the one that was written, there is no Markdown of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from telegram import MessageEntity

from adapters.telegram.markup import seen_text, to_html

_MARKS = {MessageEntity.BOLD: "**", MessageEntity.ITALIC: "*", MessageEntity.STRIKETHROUGH: "~~"}
_QUOTES = {MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE}
_LITERAL = {MessageEntity.URL, MessageEntity.EMAIL}
_SHOWN = {*_MARKS, *_QUOTES, MessageEntity.CODE, MessageEntity.PRE, MessageEntity.TEXT_LINK}
"""Formatting that Markdown has; what is underlined or hidden by a spoiler, it has no word for."""

_SPECIAL = re.compile(r"[\\`*\[\]]|(?<!\w)_|_(?!\w)|~(?=~)|(?<=~)~|<(?=[A-Za-z][\w+.-]*:|[\w.+-]+@)")
"""Signs that mean something anywhere. An underscore within a word means nothing, and names of keys have many."""
_LINE_START = re.compile(r"^( {0,3})(?:(?=[-+#>=])|(\d{1,9})(?=[.)]))", re.MULTILINE)
"""Where a sign would begin a list, a heading or a quote."""


def to_markdown(text: str, entities: Sequence[MessageEntity]) -> str:
    """A text with its formatting; empty where it has none that Markdown can show."""
    if not any(entity.type in _SHOWN for entity in entities):
        return ""
    found = _Writer(text).written(entities)
    return found if _squeezed(seen_text(to_html(found))) == _squeezed(text) else ""


def _squeezed(text: str) -> str:
    """A text without white space, which Markdown may set otherwise."""
    return "".join(text.split())


class _Writer:
    """Writes one text. Telegram counts in UTF-16 units, so the text is cut in that form."""

    def __init__(self, text: str) -> None:
        self._units = text.encode("utf-16-le", "surrogatepass")

    def written(self, entities: Sequence[MessageEntity]) -> str:
        kept = [one for one in entities if one.type in _SHOWN or one.type in _LITERAL]
        kept.sort(key=lambda one: (one.offset, -one.length))
        return self._part(0, len(self._units) // 2, kept).strip()

    def _cut(self, start: int, end: int) -> str:
        return self._units[2 * start : 2 * end].decode("utf-16-le", "replace")

    def _part(self, start: int, end: int, entities: list[MessageEntity]) -> str:
        """What is between two places, with the formatting that begins there; the outer one comes before the inner."""
        out, at = "", start
        while entities:
            outer, *entities = entities
            if outer.offset < at:
                continue  # it overlaps another one, which no formatting of Telegram's own does
            out += _escaped(self._cut(at, outer.offset))
            at = min(outer.offset + outer.length, end)
            inner = [one for one in entities if one.offset < at]
            entities = entities[len(inner) :]
            out += self._formatted(outer, at, inner, out[-1:])
            if out.endswith("\n\n") and self._cut(at, at + 1) == "\n":
                at += 1  # a block has ended, and its line with it
        return out + _escaped(self._cut(at, end))

    def _formatted(self, entity: MessageEntity, end: int, inner: list[MessageEntity], before: str) -> str:
        raw = self._cut(entity.offset, end)
        if entity.type == MessageEntity.PRE or (entity.type == MessageEntity.CODE and "\n" in raw):
            return _own_lines(_fenced(raw, entity.language or ""), before)
        if entity.type == MessageEntity.CODE:
            return _code(raw)
        if entity.type in _LITERAL:
            return _address(raw)
        text = self._part(entity.offset, end, inner)
        if entity.type in _QUOTES:
            return _own_lines("\n".join(f"> {line}" for line in text.strip().split("\n")), before)
        after = self._cut(end, end + 1)
        lines = text.split("\n")
        around = zip([before, *"\n" * (len(lines) - 1)], lines, [*"\n" * (len(lines) - 1), after], strict=True)
        return "\n".join(_marked(entity, *line) for line in around)


def _escaped(text: str) -> str:
    """A text in which nothing means formatting."""
    return _LINE_START.sub(r"\1\2\\", _SPECIAL.sub(r"\\\g<0>", text))


def _marked(entity: MessageEntity, before: str, line: str, after: str) -> str:
    """A line in marks or as a link. Marks beside the wrong signs are none: a full stop, say, is left out of them."""
    core = line.strip()
    if not core:
        return line
    lead, trail = line[: line.index(core[0])], line[len(line.rstrip()) :]
    if entity.type == MessageEntity.TEXT_LINK:
        return f"{lead}[{core}]({quote(entity.url or '', safe=_IN_ADDRESSES)}){trail}"
    if not _may_stand((lead or before)[-1:], core[0]) and core[0] in _BEFORE_WORDS:
        lead, core = lead + core[0], core[1:]
    if core and not _may_stand((trail or after)[:1], core[-1]) and core[-1] in _AFTER_WORDS:
        core, trail = core[:-1], core[-1] + trail
    if not core or not (_may_stand((lead or before)[-1:], core[0]) and _may_stand((trail or after)[:1], core[-1])):
        return line
    return f"{lead}{_MARKS[entity.type]}{core}{_MARKS[entity.type]}{trail}"


def _address(raw: str) -> str:
    """An address that somebody typed, in which no sign means anything."""
    escaped = _escaped(raw)
    return f"<{raw}>" if escaped != raw and raw.lower().startswith(("http://", "https://")) else escaped


_BEFORE_WORDS, _AFTER_WORDS = "“‘（《「【", "，。！？：；、…”’）》」】,.!?:;"


_IN_ADDRESSES = "".join(chr(code) for code in range(33, 127) if chr(code) not in "()<>\\\"'`*_[]|~")


def _may_stand(outside: str, inside: str) -> bool:
    """Whether a mark may stand between these two characters, so that it is one."""
    return not _is_sign(inside) or not outside or outside.isspace() or _is_sign(outside)


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _code(raw: str) -> str:
    """Code within a line, between more backticks than there are in it."""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", raw)), default=0))
    room = " " if raw.startswith("`") or raw.endswith("`") else ""
    return f"{ticks}{room}{raw}{room}{ticks}"


def _fenced(raw: str, language: str) -> str:
    """A block of code."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", raw)), default=0))
    return f"{fence}{language}\n{raw.strip(chr(10))}\n{fence}"


def _own_lines(block: str, before: str) -> str:
    """A block that begins a line, and is parted from what follows."""
    return f"{'' if before in ('', chr(10)) else chr(10)}{block}\n\n"
