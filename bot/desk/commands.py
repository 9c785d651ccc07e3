"""What agents type to act on a ticket: commands with a slash, or with ! where a platform keeps slashes for itself."""

from __future__ import annotations

import re
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
NOTE_MARK = "//"
"""A message that begins so is a note, too."""

_COMMAND = re.compile(r"[/!]([A-Za-z]{1,32})(?:@\S+)?(?:\s+(.*))?", re.DOTALL)
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|minutes?|分钟?|h|hours?|小时|d|days?|天)", re.IGNORECASE)
_SECONDS = {"m": 60.0, "分": 60.0, "h": 3600.0, "小": 3600.0, "d": 86_400.0, "天": 86_400.0}


@dataclass(frozen=True, slots=True)
class DeskCommand:
    """A command and what follows it: `/priority high` is ("priority", "high")."""

    name: str
    argument: str = ""


def parse(text: str) -> DeskCommand | None:
    """The command in what an agent typed, known or not; None for a message to the contact."""
    text = text.strip()
    if text.startswith(NOTE_MARK):
        return DeskCommand("note", text.removeprefix(NOTE_MARK).strip())
    found = _COMMAND.fullmatch(text)
    return DeskCommand(found[1].lower(), (found[2] or "").strip()) if found else None


def from_choice(value: str) -> DeskCommand:
    """The command behind a pressed button: `priority:high` is `/priority high`."""
    name, _, argument = value.partition(":")
    return DeskCommand(name, argument)


def span(text: str) -> float | None:
    """How many seconds `30m`, `2 hours` or `1天` are; None if it can't be read."""
    found = _SPAN.fullmatch(text.strip())
    return int(found[1]) * _SECONDS[found[2][0].lower()] if found else None
