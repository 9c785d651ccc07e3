"""Secrets that are known by their shape: key formats, tokens, card numbers, the words of a recovery phrase.

Every repetition is bounded or can't give back (`++`), so that the work grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

BARRIER = "\0"
"""Stands where a mark stands already: no finder sees into it or across it."""

# Not \b: Chinese characters count as word characters, and people write "我的password是" without a space.
LEFT, RIGHT = r"(?<![A-Za-z0-9\0])", r"(?![A-Za-z0-9\0])"
"""Edges of a word or number."""


class Span(NamedTuple):
    """A stretch of a text that holds a secret: the places of its first character and behind its last, and the kind."""

    start: int
    end: int
    kind: str


def word_set(words: str) -> frozenset[str]:
    """The words of a string: long word lists stay paragraphs instead of columns."""
    return frozenset(words.split())


_SEP = r"[\s,;、，；|·•-]{1,4}+(?:[(#]?[0-9]{1,2}[.):、．]?\s{0,3}+)?"
_B58 = "[1-9A-HJ-NP-Za-km-z]"
_PEM = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_SHAPES = tuple(
    (kind, re.compile(shape))
    for kind, shape in (
        (
            "private_key",
            rf"{_PEM}(?:(?:[^-\0]|-(?!-))*+-----END [A-Z ]{{0,40}}-----|(?:\s{{0,4}}[A-Za-z0-9+/=]{{16,}}+)*+)",
        ),
        (
            "private_key",
            rf"{LEFT}(?:5[HJK]{_B58}{{49}}|[KLc]{_B58}{{51}}|[t-z]prv{_B58}{{100,112}}|6P{_B58}{{56}}|S[A-Z2-7]{{55}}){RIGHT}",
        ),
        ("private_key", r"\[\s{0,3}[0-9]{1,3}(?:\s{0,3},\s{0,3}[0-9]{1,3}){63}\s{0,3}\]"),  # Solana's id.json
        ("api_secret", r"(?<![0-9\0])[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_\0-])"),  # Telegram bot
        (
            "api_secret",
            rf"{LEFT}[MNO][A-Za-z0-9_-]{{23,27}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}}{RIGHT}",
        ),  # Discord bot
        (
            "api_secret",
            rf"{LEFT}(?:sk-|[srp]k_live_|gh[pousr]_|github_pat_|xox[abps]-|AKIA)[A-Za-z0-9_-]{{16,200}}+(?!\0)",
        ),
        (
            "api_secret",
            r"(?<![A-Za-z0-9_\0-])eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,}+(?!\0)",
        ),  # JWT
        (
            "one_time_code",
            rf"{LEFT}[0-9]{{4,8}}+(?=\s?是[^\n\0]{{0,8}}验证码|\sis (?:my|your|the)(?: \w{{1,20}}){{0,3}} code)",
        ),
        ("seed_phrase", rf"(?<![一-鿿\0])[一-鿿](?:{_SEP}[一-鿿]){{11,}}(?![一-鿿\0])"),
    )
)


def shapes(text: str) -> Iterator[Span]:
    """The secrets in a text whose shape nothing harmless has."""
    return (Span(*m.span(), kind) for kind, shape in _SHAPES for m in shape.finditer(text))


_HEX64 = re.compile(rf"{LEFT}(?:0x)?[0-9a-fA-F]{{64}}{RIGHT}")
_NEAR_HEX = re.compile(r"(priv(?:ate)?[\s_-]?key|私[钥鑰])|tx|transaction|hash|交易(?!所)|哈希|转账", re.I)
_AFTER_HEX = re.compile(
    r"[\s,，]{0,3}(?:[(（]|(?:is|was)\s(?:my|the)\s|这?是|我的)(?:my |我的)?(?:wallet |钱包)?(?:private key|私[钥鑰])",
    re.I,
)


def hex_keys(text: str) -> Iterator[Span]:
    """Private keys of 64 hex digits. A transaction id looks the same: the nearest word decides, a list goes on."""
    last = -99
    for found in _HEX64.finditer(text):
        start, end = found.span()
        near = list(_NEAR_HEX.finditer(text[max(0, start - 60) : start].rpartition(BARRIER)[2]))
        listed = start - last < 8 and not text[last:start].strip(" \r\n,;.)0123456789")
        if listed or (near and near[-1][1]) or _AFTER_HEX.match(text, end):
            last = end
            yield Span(start, end, "private_key")


_DIGITS = re.compile(r"(?<![A-Za-z0-9_.\0])[0-9]++(?:[ -][0-9]++)*+")
_GROUP = re.compile("[0-9]+")
_NO_END = re.compile(r"[A-Za-z0-9_\0]|\.[0-9]")
_GROUPED = {(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (6, 13)}
_ISSUED = re.compile(  # Visa, Mastercard, American Express, Diners, JCB; Discover and UnionPay, Maestro
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}"
    r"|6(?:011|2\d\d|4[4-9]\d|5\d\d)\d{12,15}|6(?:304|7\d\d)\d{10,15}"
)
_NUMBERED = re.compile(
    r"(?:order|ticket|uid|trade|withdrawal|deposit|tx\w{0,4}|订单|单号|编号|\0)(?:\s?(?:id|no|number|号))?(?:\s?(?:is|是|为))?"
    r"[\s:：#.]{0,4}$",
    re.I,
)


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: a known issuer, a valid check digit, grouped as on a card, not called an order number."""
    for run in _DIGITS.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            start = groups[first][0]
            sizes = (n for n in (5, 4, 3, 2, 1) if first + n <= len(groups))
            size = next((n for n in sizes if _is_card(text, groups[first : first + n])), 0)
            if size > 1 or (size and not _NUMBERED.search(text[max(0, start - 24) : start])):
                yield Span(start, groups[first + size - 1][1], "card_number")
            first += size or 1


def _is_card(text: str, groups: list[tuple[int, int]]) -> bool:
    shape = tuple(end - start for start, end in groups)
    if sum(shape) > 19 or (len(shape) > 1 and shape not in _GROUPED) or _NO_END.match(text, groups[-1][1]):
        return False
    digits = "".join(text[start:end] for start, end in groups)
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return bool(_ISSUED.fullmatch(digits)) and (doubled + sum(map(int, digits[::-2]))) % 10 == 0
