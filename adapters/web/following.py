"""What a client is told of the record as it grows and changes: server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from adapters.web.answers import as_json
from bot.messages import ChatMessage

PAGE = 200
"""Messages of the record in one answer."""
WINDOW = 100
"""Messages before those that a client knows already, of which it is told if they changed."""


class Follower:
    """One client: how far it has read (`after`), and what it was told of the last lines, so that it hears of changes.

    New messages move the stream's id, which is their seq. Everything else comes as an event with a name and without an
    id, so that a resumed stream goes on in the right place: "change" with a message that was edited or deleted since
    the client read it, and "state" with the conversation's state where no message brings it.
    """

    def __init__(self, after: int) -> None:
        self.after = after
        self._told: dict[int, int] = {}
        self._state = ""

    def events(self, state: str, lines: Sequence[ChatMessage]) -> Iterator[str]:
        """What there is to tell, now that the record is so from `WINDOW` before `after` on."""
        known, told = self.after, self._told
        self._told = {line.seq: hash(line) for line in lines}
        for line in lines:
            if line.seq > known:
                self.after, self._state = line.seq, state
                yield f"id: {line.seq}\n{_data({**as_json(line), 'state': state})}"
            elif self._told[line.seq] != told.get(line.seq) and (line.seq in told or is_changed(line)):
                yield f"event: change\n{_data({**as_json(line), 'state': state})}"
        if state != self._state:
            self._state = state
            yield f"event: state\n{_data({'state': state})}"


def start(after: int) -> int:
    """After which message the record is read for a client that knows it up to `after`."""
    return max(0, after - WINDOW)


def is_changed(line: ChatMessage) -> bool:
    """Whether a message is not what it once was."""
    return line.edited_at is not None or line.deleted_at is not None


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
