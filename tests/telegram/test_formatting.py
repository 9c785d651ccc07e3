"""Formatting on its way in: Telegram's entities as Markdown that shows the same text, whatever is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from adapters.telegram.formatting import to_markdown
from adapters.telegram.markup import seen_text, to_html, units
from tests.telegram.desk import BO, CONTACT, FORUM, Desk, working
from tests.telegram.test_desk_setup import running

BLOCK = "print(1)\n\nprint(`2`)"
KINDS = ["bold", "italic", "strikethrough", "code", "pre", "blockquote", "text_link", "underline", "spoiler", "url"]


def entity(text: str, kind: str, what: str, **more: Any) -> MessageEntity:
    """What covers the first `what` in a text."""
    return MessageEntity(kind, units(text[: text.index(what)]), units(what), **more)


def html(text: str, *entities: MessageEntity) -> str:
    """What others would see of a text, if it were sent to Telegram again."""
    found = to_markdown(text, entities)
    assert found
    return to_html(found)


@pytest.mark.parametrize(
    ("text", "kind", "what", "shown"),
    [
        ("about 24 hours", "bold", "24 hours", "about <b>24 hours</b>"),
        ("about 24 hours", "italic", " 24 hours", "about <i>24 hours</i>"),
        ("one\n\ntwo", "bold", "one\n\ntwo", "<b>one</b>\n\n<b>two</b>"),
        ("unbelievable", "italic", "believ", "un<i>believ</i>able"),
        ("🙈🙈 提现到账了", "strikethrough", "到账", "🙈🙈 提现<s>到账</s>了"),
        ("请看“提现”一页", "bold", "“提现”", "请看“<b>提现</b>”一页"),
        ("先提现。再充值", "bold", "先提现。", "<b>先提现</b>。再充值"),
        ("run `ls` now", "code", "`ls`", "run <code>`ls`</code> now"),
        (f"so:\n{BLOCK}\nend", "pre", BLOCK, f"so:\n\n<pre>{BLOCK}</pre>\n\nend"),
        ("you said\nmine", "blockquote", "you said", "<blockquote>you said</blockquote>\n\nmine"),
        ("hidden words **", "bold", "hidden", "<b>hidden</b> words **"),
        ("1. one\n- two\n# three\n> four\n+ five", "bold", "one", "1. <b>one</b>\n- two\n# three\n&gt; four\n+ five"),
        ("my_api_key and _x_ [a](b) <https://a.io>", "bold", "and",
         "my_api_key <b>and</b> _x_ [a](b) &lt;https://a.io&gt;"),
    ],
)  # fmt: skip
def test_what_is_formatted_is_shown_so(text: str, kind: str, what: str, shown: str) -> None:
    assert html(text, entity(text, kind, what)) == shown


def test_links_lead_where_they_led_and_code_keeps_its_language() -> None:
    text = "see the docs"
    link = entity(text, "text_link", "the docs", url="https://e.com/a_(b)?c=[d]&e=*")
    assert html(text, link) == 'see <a href="https://e.com/a_%28b%29?c=%5Bd%5D&amp;e=%2A">the docs</a>'
    assert html("x = 1", entity("x = 1", "pre", "x = 1", language="python")) == (
        '<pre><code class="language-python">x = 1</code></pre>'
    )


def test_formatting_in_formatting() -> None:
    text = "all of it, and more"
    parts = entity(text, "bold", text), entity(text, "italic", "of it"), entity(text, "strikethrough", "it")
    assert html(text, *parts) == "<b>all <i>of <s>it</s></i>, and more</b>"


def test_an_address_beside_something_bold_stays_whole() -> None:
    text = "https://e.com/_x_ now"
    found = to_markdown(text, [entity(text, "url", "https://e.com/_x_"), entity(text, "bold", "now")])
    assert seen_text(to_html(found)) == text and "**now**" in found


@pytest.mark.parametrize("kind", ["underline", "spoiler", "url", "mention", "custom_emoji", "bot_command"])
def test_what_markdown_has_no_word_for_makes_no_markdown(kind: str) -> None:
    assert to_markdown("some *words*", [entity("some *words*", kind, "words")]) == ""


@given(st.data())
def test_whatever_is_formatted_the_same_text_is_seen(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab _*`~[]()<>#>-+=.1\\|\n提，🙈", min_size=1, max_size=40))
    spans = st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from(KINDS))
    entities = [
        MessageEntity(kind, start, length, url="https://e.com/(x)" if kind == "text_link" else None)
        for start, length, kind in data.draw(st.lists(spans, max_size=4))
        if start + length <= units(text)
    ]
    found = to_markdown(text, entities)
    assert not found or "".join(seen_text(to_html(found)).split()) == "".join(text.split())


# On its way


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working() as made, running(made):
        yield made


@pytest.mark.anyio
async def test_formatting_comes_from_agents_and_contacts_in_texts_captions_and_edits(desk: Desk) -> None:
    bold = [{"type": "bold", "offset": 0, "length": 3}]
    number = desk.bot.says(BO, "one two", FORUM, entities=bold)
    desk.bot.edits(BO, number, "six two", FORUM, entities=bold)
    desk.bot.sends_photo(CONTACT, "you two", caption_entities=bold)
    desk.bot.says(CONTACT, "*plain*")
    found = [(one.text, one.markdown) for one in await desk.heard(4)]
    assert found == [
        ("one two", "**one** two"), ("six two", "**six** two"), ("you two", "**you** two"), ("*plain*", "")
    ]  # fmt: skip
