"""Inbox rows as events, in their order: what belongs together is one event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.dialogue.events import IDLE, INTAKE, Edited, Event, Opened, Overheard, Pressed, Said, TimerDue
from bot.messages import START, Item

OUTRUN = frozenset({IDLE, INTAKE})
"""Timers that say nothing any more if they ran out while somebody was speaking."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened next: an event of the contact's or of time, and the rows that it was made of.

    Without an event, somebody at a desk did something, a send failed, or the contact took a message back. `ref` is the
    reference that an answer to it has; of a burst it is the last one.
    """

    items: tuple[Item, ...]
    event: Event | None = None
    ref: str = ""


def steps(items: Sequence[Item], merge_window: float, stands_alone: Callable[[str], bool]) -> list[Step]:
    """Inbox rows as steps. Texts of one burst are one question; what `stands_alone`, and a button, is not part of it.

    The window is measured between the times at which the messages came, so a backlog after a stop is not one burst.
    """
    found: list[Step] = []
    last_at, last_is_open, last_album = float("-inf"), False, ""
    spoken = any(item.kind not in {"timer", "act", "fate", "deletion"} for item in items)
    for item in items:
        if item.kind == "timer" and spoken and item.value in OUTRUN:
            continue
        is_open = item.kind == "text" and not stands_alone(item.value)
        together = item.at - last_at < merge_window or (item.album and item.album == last_album)
        if last_is_open and is_open and together:
            found[-1] = _joined(found[-1], item)
        else:
            # An act's reference is the desk's; at the contact's it would name something else.
            found.append(Step((item,), _event(item), "" if item.act else item.ref))
        last_at, last_is_open, last_album = item.at, is_open, item.album
    return found


def _joined(step: Step, item: Item) -> Step:
    last = step.event
    assert isinstance(last, Said), "only texts are joined"
    text = "\n".join(filter(None, (last.text, item.value)))
    event = Said(text, last.hidden or item.hidden, (*last.files, *item.files))
    return Step((*step.items, item), event, item.ref or step.ref)


def _event(item: Item) -> Event | None:
    """One inbox row by itself."""
    match item.kind:
        case "choice":
            return Opened() if item.value == START else Pressed(item.value)
        case "overheard":
            return Overheard(item.value)
        case "edit":
            return Edited(item.value, item.hidden)
        case "timer":
            return TimerDue(item.value)
        case "text":
            return Said(item.value, item.hidden, item.files)
    return None
