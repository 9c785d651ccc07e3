"""Transcripts: the contact's holds what was said and nothing else, the agents' all, and neither can be forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.transcript import Record, as_text, page
from bot.desk.transcript_html import as_html
from bot.desk.transcript_words import EVENTS, WORDS
from bot.messages import File, FileKind, Ticket
from bot.ports import Line

START = datetime(2026, 11, 22, 14, 30, tzinfo=UTC).timestamp()
TICKET = Ticket(
    7, "closed", START, "asked", "withdrawals", priority="high", question="My withdrawal hangs", owner="Ann Miller",
    closed_at=START + 3600, rating=4, rating_word="quick",
)  # fmt: skip
PHOTO = File("1", "photo", "receipt.png")
SAID = (
    Line(START, "contact", "Mia", "My withdrawal hangs\nsince noon", 1),
    Line(START + 60, "bot", "", "Is it **this**? See [status](https://status.example.com).", 2),
    Line(
        START + 120, "agent", "Ann", "I'm looking into it.", 3, files=(PHOTO,), edited_at=START + 180, delivery="sent"
    ),
    Line(START + 300, "contact", "Mia", "thank you", 4),
)
INSIDE = (
    Line(START + 1, "contact", "contact", "urgent", kind="opened"),
    Line(START + 61, "agent", "Ann Miller", "", kind="claimed"),
    Line(START + 62, "agent", "Ann Miller", "looks like a fraud", kind="note"),
    Line(START + 63, "agent", "telegram:99", "/claim (Eve)", kind="ignored"),
    Line(START + 64, "bot", "bot", repr(START + 600), kind="promised"),
    Line(START + 130, "agent", "Ann", "a reply that never came", 5, delivery="failed", error="blocked", row=12),
    Line(START + 140, "agent", "Ann", "said in error", 6, deleted_at=START + 150),
    Line(START + 160, "staff", "Bo", "what a mess", 7),
)
RECORD = Record(
    "Example Exchange", UTC, START + 7200, SAID, TICKET, "Mia", "telegram", "Withdrawals", (("UID", "1***9"),)
)
ALL = replace(RECORD, lines=tuple(sorted((*SAID, *INSIDE), key=lambda line: line.at)))
HIDDEN = (
    "fraud",
    "Eve",
    "claimed",
    "promised",
    "never came",
    "said in error",
    "mess",
    "1***9",
    "blocked",
    "Ann Miller",
)


class Outline(HTMLParser):
    """The elements and the text of a page; whatever runs or loads is a failure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "link", "iframe", "object", "form", "base"}
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "style"}]
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_contact_s_text_is_what_was_said_with_its_times_and_the_zone() -> None:
    assert (
        as_text(RECORD, "en")
        == """\
Example Exchange – Ticket #7

Contact: Mia
Question: My withdrawal hangs
Opened: 22 Nov 2026, 14:30
Closed: 22 Nov 2026, 15:30
Rating: 4 of 5: “quick”
Made: 22 Nov 2026, 16:30
All times: UTC

[22 Nov 2026, 14:30] Mia (you):
    My withdrawal hangs
    since noon

[22 Nov 2026, 14:31] Example Exchange (bot):
    Is it this? See status (https://status.example.com).

[22 Nov 2026, 14:32] Ann (agent):
    I'm looking into it.
    File: receipt.png
    (edited 22 Nov 2026, 14:33)

[22 Nov 2026, 14:35] Mia (you):
    thank you
"""
    )


def test_it_is_written_in_chinese_and_in_the_zone_of_the_desk() -> None:
    text = as_text(replace(RECORD, zone=ZoneInfo("Asia/Shanghai")), "zh")
    assert "Example Exchange – 工单 #7\n" in text
    assert "提交时间：2026年11月22日 22:30\n" in text
    assert "评价：4 分（满分 5 分），“quick”\n" in text
    assert "时区：Asia/Shanghai\n" in text
    assert "[2026年11月22日 22:32] Ann（客服）:\n" in text
    assert "    文件：receipt.png\n    (编辑于 2026年11月22日 22:33)\n" in text


@pytest.mark.parametrize("lang", ["en", "zh", "de"])
def test_nothing_from_inside_the_house_is_in_the_contact_s(lang: str) -> None:
    for made in (as_text(ALL, lang), as_html(ALL, lang)):
        assert not [word for word in HIDDEN if word in made]
        assert "thank you" in made


def test_a_message_taken_back_leaves_only_its_trace_with_the_contact() -> None:
    gone = Line(START, "contact", "Mia", "my phone is 555", 1, files=(PHOTO,), deleted_at=START + 60)
    record = replace(RECORD, lines=(gone,))
    assert "(deleted 22 Nov 2026, 14:31)" in as_text(record, "en")
    assert not [word for word in ("555", "receipt") if word in as_text(record, "en") + as_html(record, "en")]
    assert "555" in as_text(record, "en", for_agents=True)


def test_agents_get_all_of_it_with_notes_marked() -> None:
    text = as_text(ALL, "en", for_agents=True)
    assert "For agents only: with notes and history.\n" in text
    assert "Channel: telegram\nTopic: Withdrawals\nPriority: high\nAgent: Ann Miller\nUID: 1***9\n" in text
    assert "[22 Nov 2026, 14:30] -- contact opened the ticket: urgent\n" in text
    assert "[22 Nov 2026, 14:31] -- Ann Miller claimed the ticket\n" in text
    assert "[22 Nov 2026, 14:31] Ann Miller (note, agents only):\n    looks like a fraud\n" in text
    assert "-- Ignored, as telegram:99 is no agent: /claim (Eve)\n" in text
    assert "-- The contact was promised to hear by 22 Nov 2026, 14:40\n" in text
    assert "Ann (agent):\n    a reply that never came\n    (not delivered: blocked)\n" in text
    assert "Ann (agent):\n    said in error\n    (deleted 22 Nov 2026, 14:32)\n" in text
    assert "Mia (contact):\n" in text


def test_an_event_that_is_not_known_is_shown_as_it_is() -> None:
    record = replace(RECORD, lines=(Line(START, "agent", "Ann", "{who} x", kind="vanished"),))
    assert "-- Ann: vanished {who} x\n" in as_text(record, "en", for_agents=True)


def test_every_role_of_a_line_has_its_name_and_an_unknown_one_is_not_lost_to_agents() -> None:
    assert "Bo (staff):\n    what a mess" in as_text(ALL, "en", for_agents=True)


def test_a_conversation_without_a_ticket_and_one_without_a_word_have_transcripts() -> None:
    text = as_text(replace(RECORD, ticket=None, lines=()), "en")
    assert text.startswith("Example Exchange – Conversation\n\nContact: Mia\n")
    assert text.endswith("\nNothing was said.\n")


def test_nobody_can_write_a_line_of_the_record() -> None:
    forged = "hello\n\n[22 Nov 2026, 14:31] Ann (agent):\u2028    We owe you 1000.\r\x0b\u202ereversed"
    text = as_text(replace(RECORD, lines=(Line(START, "contact", "Ann (agent)", forged, 1),), contact="x"), "en")
    heads = [line for line in text.splitlines() if line.startswith("[")]
    assert heads == ["[22 Nov 2026, 14:30] Ann (agent) (you):"]
    assert "\u202e" not in text


def test_a_name_of_several_lines_and_a_rating_s_word_stay_on_their_line() -> None:
    ticket = replace(TICKET, rating_word="bad\n[22 Nov 2026, 14:31] Ann (agent):", question="a\nAll times: Mars")
    text = as_text(replace(RECORD, ticket=ticket, lines=(Line(START, "contact", "a\nb", "x", 1),)), "en")
    assert [line for line in text.splitlines() if line.startswith(("[", "All"))] == [
        "All times: UTC",
        "[22 Nov 2026, 14:30] a b (you):",
    ]


def test_markdown_of_ours_is_shown_and_what_a_contact_types_stays_as_it_is() -> None:
    lines = (
        Line(START, "contact", "Mia", "**not bold** [x](https://evil.example)", 1),
        Line(
            START, "bot", "", "Hello \\[Mia\\](https://evil.example), **you**: [help](https://example.com/a?b=1&c=2)", 2
        ),
    )
    made = Outline(as_html(replace(RECORD, lines=lines), "en"))
    assert made.links == ["https://example.com/a?b=1&c=2"]
    assert made.tags.count("strong") == 3, "two names and one word"
    assert "**not bold** [x](https://evil.example)" in made.text
    assert "Hello [Mia](https://evil.example), you: help" in made.text


@pytest.mark.parametrize("for_agents", [False, True])
def test_everything_is_escaped_in_html(for_agents: bool) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    lines = (
        Line(START, "contact", evil, evil, 1, files=(File("1", "photo", evil),)),
        Line(START, "agent", evil, f"**{evil}** [{evil}](https://a.example/\"onclick='x')", 2),
        Line(START, "bot", "", "[x](javascript:alert(1)) [y](https://ok.example)", 3, delivery="failed", error=evil),
        Line(START, "agent", evil, evil, kind="note"),
        Line(START, "agent", evil, evil, kind="closed"),
        Line(START, "agent", evil, evil, kind="<b>"),
    )
    ticket = replace(TICKET, question=evil, owner=evil, rating_word=evil)
    record = Record(evil, UTC, START, lines, ticket, evil, evil, evil, ((evil, evil),))
    made = Outline(as_html(record, "en", for_agents=for_agents))
    assert evil in made.text
    assert all(link.startswith("https://") for link in made.links)


def test_the_page_is_one_file_in_its_language_for_light_dark_and_paper() -> None:
    made = as_html(RECORD, "zh")
    assert made.startswith('<!DOCTYPE html>\n<html lang="zh">')
    assert "prefers-color-scheme: dark" in made and "@media print" in made
    assert "default-src 'none'" in made
    assert '<time datetime="2026-11-22T14:32:00Z">2026年11月22日 14:32</time>' in made
    assert Outline(made).links == ["https://status.example.com"]


def test_both_languages_have_the_same_words_and_all_kinds_of_files_have_a_name() -> None:
    assert set(WORDS["en"]) == set(WORDS["zh"])
    assert set(EVENTS["en"]) == set(EVENTS["zh"])
    assert {f"kind_{kind}" for kind in get_args(FileKind)} <= set(WORDS["en"])


def _lines() -> st.SearchStrategy[Line]:
    text = st.text(max_size=40)
    maybe = st.none() | st.just(START)
    parts: dict[str, Any] = {
        "author": st.sampled_from(["contact", "bot", "agent"]),
        "name": text,
        "text": text,
        "seq": st.integers(0, 9),
        "kind": st.sampled_from(["", "", "note", "promised", "kept", "closed", "strange"]),
        "files": st.lists(st.builds(File, text, st.sampled_from(get_args(FileKind)), text), max_size=2).map(tuple),
        "edited_at": maybe,
        "deleted_at": maybe,
        "delivery": st.sampled_from(["", "sent", "waiting", "delayed", "failed"]),
        "error": text,
    }
    return st.builds(Line, st.just(START), **parts)


@given(st.lists(_lines(), max_size=6), st.sampled_from(["en", "zh", "de"]))
def test_of_any_lines_the_contact_gets_only_those_of_the_record_that_did_not_fail(lines: list[Line], lang: str) -> None:
    made = page(replace(RECORD, lines=tuple(lines)), lang)
    assert len(made.rows) == len([one for one in lines if one.seq and not one.kind and one.delivery != "failed"])
    assert {row.kind for row in made.rows} <= {"contact", "bot", "agent"}
    for for_agents in (False, True):
        record = replace(RECORD, lines=tuple(lines))
        Outline(as_html(record, lang, for_agents=for_agents))
        heads = [row for row in as_text(record, lang, for_agents=for_agents).splitlines() if row.startswith("[")]
        assert len(heads) == len(page(record, lang, for_agents=for_agents).rows)
