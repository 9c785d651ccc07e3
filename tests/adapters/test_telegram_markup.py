"""Markdown on Telegram: always legal, never a word lost, never too long."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from adapters.telegram.markup import LONGEST, to_html, to_plain

TAG = re.compile(r'<(/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)>')
ENTITY = re.compile(r"&(?:lt|gt|amp|quot);")
ATTRIBUTES = {"a": r' href="[^"\s]+"', "code": r'( class="language-[\w+#.-]+")?'}
PLAIN_INSIDE = {"pre", "code"}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def seen(shown: str) -> str:
    """What Telegram shows of its HTML. Fails if the Bot API would refuse it, or drop a part of the formatting."""
    stack: list[str] = []
    text = ""
    done = 0
    for found in TAG.finditer(shown):
        closing, tag, attributes = found.groups()
        text += shown[done : found.start()]
        done = found.end()
        if closing:
            assert stack.pop() == tag, f"</{tag}> closes nothing"
            assert not attributes
            continue
        assert tag in {"b", "i", "s", "code", "pre", "a", "blockquote"}
        assert re.fullmatch(ATTRIBUTES.get(tag, ""), attributes), f"<{tag}{attributes}>"
        assert tag not in stack, f"{tag} in {tag}"
        assert "code" not in stack
        assert "pre" not in stack or (tag == "code" and attributes and shown[: found.start()].endswith("<pre>"))
        assert tag != "code" or "a" not in stack
        stack.append(tag)
    text += shown[done:]
    assert not stack, "a tag is open"
    assert not re.search("[<>]", text), "a sign that is not escaped"
    assert "&" not in ENTITY.sub("", text), "an entity that Telegram does not know"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text)
    return html.unescape(text)


def capitals(text: str) -> list[str]:
    return re.findall("[A-Z提现]", text)


# Properties

marks = st.sampled_from(
    [
        *"*_~`[]()<>!#-+|\\&\n \t.:;/\"'=",
        *("**", "~~", "\n\n", "\n> ", "\n- ", "\n  - ", "\n1. ", "\n7) ", "\n# ", "\n---\n", "\n```\n", "```", "~~~ "),
        *("](", "![", "](https://A.B/C)", "](/D)", "](mailto:E@F.G)", "<https://A.B>", "<X:Y>", '(H "I")', "\n    "),
        *("|-|-|\n", "\n|A|B|\n|-|-|\n|C|D|\n", "|C|D|E|\n", "&nbsp;", "&#0;", "<b>", "<!-- ", "[A]: B\n", "  \n"),
    ]
)
words = st.sampled_from(
    ["A", "B C", "提现", "😀", "WORD", "x", "12", "\x00", "\ud83d", "\u2028", "\x1b", "\r\n", "\u0301"]
)
wild = st.lists(marks | words, max_size=40).map("".join)


@settings(max_examples=250)
@given(wild | st.text(max_size=60))
@example("[a](b&#10;c&#12; 'd&#7;')")
@example("| A | B |\n|---|---|\n| C | D | E | F |")
@example("> " * 19 + "A")
@example("*" * 300 + "A" + "*" * 300)
@example("![[`A`](B)](C) [![A](B)](C)")
def test_whatever_the_text_it_is_legal_and_no_word_is_lost(text: str) -> None:
    shown = to_html(text)
    assert units(seen(shown)) <= max(LONGEST, units(text))
    assert set(capitals(text)) <= set(capitals(shown))
    # A link whose text is its target shows it once
    assume(not re.search(r"https://|[DEXY]", text))
    assert sorted(capitals(shown)) == sorted(capitals(text))


@settings(max_examples=250)
@given(wild)
def test_as_plain_text_every_word_is_seen_in_its_place(text: str) -> None:
    assume(
        not re.search(r"```|~~~|https://|[DEXY]|``", text)
    )  # a language is not seen; a link's text may be its target
    assert capitals(to_plain(text)) == capitals(text)


@settings(max_examples=200)
@given(wild)
def test_what_is_seen_is_the_plain_text_but_for_targets(text: str) -> None:
    assume("](" not in text and "https://" not in text)
    assert seen(to_html(text)).split() == to_plain(text).split()


repeated = st.builds(
    lambda some, times: (some * times)[:3800], st.lists(marks | words, max_size=6).map("".join), st.integers(1, 3800)
)


def within(text: str, longest: int) -> str:
    """The longest beginning of a text that has no more units."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "replace")


@settings(max_examples=60, deadline=None)
@given(repeated)
@example("-\n" * 1900)
@example("1. \n" * 950)
@example("\t- a\n" * 760)
@example("---\n" * 950)
@example("a|b\n-|-\n" + "a|b\n" * 948)
@example("|a|b|\n|-|-|\n" + "|" + "x" * 30 + "||\n" + "|y|z|\n" * 600)
@example("a|" * 900 + "a\n" + "-|" * 900 + "-\n" + "a\n" * 100)
@example("- " * 18 + "a\n" + "b\n" * 1800)
@example("[a](/b)" * 540)
@example("![](b)" * 630)
@example("😀" * 1900)
def test_a_text_that_was_cut_for_one_message_always_makes_one(text: str) -> None:
    text = within(text, 3800)
    assert units(seen(to_html(text))) <= LONGEST
    assert units(to_plain(text)) <= LONGEST


# Examples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\n", ""),
        ("Hello\n\n\n\nthere  \n\n", "Hello\n\nthere"),
        ("one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour"),
        ("# Fees #\nfree", "<b>Fees</b>\n\nfree"),
        ("# **Fees** and *`code`*", "<b>Fees and <i><code>code</code></i></b>"),
        ("**bold** _it_ ~~old~~ `a<b`", "<b>bold</b> <i>it</i> <s>old</s> <code>a&lt;b</code>"),
        ("**a **b** c**", "<b>a <b>b</b> c</b>".replace(" <b>b</b> ", " b ")),
        ("***both***", "<i><b>both</b></i>"),
        ("- one\n- two\n  - deep\n    1. deeper\n", "• one\n• two\n  • deep\n    1. deeper"),
        ("- one\n\n- two", "• one\n\n• two"),
        ("- - one\n-\n- ", "• • one\n•\n•"),
        ("7. seven\n7. eight", "7. seven\n8. eight"),
        ("2) two\n3) three", "2) two\n3) three"),
        ("> a\n> > b\n>\n> - c", "<blockquote>a\n\nb\n\n• c</blockquote>"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("```python\nx < 1\n\n  y\n```", '<pre><code class="language-python">x &lt; 1\n\n  y</code></pre>'),
        ("```\n**x**\n```", "<pre>**x**</pre>"),
        ("    indented", "<pre>indented</pre>"),
        ("```two words\nx\n```", "<pre>two words\nx</pre>"),
        ("```all in one line", "<pre>all in one line</pre>"),
        ('```"><b>\nx\n```', '<pre>"&gt;&lt;b&gt;\nx</pre>'),
        ("```\n```", "```\n```"),
        ("#", "#"),
        ("<script>&nbsp;</script>", "&lt;script&gt;&amp;nbsp;&lt;/script&gt;"),
        ("[1]: what I saw\n\n[1]", "[1]: what I saw\n\n[1]"),
        ("a\x00b\ud83dc\ud83d\ude00\u2028d", "a b\ufffdc😀\nd"),
    ],
)
def test_markdown_becomes_what_telegram_knows(text: str, expected: str) -> None:
    assert to_html(text) == expected
    assert seen(expected) == to_plain(text)


@pytest.mark.parametrize(
    ("text", "expected", "plain"),
    [
        ("[us](https://a.b/c?d=1&e=2)", '<a href="https://a.b/c?d=1&amp;e=2">us</a>', "us (https://a.b/c?d=1&e=2)"),
        (
            "[us](https://a.b 'Our \"page\"')",
            '<a href="https://a.b">us</a> (Our "page")',
            'us (https://a.b, Our "page")',
        ),
        ('[us](https://a.b/"x")', '<a href="https://a.b/&quot;x&quot;">us</a>', 'us (https://a.b/"x")'),
        (
            "[我们](https://例子.中国/提现)",
            '<a href="https://例子.中国/提现">我们</a>',
            "我们 (https://例子.中国/提现)",
        ),
        ("[chat](tg://resolve?domain=x)", '<a href="tg://resolve?domain=x">chat</a>', "chat (tg://resolve?domain=x)"),
        ("<https://a.b/c>", '<a href="https://a.b/c">https://a.b/c</a>', "https://a.b/c"),
        ("[https://a.b](https://a.b)", '<a href="https://a.b">https://a.b</a>', "https://a.b"),
        ("[](https://a.b)", '<a href="https://a.b">https://a.b</a>', "https://a.b"),
        ("https://a.b/c_d_e", "https://a.b/c_d_e", "https://a.b/c_d_e"),
        ("[a](/b) [c](ftp://d.e)", "a (/b) c (ftp://d.e)", "a (/b) c (ftp://d.e)"),
        ("[a](http://localhost)", "a (http://localhost)", "a (http://localhost)"),
        ("[bank](https://bank.com@evil.com)", "bank (https://bank.com@evil.com)", "bank (https://bank.com@evil.com)"),
        ("[a](https://b.c:99999)", "a (https://b.c:99999)", "a (https://b.c:99999)"),
        ("[mail](mailto:a@b.c) <a@b.c>", "mail (a@b.c) a@b.c", "mail (a@b.c) a@b.c"),
        ("[a](javascript:b)", "[a](javascript:b)", "[a](javascript:b)"),
        ("<this:one>", "&lt;this:one&gt;", "<this:one>"),
        ("[a]()", "a", "a"),
        ("[<https://a.b>](https://c.d)", '<a href="https://c.d">https://a.b</a>', "https://a.b (https://c.d)"),
        ("[**a** `b`](https://c.d)", '<a href="https://c.d"><b>a</b> b</a>', "a b (https://c.d)"),
        ("![A *cat*](https://a.b/c.png)", '<a href="https://a.b/c.png">A cat</a>', "A cat (https://a.b/c.png)"),
        ("![](https://a.b/c.png)", '<a href="https://a.b/c.png">https://a.b/c.png</a>', "https://a.b/c.png"),
        (
            "[![a](https://b.c)](https://d.e)",
            '<a href="https://d.e">a (https://b.c)</a>',
            "a (https://b.c) (https://d.e)",
        ),
    ],
)
def test_links_lead_where_they_should_or_say_where(text: str, expected: str, plain: str) -> None:
    assert to_html(text) == expected
    assert to_plain(text) == plain
    seen(expected)


def test_tables_are_aligned_in_letters_of_one_width() -> None:
    text = "| Coin | 手续费 | Days |\n|---|:-:|--:|\n| **BTC** | `a\\|b` | 1 |\n| 提 | [x](https://a.b) |"
    expected = [
        "Coin |       手续费       | Days".replace("       手续费       ", "     手续费      "),
        "-----+-----------------+-----",
        "BTC  |       a|b       |    1",
        "提   | x (https://a.b) |",
    ]
    assert to_html(text) == "<pre>" + "\n".join(expected) + "</pre>"
    assert to_plain(text) == "\n".join(expected)


def test_a_table_without_a_header_has_no_ruler() -> None:
    assert to_plain("| | |\n|-|-|\n|a|b|\n|cc|") == "a  | b\ncc |"
    assert to_plain("| | |\n|-|-|\n\nEnd") == "End"


def test_a_table_row_with_too_many_cells_loses_none() -> None:
    text = "> |a|\n> |-|\n> |b|c|"
    assert to_html(text) == f"<blockquote><pre>{html.escape(text)}</pre></blockquote>"


def test_a_long_cell_does_not_blow_up_its_table() -> None:
    text = "|a|b|\n|-|-|\n" + f"|{'x' * 60}|y|\n" + "|a|b|\n" * 3
    assert to_plain(text).splitlines()[2:4] == [f"{'x' * 60} | y", f"a{' ' * 23} | b"]


def test_a_table_that_would_be_too_long_loses_its_padding() -> None:
    text = "|a|b|\n|-|-|\n" + f"|{'x' * 30}|y|\n" + "|a|b|\n" * 600 + "|c\\||"
    assert to_plain(text).splitlines()[-2:] == ["a|b", "c|"]


def test_beyond_the_formatting_that_telegram_takes_links_show_their_targets() -> None:
    shown = to_html("**a** [b](https://c.d)\n" * 60)
    assert shown.count("</") <= 100
    assert shown.endswith("<b>a</b> b (https://c.d)")


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 = 24",
        "snake_case_name and __init",
        "a < b & c > d",
        "[/x] [bold]not bold[/bold]",
        "x <!-- kept --> y",
        ":smile: :+1:",
        "Before ` after",
        "unfinished **bold and [link](",
        "{brand.name} {0} {} %s %d",
        "C:\\Users\\x",
        "#hash ~tilde | pipe ^",
        "😀 👨\u200d👩\u200d👧 🏳️\u200d🌈 🇨🇳",
        "提现 ABC ，。！",
        "مرحبا",
        "> " * 25 + "deep",
    ],
)
def test_what_is_no_markdown_stays_as_it_is(text: str) -> None:
    assert seen(to_html(text)) == text
    assert to_plain(text) == text


@pytest.mark.parametrize(
    "some",
    [
        "![" * 500 + "x" + "](y)" * 450,
        "a|" * 900 + "a\n" + "-|" * 900 + "-\n" + "a\n" * 100,
        "[",
        "![",
        "*a",
        "**a *b ",
        "`",
        "`a``",
        "<",
        "> ",
        "- ",
        "|",
        "~~",
        "](",
        "&",
        "\\",
        "[a](",
        "_a*",
    ],
)
def test_no_text_takes_long(some: str) -> None:
    text = (some * 3800)[:3800]
    begun = time.perf_counter()
    assert units(seen(to_html(text))) <= LONGEST
    assert time.perf_counter() - begun < 1
