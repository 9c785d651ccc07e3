"""Which of the operator's languages a message is written in, told by its script and its words.

Tickers, abbreviations, numbers, links and hashes are the same in every language and are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.matching.text import HAN, KANA, MAX_INPUT, strip_identifiers

_SCRIPTS = {
    "han": re.compile(f"[{HAN}]"),
    "kana": re.compile(f"[{KANA}]"),
    "hangul": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
    "cyrillic": re.compile("[\u0400-\u052f]+"),
    "greek": re.compile("[\u0370-\u03ff]+"),
    "hebrew": re.compile("[\u0590-\u05ff]+"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]+"),
    "devanagari": re.compile("[\u0900-\u097f]+"),
    "bengali": re.compile("[\u0980-\u09ff]+"),
    "tamil": re.compile("[\u0b80-\u0bff]+"),
    "thai": re.compile("[\u0e00-\u0e7f]+"),
    "georgian": re.compile("[\u10a0-\u10ff]+"),
    "armenian": re.compile("[\u0530-\u058f]+"),
}
"""What counts as one: a character of a script that is written without spaces, a word of any other."""

_WRITTEN_IN = {
    "zh": "han", "yue": "han", "ja": "kana", "ko": "hangul", "el": "greek", "he": "hebrew",
    "ru": "cyrillic", "uk": "cyrillic", "be": "cyrillic", "bg": "cyrillic", "sr": "cyrillic", "mk": "cyrillic",
    "kk": "cyrillic", "ky": "cyrillic", "mn": "cyrillic", "tg": "cyrillic",
    "ar": "arabic", "fa": "arabic", "ur": "arabic", "ps": "arabic", "ckb": "arabic", "ug": "arabic",
    "hi": "devanagari", "mr": "devanagari", "ne": "devanagari", "bn": "bengali", "ta": "tamil",
    "th": "thai", "ka": "georgian", "hy": "armenian",
}  # fmt: skip
"""Script of a language; every other language is taken to be written in Latin letters."""

_LATIN = re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]+(?:['’][a-zA-Z]+)*")
_WITH_DIGITS = re.compile(r"\b(?=\w*[0-9])[a-zA-Z0-9_]+\b")
_ANYWHERE = frozenset(
    [
        "ok",
        "okay",
        "btc",
        "eth",
        "usdt",
        "usdc",
        "trx",
        "sol",
        "bnb",
        "xrp",
        "doge",
        "trc",
        "erc",
        "bep",
        "kyc",
        "api",
        "uid",
        "txid",
        "id",
        "ip",
        "app",
        "ios",
        "vip",
        "otc",
        "nft",
        "faq",
        "sms",
        "pdf",
        "email",
        "wifi",
        "google",
        "telegram",
        "discord",
        "android",
        "iphone",
        "ha",
        "haha",
        "hahaha",
        "lol",
        "hmm",
        "hm",
        "mm",
        "xd",
    ]
)
"""Words that people write in every language."""

_LONGEST_TICKER = 5
_SHOUTED = 3
"""So many words in capitals are a shouted sentence, not a list of abbreviations."""

_KANA_IN_JAPANESE = 0.15
"""Less kana than this share of a text in Chinese characters is decoration (`の`)."""


def detect(text: str, languages: Sequence[str]) -> str | None:
    """The code from `languages` that the text is written in, or None where nothing can be told.

    Languages that share a script can't be told apart: the first of them in `languages` is returned.
    """
    text = strip_identifiers(text[:MAX_INPUT])
    amounts = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    amounts["latin"] = _latin_words(text)
    if amounts["kana"] and amounts["kana"] >= _KANA_IN_JAPANESE * amounts["han"]:
        amounts["kana"] += amounts.pop("han")
    # A Chinese text may well be half English terms, an English one has a Chinese name at most: a tie is not Latin.
    script = max(amounts, key=lambda name: (amounts[name], name != "latin"))
    if not amounts[script]:
        return None
    return _first_in(script, languages)


def _first_in(script: str, languages: Sequence[str]) -> str | None:
    """The first language that is written in the script. Characters without kana may be Japanese if nothing else is."""
    for wanted in (script, "kana") if script == "han" else (script,):
        for language in languages:
            if _WRITTEN_IN.get(re.split("[-_]", language.lower())[0], "latin") == wanted:
                return language
    return None


def _latin_words(text: str) -> int:
    """How many words in Latin letters belong to a language."""
    words = [word for word in _LATIN.findall(_WITH_DIGITS.sub(" ", text)) if word.lower() not in _ANYWHERE]
    words = [word for word in words if len(word) > 1]
    capitals = [word for word in words if word.isupper()]
    if len(capitals) >= _SHOUTED:
        return len(words)
    return len(words) - sum(len(word) <= _LONGEST_TICKER for word in capitals)
