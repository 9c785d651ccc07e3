"""The one thing a transaction is given: a callable that runs SQL. The same transactions run on every database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Row = Sequence[Any]
P = ParamSpec("P")
T = TypeVar("T")


class Query(Protocol):
    """Runs one statement (`?` marks a parameter) inside the current transaction."""

    skip_locked: str
    """What a claiming `select` ends with, so that two processes never wait for each other's rows."""

    def __call__(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement; none for one that returns nothing."""

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """How many rows a statement changed."""


Transaction = Callable[Concatenate[Query, P], T]


class Database(Protocol):
    """Runs transactions. Each is all or nothing and durable when `write` returns."""

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction that changes something."""

    async def read(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction that only reads, beside the writes."""


def marks(values: Sequence[Any]) -> str:
    """`?, ?, ?` for an `in (...)` of these values."""
    return ", ".join("?" * len(values))


def to_json(value: Any) -> str:
    """Compact JSON, text as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pairs(rows: Iterable[Row]) -> dict[Any, Any]:
    """Rows of two columns as a dictionary."""
    return {row[0]: row[1] for row in rows}
