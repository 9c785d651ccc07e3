"""What commands on real questions share: the questions of the store, and the mind that reads them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bot.config import Config
from bot.errors import StoreError
from bot.ports import Question

if TYPE_CHECKING:
    from bot.knowledge.library import Library
    from bot.mind import Mind

MOST_QUESTIONS = 20_000
"""Questions that are read at most, the latest."""
DAY = 86400.0
WIDE = 160
"""Columns of a table that goes into a file or another program."""


def stored_questions(config: Config, since: float = 0.0, most: int = MOST_QUESTIONS) -> Sequence[Question]:
    """Real questions, oldest first. Raises StoreError if there is no database; looking must not make one."""
    path = config.settings.storage.sqlite_path
    if not path.is_file():
        text = f"there is no database {path}; frontdesk run makes it. Started in another folder, or without --config?"
        raise StoreError(text)
    return asyncio.run(_read(path, since, most))


async def _read(path: Path, since: float, most: int) -> Sequence[Question]:
    from bot.ops.clock import SystemClock
    from bot.storage.sqlite import SqliteDatabase
    from bot.storage.store import Store

    database = await SqliteDatabase.open(path)
    try:
        return await Store(database, SystemClock()).questions(since, most)
    finally:
        await database.close()


def reading_mind(config: Config, library: Library, texts: Iterable[tuple[str, str | None]], now: float) -> Mind:
    """The mind that a running service would have for these texts and languages."""
    from bot.parts import knowing_mind

    def look(mind: Mind) -> None:
        for text, lang in texts:
            mind.read(text, lang, now)

    mind, trouble = asyncio.run(knowing_mind(config, library, look))
    if trouble:
        print(f"without sentence vectors: {trouble}", file=sys.stderr)
    return mind


def screen() -> Console:
    """Where tables are printed: as wide as the terminal, or wide enough."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table without lines; texts that don't fit are folded."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        numeric = column in right
        made.add_column(column, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    return made


def counted(number: int, one: str, many: str = "") -> str:
    """`1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shown_share(rate: dict[str, Any]) -> str:
    """A share with its uncertainty: `71.2 % (66.9 to 75.2)`."""
    share, low, high = (rate[name] * 100 for name in ("share", "low", "high"))
    return f"{share:5.1f} % ({low:.1f} to {high:.1f})"
