"""`frontdesk evaluate`, `gaps`, `suggest` and `diff`, and what `check` tells of entries that take each other's."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bot.cli.progress import track
from bot.config import MatchingBlock
from tests.cli.program import frontdesk
from tests.harness import Bot

EVER = ("--days", "36500")
"""The bot of these tests lives in a time of its own."""
UNCLEAR = "i want to reset"
UNKNOWN = "football scores tonight"


@pytest.fixture
async def store(folder: Path, anyio_backend: str) -> AsyncIterator[Path]:
    """A folder whose database holds real questions."""
    async with Bot(folder, folder / "faq", matching=MatchingBlock(answer=0.6, clarify=0.28)) as bot:
        await bot.say(UNCLEAR, who="ann")
        await bot.press("entry:password-reset", who="ann")
        await bot.say("What are the trading fees?", who="bob")
        for who in ("cid", "dan"):
            await bot.say(UNKNOWN, who=who)
            await bot.press("human", who=who)
    yield folder


def edited(folder: Path, old: str, new: str) -> None:
    """A copy of the knowledge with one thing changed."""
    shutil.copytree(folder / "faq", folder / "new")
    path = folder / "new" / "fees.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_evaluate_measures_and_lists_what_is_confused(folder: Path) -> None:
    (folder / "q.csv").write_text(
        "say,lang,expect\nforgot my password,en,trading-fees\n交易手续费是多少,zh,trading-fees\n"
    )
    ran = frontdesk(folder, "evaluate", "q.csv")
    assert (ran.code, ran.err) == (0, "")
    assert "expected entry is the best" in ran.out
    assert "50.0 % (9." in ran.out
    assert "p50" in ran.out
    line = next(line for line in ran.out.splitlines() if line.startswith("forgot my password"))
    assert "trading-fees" in line
    assert "answer: password-reset" in line


def test_evaluate_prints_json_with_every_figure(shared: Path) -> None:
    ran = frontdesk(shared, "evaluate", "faq", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert found["questions"] == 2
    assert found["mistakes"] == 0
    assert found["known"]["hit1"]["n"] == 1
    assert set(found["speed_ms"]) == {"p50", "p99"}
    assert found["thresholds"]["answer"] > found["thresholds"]["clarify"]


def test_evaluate_draws_a_png(folder: Path) -> None:
    ran = frontdesk(folder, "evaluate", "faq/checks", "--plot", "plot.png")
    assert (ran.code, ran.err) == (0, "")
    assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_a_plot_is_refused_with_what_to_install(folder: Path) -> None:
    (folder / "matplotlib.py").write_text("raise ImportError\n")
    said = frontdesk(folder, "evaluate", "faq", "--plot", "plot.png").refused()
    assert "pip install matplotlib" in said
    assert frontdesk(folder, "evaluate", "faq").code == 0


@pytest.mark.parametrize("name", ["plot.jpg", "nowhere/plot.png"])
def test_a_plot_that_cannot_be_is_refused_before_anything_is_asked(shared: Path, name: str) -> None:
    assert name in frontdesk(shared, "evaluate", "faq", "--plot", name).refused()


def test_evaluate_of_an_empty_folder_finds_nothing_and_of_none_is_wrong_use(folder: Path) -> None:
    (folder / "empty").mkdir()
    ran = frontdesk(folder, "evaluate", "empty")
    assert (ran.code, ran.out) == (1, "")
    assert "holds no labelled questions" in ran.err
    assert "there is no folder or file nowhere" in frontdesk(folder, "evaluate", "nowhere").refused()


def test_evaluate_goes_on_after_broken_files_and_unknown_labels(folder: Path) -> None:
    (folder / "q").mkdir()
    (folder / "q" / "a.yaml").write_text("- {say: x\n")
    (folder / "q" / "b.jsonl").write_text(
        '{"text": "forgot my password", "expected": "password-reset"}\n{"text": "x", "expected": "passwort-reset"}\n'
    )
    ran = frontdesk(folder, "evaluate", "q", "--json")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        'q/a.yaml:1: a "{" is opened here, and "}" or a comma is missing after it',
        'q/b.jsonl:2: expects "passwort-reset", which is no entry; did you mean "password-reset"?',
    ]
    assert (json.loads(ran.out)["questions"], json.loads(ran.out)["mistakes"]) == (1, 2)


async def test_gaps_shows_open_questions_with_counts_and_an_entry(store: Path) -> None:
    ran = frontdesk(store, "gaps", *EVER)
    assert (ran.code, ran.err) == (1, "")
    assert UNKNOWN in ran.out
    assert "2 x nothing was found" in ran.out
    assert "2 went to a person" in ran.out
    assert ran.out.splitlines()[-1] == "4 questions in 36500 days: 2 open, in 1 group"


async def test_gaps_as_json(store: Path) -> None:
    found = json.loads(frontdesk(store, "gaps", *EVER, "--json").out)
    assert (found["asked"], found["open"]) == (4, 2)
    (group,) = found["groups"]
    assert (group["example"], group["asked"], group["people"]) == (UNKNOWN, 2, 2)
    assert group["reasons"] == {"unanswered": 2}


async def test_suggest_prints_yaml_to_paste(store: Path) -> None:
    ran = frontdesk(store, "suggest", *EVER)
    assert (ran.code, ran.err) == (0, "")
    assert yaml.safe_load(ran.out) == [{"id": "password-reset", "question": {"en": [UNCLEAR]}}]
    (one,) = json.loads(frontdesk(store, "suggest", *EVER, "--json").out)
    assert (one["entry"], one["text"], one["why"]) == ("password-reset", UNCLEAR, "chosen")


async def test_an_empty_store_has_no_gaps_and_nothing_to_suggest_or_replay(folder: Path) -> None:
    async with Bot(folder, folder / "faq"):
        pass
    assert (frontdesk(folder, "gaps").code, frontdesk(folder, "gaps", "--json").code) == (0, 0)
    ran = frontdesk(folder, "suggest")
    assert (ran.code, ran.out) == (1, "# 0 phrasings to add, from 0 questions in 90 days\n")
    ran = frontdesk(folder, "diff", "faq", "faq")
    assert (ran.code, ran.out) == (1, "there are no questions to replay yet\n")


@pytest.mark.parametrize("command", [("gaps",), ("suggest",), ("diff", "faq", "faq")])
def test_without_a_database_the_tools_say_so_and_make_none(folder: Path, command: tuple[str, ...]) -> None:
    assert "there is no database frontdesk.db; frontdesk run makes it" in frontdesk(folder, *command).refused()
    assert not (folder / "frontdesk.db").exists()


def test_a_database_that_is_none_is_refused(folder: Path) -> None:
    (folder / "frontdesk.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert "frontdesk.db" in frontdesk(folder, "gaps").refused()


async def test_diff_tells_what_an_edit_changes(store: Path) -> None:
    edited(store, "[I forgot my password", f"[{UNKNOWN}, I forgot my password")
    ran = frontdesk(store, "diff", "faq", "new", "--last", "100")
    assert (ran.code, ran.err) == (0, "")
    assert "newly answered" in ran.out
    assert ran.out.splitlines()[-1].startswith("4 questions: 0 answered with another entry, 0 no longer answered,")
    found = json.loads(frontdesk(store, "diff", "new", "faq", "--json").out)
    assert (found["questions"], found["gained"]) == (4, 0)
    lost = [one for one in found["changes"] if one["kind"] == "lost"]
    assert (UNKNOWN, 2, "answer", "handover") in [
        (one["text"], one["asked"], one["before"]["verdict"], one["after"]["verdict"]) for one in lost
    ]
    assert frontdesk(store, "diff", "new", "faq").code == 1


def test_diff_takes_questions_from_a_file(folder: Path) -> None:
    edited(folder, "id: trading-fees", "id: fees-of-trading")
    (folder / "asked.txt").write_text("What are the trading fees?\n")
    ran = frontdesk(folder, "diff", "faq", "new", "--questions", "asked.txt")
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("1 question: 1 answered with another entry")
    said = frontdesk(folder, "diff", "faq", "new", "--questions", "nowhere.txt").refused()
    assert "there is no nowhere.txt" in said


def test_diff_refuses_a_base_that_cannot_be_used(folder: Path) -> None:
    assert "nowhere" in frontdesk(folder, "diff", "faq", "nowhere").refused()
    edited(folder, "id: trading-fees", "id: Trading Fees")
    assert "new/fees.yaml:4" in frontdesk(folder, "diff", "faq", "new").refused()


def test_check_tells_entries_that_take_each_others_questions_as_hints(folder: Path) -> None:
    text = (folder / "faq" / "fees.yaml").read_text(encoding="utf-8")
    text = text.replace("[I forgot my password,", "[I forgot my password, how much is the commission for a trade now,")
    (folder / "faq" / "fees.yaml").write_text(text, encoding="utf-8")
    ran = frontdesk(folder, "check")
    assert ran.code == 0
    assert "is answered with trading-fees" in ran.out or "steal" in ran.out
    found = json.loads(frontdesk(folder, "check", "--json").out)
    assert found["mistakes"] == []
    assert found["hints"][0]["place"].startswith("faq/fees.yaml:")


def watched(seconds_each: float, count: int, *, terminal: bool) -> str:
    """What is shown while items come that take so long, by a clock of their own."""
    time, shown = [0.0], io.StringIO()

    def items() -> list[int]:
        return list(range(count))

    def clock() -> float:
        return time[0]

    console = Console(file=shown, force_terminal=terminal, width=80)
    seen = []
    for item in track(items(), count, "comparing", console, clock):
        time[0] += seconds_each
        seen.append(item)
    assert seen == items()
    return shown.getvalue()


def test_a_bar_is_shown_on_a_terminal_for_what_takes_long_and_only_there() -> None:
    assert "comparing" in watched(0.1, 100, terminal=True)
    assert watched(0.1, 100, terminal=False) == ""
    assert watched(0.001, 100, terminal=True) == ""
    assert watched(1, 0, terminal=True) == ""
