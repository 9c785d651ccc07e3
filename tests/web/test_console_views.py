"""What the console shows of tickets, in words: no store, no browser."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.desk.facts import Tried
from bot.messages import File, Ticket
from bot.ports import Case, Line, Summary
from bot.web.console import texts as texts_module
from bot.web.console import views
from bot.web.console.texts import LANGUAGES, Texts, language_of
from bot.web.console.views import Answer, Reader
from bot.web.console.words import as_html, div
from tests.web.console_desk import phrase, shown

ROOT = Path(__file__).parent.parent.parent
NOW = 1_800_000_000.0  # 2027-01-15 08:00 UTC
ZONE = timezone(timedelta(hours=8), "CST")


def reader(lang: str = "en", now: float = NOW) -> Reader:
    return Reader(Texts(lang), phrase, shown, ZONE, now, "Ann")


def summary(**changes: Any) -> Summary:
    ticket = Ticket(7, "waiting", NOW - 600, "asked", "fees", question="Where is it?", lang="en", since=NOW - 300)
    return Summary(replace(ticket, **changes), "Maria", "web", "hello", NOW)


def case(*lines: Line, **changes: Any) -> Case:
    return Case(summary(**changes), lines)


def link(seq: int, place: int) -> str:
    return f"/{seq}/{place}"


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for key, (english, chinese) in texts_module._TEXTS.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (english, chinese)]
        assert names[0] == names[1], key
        assert english, key
        assert re.search(r"[\u4e00-\u9fff]", chinese), key


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,fr;q=0.5", "xx"),
        ("de,zh;q=0.1", "zh"),
        ("en;q=0,zh;q=0.1", "zh"),
        ("", "xx"),
        (";;;q=x,,", "xx"),
    ],
)
def test_the_language_is_the_browsers_if_we_speak_it(accepts: str, lang: str) -> None:
    assert language_of(accepts, "xx") == lang
    assert Texts("xx").lang in LANGUAGES


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(-5, "<1 min", "<1 分钟"), (59, "<1 min", "<1 分钟"), (60, "1 min", "1 分钟"), (3600, "1 h", "1 小时"),
     (7500, "2 h 5 min", "2 小时 5 分钟"), (40_000, "11 h", "11 小时"), (200_000, "2 d", "2 天")],
)  # fmt: skip
def test_how_long_somebody_waits_is_told_roughly(seconds: float, english: str, chinese: str) -> None:
    assert (reader().long(seconds), reader("zh").long(seconds)) == (english, chinese)


def test_times_are_those_of_the_desks_zone_with_the_day_only_where_it_is_another() -> None:
    at = reader()
    assert at.clock(NOW) == "16:00"
    assert at.clock(NOW - 86_400) == "14 Jan 16:00"
    assert at.clock(NOW - 30 * 86_400) == "16 Dec 2026 16:00"
    assert reader("zh").clock(NOW - 30 * 86_400) == "2026年12月16日 16:00"
    assert at.exactly(NOW) == "2027-01-15 16:00:00 CST"


def test_the_inbox_has_who_waits_mine_those_of_others_and_closed_ones() -> None:
    found = [
        summary(),
        summary(number=8, status="claimed", owner="Ann", since=None),
        summary(number=9, status="claimed", owner="Bob"),
    ]
    closed = [summary(number=5, status="closed", closed_at=NOW - 60)]
    sections = views.inbox(found, closed, reader(), here=8)
    assert [(one.key, [row.number for row in one.rows]) for one in sections] == [
        ("waiting", [7]),
        ("mine", [8]),
        ("others", [9]),
        ("closed", [5]),
    ]
    waiting, mine, others, ended = (one.rows[0] for one in sections)
    assert (waiting.time, waiting.contact, waiting.facts) == ("waits 5 min", "Maria", ("web", "en", "fees"))
    assert (mine.time, mine.here, mine.owner) == ("answered", True, "")
    assert (others.owner, others.preview) == ("Bob", "hello")
    assert (ended.time, ended.preview) == ("closed 15:59", "Where is it?")


def test_who_waits_too_long_is_late_and_whom_it_was_offered_to_is_told() -> None:
    assert not views.row(summary(promised=NOW + 1), reader(), 0).late
    assert views.row(summary(promised=NOW - 1), reader(), 0).late
    assert views.row(summary(steps=1), reader(), 0).late
    assert not views.row(summary(steps=1, since=None), reader(), 0).late
    assert views.row(summary(offered="Bob"), reader(), 0).owner == "for Bob first"
    assert views.row(summary(snoozed_until=NOW + 3600), reader(), 0).time == "snoozed until 17:00"
    assert views.row(replace(summary(), contact=""), reader("zh"), 0).contact == "访客"


def test_the_brief_tells_what_is_known_and_hides_what_is_sensitive() -> None:
    found = Case(
        summary(fields=(("uid", "12345"),), mood=("angry",), promised=NOW + 60),
        (),
        (Tried("where is it", "answer", "late", 0.42), Tried("hm", "handover", "", 0)),
        (replace(summary().ticket, number=3, rating=4),),
    )
    rows = dict(views.brief(found, reader()).rows)
    assert rows["Details"] == ("UID: 12…",)
    assert rows["Why here"] == ("the contact asked for a person",)
    assert rows["Mood"] == ("angry",)
    assert rows["The bot tried"] == ("“where is it” → late (42%)", "“hm” → found nothing")
    assert rows["Earlier tickets"] == ("#3, 15:50: Where is it?, rated 4 of 5",)
    assert rows["Promised by"] == ("16:01",)


def test_lines_tell_who_said_what_and_what_became_of_it() -> None:
    lines = views.lines(
        case(
            Line(NOW, "contact", "Maria", "hi", 1, files=(File("x", "photo", "a.png", size=2_300_000),)),
            Line(NOW, "agent", "Ann", "on it", 2, delivery="failed", error="blocked", row=9, edited_at=NOW),
            Line(NOW, "bot", "", "hello", 3, delivery="sent"),
            Line(NOW, "bot", "", "lost", 4, delivery="failed", error="gone", row=8),
            Line(NOW, "contact", "Maria", "", 5, deleted_at=NOW),
            Line(NOW, "agent", "Bob", "careful", kind="note"),
            Line(NOW, "agent", "Ann", "", kind="answered"),
        ),
        reader(),
        link,
    )
    hi, ours, hello, lost, deleted, note = lines
    assert (hi.look, hi.files, hi.rich, hi.state) == ("contact", (("/1/0", "a.png (2.3 MB)"),), False, "")
    assert (ours.state_text, ours.retry, ours.remark) == ("not delivered: blocked", "retry:9", "edited")
    assert (hello.who, hello.state, hello.rich) == ("Bot", "", True)
    assert (lost.state, lost.retry) == ("failed", "retry:8")
    assert (deleted.text, deleted.remark) == ("", "This message was deleted.")
    assert (note.look, note.who, note.text) == ("note", "Note by Bob – only agents see this", "careful")


def test_all_that_can_happen_to_a_ticket_has_words() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("bot/**/*.py"))
    kinds = set(re.findall(r'\blog\(\s*"(\w+)", [a-zA-Z]', written)) | set(re.findall(r'Log\(\w+, "(\w+)"', written))
    kinds |= set(re.findall(r'add_history\(\w+, \w+, "(\w+)"', written))
    assert {"opened", "claimed", "broke", "thread_lost", "note"} <= kinds
    missing = {kind for kind in kinds - views.QUIET - {"note"} if not Texts("en").has(f"did_{kind}")}
    assert not missing


@pytest.mark.parametrize(
    ("kind", "name", "detail", "text"),
    [
        ("opened", "contact", "asked", "Ticket opened: the contact asked for a person"),
        ("closed", "Ann", "", "Ann closed the ticket"),
        ("closed", "contact", "solved", "Contact closed the ticket: solved"),
        ("priority", "Ann", "high", "Ann set the priority to high"),
        ("snoozed", "Ann", repr(NOW), "Ann snoozed the ticket until 16:00"),
        ("transferred", "Ann", "{who} {0}", "Ann transferred the ticket to {who} {0}"),
        ("unheard_of", "Ann", "x", "unheard_of x"),
    ],
)
def test_what_happened_is_told_in_a_sentence(kind: str, name: str, detail: str, text: str) -> None:
    assert views.happened(Line(NOW, "agent", name, detail, kind=kind), reader()) == text


def told(at: float, **more: Any) -> Line:
    return Line(at, "bot", "bot", json.dumps({"text": "these fit:", "buttons": [["Fees", "send:fees"]]}), kind="told")


def test_the_answer_to_a_command_is_shown_until_something_else_is_done() -> None:
    found = views.answer(case(told(NOW), Line(NOW, "contact", "Maria", "and?", 3)), NOW + 5)
    assert isinstance(found, Answer)
    assert (found.text, found.buttons[0].value) == ("these fit:", "send:fees")
    assert views.answer(case(told(NOW), Line(NOW, "agent", "Ann", "x", 3)), NOW) is None
    assert views.answer(case(told(NOW)), NOW + views.FRESH) is None
    assert views.answer(case(), NOW) is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [("**Hi** there\n\n- one", "Hi there - one"), (r"5 \* 3 \<b\>", "5 * 3 <b>"), ("x" * 200, "x" * 119 + "…")],
)
def test_a_preview_is_one_plain_line(text: str, seen: str) -> None:
    assert views.preview(text) == seen


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/spy.png)",
        "<script>alert(1)</script>",
        "`<b>`\n\n    <i onclick=alert(1)>\n",
        '<https://a.example/"onmouseover=alert(1)>',
        '[x](https://a.example "\\" onclick=\\"alert(1)")',
    ],
)
def test_no_text_becomes_markup_of_its_own(hostile: str) -> None:
    html = as_html(hostile)
    tags = set(re.findall(r"<(/?\w+)", html))
    assert tags <= {"p", "/p", "code", "/code", "pre", "/pre", "a", "/a"}, html
    for opened in re.findall(r"<a ([^>]*)>", html):
        assert re.fullmatch(r'href="https?://[^"]*"( title="[^"]*")? target="_blank" rel="[a-z ]+"', opened), html


def test_formatting_of_agents_is_shown_and_links_lead_out() -> None:
    html = as_html("**a** _b_\nc [d](https://example.com)")
    assert html == (
        '<p><strong>a</strong> <em>b</em><br />\nc <a href="https://example.com" target="_blank"'
        ' rel="noopener noreferrer nofollow">d</a></p>\n'
    )


def test_texts_in_html_of_ours_are_only_ever_text() -> None:
    inside = div("a", "<b>&", div("c", '"x"', title='"><i>'))
    assert inside == '<div class="a">&lt;b&gt;&amp;<div class="c" title="&quot;&gt;&lt;i&gt;">&quot;x&quot;</div></div>'
    assert "<b>" not in div("a", str(as_html("<b>")))
