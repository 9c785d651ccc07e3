"""Secrets that are announced: "my password is ...", "验证码：...". The words before a value say what it is.

Each rule finds its words first and reads the value from their end, so that "password: password: hunter2" hides both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.safety.secret_shapes import BARRIER, LEFT, RIGHT, Span, word_set

_FILL = (
    r"(?:\s{1,3}(?:i|we|you|that|was|sent|to|from|got|get|received|have|in|on|of|for|by|the|my|me|your|our|this|just|now"
    rf"|app|sms|email|phone|2fa|google|account|login|log|sign|wallet|site|exchange|here|there){RIGHT}){{0,6}}"
)
_SIGN = r"\s{0,3}(?:(?:就?是|改?[为為]|改成了?)\s{0,3}[:=]?|[:=]>?|->)\s{0,4}"
_LINK = rf"{_FILL}(?:(?P<link>\s{{1,3}}(?:is|was|are){RIGHT}(?:{_SIGN}|\s{{1,4}})|{_SIGN})|(?:\s{{1,3}}-)?\s{{0,3}})"
_UNITS = r"(?!\s?(?:characters|chars|digits|letters|times|minutes|hours|days|[位个個字次分天年月日元]))"
_PIECE = r"[^\s\0\u2e80-\u9fff\uff00-\uffef]{3,}+(?!\0)"
_QUOTED = r"\"[^\"\n\0]{3,80}\"|'[^'\n\0]{3,80}'|“[^”\n\0]{3,80}”|「[^」\n\0]{3,80}」"

# Values that don't fit are read again from the words inside them; what is longer is hidden unread, to bound that work.
_LONGEST = 500


class _Said(NamedTuple):
    """A secret known by the words before it; `fits` says whether what follows them can be one."""

    kind: str
    words: re.Pattern[str]
    value: re.Pattern[str]
    fits: Callable[[re.Match[str], str], bool]


def said(text: str) -> Iterator[Span]:
    """The secrets in a text that the words before them give away."""
    for rule in _SAID:
        done = 0
        for words in rule.words.finditer(text):
            # Words inside a hidden value belong to it: else "password:password:..." is read again from every colon.
            value = rule.value.match(text, words.end()) if words.end() >= done else None
            if value and (len(value[0]) > _LONGEST or rule.fits(words, value[0])):
                done = value.end()
                yield Span(value.start(), done, rule.kind)


_PROSE = word_set(
    "a about account again all already also always an and any anymore as at bad because broken but by can can't"
    " cannot case case-sensitive change changed correct default different do does empty error fail fails failure"
    " false fine for forgot forgotten gone good hard hello help hi hidden how i i'm if in incorrect invalid issue it"
    " just known like login lost manager my n/a never new no none not nothing now null of off ok okay old on only or"
    " please private problem really reset right safe same secret secure set short so still strong thanks that the"
    " there this to too true unknown unsafe very weak what when where which who why with wrong you your"
)


def _password(words: re.Match[str], value: str) -> bool:
    plain = value.strip("\"'“”「」.,;!?()").lower()
    first = plain.split()[0] if plain else ""
    if words["link"] is None:
        # "password reset" is talk, "password hunter22" isn't.
        return len(first) >= 6 and any(c.isdigit() for c in first) and "://" not in first
    if value[0] in "\"'“「":
        return len(plain) > 2
    talk = first in _PROSE or first.endswith("n't") or (first.isalpha() and first.endswith(("ing", "ed")))
    return len(plain) > 2 and not talk and not (first.isalpha() and value.endswith("?"))


_OTHER_CODES = word_set(
    "area bank bar bonus branch country coupon currency discount error exit gift invitation invite order postal post"
    " product promo promotion promotional qr redeem ref referral response result return sort source status swift tax"
    " ticket tracking voucher zip"
)
_WHICH = re.compile(r"([A-Za-z\0]+)[\s-]{1,3}$")


def _one_time_code(words: re.Match[str], value: str) -> bool:
    if words["plain"] is None:
        return True
    which = _WHICH.search(words.string[max(0, words.start() - 24) : words.start()])
    # What a mark stands for is unknown: it may have been "error".
    other = which is not None and (BARRIER in which[1] or which[1].lower() in _OTHER_CODES)
    return not other and (words["link"] is not None or sum(c.isdigit() for c in value) == 6)


def _api_secret(words: re.Match[str], value: str) -> bool:
    digits = any(c.isdigit() for c in value)
    if words["link"] is None:
        return len(value) >= 16 and digits and any(c.isalpha() for c in value)
    return (digits or len(value) >= 20) and "://" not in value


def _linked(words: re.Match[str], _value: str) -> bool:
    return words["link"] is not None


_ZH_PROSE = re.compile(
    "怎么|什么|为何|如何|忘记|忘了|丢了|丢失|请问|请帮|帮我|钱包|助记|我的|无法|可以|导入|找回|被盗|了吗"
)


def _chinese_phrase(words: re.Match[str], value: str) -> bool:
    return _linked(words, value) and len(value) in (12, 15, 18, 21, 24) and not _ZH_PROSE.search(value)


def _rule(kind: str, words: str, value: str, fits: Callable[[re.Match[str], str], bool]) -> _Said:
    return _Said(kind, re.compile(f"(?:{words}){_LINK}", re.I), re.compile(value, re.I), fits)


_SAID = (
    _rule(
        "password",
        rf"{LEFT}(?:[a-z]{{1,12}}_)?(?:password|passwd|passcode|pwd|pass ?phrase|pass|pw|pin(?: ?code)?){RIGHT}"
        r"|密[码碼]|口令",
        rf"(?:{_QUOTED}|{_PIECE}(?:[ \t]?[/|][ \t]?{_PIECE})?){_UNITS}",
        _password,
    ),
    _rule(
        "one_time_code",
        rf"{LEFT}(?:(?P<plain>codes?)|(?:t?otp|[2m]fa|google auth\w*"
        rf"|authenticator|one[- ]time pass\w*)(?: codes?)?){RIGHT}"
        r"|(?:验证|驗證|校验|动态|认证|谷歌|短信|安全|一次性)(?:密?[码碼]|口令)",
        rf"(?:[A-Z]-)?(?:[0-9]{{3}}[ -][0-9]{{3}}|[0-9]{{4,8}}+)(?![A-Za-z0-9\0]|[-./:][0-9]){_UNITS}",
        _one_time_code,
    ),
    _rule(
        "api_secret",
        rf"{LEFT}(?:(?:api|app|client|access|auth|bot|refresh|session|webhook)[\s_-]{{0,2}}(?:secret|key|token)(?:[\s_-]key)?"
        rf"|(?:[a-z]{{1,12}}_)?secret(?:[\s_-]access)?(?:[\s_-]?key)?|bearer){RIGHT}|[密秘][钥鑰]",
        r"[A-Za-z0-9_+/=.~:-]{8,}+(?!\0)",
        _api_secret,
    ),
    _rule(
        "private_key",
        rf"{LEFT}priv(?:ate)?[\s_-]?key{RIGHT}|私[钥鑰]",
        r"(?:0x)?[A-Za-z0-9+/=]{43,140}+(?!\0)",
        _linked,
    ),
    _rule("card_number", rf"{LEFT}(?:cvv2?|cvc2?){RIGHT}|安全码", r"[0-9]{3,4}+(?![A-Za-z0-9\0])", _linked),
    _rule(
        "seed_phrase",
        r"(?:助[记記][词詞]|(?:恢复|种子)短语)[^\n\0]{0,10}?(?=[是为為:=])",
        r"[一-鿿]{12,24}+(?!\0)",
        _chinese_phrase,
    ),
)
