"""Which language a message is written in."""

from __future__ import annotations

import pytest

from bot.matching import detect

BOTH = ["en", "zh"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my withdrawal?", "en"),
        ("WHERE IS MY MONEY", "en"),
        ("help", "en"),
        ("提现一直没到账", "zh"),
        ("USDT提币没到", "zh"),
        ("KYC审核多久", "zh"),
        ("怎么 withdraw", "zh"),
        ("提幣還沒到", "zh"),
        ("i sent the money to 张伟 yesterday and it is gone", "en"),
        ("https://example.com/where/is/my/money 没到账", "zh"),
    ],
)
def test_words_and_characters_tell_the_language(text: str, language: str) -> None:
    assert detect(text, BOTH) == language


@pytest.mark.parametrize(
    "text",
    ["", " ", "KYC", "USDT", "usdt", "BTC ETH", "TRC20", "ok 12345", "12345", "?!", "😀👍🏽", "https://example.com/help",
     "0x52908400098527886E0F7030069857D2E4169EE7", "me@example.com", "\u200b", "\ud800", "1000 USDT", "a"],
)  # fmt: skip
def test_tickers_numbers_links_and_signs_tell_nothing(text: str) -> None:
    assert detect(text, BOTH) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("出金できません", "ja"),
        ("出金", "zh"),
        ("출금이 안 돼요", "ko"),
        ("Где мои деньги?", "ru"),
        ("أين أموالي", "ar"),
        ("where is it", "de"),
    ],
)
def test_every_script_has_its_language(text: str, language: str) -> None:
    assert detect(text, ["de", "en", "zh-TW", "ja", "ko", "ru", "ar", "zh"]) == language.replace("zh", "zh-TW")


def test_a_script_that_no_language_of_the_operator_uses_tells_nothing() -> None:
    assert detect("Где мои деньги?", BOTH) is None
    assert detect("出金できません", BOTH) is None
    assert detect("提现没到账", ["en"]) is None
    assert detect("where is it", ["zh"]) is None
    assert detect("where is it", []) is None


def test_characters_are_japanese_where_nobody_speaks_chinese() -> None:
    assert detect("入金確認", ["en", "ja"]) == "ja"


def test_a_decorative_kana_leaves_chinese_chinese() -> None:
    assert detect("我の提现一直没有到账怎么办", ["zh", "ja"]) == "zh"
