"""What an agent types: a command however it is typed, or a message to the contact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.commands import DESK_COMMANDS, DeskCommand, from_choice, parse, span


@pytest.mark.parametrize("name", DESK_COMMANDS)
@pytest.mark.parametrize("mark", ["/", "!"])
def test_every_command_is_read_with_either_mark(mark: str, name: str) -> None:
    assert parse(f"{mark}{name}") == DeskCommand(name)
    assert parse(f" {mark}{name.upper()}@frontdesk_bot  some\nwords ") == DeskCommand(name, "some\nwords")


@pytest.mark.parametrize(
    "text",
    [
        "/note fraud",
        "//fraud",
        "// fraud",
        "/note: fraud",
        "/note,fraud",
        "/note，fraud",
        "/note：fraud",
        "／note fraud",
        "！note fraud",
        "／ｎｏｔｅ　fraud",
        "／／fraud",
        "、、fraud",
        "、note fraud",
        "@bot /note fraud",
        "@bot/note fraud",
        "@Ben Miller, /note fraud",
        "@Ben @Lea // fraud",
        "<@123> /note fraud",
        "<@!123><@&4> !note fraud",
        "<@123> ／／fraud",
    ],
)
def test_a_note_is_one_however_it_is_typed(text: str) -> None:
    assert parse(text) == DeskCommand("note", "fraud")


def test_chinese_may_follow_a_command_without_a_space_and_keeps_its_punctuation() -> None:
    assert parse("/note疑似骗子，请注意！") == DeskCommand("note", "疑似骗子，请注意！")
    assert parse("/note疑似USDT骗子") == DeskCommand("note", "疑似USDT骗子")
    assert parse("／close，已解决！") == DeskCommand("close", "已解决！")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/备注 fraud", "备注"),
        ("！备注 fraud", "备注"),
        ("/note1 fraud", "note1"),
        ("/close_now fraud", "close_now"),
        ("/close-now fraud", "close-now"),
        ("/ note fraud", ""),
        ("/", ""),
        ("/5 fraud", ""),
        ("/?", ""),
    ],
)
def test_what_looks_like_a_command_is_one_that_is_not_known(text: str, name: str) -> None:
    found = parse(text)
    assert found is not None
    assert found.name == name
    assert found.name not in DESK_COMMANDS


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "",
        "!",
        "!!! please hurry",
        "！！！请注意",
        "! 5 minutes",
        "!5",
        "24/7 support",
        "https://example.com/note",
        "<https://example.com/note>",
        "see /note",
        "@Ann we are here 24/7",
        "@Ann, hello!",
        "@Ann, look: https://example.com",
        "ann@example.com wrote /note",
    ],
)
def test_anything_else_is_for_the_contact(text: str) -> None:
    assert parse(text) is None


def test_a_name_that_is_no_name_is_not_kept_at_any_length() -> None:
    found = parse("/" + "x" * 5000)
    assert found is not None
    assert len(found.name) <= 32


@given(st.sampled_from(["/", "／", "、", " /", "@bot /", "<@1> /"]), st.text(max_size=50))
def test_nothing_behind_a_slash_is_ever_for_the_contact(mark: str, rest: str) -> None:
    assert parse(mark + rest) is not None


@given(st.text(max_size=80))
def test_whatever_is_typed_can_be_read(text: str) -> None:
    found = parse(text)
    assert found is None or found.argument in text


def test_a_button_is_the_command_with_its_value() -> None:
    assert from_choice("priority:high") == DeskCommand("priority", "high")
    assert from_choice("claim") == DeskCommand("claim")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("2 hours", 7200), ("1天", 86400), ("30分钟", 1800), ("soon", None), ("", None)],
)
def test_a_span_of_time_is_read_in_both_languages(text: str, seconds: float | None) -> None:
    assert span(text) == seconds
