"""What can't wait goes to people at once; who only asks about it gets an answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.urgency import Urgency, UrgencyRule
from tests.dialogue.test_decide import DIALOGUE

URGENCY = Urgency(DIALOGUE.knowledge.urgency)

URGENT = [
    ("my account was hacked", "account-taken-over"),
    ("MY ACCOUNT HAS BEEN COMPROMISED!!", "account-taken-over"),
    ("help my\naccount\ngot hacked", "account-taken-over"),
    ("my account was hacked can someone help me", "account-taken-over"),
    ("my account was hacked, tell me what to do if my phone is gone, too", "account-taken-over"),
    ("Someone has logged into my account and changed the e-mail", "someone-in-account"),
    ("I've been hacked. How can I prevent more of it?", "someone-in-account"),
    ("someone withdrew my coins", "money-taken"),
    ("a hacker is draining it: somebody moved all my USDT", "money-taken"),
    ("My coins were stolen", "money-gone"),
    ("my funds are being transferred out", "money-gone"),
    ("there is a withdrawal I didn’t make", "not-me"),
    ("this withdrawal was made without my permission", "not-me"),
    ("I just sent USDT to the wrong address, can you stop it", "wrong-address-just-now"),
    ("withdrew over the wrong network 5 minutes ago", "wrong-address-just-now"),
    ("I got liquidated because your app was down", "liquidated-by-fault"),
    ("about to face liquidation and I can't close my position", "liquidated-by-fault"),
    ("I gave my verification code to somebody who called me", "secret-told"),
    ("I entered my password on a fake site", "secret-told"),
    ("I clicked a phishing link", "fell-for-it"),
    ("我的账号被盗了", "account-taken-over"),
    ("我的 账号 被盗 了", "account-taken-over"),
    ("帳號被盜了怎麼辦", "account-taken-over"),
    ("我的密码被人改了，登不上去", "account-taken-over"),
    ("币被转走了", "money-taken"),
    ("我的币被盗了，如果不处理我就报警", "money-taken"),
    ("有人提走了我的USDT", "money-taken"),
    ("这笔提现不是我操作的", "not-me"),
    ("我刚刚提现地址填错了，能拦截吗", "wrong-address-just-now"),
    ("刚才充值链选错了", "wrong-address-just-now"),
    ("系统卡死平不了仓，被爆仓了", "liquidated-by-fault"),
    ("我把验证码给了假客服", "secret-told"),
    ("我在钓鱼网站输入了助记词", "secret-told"),
    ("我被骗了", "fell-for-it"),
]
CALM = [
    "how do I protect my account from being hacked",
    "What should I do if my account was hacked?",
    "can my account be hacked",
    "can someone steal my coins if they know my email",
    "has your exchange ever been hacked",
    "was the exchange hacked last year",
    "my account was not hacked, I only forgot the password",
    "how do I know if my account has been compromised",
    "how to avoid that my funds get stolen",
    "I entered my password and it says wrong password",
    "I entered the verification code and nothing happens",
    "I sent my documents to support",
    "what is liquidation and when does it happen",
    "I was liquidated, why",
    "I want to change my withdrawal address",
    "what happens if I use the wrong network",
    "I just sent a withdrawal, when does it arrive",
    "my withdrawal has not arrived",
    "how do I report a phishing site",
    "someone told me your fees are low",
    "what is an unauthorized transaction",
    "如何防止账号被盗",
    "账号被盗了会赔吗",
    "如果账号被盗了怎么办",
    "怎么保护我的账户不被盗",
    "你们平台被黑过吗",
    "我的币会不会被盗",
    "爆仓是什么意思",
    "我爆仓了为什么",
    "提现地址怎么填",
    "充错链了怎么办",
    "怎么识别假客服",
    "我输入了验证码但是提示错误",
    "我的提现怎么还没到账",
    "",
]


@pytest.mark.parametrize(("text", "rule"), URGENT)
def test_what_can_not_wait_is_noticed(text: str, rule: str) -> None:
    found = URGENCY.rule(text)
    assert found is not None and found.id == rule


@pytest.mark.parametrize("text", CALM)
def test_who_only_asks_about_it_is_not_taken_for_a_victim(text: str) -> None:
    assert URGENCY.rule(text) is None


def rule(name: str = "it", priority: str = "urgent", **words: tuple[tuple[str, ...], ...]) -> UrgencyRule:
    return UrgencyRule(name, priority, "topic", words, {"en": ("unless",)})  # type: ignore[arg-type]


def test_every_group_must_be_met_in_one_sentence() -> None:
    one = Urgency([rule(en=(("red", "blue"), ("cat", "dog")))])
    assert one.rule("a dog that is BLUE") and one.rule("red, and so a cat")
    for text in ("a dog. It is blue", "a dog!blue", "red", "cat", "a reddish cat", "red cats"):
        assert one.rule(text) is None, text


def test_what_silences_stands_before_the_next_comma() -> None:
    one = Urgency([rule(en=(("cat",),))])
    assert one.rule("a cat, unless it is a dog") and one.rule("Unless it rains. A cat")
    assert one.rule("unless, well, a cat") is None and one.rule("a cat unless it is a dog") is None


def test_the_most_pressing_rule_counts_and_a_rule_without_words_is_none() -> None:
    rules = [rule("high", "high", en=(("cat",),)), rule("urgent", en=(("cat",),)), rule("off"), rule("empty", en=())]
    found = Urgency(rules).rule("cat")
    assert found is not None and found.id == "urgent"
    assert Urgency(rules).rule("") is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    URGENCY.rule(text)


@pytest.mark.parametrize("piece", ["my ", "my account ", "someone withdrew ", "我的", "if my ", ", ", ". ", "'"])
def test_a_very_long_message_is_no_burden(piece: str) -> None:
    begun = time.perf_counter()
    URGENCY.rule(piece * 20_000)
    assert time.perf_counter() - begun < 1
