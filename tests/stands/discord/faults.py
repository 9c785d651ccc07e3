"""What can go wrong with a request, on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass

HTML = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"


@dataclass(frozen=True)
class Status:
    """An answer with this status, and nothing done; `html`: as from a proxy in front of Discord."""

    status: int
    html: bool = False
    code: int = 0
    message: str = ""


@dataclass(frozen=True)
class RateLimited:
    """429 with this wait, for the route or (global_) for all of them; `html`: by Cloudflare, with no wait in it."""

    retry_after: float
    global_: bool = False
    html: bool = False


@dataclass(frozen=True)
class Drop:
    """The connection is cut before anything is done."""


@dataclass(frozen=True)
class Lost:
    """All is done, but the connection is cut before the answer."""


@dataclass(frozen=True)
class Hang:
    """The answer takes this long; `done_first`: the work was done before the wait, else after it."""

    seconds: float
    done_first: bool = False


Fault = Status | RateLimited | Drop | Lost | Hang


@dataclass
class _Planned:
    method: str
    path: re.Pattern[str]
    fault: Fault
    times: int


class Faults:
    """Faults that wait for their request, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def plan(self, method: str, path: str, fault: Fault, times: int) -> None:
        """`path` as in the documentation, /channels/{id}/messages, or with the real id; "*" stands for every path."""
        pattern = ".*" if path == "*" else re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        self._planned.append(_Planned(method, re.compile(pattern), fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        for planned in self._planned:
            if planned.method in (method, "*") and planned.path.fullmatch(path):
                planned.times -= 1
                if not planned.times:
                    self._planned.remove(planned)
                return planned.fault
        return None

    def clear(self) -> None:
        self._planned.clear()
