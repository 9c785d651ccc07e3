"""One call of the REST API, and the table of what can be called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.stands.discord.errors import unauthorized

if TYPE_CHECKING:
    from tests.stands.discord.people import Bot
    from tests.stands.discord.platform import Discord


@dataclass
class Call:
    """A request, taken apart."""

    platform: Discord
    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    caller: Bot | None = None

    @property
    def bot(self) -> Bot:
        """Who calls; refused if nobody whom we know does."""
        if self.caller is None:
            raise unauthorized()
        return self.caller


Handler = Callable[..., Any]
"""Takes the call and the ids in its path; gives what to answer as JSON, or None for 204."""


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler
    pattern: re.Pattern[str]

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


ROUTES: list[Route] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Enter a handler in the table. {snowflake} takes digits, {token} and {emoji} anything but a slash."""

    def enter(handler: Handler) -> Handler:
        def group(found: re.Match[str]) -> str:
            name = found[1]
            return f"(?P<{name}>[^/]+)" if name in ("token", "emoji") else rf"(?P<{name}>\d+)"

        pattern = re.compile(re.sub(r"\{(\w+)\}", group, path))
        ROUTES.append(Route(method, path, handler, pattern))
        return handler

    return enter


def find(method: str, path: str) -> tuple[Route, dict[str, Any]] | None:
    """The route of this request, and the ids in it."""
    for each in ROUTES:
        if each.method == method and (found := each.pattern.fullmatch(path)):
            return each, {name: int(value) if value.isdigit() else value for name, value in found.groupdict().items()}
    return None
