"""Wrapped lines are one paragraph; what begins a line of its own keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.loader import bundled_folder, load
from bot.knowledge.prose import unwrap


@pytest.mark.parametrize(
    ("wrapped", "whole"),
    [
        ("one line\nand its end", "one line and its end"),
        ("第一行\n第二行", "第一行第二行"),
        ("使用\nUSDT 网络", "使用 USDT 网络"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("do this:\n- first\n  goes on\n- second", "do this:\n- first goes on\n- second"),
        ("1. first\n2. second", "1. first\n2. second"),
        ("a\n```\ncode\n  stays\n```\nb", "a\n```\ncode\n  stays\n```\nb"),
        ("break  \nhere", "break  \nhere"),
        ("", ""),
    ],
)
def test_lines_are_joined_where_markdown_means_a_space(wrapped: str, whole: str) -> None:
    assert unwrap(wrapped) == whole


@given(st.text(alphabet="ab -*1.#>`\n提", max_size=60))
def test_unwrapping_twice_changes_nothing_and_no_word_is_lost(text: str) -> None:
    once = unwrap(text)
    assert unwrap(once) == once
    assert "".join(once.split()) == "".join(text.split())


def test_a_wrapped_text_of_the_bundled_knowledge_is_one_paragraph() -> None:
    knowledge = load(bundled_folder(), ["en", "zh"], "en").knowledge
    assert knowledge is not None
    assert "\n" not in knowledge.phrases.texts["greeting"]["en"]
    assert "。如" in knowledge.phrases.texts["greeting"]["zh"] or "。不" in knowledge.phrases.texts["greeting"]["zh"]
