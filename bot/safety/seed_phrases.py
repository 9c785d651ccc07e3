"""Recovery phrases: 12 to 24 words that nobody would say in this order.

Without the word list of BIP-39 they are told from prose by what they lack: no word of that list has fewer than 3 or
more than 8 letters, hardly any ends in -s, -ed or -ing, and the commonest words of English are not in it. A dozen words
of prose nearly always hold one of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety.secret_shapes import BARRIER, Span, word_set

_WORD = re.compile(r"(?<![A-Za-zÀ-ɏ\0])[A-Za-zÀ-ɏ]++(?!\0)")
_BETWEEN = re.compile(r"[\s,;、，；|·•-]{1,6}+(?:[(#]?[0-9]{1,2}[.):、．]?\s{0,3}+)?")
_ENDING = re.compile(r"(?:[^aiosu]s|ed|ing)$")
_ENDED = word_set(
    "always amazing amused armed boring bring ceiling chaos daring during ethics feed hundred jeans lens lyrics"
    " mixed morning need news nothing pudding ring scissors seed series shed sibling sing speed spring stairs sting"
    " swing thing tired used wedding wing"
)
"""The words of BIP-39's English list that end as its words usually don't."""

_PROSE = word_set(
    "after and anything are back been being both but came cannot cant could crypto did didnt does doesnt doing dont"
    " down each email even ever every for from gave get got had has her here hey him his how its let made many may"
    " might money most not our out per said saw see send sent shall she should show some support take than the their"
    " them these though through too took via wallet was week went were which while who why with withdraw without"
    " would yes your"
)
"""Common words that are in no recovery phrase: none is in BIP-39's English list."""

_SAID = re.compile(
    r"(?:seed|recovery|secret|backup|mnemonic|wallet)[\s-](?:phrase|words?)|mnemonic|seed|(?:12|15|18|21|24)[\s-]?words?"
    r"|助[记記][词詞]|恢复短语|种子|[个個]单?[词詞]",
    re.I,
)
_LEAD = re.compile(r"(?:[a-z]{3,8}\s)?(?:seed|recovery|secret|backup|mnemonic)\s(?:phrase|words?)\s{1,3}", re.I)


def seed_phrases(text: str) -> Iterator[Span]:
    """Runs of 12 words and more that look like a recovery phrase; 8 are enough where somebody says that it is one."""
    for run in _runs(text):
        start = run[0].start()
        lead = _LEAD.match(text, start)
        said = lead or _SAID.search(text[max(0, start - 60) : start].rpartition(BARRIER)[2])
        words = [word for word in run if not lead or word.start() >= lead.end()]
        # A list of coins is a dozen words too (BTC ETH SOL ...), but short ones.
        if len(words) >= 8 if said else len(words) >= 12 and max(len(word[0]) for word in words) > 5:
            yield Span(words[0].start(), words[-1].end(), "seed_phrase")


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        fits = _could_be_one(word[0].lower())
        if run and not (fits and _BETWEEN.fullmatch(text, run[-1].end(), word.start())):
            yield run
            run = []
        if fits:
            run.append(word)
    if run:
        yield run


def _could_be_one(word: str) -> bool:
    return 3 <= len(word) <= 8 and word not in _PROSE and (word in _ENDED or not _ENDING.search(word))
