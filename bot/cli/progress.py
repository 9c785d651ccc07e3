"""A progress bar for what takes longer than a second, and only where somebody looks on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

WORTH_A_BAR = 1.0
"""Seconds that the whole is expected to take, from which a bar is shown."""
FIRST_GUESS = 0.2
"""Seconds after which it can be told how long the whole takes."""


def track(
    items: Iterable[T],
    total: int,
    what: str,
    console: Console | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[T]:
    """The items one by one, with a bar on standard error if it is a terminal and they take their time."""
    console = console or Console(stderr=True)
    if not console.is_terminal or not total:
        yield from items
        return
    began = clock()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    task = bar.add_task(what, total=total)
    shown = False
    try:
        for done, item in enumerate(items, start=1):
            yield item
            bar.update(task, completed=done)
            took = clock() - began
            if not shown and took > FIRST_GUESS and took * total / done > WORTH_A_BAR:
                shown = True
                bar.start()
    finally:
        if shown:
            bar.stop()
