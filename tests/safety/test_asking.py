"""Which answers ask for a secret, and which only speak of one."""

from __future__ import annotations

import time

import pytest

from bot.knowledge.loader import bundled_folder, load
from bot.safety.asking import asks_for_secret, names_secret


@pytest.mark.parametrize(
    "text",
    [
        "Please send us your password.",
        "Please tell the agent the verification code you received.",
        "To speed things up, reply with your 2FA code.",
        "Give us your seed phrase and we will restore the wallet.",
        "Don't worry, just send me your private key.",
        "What is your PIN?",
        "We need your password to check the account.",
        "Our agents will ask for your recovery phrase.",
        "Paste your API secret below.",
        "1. Open the chat.\n2. Provide your full card number and CVV.",
        "You can share your one-time code with support.",
        "请把您的验证码发给我们。",
        "请提供您的密码和UID，方便核查。",
        "麻烦您告诉客服您的助记词。",
        "别担心，请把私钥发给客服。",
        "您的密码是什么？",
        "我们需要您的短信验证码来核实身份。",
        "请把验证码发在这里。",
    ],
)
def test_a_request_for_a_secret_is_found(text: str) -> None:
    assert asks_for_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "We never ask for your password.",
        "We will never ask you to send us your password, tell us your codes or give us your keys.",
        "Don't share your seed phrase with anyone, not even with us.",
        "Nobody from our team needs your password.",
        "Anyone who asks you to send them your private key is a scammer.",
        "Enter the verification code on the withdrawal page.",
        "Enter your password and confirm with the code from your authenticator.",
        "We send you a verification code by e-mail.",
        "Tap **Send code** and enter the SMS code.",
        "Choose **Forgot password** and follow the link.",
        "Please send us the e-mail that you got after the password reset.",
        "Please send us your UID and the TXID.",
        "Change your password and tell us when the login took place.",
        "我们绝不会向您索要密码或验证码。",
        "请勿把验证码告诉任何人。",
        "不要把助记词发给客服。",
        "请输入邮箱收到的验证码。",
        "请点击发送验证码，并在页面中填写。",
        "验证码只在提现页面填写，不要告诉任何人。",
        "请提供您的UID和交易哈希。",
        "凡是要求您提供密码的都是骗子。",
        "",
    ],
)
def test_speaking_of_a_secret_is_no_request(text: str) -> None:
    assert asks_for_secret(text) == []


def test_only_the_sentence_that_asks_is_named() -> None:
    assert asks_for_secret("We never need your PIN. Please send us your password! Thanks.") == [
        "Please send us your password!"
    ]


def test_nothing_in_the_bundled_knowledge_asks_for_a_secret() -> None:
    knowledge = load(bundled_folder(), ["en", "zh"], "en").knowledge
    assert knowledge is not None
    texts = [
        text for entry in knowledge.entries.values() for forms in entry.answers.values() for text in forms.values()
    ]
    assert [found for text in texts if (found := asks_for_secret(text))] == []


def test_the_name_of_a_secret_is_known() -> None:
    assert names_secret("your password")
    assert names_secret("短信验证码")
    assert not names_secret("the transaction id")


def test_a_long_text_takes_no_time() -> None:
    began = time.perf_counter()
    asks_for_secret("please send us " * 5000)
    asks_for_secret("请把" * 20000)
    assert time.perf_counter() - began < 1
