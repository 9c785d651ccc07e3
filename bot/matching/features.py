"""What a text consists of, as weighted features.

They come in two blocks: *exact* (what was said: words, characters, concepts) and *fuzzy* (how it is spelt and how it
sounds). Each block is brought to length one by the index, so weights matter only within a block.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.matching import han
from bot.matching.concepts import concepts
from bot.matching.text import is_unspaced, stem

PAIR_WEIGHT = 0.5
"""Weight of two neighbouring characters or syllables against a single one (measured)."""

GRAM_DAMPING = 0.35
"""A word of n letter groups gives each the weight n^-0.35, so that a long word doesn't outweigh three short ones."""

CONCEPT_WEIGHTS = (0.8, 0.6)
"""Weight of a concept in the exact and in the fuzzy block, against 1 for a word (measured: more costs judgement)."""

GUESS_WEIGHT = 0.8
"""Weight of a word that was probably meant, against one that was written."""

_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Features:
    """Feature -> weight, before any weighting by rarity. The same name in the two blocks is two features."""

    exact: dict[str, float]
    fuzzy: dict[str, float]


def features(written: Sequence[str], meant: Sequence[str] | None = None) -> Features:
    """The features of a text, given its tokens and, one for one, what was probably meant by them."""
    meant = written if meant is None else meant
    exact: dict[str, float] = {}
    fuzzy: dict[str, float] = {}
    for word, likely in zip(written, meant, strict=True):
        if is_unspaced(word):
            _add(exact, _characters(likely))
            _add(fuzzy, _sounds(likely))
            continue
        _add(exact, ((stem(likely), 1.0 if word == likely else GUESS_WEIGHT),))
        _add(fuzzy, _spelt(word))
        if word != likely:
            for gram, weight in _spelt(likely):
                fuzzy[gram] = max(fuzzy.get(gram, 0.0), weight * GUESS_WEIGHT)
    for block in (exact, fuzzy):
        for feature, weight in block.items():
            block[feature] = math.log2(1 + weight)  # said twice is not twice as important
    for concept in concepts(meant):
        exact[f"={concept}"], fuzzy[f"={concept}"] = CONCEPT_WEIGHTS
    return Features(exact, fuzzy)


def sound(character: str) -> str:
    """How a character of an unspaced script sounds; one without a known reading stands for itself."""
    return han.syllable(character) or character


def _add(block: dict[str, float], weighted: Iterable[tuple[str, float]]) -> None:
    for feature, weight in weighted:
        block[feature] = block.get(feature, 0.0) + weight


def _spelt(word: str) -> list[tuple[str, float]]:
    """Letter groups of a word, damped by how many there are."""
    grams = _grams(word)
    weight = len(grams) ** -GRAM_DAMPING
    return [(gram, weight) for gram in grams]


@lru_cache(maxsize=2048)
def _grams(word: str) -> tuple[str, ...]:
    """Letter groups of two to four of a word, its beginning and end marked."""
    bounded = f"^{word[:_LONGEST_WORD]}$"
    return tuple(bounded[start : start + size] for size in (2, 3, 4) for start in range(len(bounded) - size + 1))


def _characters(run: str) -> list[tuple[str, float]]:
    """Characters of an unspaced script, one by one and in pairs."""
    return [(character, 1.0) for character in run] + _pairs(run)


def _sounds(run: str) -> list[tuple[str, float]]:
    """Syllables of an unspaced script, one by one and in pairs. The mark keeps them apart from letter groups."""
    syllables = [f"~{sound(character)}" for character in run]
    return [(syllable, 1.0) for syllable in syllables] + _pairs(syllables)


def _pairs(units: Sequence[str]) -> list[tuple[str, float]]:
    return [(first + second, PAIR_WEIGHT) for first, second in pairwise(units)]
