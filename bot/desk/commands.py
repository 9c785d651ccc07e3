"""What agents type to act on a ticket: commands with a slash, or with ! where a platform keeps slashes for itself."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

DESK_COMMANDS = (
    "claim",
    "release",
    "transfer",
    "priority",
    "note",
    "suggest",
    "canned",
    "close",
    "reopen",
    "snooze",
    "transcript",
    "away",
    "back",
    "tickets",
    "help",
)
"""In the order of the help text. Those that need no ticket: away, back, tickets, help."""
ANYWHERE = frozenset({"away", "back", "tickets", "help"})
LONGEST_NAME = 32
"""Characters of a command's name that are kept; no command of ours is as long."""

# Who is called is no part of what is said. A name may have spaces; it ends where a command begins.
_CALLED = re.compile(r"\s*(?:<@[!&]?\d+>[\s,:]*)*(?:@(?:\w+|[^\n/!]{1,100}?[\s,])(?=[/!]))?")
_NAME = r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?|[^\W\d_][\w-]*"
# Two slashes are a note. With one, everything is a command; with an exclamation mark, what goes on with a letter.
_COMMAND = re.compile(rf"(?:(?P<note>//)|/(?P<name>{_NAME})?|!(?P<called>{_NAME}))(?:@\w+)?\s*[:,;.]?\s*")
_NARROW = {"、": "/"}
"""What some Chinese keyboards write for a slash."""
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|minutes?|分钟?|h|hours?|小时|d|days?|天)", re.IGNORECASE)
_SECONDS = {"m": 60.0, "分": 60.0, "h": 3600.0, "小": 3600.0, "d": 86_400.0, "天": 86_400.0}


@dataclass(frozen=True, slots=True)
class DeskCommand:
    """A command and what follows it: `/priority high` is ("priority", "high")."""

    name: str
    argument: str = ""


def parse(text: str) -> DeskCommand | None:
    """The command in what an agent typed, known or not; None for a message to the contact.

    What looks like a command is one, however wide its letters are and whoever is called before it: rather nothing is
    sent than that the contact reads what was meant for agents.
    """
    narrow = _narrow(text)
    start = _CALLED.match(narrow)
    found = _COMMAND.match(narrow, start.end() if start else 0)
    if found is None:
        return None
    name = "note" if found["note"] else found["name"] or found["called"] or ""
    return DeskCommand(name.lower()[:LONGEST_NAME], text[found.end() :].strip())


def _narrow(text: str) -> str:
    """The text as a keyboard for Latin letters writes it, each character in its place."""
    return "".join(_NARROW.get(c) or (c if len(n := unicodedata.normalize("NFKC", c)) != 1 else n) for c in text)


def from_choice(value: str) -> DeskCommand:
    """The command behind a pressed button: `priority:high` is `/priority high`."""
    name, _, argument = value.partition(":")
    return DeskCommand(name, argument)


def span(text: str) -> float | None:
    """How many seconds `30m`, `2 hours` or `1天` are; None if it can't be read."""
    found = _SPAN.fullmatch(text.strip())
    return int(found[1]) * _SECONDS[found[2][0].lower()] if found else None
