"""From what people type to what can be compared: folding, tokens and word stems.

Two texts that differ only in case, accents, width, traditional or simplified characters, or invisible characters
fold to the same string.
"""

from __future__ import annotations

import re
import unicodedata

from bot.matching import han

MAX_INPUT = 20_000
"""Characters of a message that are looked at, at all."""

MAX_TEXT = 1_000
"""Characters of a folded text that count: a longer message is represented by its beginning and its end."""

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
# letters in their own right and stay.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´](?=\w)")
_HAN = re.compile(f"[{HAN}]")
_TOKENS = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_IDENTIFIERS = re.compile(
    r"https?://[!-~]+|\bwww\.[!-~]+|[\w.+-]{1,64}@[a-z0-9-]{1,64}\.[a-z0-9.-]+"
    r"|(?<![a-z0-9])0x[0-9a-f]{6,}|(?<![a-z0-9])(?=[a-z]{0,40}[0-9])[a-z0-9]{16,}",
    re.ASCII | re.IGNORECASE,
)


def fold(text: str) -> str:
    """The text in the one form in which texts are compared; about `MAX_TEXT` characters at most."""
    text = text[:MAX_INPUT]
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        # Compatibility forms may hide what is stripped above, so strip once more.
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = " ".join(_APOSTROPHES.sub("", _CONTROL.sub(" ", text)).split())
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT // 2]} {text[-MAX_TEXT // 2 :]}"
    return han.simplify(text) if _HAN.search(text) else text


def strip_identifiers(text: str) -> str:
    """The text without links, mail addresses, transaction hashes and the like.

    They differ in every message and say nothing about the question.
    """
    return _IDENTIFIERS.sub(" ", text)


def tokens(folded: str) -> list[str]:
    """The words of a folded text, without punctuation and identifiers; a run of an unspaced script is one token."""
    found: list[str] = _TOKENS.findall(strip_identifiers(folded))
    return found


def key(folded: str) -> str:
    """What two texts share that say exactly the same: all tokens, without the spaces and punctuation between them."""
    return "".join(_TOKENS.findall(folded))


def is_unspaced(token: str) -> bool:
    """Whether the token is a run of a script that is written without spaces."""
    return _UNSPACED.match(token) is not None


def stem(word: str) -> str:
    """A word without its usual English endings, so that `payments` and `payment` are one word and `topped` is `top`."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2:
            doubled = root[-1] == root[-2] and root[-1] not in "lsz"
            word = root[:-1] if doubled else root
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word
