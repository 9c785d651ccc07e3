"""How fast somebody may write: a token bucket of plain values, and a bounded table of buckets by key.

A bucket holds up to `burst` tokens and gains `per_second` of them every second; a message takes one. The clock is a
number that the caller brings (seconds; any start will do, as long as it is the same for all calls).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: `burst` messages at once, then `per_second` messages a second. A rate of 0 never gives back."""

    burst: int
    per_second: float

    def __post_init__(self) -> None:
        if self.burst < 1 or not 0 <= self.per_second < math.inf:
            raise ValueError("a rate needs a burst of at least 1 and a finite number of tokens per second, 0 or more")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of a limit: the tokens there were at time `at` (seconds, the caller's clock)."""

    tokens: float
    at: float


def take(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """Take one token at time `now`: the bucket afterwards, and the wait in seconds until it will work (0: taken).

    No bucket is a full one. A refused attempt costs nothing: waiting as long as told is always enough.
    """
    filled = _filled(bucket, rate, now)
    # A billionth of a token is forgiven: rounding must not refuse who waited exactly as told.
    if filled.tokens >= 1 - 1e-9:
        return Bucket(max(0.0, filled.tokens - 1), filled.at), 0.0
    missing = 1 - filled.tokens
    return filled, missing / rate.per_second if rate.per_second else math.inf


def _filled(bucket: Bucket | None, rate: Rate, now: float) -> Bucket:
    if bucket is None:
        return Bucket(float(rate.burst), now)
    # A clock that was set back must neither drain a bucket nor fill it twice for the same seconds.
    later = max(now, bucket.at)
    return Bucket(min(float(rate.burst), bucket.tokens + (later - bucket.at) * rate.per_second), later)


class Limiter:
    """One bucket a key, for at most `most` keys.

    When there are more, the key that was quiet for longest is forgotten: its bucket is the nearest to full, and a
    forgotten bucket is a full one, so whoever is being limited right now stays limited.
    """

    def __init__(self, rate: Rate, most: int = 10_000) -> None:
        if most < 1:
            raise ValueError("a limiter needs room for at least one key")
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._buckets)

    def take(self, key: Hashable, now: float) -> float:
        """Take one token of this key at time `now` (seconds): the wait in seconds, 0 when it was taken."""
        self._buckets[key], wait = take(self._buckets.get(key), self._rate, now)
        self._buckets.move_to_end(key)
        self._forget(now)
        return wait

    def _forget(self, now: float) -> None:
        # One full bucket a call keeps a quiet table small at constant cost; the second line keeps the bound.
        oldest = next(iter(self._buckets))
        full = _filled(self._buckets[oldest], self._rate, now).tokens >= self._rate.burst
        if full or len(self._buckets) > self._most:
            del self._buckets[oldest]
