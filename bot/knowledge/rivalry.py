"""Entries that take each other's questions, told as hints with their lines and with what to change."""

from __future__ import annotations

from collections.abc import Iterable

from bot.dialogue.knowledge import Knowledge
from bot.knowledge.loader import Loaded
from bot.matching.rivals import Phrased, Rivals, Stray
from bot.ports import Problem

MOST_TOLD = 3
"""Phrasings of a pair that a hint quotes."""


def phrased(knowledge: Knowledge) -> list[Phrased]:
    """All phrasings of a knowledge, by entry and language."""
    return [
        Phrased(entry.id, lang, questions, entry.keywords.get(lang, ()))
        for entry in knowledge.entries.values()
        for lang, questions in entry.questions.items()
    ]


def rivalry_hints(loaded: Loaded, found: Iterable[Rivals]) -> list[Problem]:
    """One hint for each pair of entries."""
    return [Problem(_place(loaded, one.strays[0]), _text(loaded, one), fatal=False) for one in found]


def _place(loaded: Loaded, stray: Stray) -> str:
    return loaded.place(stray.entry, "question", stray.lang, stray.number)


def _text(loaded: Loaded, one: Rivals) -> str:
    first = one.strays[0]
    if len(one.strays) == 1:
        return (
            f'{first.entry}: who asks nearly "{first.text}" is answered with {first.other}'
            f' ({first.confidence:.2f}; "{first.nearest}" is near); {_advice([first])}'
        )
    losers = list(dict.fromkeys(stray.entry for stray in one.strays))
    title = (
        f"{losers[0]} and {losers[1]} steal each other's questions"
        if one.mutual
        else f"{first.other} steals questions of {first.entry}"
    )
    told = [
        f'"{stray.text}"{f" ({_place(loaded, stray)})" if place else ""} goes to {stray.other}'
        for place, stray in enumerate(one.strays[:MOST_TOLD])
    ]
    if len(one.strays) > MOST_TOLD:
        told.append(f"{len(one.strays) - MOST_TOLD} more")
    cure = "; ".join(_advice([stray for stray in one.strays if stray.entry == loser]) for loser in losers)
    return f"{title}: {', '.join(told)}; {cure}, or make them one entry"


def _advice(strays: list[Stray]) -> str:
    """What to write into the entry that loses."""
    words = list(dict.fromkeys(word for stray in strays for word in stray.words))[:MOST_TOLD]
    how = f" with {', '.join(words)}" if words else " in other words"
    return f"give {strays[0].entry} more phrasings{how}"
