"""From what people type to what can be compared: folding, tokens and weighted features.

Two texts that differ only in case, accents, width, traditional or simplified characters, or invisible characters
fold to the same string. Features come in two blocks: *exact* (what was said) and *fuzzy* (how it is spelt and sounds).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.matching import han

MAX_INPUT = 20_000
"""Characters of a message that are looked at, at all."""

MAX_TEXT = 1_000
"""Characters of a folded text that count: a longer message is represented by its beginning and its end."""

PAIR_WEIGHT = 0.5
"""Weight of two neighbouring characters or syllables against a single one (measured)."""

GRAM_DAMPING = 0.35
"""A word of n letter groups gives each the weight n^-0.35, so that a long word doesn't outweigh three short ones."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f々〇"
KANA = "\u3041-\u30ff\u31f0-\u31ff"
UNSPACED = HAN + KANA + "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Scripts written without spaces (Chinese, Japanese, Thai, Lao, Burmese, Khmer), as the inside of a character class."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic. The vowel signs of Thai or Hindi are
# letters of their own right and stay.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´](?=\w)")
_HAN = re.compile(f"[{HAN}]")
_TOKENS = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")
# Addresses, transaction hashes, order numbers: they differ in every message and say nothing about the question.
_IDENTIFIERS = re.compile(
    r"https?://[!-~]+|\bwww\.[!-~]+|[\w.+-]{1,64}@[a-z0-9-]{1,64}\.[a-z0-9.-]+"
    r"|(?<![a-z0-9])0x[0-9a-f]{6,}|(?<![a-z0-9])(?=[a-z]{0,40}[0-9])[a-z0-9]{16,}",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Features:
    """What a text consists of: feature -> weight, before any weighting by rarity."""

    exact: dict[str, float]
    fuzzy: dict[str, float]


def fold(text: str) -> str:
    """The text in the one form in which texts are compared; never longer than `MAX_TEXT` characters."""
    text = text[:MAX_INPUT]
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", _ACCENTS.sub("", text)))
    else:
        text = text.lower()
    text = " ".join(_APOSTROPHES.sub("", _CONTROL.sub(" ", text)).split())
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT // 2]} {text[1 - MAX_TEXT // 2 :]}"
    return han.simplify(text) if _HAN.search(text) else text


def strip_identifiers(text: str) -> str:
    """The text without links, mail addresses, transaction hashes and the like."""
    return _IDENTIFIERS.sub(" ", text)


def tokens(folded: str) -> list[str]:
    """The words of a folded text, without punctuation and identifiers; a run of an unspaced script is one token."""
    found: list[str] = _TOKENS.findall(strip_identifiers(folded))
    return found


def key(folded: str) -> str:
    """What two texts share that say exactly the same: the tokens without spaces and punctuation between them."""
    return "".join(_TOKENS.findall(folded))


def features(words: list[str]) -> Features:
    """The features of a text, given its tokens."""
    exact: dict[str, float] = {}
    fuzzy: dict[str, float] = {}
    for word in words:
        spelt, sounded = _characters(word) if _UNSPACED.match(word) else _word(word)
        for feature, weight in spelt:
            exact[feature] = exact.get(feature, 0.0) + weight
        for feature, weight in sounded:
            fuzzy[feature] = fuzzy.get(feature, 0.0) + weight
    return Features(exact, fuzzy)


def stem(word: str) -> str:
    """A word without its usual English endings, so that `withdrawals` and `withdraw` share more than their letters."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2:
            word = root[:-1] if root[-1] == root[-2] and root[-1] not in "lsz" else root
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


@lru_cache(maxsize=2048)
def _word(word: str) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    """Exact and fuzzy features of a word in a script with spaces."""
    bounded = f"^{word[:40]}$"
    grams = [bounded[i : i + n] for n in (2, 3, 4) for i in range(len(bounded) - n + 1)]
    weight = len(grams) ** -GRAM_DAMPING
    return ((stem(word), 1.0),), tuple((gram, weight) for gram in grams)


def _characters(run: str) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Exact and fuzzy features of a run of an unspaced script: characters and how they sound, one by one and in pairs."""
    exact = [(character, 1.0) for character in run]
    exact += [(run[i : i + 2], PAIR_WEIGHT) for i in range(len(run) - 1)]
    # A character without a reading stands for itself, so that kana and Thai have a fuzzy side too.
    sounds = [f"~{han.syllable(character) or character}" for character in run]
    fuzzy = [(sound, 1.0) for sound in sounds]
    fuzzy += [(first + second, PAIR_WEIGHT) for first, second in zip(sounds, sounds[1:], strict=False)]
    return exact, fuzzy
