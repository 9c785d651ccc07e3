"""What an agent needs to know: pulled out of what was written already, read from an answer, masked where it is shown.

Which fields there are stands in YAML (bot.knowledge reads it). Their regular expressions come from operators, so that
`flaw` refuses those that could take long, and no more than `MOST_READ` characters of a message are looked at.
Capital and small letters are alike, unless a part says otherwise: `(?-i:...)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from re import _parser as regex_parser  # type: ignore[attr-defined]  # Python shows no other way into a pattern
from typing import Any

MOST_READ = 4_096
"""Characters of one message that are looked at: as many as Telegram's longest has."""
MOST_SEEN = 20
"""Values of one kind that are looked at in one message."""
MOST_WAYS = 2_000
"""In how many ways a regular expression may try to read one place of a text before it gives up."""
LONGEST_VALUE = 200
"""Characters of a value, where the field doesn't say."""
PATTERN = "{pattern}"
"""Stands in `find` for the field's pattern; what it reads is the value."""

# The sides of a value that begins or ends with a letter or digit: it is no part of a longer word, number or address.
_LEFT = r"(?!\s)(?:(?![A-Za-z0-9])|(?<![A-Za-z0-9_])(?<![0-9][.,:/-]))"
_RIGHT = r"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9_@]|[.:/][0-9]))"
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
"""Characters without width, which come along when an address is copied."""
_COMMA = {ord("，"): ", "}
"""A Chinese comma stands between things and never in a number: as an ordinary one it would join TRC20，500."""
_TOO_MANY = (
    "can be read in too many ways, which takes long; make its repetitions shorter, "
    "or put a + behind one that never gives back, such as [0-9]{1,20}+"
)
_EMAIL = re.compile(r"([^@\s]{1,200})@([^@\s]{1,200})")


@dataclass(frozen=True, slots=True)
class FieldType:
    """One thing to know. By language: its `names` in a list, `questions` for it, and `hints` for a wrong answer.

    An answer must hold what `pattern` describes; without one it is free text. `find` describes where a value stands in
    running text: what its first group reads, or all of it without one. Without `find`, running text isn't searched.
    """

    id: str
    names: Mapping[str, str]
    questions: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    find: str = ""
    sensitive: bool = False
    longest: int = LONGEST_VALUE


def found(text: str | Sequence[str], types: Mapping[str, FieldType], names: Collection[str]) -> dict[str, str]:
    """The values of the named fields in what was written, one message or several in their order; a later one wins.

    All types are looked for, those named or not: what one has taken no other takes; the first goes first.
    """
    values: dict[str, str] = {}
    for message in (text,) if isinstance(text, str) else text:
        values |= _in_message(folded(message), types)
    return {name: values[name] for name in names if name in values}


def read(type_: FieldType, text: str) -> str | None:
    """The value in an answer to the field's question; None if it doesn't look right. Free text is taken as it is."""
    if not type_.pattern:
        return _free(text, type_.longest)
    seen = folded(text)
    spans = (*_spans(type_, seen), *_spans(type_, seen, anywhere=True))
    return next((seen[start:end] for start, end in spans), None)


def missing(ask: Sequence[str], known: Collection[str]) -> list[str]:
    """The fields still to be asked for, each once. A field that was skipped is `known`, with an empty value."""
    return [name for name in dict.fromkeys(ask) if name not in known]


def masked(type_: FieldType, value: str) -> str:
    """A value as it may be shown: `j***@example.com`, `0x12…9abc`; as it is where the field isn't sensitive."""
    if not type_.sensitive or not value:
        return value
    email = _EMAIL.fullmatch(value)
    if email:
        return f"{email[1][:1] if len(email[1]) > 1 else ''}***@{email[2]}"
    shown = min(4, len(value) // 4)
    return f"{value[:shown]}…{value[-shown:]}" if shown > 1 else "***"


def flaw(regex: str, *, groups: bool = True) -> str:
    """What is wrong with a regular expression for people's texts; empty if nothing is.

    `groups` says whether it may hold groups that are kept, `(...)`.
    """
    try:
        tree = regex_parser.parse(regex, re.IGNORECASE)
        re.compile(regex, re.IGNORECASE)
        ways = _ways(tree)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    except _Refused as refused:
        return str(refused)
    if not groups and tree.state.groups > 1:
        return "has a group that is kept; write (?:...) instead of (...)"
    if tree.getwidth()[0] == 0:
        return "fits an empty text; say what must be there"
    return _TOO_MANY if ways > MOST_WAYS else ""


def search_for(pattern: str, find: str) -> str:
    """The regular expression that looks for a field in running text: `find` with the pattern in its place."""
    return find.replace(PATTERN, f"((?:{pattern}){_RIGHT})")


def _in_message(text: str, types: Mapping[str, FieldType]) -> dict[str, str]:
    values: dict[str, str] = {}
    taken: list[tuple[int, int]] = []
    for type_ in types.values():
        for start, end in _spans(type_, text):
            if not any(start < other_end and other_start < end for other_start, other_end in taken):
                taken.append((start, end))
                values.setdefault(type_.id, text[start:end])
    return values


def _spans(type_: FieldType, text: str, *, anywhere: bool = False) -> Iterator[tuple[int, int]]:
    """Where values of a type stand: those that `find` describes, or `anywhere` the pattern fits."""
    find = PATTERN if anywhere else type_.find
    if not find:
        return
    for match in islice(_compiled(f"{_LEFT}(?:{search_for(type_.pattern, find)}){_RIGHT}").finditer(text), MOST_SEEN):
        start, end = match.span(next((n for n, group in enumerate(match.groups(), 1) if group), 0))
        value = text[start:end].rstrip()
        if _fits(type_, value):
            yield start, start + len(value)


def _fits(type_: FieldType, value: str) -> bool:
    whole = not type_.pattern or _compiled(type_.pattern).fullmatch(value) is not None
    return whole and 0 < len(value) <= type_.longest


@lru_cache(256)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.IGNORECASE)


def folded(text: str) -> str:
    """A text as the patterns see it: full-width digits, letters and signs as ordinary ones, nothing without width."""
    return unicodedata.normalize("NFKC", text[:MOST_READ].translate(_UNSEEN | _COMMA))[:MOST_READ]


def _free(text: str, longest: int) -> str | None:
    text = text.translate(_UNSEEN).strip()
    if not any(character.isalnum() for character in text):
        return None
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


class _Refused(ValueError):
    """A part of a regular expression that is refused wherever it stands."""


def _ways(tree: Any, *, repeated: bool = False) -> int:
    """In how many ways a parsed expression can try to read one place of a text, about.

    Choices one after the other multiply. What can't be taken back (look-arounds, `(?>...)`, `{1,20}+`) is no choice. Of
    alternatives only the one with the most ways counts, and an optional piece doesn't, as a text rarely fits both; but
    inside of a repetition all of them do.
    """
    ways = 1
    for operation, value in tree:
        name = str(operation)
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            ways *= _repeated(*value, repeated=repeated)
        elif name == "BRANCH":
            ways *= _branches(value[1]) if repeated else max(map(_ways, value[1]))
        elif name == "SUBPATTERN":
            ways *= _ways(value[-1], repeated=repeated)
        elif name == "POSSESSIVE_REPEAT":
            _settled(_repeated(*value))
        elif name == "ATOMIC_GROUP":
            _settled(_ways(value))
        elif name in {"ASSERT", "ASSERT_NOT"}:
            _settled(_ways(value[1]))
        elif name.startswith("GROUPREF"):
            raise _Refused("refers back to a group, which can take long; leave that out")
        ways = min(ways, MOST_WAYS + 1)
    return ways


def _settled(ways: int) -> None:
    """What is no choice for the rest must still not be too much by itself."""
    if ways > MOST_WAYS:
        raise _Refused(_TOO_MANY)


def _repeated(least: int, most: Any, tree: Any, *, repeated: bool = False) -> int:
    """The ways of a repetition: as many as there are lengths, times those of everything repeated."""
    if str(most) == "MAXREPEAT":
        raise _Refused("goes on without end; in place of * and + say how many there are at most, such as {1,40}")
    if most == 1:
        return _ways(tree, repeated=repeated) + (1 - least if repeated else 0)
    inner = _ways(tree, repeated=True)
    together = 1 if inner == 1 else inner ** min(most, MOST_WAYS.bit_length())
    return int(min(together * (most - least + 1), MOST_WAYS + 1))


def _branches(branches: Sequence[Any]) -> int:
    """The ways of all alternatives. Of words only those fit at once that others begin with: lists may be long."""
    words = {tuple(chr(value).casefold() for _, value in branch) for branch in branches if _is_word(branch)}
    others = [branch for branch in branches if not _is_word(branch)]
    twice = len(branches) - len(others) - len(words)
    at_once = max((sum(word[: len(other)] == other for other in words) for word in words), default=0)
    return at_once + twice + sum(_ways(branch, repeated=True) for branch in others)


def _is_word(branch: Any) -> bool:
    return all(str(operation) == "LITERAL" for operation, _ in branch)
