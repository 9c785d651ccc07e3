"""What a misspelt word was probably meant to be, by the words that the knowledge uses.

Letters: one key wrong, missing, doubled or swapped. Chinese: a character typed for another that sounds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from bot.matching.concepts import single_words
from bot.matching.features import sound
from bot.matching.text import is_unspaced, stem

SHORTEST, LONGEST = 4, 24
"""Letters of a word that can be corrected: one letter of a shorter one is too much of it, a longer one is no word."""


class Spelling:
    """Immutable once built from the tokens of all phrasings."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self._words: dict[str, int] = {}
        self._pairs: dict[str, int] = {}
        for text in texts:
            for token in text:
                if is_unspaced(token):
                    for pair in _pairs(token):
                        self._pairs[pair] = self._pairs.get(pair, 0) + 1
                else:
                    self._words[token] = self._words.get(token, 0) + 1
        known = [*self._words, *(word for word in single_words() if word not in self._words)]
        self._stems = {stem(word) for word in known}
        self._shortened: dict[str, tuple[str, ...]] = {}
        for word in known:
            if SHORTEST <= len(word) <= LONGEST and word.isalpha():
                for shorter in _shortened(word):
                    self._shortened[shorter] = (*self._shortened.get(shorter, ()), word)
        self._homophones: dict[str, tuple[str, ...]] = {}
        for pair in self._pairs:
            sounds = _sounds(pair)
            self._homophones[sounds] = (*self._homophones.get(sounds, ()), pair)

    def meant(self, words: Sequence[str]) -> list[str]:
        """For each token what was probably meant: itself wherever it is known or nothing is like it."""
        return [self._run(word) if is_unspaced(word) else self._word(word) for word in words]

    def _word(self, word: str) -> str:
        if not SHORTEST <= len(word) <= LONGEST or not word.isalpha() or stem(word) in self._stems:
            return word
        candidates = {known for shorter in _shortened(word) for known in self._shortened.get(shorter, ())}
        # People get the first letter right more often than any other.
        return max(
            candidates,
            key=lambda known: (known[0] == word[0], fuzz.ratio(known, word), self._words.get(known, 0), known),
            default=word,
        )

    def _run(self, run: str) -> str:
        """Replace, from left to right, one character of a pair that is unknown where a known pair sounds the same."""
        characters = list(run)
        for at in range(len(run) - 1):
            first, second = characters[at], characters[at + 1]
            if first + second in self._pairs:
                continue
            fixed_first = at > 0 and characters[at - 1] + first in self._pairs
            fixed_second = at + 2 < len(run) and second + characters[at + 2] in self._pairs
            candidates = [
                pair
                for pair in self._homophones.get(_sounds(first + second), ())
                if (pair[0] == first) != (pair[1] == second)
                and (pair[0] == first or not fixed_first)
                and (pair[1] == second or not fixed_second)
            ]
            if candidates:
                best = max(candidates, key=lambda pair: (self._pairs[pair], pair))
                characters[at : at + 2] = best
        return "".join(characters)


def _shortened(word: str) -> set[str]:
    """The word and all that remains of it when one letter is left out.

    Two words that share one of these differ by one wrong, missing, surplus or swapped letter.
    """
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _sounds(pair: str) -> str:
    return f"{sound(pair[0])} {sound(pair[1])}"
