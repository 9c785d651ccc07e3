"""Health: is the process able to do its work, and if not, which part isn't."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.errors import FrontdeskError

OK = "ok"

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, else what is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Health:
    """`vital` parts must be well for the service to be ready; `other` ones are only told."""

    vital: Mapping[str, Check]
    other: Mapping[str, Check]

    async def report(self) -> tuple[bool, dict[str, str]]:
        """Whether the service is ready, and how each part is."""
        ready, parts = True, {}
        for name, check in {**self.vital, **self.other}.items():
            try:
                trouble = await check()
            except FrontdeskError as error:
                trouble = str(error)
            parts[name] = trouble or OK
            ready = ready and (trouble is None or name not in self.vital)
        return ready, parts
