"""A text that is too long for one message becomes several, cut where a reader would pause.

Lengths are counted in UTF-16 code units, as Telegram counts them; a platform that counts characters, like Discord, gets
a little less than it could take. A text is read as far as cutting needs it: paragraphs, lines, sentences, words, and
fenced code, whose fences are also found inside a list, but not inside a block quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NO_MARK = r"(?![-+*>#=`~\s])"
"""A line that began with one of these would become a list, a quote, a heading or code, which it was not before."""

_PAUSES = (
    re.compile(r"(?=\n[ \t\r]*\n)"),
    re.compile(r"(?=\n)"),
    re.compile(rf"[。！？][」』”’）】》]*(?![。！？])|[.!?…][\"')\]*_]*(?=\s+{_NO_MARK})"),
    re.compile(rf"(?=[ \t\u3000]{_NO_MARK})"),
)
"""Where a text may be cut, the best first: between paragraphs, lines, sentences, words."""

_GAP = re.compile(r"\s*\n|\s*")
"""What a cut leaves out: white space, but not the indentation of the line that comes next."""

_FENCE = re.compile(r"^[ \t]*(?:(?P<ticks>`{3,})[^`\n]*|(?P<tildes>~{3,})[^\n]*)$", re.MULTILINE)

_LEAST_SHARE = 4
"""No part is made shorter than a fourth of what fits just to end it at a better place."""

_ZWJ = "\u200d"
_LONGEST_CLUSTER = 100
"""Characters of one sign that are kept together: the longest emoji has 10, and more is a prank."""


def units(text: str) -> int:
    """How many UTF-16 code units a text has; a lone surrogate is one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts(text: str, longest: int) -> list[str]:
    """Split a Markdown text into parts of at most `longest` UTF-16 code units each; one that fits stays as it is.

    Nothing but white space at the cuts is left out. A part ends between paragraphs, else lines, sentences, words, and
    in the middle of a word only where none of these is near; signs made of several characters stay whole. Fenced code
    is never cut where it fits into a part. Longer code is cut at line ends, and each piece gets the fences of the
    whole; only if its fences fill half a part, or if a line that must be cut holds a fence, is it cut like any text.
    """
    if longest < 2:  # one emoji has two units
        raise ValueError("a part must have room for 2 UTF-16 code units")
    if units(text) <= longest:
        return [text]
    parting = _Parting(longest, [])
    done = 0
    for code in _codes(text):
        pieces = _pieces(text, code, longest)
        if pieces:
            parting.add_prose(text[done : code.start])
            parting.add_code(pieces)
            done = code.end
    parting.add_prose(text[done:])
    parting.flush()
    return parting.done or [""]


@dataclass(slots=True)
class _Parting:
    """Parts that are finished, and the one that is being filled."""

    longest: int
    done: list[str]
    current: str = ""

    def flush(self) -> None:
        """End the part that is being filled."""
        if self.current.strip():
            self.done.append(self.current.rstrip())
        self.current = ""

    def add_code(self, pieces: list[str]) -> None:
        """Add code: as one piece where it fits, or what was made of longer code, which begins a part of its own."""
        if units(self.current) + units(pieces[0]) > self.longest:
            self.flush()
        for piece in pieces[:-1]:
            self.current += piece
            self.flush()
        self.current += pieces[-1]

    def add_prose(self, text: str) -> None:
        """Add text without code, in as many parts as it takes."""
        start = 0
        while True:
            used = units(self.current)
            reach = _reach(text, start, self.longest - used)
            if reach == len(text):
                self.current += text[start:]
                return
            least = self.longest // _LEAST_SHARE
            if len(text) - reach < least:  # rather two parts of a middling length than a full one and a crumb
                reach = max(start, reach - least)
            cut = _cut(text, start, reach, least - used, may_be_empty=used > 0)
            self.current += text[start:cut]
            self.flush()
            gap = _GAP.match(text, cut)
            start = gap.end() if gap else cut


def _cut(text: str, start: int, reach: int, least: int, *, may_be_empty: bool) -> int:
    """Where to end a part that begins at `start` and may go on to `reach`, and should have `least` characters or more.

    `may_be_empty`: the part holds something already, so that nothing of this text need go into it.
    """
    first = start if may_be_empty else start + 1
    pauses = [_last(pause, text, start, reach) for pause in _PAUSES]
    for bound in (max(first, start + least), first):
        for pause in pauses:
            if pause >= bound:
                return pause
    return start if may_be_empty else _between_signs(text, start, reach)


def _last(pause: re.Pattern[str], text: str, start: int, reach: int) -> int:
    """The last pause of one kind up to `reach`; -1 if there is none."""
    # Two characters more are looked at, to see that a part may end where a new line or paragraph begins
    ends = (found.end() for found in pause.finditer(text, start, min(reach + 2, len(text))))
    return max((end for end in ends if end <= reach), default=-1)


def _reach(text: str, start: int, room: int) -> int:
    """The farthest end such that the text from `start` to there has at most `room` units."""
    end = min(start + room, len(text))
    while (over := units(text[start:end]) - room) > 0:
        end -= (over + 1) // 2  # a character has at most two units
    return end


def _between_signs(text: str, start: int, reach: int) -> int:
    """The last place up to `reach` that does not tear apart what is read as one sign, where such a place is near."""
    for end in range(reach, max(start, reach - _LONGEST_CLUSTER), -1):
        if not _joined(text, start, end):
            return end
    return max(reach, start + 1)


def _joined(text: str, start: int, at: int) -> bool:
    """Whether the characters around a place are read as one sign. Not all of Unicode's rules: the frequent ones."""
    before, after = text[at - 1], text[at]
    if before == _ZWJ or after == _ZWJ or unicodedata.category(after).startswith("M"):  # accents, vowel signs
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        flags = at
        while flags > start and _is_flag_letter(text[flags - 1]):
            flags -= 1
        return (at - flags) % 2 == 1  # two letters make a flag
    return (
        "\U0001f3fb" <= after <= "\U0001f3ff"  # skin colours
        or "\U000e0020" <= after <= "\U000e007f"  # the flags of England, Scotland and Wales
        or "\u1160" <= after <= "\u11ff"  # Korean vowels and final consonants, where written one by one
        or ("\udc00" <= after <= "\udfff" and "\ud800" <= before <= "\udbff")  # halves that someone's decoder left
        or before + after == "\r\n"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


@dataclass(frozen=True, slots=True)
class _Code:
    """Where a fenced block of code stands: from its first fence to the end of its last, and its lines between them."""

    start: int
    body: int
    body_end: int
    end: int
    fence: str


def _codes(text: str) -> Iterator[_Code]:
    """The fenced blocks of a text. One that nobody closed goes on to the end, as Markdown has it."""
    opened: re.Match[str] | None = None
    for found in _FENCE.finditer(text):
        if opened is None:
            opened = found
        elif _closes(found, opened):
            yield _code(opened, found.start() - 1, found.end())
            opened = None
    if opened is not None:
        yield _code(opened, len(text.rstrip()), len(text))


def _code(opened: re.Match[str], body_end: int, end: int) -> _Code:
    body = min(opened.end() + 1, end)
    return _Code(opened.start(), body, max(body, body_end), end, opened["ticks"] or opened["tildes"])


def _closes(found: re.Match[str], opened: re.Match[str]) -> bool:
    """Whether a fence ends the block that another began: of the same character, as long or longer, and alone."""
    return found[0].strip().startswith(opened["ticks"] or opened["tildes"]) and len(set(found[0].strip())) == 1


def _pieces(text: str, code: _Code, longest: int) -> list[str]:
    """A block of code in pieces that fit: one if it can be, none if it is better cut like any other text."""
    whole = text[code.start : code.end]
    if units(whole) <= longest:
        return [whole]
    opening = text[code.start : code.body].rstrip("\n")
    closing = text[code.body_end : code.end].strip("\n") or opening[: opening.index(code.fence)] + code.fence
    room = longest - units(opening) - units(closing) - 2
    if room < max(longest // 2, 2):
        return []
    bodies = _bodies(text, code, room)
    return [f"{opening}\n{body}\n{closing}" for body in bodies]


def _bodies(text: str, code: _Code, room: int) -> list[str]:
    """The lines of a block of code in portions of at most `room` units; none if a line can't be cut safely."""
    bodies: list[str] = []
    start = safe = code.body
    while start < code.body_end:
        reach = min(_reach(text, start, room), code.body_end)
        line_end = text.rfind("\n", start, reach + 1)
        if reach == code.body_end:
            cut = following = reach
        elif line_end >= start:
            cut, following = line_end, line_end + 1
        else:
            if start >= safe:  # once for each line, however many cuts it needs
                end = text.find("\n", start, code.body_end)
                safe = end if end >= 0 else code.body_end
                if code.fence in text[start:safe]:
                    return []  # what is cut off might look like the closing fence
            cut = following = _between_signs(text, start, reach)
        bodies.append(text[start:cut])
        start = following
    return [body for body in bodies if body.strip()]
