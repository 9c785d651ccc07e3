"""Telegram's flood limits, as sliding windows on real time."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from .errors import too_many


@dataclass
class Window:
    """At most `most` in `seconds`."""

    most: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until there is room again, 0 if there is."""
        while self.taken and self.taken[0] <= now - self.seconds:
            self.taken.popleft()
        return self.taken[-self.most] + self.seconds - now if len(self.taken) >= self.most else 0


class Limits:
    """One bot's windows: over everything, per chat, and per group and minute. Refused requests don't count."""

    def __init__(self, per_second: int, per_chat: int, group_per_minute: int, edits: bool) -> None:
        self._all = Window(per_second, 1)
        self._chats: dict[int, Window] = defaultdict(lambda: Window(per_chat, 1))
        self._groups: dict[int, Window] = defaultdict(lambda: Window(group_per_minute, 60))
        self._edits = edits

    def counts(self, method: str) -> bool:
        """Whether this method makes a message."""
        if method.startswith("editmessage"):
            return self._edits
        return method.startswith(("send", "copy", "forward")) and method != "sendchataction"

    def take(self, chat: int) -> None:
        """Take a place in every window, or refuse."""
        windows = [self._all, self._chats[chat]] + ([self._groups[chat]] if chat < 0 else [])
        now = time.monotonic()
        wait = max(window.wait(now) for window in windows)
        if wait > 0:
            raise too_many(max(1, math.ceil(wait)))
        for window in windows:
            window.taken.append(now)
