"""A list on a page that changes only where it is another one than before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

T = TypeVar("T")


class Listing(Generic[T]):
    """Shows values one below the other; `draw` makes the elements of one."""

    def __init__(self, parent: ui.element, draw: Callable[[T], None]) -> None:
        self._parent, self._draw = parent, draw
        self._items: list[T] = []
        self._boxes: list[ui.element] = []

    def show(self, items: Sequence[T]) -> None:
        """Let it be these: what stayed the same at its place is left alone."""
        for place, item in enumerate(items):
            if place >= len(self._boxes):
                with self._parent:
                    self._boxes.append(ui.element("div").classes("box"))
                self._fill(place, item)
            elif self._items[place] != item:
                self._boxes[place].clear()
                self._fill(place, item)
        while len(self._boxes) > len(items):
            self._boxes.pop().delete()
        self._items = list(items)

    def _fill(self, place: int, item: T) -> None:
        with self._boxes[place]:
            self._draw(item)
