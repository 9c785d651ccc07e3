"""`frontdesk chat`, from a pipe."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.program import Running, frontdesk


def record(folder: Path) -> list[tuple[str, str]]:
    """Who said what, from the database."""
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        return list(database.execute("select author, text from message order by conversation, seq"))


def test_answers_are_printed_and_the_conversation_is_in_the_database(folder: Path) -> None:
    ran = frontdesk(folder, "chat", "--lang", "en", typed="I forgot my password\n/quit\nnever said\n")
    assert (ran.code, ran.err) == (0, "")
    assert "Use Forgot password." in ran.out
    assert "1 Yes, it helped" in ran.out
    said = record(folder)
    assert said[0] == ("contact", "I forgot my password")
    assert said[1][0] == "bot"
    assert len(said) == 2


def test_the_end_of_the_input_ends_it_once_all_is_answered(folder: Path) -> None:
    config = (folder / "config.yaml").read_text().replace("dialogue: {merge_window_seconds: 0}\n", "")
    (folder / "config.yaml").write_text(config)
    ran = frontdesk(folder, "chat", typed="忘记密码了怎么办\n\nWhat are the trading fees?\nthank you")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.index("请点“忘记密码”") < ran.out.index("0.1 %") < ran.out.index("You're welcome")
    assert sorted(author for author, _ in record(folder)) == ["bot"] * 3 + ["contact"] * 3


def test_a_number_typed_chooses_the_button(folder: Path) -> None:
    with Running(folder, "chat", "--lang", "en") as chat:
        chat.type("who won the football match yesterday")
        chat.shows("1 Yes, please")
        chat.type("1")
        chat.shows("#1")
        chat.type("/quit")
        assert chat.end() == 0


def test_a_database_that_can_not_be_used_is_wrong_use(folder: Path) -> None:
    (folder / "file").write_text("")
    text = (folder / "config.yaml").read_text().replace("frontdesk.db", "file/frontdesk.db")
    (folder / "config.yaml").write_text(text)
    refusal = frontdesk(folder, "chat", typed="hello\n").refused()
    assert refusal.startswith("frontdesk: can't use the database file/frontdesk.db")
    assert "storage.url" in refusal
