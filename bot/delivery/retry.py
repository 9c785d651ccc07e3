"""When a message that was not sent is tried again. Pure but for the jitter, which is handed in."""

from __future__ import annotations

from bot.errors import RetryLater, Uncertain, Undeliverable
from bot.ports import Claimed, Fate

MOST_ATTEMPTS = 8
FIRST_WAIT = 0.5
"""Seconds before the second attempt; each further wait is twice as long."""
LONGEST_WAIT = 300.0
"""Seconds."""
LONGEST_ERROR = 500
"""Characters of an error that are kept with the row."""


def backoff(attempts: int, jitter: float) -> float:
    """Seconds to wait after so many attempts; `jitter` is 0..1 and spreads the wait over its upper half."""
    return float(min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)) * (0.5 + jitter / 2)


def fate(claimed: Claimed, error: Exception, now: float, jitter: float) -> Fate:
    """What becomes of a row whose attempt raised `error`."""
    text = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    if isinstance(error, RetryLater):
        return Fate("open", text, now + error.wait, counted=False)
    if isinstance(error, Undeliverable):
        return Fate("dead", text)
    if isinstance(error, Uncertain) and claimed.repeated:
        return Fate("uncertain", text, repeated=True)
    if claimed.attempts >= MOST_ATTEMPTS and not claimed.desk:  # a desk that is down comes back; its line waits for it
        return Fate("dead", text)
    due = now + backoff(claimed.attempts, jitter)
    return Fate("open", text, due, repeated=isinstance(error, Uncertain))
