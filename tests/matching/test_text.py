"""Folding, tokens and stems."""

from __future__ import annotations

import pytest

from bot.matching.text import MAX_TEXT, fold, key, stem, tokens


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("WITHDRAWAL", "withdrawal"),
        ("Ｗｉｔｈｄｒａｗ　１２３", "withdraw 123"),
        ("Überweisung naïve Łódź", "uberweisung naive łodz"),
        ("提幣還沒到帳", "提币还没到帐"),
        ("with\u200bdraw\ufeff\u00ad", "withdraw"),
        ("one\ttwo\r\nthree\x00four", "one two three four"),
        ("don't can’t", "dont cant"),
        ("Straße", "strasse"),
        ("ёлка", "елка"),
        ("が ガ", "が ガ"),
        ("مَرْحَبًا", "مرحبا"),
        ("a\ud800b\udfffc", "abc"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_texts_that_differ_in_form_only_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_folding_twice_changes_nothing() -> None:
    for text in ("Ünïcode 提幣", "ﷺ ﬁne ①", "I'm", "𝓦𝓲𝓽𝓱"):
        assert fold(fold(text)) == fold(text)


def test_a_long_text_is_cut_to_its_beginning_and_end() -> None:
    folded = fold("beginning " + "x" * 5000 + " end")
    assert folded.startswith("beginning") and folded.endswith("end")
    assert len(folded) <= MAX_TEXT + 1


def test_compatibility_characters_do_not_blow_a_text_up() -> None:
    assert len(fold("ﷺ" * 20_000)) <= MAX_TEXT + 1


def test_words_and_runs_of_chinese_are_tokens_and_punctuation_is_none() -> None:
    assert tokens(fold("USDT提币没到!! (why?)")) == ["usdt", "提币没到", "why"]


@pytest.mark.parametrize(
    "identifier",
    [
        "https://example.com/tx/abc?x=1",
        "www.example.com",
        "someone.else@example.com",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
        "TQ5Q8NmLtd3c9VZsx1RZpqYfXqgLyP2z5R",
    ],
)
def test_links_addresses_and_hashes_are_no_words(identifier: str) -> None:
    assert tokens(fold(f"where is {identifier} now")) == ["where", "is", "now"]


def test_chinese_directly_after_a_link_stays() -> None:
    assert tokens(fold("https://example.com/a到账了吗")) == ["到账了吗"]


def test_the_key_ignores_spaces_and_punctuation_but_not_words() -> None:
    assert key(fold("My withdrawal, has not arrived!")) == key(fold("my withdrawal has not arrived"))
    assert key(fold("提币 没到？")) == key(fold("提幣沒到"))
    assert key(fold("buy")) != key(fold("sell"))


@pytest.mark.parametrize(
    ("word", "root"),
    [("payments", "payment"), ("topped", "top"), ("verifies", "verify"), ("waiting", "wait"), ("bus", "bus")],
)
def test_english_endings_are_cut_off(word: str, root: str) -> None:
    assert stem(word) == stem(root)


def test_stems_of_other_scripts_are_the_words_themselves() -> None:
    assert stem("提现") == "提现" and stem("вывод") == "вывод" and stem("2fa") == "2fa"
