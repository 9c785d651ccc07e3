"""Rate limits as Discord keeps them: a bucket for each route and channel, and one limit over everything."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import Any


@dataclass
class _Bucket:
    used: int = 0
    resets_at: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What the limits say to one request: headers for its answer, and the wait if it is refused."""

    headers: dict[str, str]
    retry_after: float = 0.0
    global_: bool = False

    @property
    def body(self) -> dict[str, Any]:
        message = "You are being rate limited."
        return {"message": message, "retry_after": round(self.retry_after, 3), "global": self.global_}


def refused(retry_after: float, global_: bool = False, headers: dict[str, str] | None = None) -> Verdict:
    """A 429 with its headers."""
    extra = {"Retry-After": str(math.ceil(retry_after)), "X-RateLimit-Scope": "global" if global_ else "user"}
    if global_:
        extra["X-RateLimit-Global"] = "true"
    return Verdict((headers or {}) | extra, retry_after, global_)


class Limits:
    """Off until it is told numbers."""

    def __init__(self) -> None:
        self._per_channel: int | None = None
        self._global: int | None = None
        self._seconds = 5.0
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._everything = _Bucket()
        self.refusals: list[Verdict] = []

    def enforce(self, per_channel: int | None, seconds: float, global_: int | None) -> None:
        self._per_channel, self._seconds, self._global = per_channel, seconds, global_
        self._buckets.clear()
        self._everything = _Bucket()

    def count(self, route: str, major: str, *, exempt: bool) -> Verdict:
        """Count one request; `exempt`: answers to interactions are under no global limit."""
        now = time.monotonic()
        if self._global is not None and not exempt:
            if now >= self._everything.resets_at:
                self._everything = _Bucket(0, now + 1)
            self._everything.used += 1
            if self._everything.used > self._global:
                return self._refuse(self._everything.resets_at - now, global_=True)
        if self._per_channel is None or "/messages" not in route or exempt:
            return Verdict({})
        return self._count_bucket(route, major, self._per_channel, now)

    def _count_bucket(self, route: str, major: str, limit: int, now: float) -> Verdict:
        bucket = self._buckets.setdefault((route, major), _Bucket())
        if now >= bucket.resets_at:
            bucket.used, bucket.resets_at = 0, now + self._seconds
        bucket.used += 1
        wait = bucket.resets_at - now
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - bucket.used)),
            "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode()).hexdigest()[:16],
        }
        return Verdict(headers) if bucket.used <= limit else self._refuse(wait, headers=headers)

    def _refuse(self, wait: float, global_: bool = False, headers: dict[str, str] | None = None) -> Verdict:
        self.refusals.append(verdict := refused(wait, global_, headers))
        return verdict
