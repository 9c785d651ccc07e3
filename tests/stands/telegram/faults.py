"""What goes wrong on the way to the platform and back, as a test scripts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """Refuse without executing; `html` is what a proxy in front of the API would answer."""

    code: int
    html: bool = False
    retry_after: int | None = None
    description: str = ""


@dataclass(frozen=True)
class Drop:
    """Close the connection without executing and without an answer."""


@dataclass(frozen=True)
class Lost:
    """Execute, then close the connection: the caller can't know."""


@dataclass(frozen=True)
class Hang:
    """Let the caller wait. Afterwards it gets the answer if this was executed, and a closed connection if not."""

    seconds: float
    execute: bool = False


@dataclass(frozen=True)
class Garbage:
    """Say 200, with a page of HTML."""

    execute: bool = False


Fault = Status | Drop | Lost | Hang | Garbage

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass
class Script:
    """One scripted fault and where it strikes; `left` is None for ever."""

    method: str
    fault: Fault
    left: int | None
    chat: int | None
    token: str | None

    def strikes(self, method: str, chat: int | None, token: str) -> bool:
        """Whether it is this one's turn; it is used up by that."""
        if (
            self.left == 0
            or self.method not in ("*", method)
            or (self.chat is not None and self.chat != chat)
            or (self.token is not None and self.token != token)
        ):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """All scripted faults; the first that fits strikes."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []

    def add(self, script: Script) -> None:
        self._scripts.append(script)

    def clear(self) -> None:
        self._scripts.clear()

    def strike(self, method: str, chat: int | None, token: str) -> Fault | None:
        for script in self._scripts:
            if script.strikes(method, chat, token):
                if script.left == 0:
                    self._scripts.remove(script)
                return script.fault
        return None
