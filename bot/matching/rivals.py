"""Phrasings that lead to another entry than their own, once they are not known word for word: left out one by one.

Nobody writes a phrasing exactly as it stands. What the matcher makes of it *without* having it shows what becomes of
people who ask nearly so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.calibration import Thresholds, judge
from bot.matching.matcher import Matcher
from bot.matching.text import fold, is_unspaced, stem, tokens
from bot.messages import Match

MOST_ROUNDS = 10
"""Matchers built: in each, every tenth phrasing of an entry is missing, so of most entries just one."""

SURE = 0.6
"""Confidence in the wrong entry from which a single phrasing is worth a word; two of a pair are in any case."""

MOST_WORDS = 3
_PARTICLES = "的了吗呢啊吧是我你您在有和就也都还怎么什如何为请想要办"
_SMALL = (
    "the and for with from this that get got can how what when where why which who your you not does did has have are"
    " was via here there about into its out off one all any but may will would should could"
)
"""What tells nothing apart."""


@dataclass(frozen=True, slots=True)
class Phrased:
    """The phrasings of one entry in one language."""

    entry: str
    lang: str
    phrasings: tuple[str, ...]
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stray:
    """A phrasing (the `number`th of `entry` in `lang`) that would be answered with another entry, were it not known.

    `nearest` is the other entry's phrasing that carried it there, and `words` what the phrasing has beside that one.
    """

    entry: str
    lang: str
    number: int
    text: str
    other: str
    nearest: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two entries, and the phrasings of one that lead to the other."""

    entries: tuple[str, str]
    strays: tuple[Stray, ...]

    @property
    def mutual(self) -> bool:
        """Whether each loses phrasings to the other."""
        return len({stray.entry for stray in self.strays}) > 1


def left_out(base: Sequence[Phrased], thresholds: Thresholds) -> Iterator[Stray | None]:
    """Every phrasing of the base, left out and asked: what strays, and None for each that does not.

    One value a phrasing, so that a caller can tell how far it is; entries with one phrasing in a language come first.
    """
    yield from (None for one in base if len(one.phrasings) < 2)
    for turn in range(MOST_ROUNDS if any(len(one.phrasings) > 1 for one in base) else 0):
        matcher = Matcher([_without(one, _missing(one, place, turn)) for place, one in enumerate(base)])
        for place, one in enumerate(base):
            if len(one.phrasings) > 1:
                for number in _missing(one, place, turn):
                    yield _stray(one, number, matcher, thresholds)


def _missing(one: Phrased, place: int, turn: int) -> range:
    """The phrasings of the entry in this place of the base that are left out in this turn.

    Entries begin at different ones, so that those at the same place of neighbours, often alike, are not out at once.
    """
    return range((turn + place) % MOST_ROUNDS, len(one.phrasings), MOST_ROUNDS)


def rivals(strays: Iterable[Stray | None]) -> list[Rivals]:
    """Strays by pairs of entries, the worst pair first; a pair with a single one that is not sure is left out."""
    pairs: dict[tuple[str, str], list[Stray]] = {}
    for stray in strays:
        if stray is not None:
            first, second = sorted((stray.entry, stray.other))
            pairs.setdefault((first, second), []).append(stray)
    found = [
        Rivals(pair, tuple(sorted(some, key=lambda stray: -stray.confidence)))
        for pair, some in pairs.items()
        if len(some) > 1 or some[0].confidence >= SURE
    ]
    return sorted(found, key=lambda one: (-len(one.strays), -one.strays[0].confidence, one.entries))


def _without(one: Phrased, missing: Collection[int]) -> Mapping[str, object]:
    kept = [text for number, text in enumerate(one.phrasings) if number not in missing] or list(one.phrasings)
    return {"id": one.entry, "lang": one.lang, "question": kept[0], "variants": kept[1:], "keywords": one.keywords}


def _stray(one: Phrased, number: int, matcher: Matcher, thresholds: Thresholds) -> Stray | None:
    text = one.phrasings[number]
    ranked = [Match(*found) for found in matcher.match(text, one.lang)[:2]]
    if not ranked or ranked[0].entry == one.entry or judge(ranked, thresholds) != "answer":
        return None
    best = matcher.explain(text, one.lang, 1)[0]
    return Stray(
        one.entry, one.lang, number, text, best.entry, best.matched, best.confidence, apart(text, best.matched)
    )


def apart(text: str, other: str) -> tuple[str, ...]:
    """The words, or stretches of an unspaced script, that tell a text from another one; the longest few."""
    theirs = tokens(fold(other))
    stems = {stem(word) for word in theirs}
    characters = {character for word in theirs if is_unspaced(word) for character in word} | set(_PARTICLES)
    found: list[str] = []
    small = _SMALL.split()
    for word in tokens(fold(text)):
        if is_unspaced(word):
            found += "".join(" " if character in characters else character for character in word).split()
        elif len(word) > 2 and word not in small and stem(word) not in stems:
            found.append(word)
    longest = sorted(dict.fromkeys(found), key=len, reverse=True)[:MOST_WORDS]
    return tuple(word for word in dict.fromkeys(found) if word in longest)
