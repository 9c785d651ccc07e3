"""Whether a text asks somebody for a secret: an answer that does would train people to give theirs away.

A sentence with a denial ("we never ask for your password") is none; a secret typed on a page of the product, rather
than told to a person, is none either. English and Chinese.
"""

from __future__ import annotations

import re

_BETWEEN = r"(?:(?![.!?;]\s)[^\n]){0,60}?"
_NAMED = (
    r"\b(?:passwords?|passcodes?|pass ?phrases?|pin(?: code)?s?|private keys?|secret keys?|api secrets?|cvv|cvc"
    r"|(?:seed|recovery|backup|mnemonic)[ -](?:phrases?|words|codes?|keys?)|(?:full|complete|whole) card numbers?"
    r"|(?:verification|confirmation|security|one[- ]time|login|2fa|sms|authenticator|google|e-?mail)(?: \w+)? codes?"
    r"|otps?(?: codes?)?)\b"
    r"(?![ -](?:reset|page|manager|fields?|settings?|requirements?|rules?|change|recovery|problem|e-?mails?|hint|menu))"
)
_TELL = (
    r"(?:send|give|tell|share|provide|supply|submit|forward|disclose|reveal|reply(?: to us)? with|respond with"
    r"|message|text|e-?mail|dm|state|quote|hand over|read out|let (?:us|me) (?:know|have))"
)
_WRITE = r"(?:enter|type|write|paste|post|put|leave|add|include|attach)"
_ASKED = (
    r"(?:^|[,;:(]\s*|\b(?:please|kindly|and|or|then|just|also|simply|must|should|can you|could you|would you|will you"
    r"|you can|(?:need|have|ask|want|like|require) (?:you )?to|to help you|you to)\s+)"
)
_US = r"\b(?:us|me|our|support|agents?|staff|operators?|team|admins?|moderators?)\b"
_HERE = (
    r"\b(?:here|below|in (?:this|the|your) (?:chat|conversation|message|reply|ticket|e-?mail)|to (?:us|me|support))\b"
)

_ENGLISH = [
    re.compile(rf"{_ASKED}{_TELL}\b{_BETWEEN}(?:{_US}|\byours?\b|\bthe\b){_BETWEEN}{_NAMED}", re.I | re.M),
    re.compile(rf"{_ASKED}{_WRITE}\b{_BETWEEN}{_NAMED}{_BETWEEN}{_HERE}", re.I | re.M),
    re.compile(
        r"\b(?:we|i|they|agents?|support|(?:our|the) \w+)(?: (?:will|may|might|must|also|then|can))*"
        rf" (?:needs?|requires?|asks?(?: you)?(?: for)?)(?: to know)? (?:your|the) {_BETWEEN}{_NAMED}",
        re.I,
    ),
    re.compile(rf"\bwhat(?:'s|’s| is| are| was) your {_BETWEEN}{_NAMED}", re.I),
]
_DENIED = re.compile(
    r"\b(?:never|not|no|none|nobody|nor|neither|without|cannot|refuse\w*|avoid|stop|scam\w*|fraud\w*|fake|impost\w*"
    r"|impersonat\w*|phish\w*|suspicious|whoever|anyone who|someone who|if (?:some|any)(?:one|body)|dont)\b"
    r"|n['’]t\b",
    re.I,
)
_NO_DENIAL = re.compile(
    r"\b(?:(?:do not|don['’]t) (?:worry|hesitate|forget)|no (?:problem|worries)|not only|if not|why not)\b", re.I
)
_ON_A_PAGE = re.compile(
    r"\b(?:on|in|into|at) (?:the|our|your|its|that) (?:[\w*>-]+ ){0,3}"
    r"(?:page|app|form|screen|window|fields?|box|dialog|settings|website|site)\b|\*\*[^*]+>[^*]+\*\*",
    re.I,
)

_ZH_NAMED = (
    r"(?:密[码碼]|口令|[私密][钥鑰]|助[记記][词詞]|恢复短语|恢復短語|种子短语|安全码|[验驗][证證][码碼]|校验码|动态码"
    r"|完整卡号)"
    r"(?!重置|找回|修改|[页頁]面|设置|設置|格式|错误|問題|问题)"
)
_ZH_TELL = r"(?:[发發]送?[给給]|告[诉訴知]|提供[给給]?|回[复覆]|私信|报给|上报|留下|[发發]来|发到|发送到|发一下|[给給])"
_CHINESE = [
    re.compile(
        rf"(?:请|請|麻烦|麻煩|需要|需|烦请|可以|把|将|將)[^。！？!?\n]{{0,14}}?{_ZH_TELL}[^。！？!?\n]{{0,14}}?{_ZH_NAMED}"
    ),
    re.compile(
        rf"(?:请|請|麻烦|麻煩|需要|需|把|将|將)[^。！？!?\n]{{0,14}}?{_ZH_NAMED}[^。！？!?\n]{{0,14}}?"
        rf"(?:{_ZH_TELL}(?:我们|我們|我|客服|人工|专员|管理员)|发过来|發過來|(?:发|發|写|寫|输入|輸入|填)在?(?:这里|這裡|此处|聊天|对话))"
    ),
    re.compile(rf"(?:您|你)的{_ZH_NAMED}是(?:什么|多少|什麼)"),
    re.compile(rf"(?:我们|我們|客服|人工)(?:会|會)?需要(?:您|你)的?[^。！？!?\n]{{0,8}}?{_ZH_NAMED}"),
]
_ZH_DENIED = re.compile(
    "不|勿|别|別|切莫|从未|從未|无需|無需|没有|沒有|禁止|骗|騙|诈|詐|冒充|假|钓鱼|拒绝|凡是|任何人|谁|点击|點擊|点按|按钮|获取|重新发"
)
_ZH_NO_DENIAL = re.compile("别担心|別擔心|不用担心|不用擔心|别急|别忘|不客气|没有问题|没问题|如果没有|特别|分别|不要忘")
_ZH_ON_A_PAGE = re.compile("(?:在|到)[^，。]{0,12}(?:页面|頁面|弹窗|输入框|App|网站|表单|设置)(?:里|中|上|填|输)?")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")


def asks_for_secret(text: str) -> list[str]:
    """The sentences of a text that ask for a secret, as they stand there."""
    return [sentence.strip() for sentence in _SENTENCES.split(text) if _asks(sentence)]


def names_secret(text: str) -> bool:
    """Whether a text names a secret at all, as the name of something to be asked for would."""
    return re.search(_NAMED, text, re.I) is not None or re.search(_ZH_NAMED, text) is not None


def _asks(sentence: str) -> bool:
    sentence = sentence.strip(" \t-*>0123456789.)•")
    if any(pattern.search(sentence) for pattern in _ENGLISH):
        return not _DENIED.search(_NO_DENIAL.sub("", sentence)) and not _ON_A_PAGE.search(sentence)
    if any(pattern.search(sentence) for pattern in _CHINESE):
        return not _ZH_DENIED.search(_ZH_NO_DENIAL.sub("", sentence)) and not _ZH_ON_A_PAGE.search(sentence)
    return False
