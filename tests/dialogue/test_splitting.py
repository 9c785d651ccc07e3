"""Long texts become several messages: nothing is lost, nothing too long, and cut where a reader would pause."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.dialogue.splitting import parts, units

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
CHINA = "🇨🇳"
FENCE_LINE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$", re.MULTILINE)


def flat(text: str) -> str:
    return "".join(text.split())


def without_fences(text: str) -> str:
    return flat(FENCE_LINE.sub("", text))


def is_part_of(some: str, whole: str) -> bool:
    """Whether the characters of `some` are in `whole`, in their order."""
    rest = iter(whole)
    return all(character in rest for character in some)


def words(count: int, word: str = "word") -> str:
    return " ".join(f"{word}{number}" for number in range(count))


# Properties

pieces_of_text = st.sampled_from(
    [
        *"ab .!?。！，\n\t#-*>_[]()\r\\'\"",
        *("\n\n", "word", "提现", "😀", FAMILY, CHINA, "e\u0301", "\u3000", "\ud83d", "x" * 30, " - ", "1. ", ".  "),
    ]
)
fences = st.sampled_from(
    ["```", "~~~", "````", "\n```\n", "\n~~~\n", "\n````md\n", "\n  ```py\n", "`", "~", "\n~~~ a`b\n"]
)
prose = st.lists(pieces_of_text, max_size=80).map("".join)
wild = st.lists(pieces_of_text | fences, max_size=80).map("".join)
longests = st.integers(2, 120)


@settings(max_examples=200)
@given(prose, longests)
def test_without_code_the_content_is_the_same_and_every_part_fits(text: str, longest: int) -> None:
    found = parts(text, longest)
    assert all(units(part) <= longest for part in found)
    assert flat("".join(found)) == flat(text)
    assert found == [text] or all(part.strip() for part in found) or found == [""]


@settings(max_examples=250)
@given(wild, longests)
@example("```\n~~~\n````````", 15)
def test_whatever_the_fences_nothing_is_lost_and_every_part_fits(text: str, longest: int) -> None:
    found = parts(text, longest)
    assert all(units(part) <= longest for part in found)
    assert is_part_of(flat(text), flat("".join(found)))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text of paragraphs and fenced code, and the blocks of code in it."""
    blocks, codes = [], []
    for _ in range(draw(st.integers(1, 8))):
        if draw(st.booleans()):
            blocks.append(words(draw(st.integers(1, 40)), draw(st.sampled_from(["word", "字", "😀"]))))
            continue
        fence = draw(st.sampled_from(["```", "~~~", "````", "~~~~~"]))
        info = draw(st.sampled_from(["", "py", "c++"]))
        other = draw(st.sampled_from(["x", "~~~" if fence[0] == "`" else "```", fence[:-1], f"{fence}x"]))
        lines = [other if n % 3 == 1 else f"  line {n}" for n in range(draw(st.integers(1, 30)))]
        codes.append("\n".join([f"{fence}{info}", *lines, fence]))
        blocks.append(codes[-1])
    return "\n\n".join(blocks), codes


@settings(max_examples=200)
@given(documents(), st.integers(40, 300))
def test_code_that_fits_is_kept_whole_and_longer_code_is_fenced_again(
    document: tuple[str, list[str]], longest: int
) -> None:
    text, codes = document
    found = parts(text, longest)
    assert all(units(part) <= longest for part in found)
    for code in codes:
        if units(code) <= longest:
            assert any(code in part for part in found)
    assert without_fences("".join(f"{part}\n" for part in found)) == without_fences(text)


@given(st.text(max_size=60), st.integers(60, 90))
def test_a_text_that_fits_stays_as_it_is(text: str, longest: int) -> None:
    assume(units(text) <= longest)
    assert parts(text, longest) == [text]


@given(st.text(st.characters(), max_size=40))
def test_units_are_what_utf_16_says(text: str) -> None:
    assert units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)


# Examples


def test_an_empty_text_is_one_empty_part() -> None:
    assert parts("", 10) == [""]
    assert parts(" \n" * 20, 10) == [""]


def test_a_part_must_have_room_for_an_emoji() -> None:
    assert parts("😀😀", 2) == ["😀", "😀"]
    with pytest.raises(ValueError, match="2 UTF-16"):
        parts("ab", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two three.\nFour.\n\nFive six seven.", ["One two three.\nFour.", "Five six seven."]),
        ("One two. Three\nfour five six seven.", ["One two. Three", "four five six seven."]),
        ("One two three. Four five six seven.", ["One two three.", "Four five six seven."]),
        ("One two three four five six seven", ["One two three four five", "six seven"]),
        (
            "我的提现怎么还没到账。我已经等了三天了！请帮我查一下。",
            ["我的提现怎么还没到账。", "我已经等了三天了！请帮我查一下。"],
        ),
        (
            "我说：“提现还没到账呢！”客服没有回答我的问题啊啊啊",
            ["我说：“提现还没到账呢！”", "客服没有回答我的问题啊啊啊"],
        ),
        ("one two three\n\n    indented code here", ["one two three", "    indented code here"]),
        ("1. one two three\n   - four five six", ["1. one two three", "   - four five six"]),
        ("Twenty-three minus four - 7 is twelve", ["Twenty-three minus", "four - 7 is twelve"]),
        ("one\n\n" + "x" * 30, ["one", "x" * 24, "x" * 6]),
    ],
)
def test_it_is_cut_where_a_reader_would_pause(text: str, expected: list[str]) -> None:
    assert parts(text, 24) == expected


def test_signs_of_several_characters_stay_whole() -> None:
    for sign in (
        FAMILY,
        CHINA,
        "e\u0301",
        "👍🏽",
        "🏳\ufe0f\u200d🌈",
        "क्षि",
        "🏴\U000e0067\U000e0062\U000e007f",
        "\ud83d\ude00",
    ):
        assert flat("".join(parts(sign * 50, 33))) == sign * 50
        for part in parts(sign * 50, 33):
            assert part == sign * (len(part) // len(sign))


def test_a_sign_longer_than_a_part_is_cut_anyway() -> None:
    text = "a" + "\u0301" * 1000
    assert "".join(parts(text, 100)) == text


def test_no_crumb_is_left_for_the_last_part() -> None:
    for text in (words(700)[:4005], "字" * 4005, words(500) + "\n\n" + words(9) + "\n\nBye"):
        assert min(map(len, parts(text, 4000))) > 900 or parts(text, 4000) == [text]


def test_a_long_text_without_spaces_fills_its_parts() -> None:
    found = parts("提现" * 10_000, 3800)
    assert [len(part) for part in found[:-1]] == [3800] * 5
    assert "".join(found) == "提现" * 10_000
    assert len(parts("😀" * 10_000, 3800)) == 6


def test_code_moves_to_the_next_part_rather_than_being_cut() -> None:
    code = "```py\nfirst = 1\n\nsecond = 2\n```"
    assert parts(f"Before it.\n\nLike so:\n\n{code}\n\nAfter it.", 40) == ["Before it.\n\nLike so:", code, "After it."]


def test_long_code_is_cut_at_line_ends_and_fenced_again() -> None:
    lines = [f"line {number}" for number in range(6)]
    found = parts("Look:\n\n~~~~sh\n" + "\n".join(lines) + "\n~~~~\n\nSeen?", 45)
    assert found == [
        "Look:",
        "~~~~sh\nline 0\nline 1\nline 2\nline 3\n~~~~",
        "~~~~sh\nline 4\nline 5\n~~~~\n\nSeen?",
    ]


def test_code_that_nobody_closed_goes_on_to_the_end() -> None:
    assert parts("```\n" + "line\n" * 9, 28) == ["```\nline\nline\nline\nline\n```"] * 2 + ["```\nline\n```"]


def test_a_long_line_of_code_is_cut_anywhere() -> None:
    assert parts(f"```\n{'x' * 40}\ny\n```", 30) == [f"```\n{'x' * 22}\n```", f"```\n{'x' * 18}\ny\n```"]


def test_fences_in_longer_and_in_other_fences_are_content() -> None:
    inner = "```\ncode\n```\n~~~"
    code = f"~~~~\n{inner}\n~~~~~"
    assert parts(f"{words(4)}\n\n{code}\n\n{words(4)}", 40) == [words(4), code, words(4)]
    code = "````md\n```\n\ncode\n\n```\n````"
    assert parts(f"{words(4)}\n\n{code}\n\n{words(4)}", 40) == [words(4), code, words(4)]


def test_code_in_a_list_keeps_its_indentation() -> None:
    found = parts("- Do this:\n\n  ```\n" + "  run it\n" * 5 + "  ```\n- Done", 44)
    assert found[1] == "  ```\n  run it\n  run it\n  run it\n  ```"
    assert found[-1].endswith("\n  ```\n- Done")


def test_code_that_can_not_be_fenced_again_is_cut_like_any_text() -> None:
    for text in ("```" + "info" * 30 + "\ncode\n```", "```\n" + "x```" * 30 + "\n```"):
        found = parts(text, 50)
        assert max(map(units, found)) <= 50
        assert "".join(map(flat, found)) == flat(text)


@pytest.mark.parametrize(
    "text",
    [
        words(150_000),
        "我的提现怎么还没到账" * 100_000,
        "😀" * 500_000,
        "." * 1_000_000,
        "x" + " " * 1_000_000 + "x",
        "```py\n" + "line of code\n" * 80_000,
        "```\n" + "x" * 1_000_000 + "\n```",
        "```\nabc\n```\n\n" * 70_000,
        "a" + "\u0301" * 1_000_000,
        CHINA * 250_000,
    ],
    ids=range(10),
)
def test_it_takes_no_longer_than_the_text_is_long(text: str) -> None:
    begun = time.perf_counter()
    parts(text, 3800)
    assert time.perf_counter() - begun < 2  # a quadratic one takes minutes
