"""`frontdesk evaluate`: accuracy and speed on labelled questions."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.progress import track
from bot.cli.real import counted, reading_mind, screen, shown_share, table

ROWS = {
    "known": {
        "hit1": "expected entry is the best",
        "hit3": "expected entry among the first 3",
        "right": "answered right",
        "wrong": "answered wrong",
        "clarify": "asked back",
        "handover": "handed over",
    },
    "unknown": {"right": "handed over, as they should", "wrong": "answered wrong", "clarify": "asked back"},
}
TITLES = {"known": "questions with an entry", "unknown": "questions for a human"}


def evaluate(
    folder: Annotated[Path, typer.Argument(help="A folder or file of labelled questions: YAML, JSONL or CSV.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="Write a plot to this PNG file.")] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="List so many confusions; JSON has all.")] = 20,
) -> None:
    """Measure accuracy and speed on labelled questions. Exit 1 if files have mistakes or there are no questions."""
    from bot.cli.plots import check_plotting, draw, save
    from bot.knowledge.evaluation import ask_all, report
    from bot.knowledge.labelled import read_questions, unknown_labels
    from bot.parts import open_library

    settings, now = read_config(config), time.time()
    if not folder.exists():
        raise typer.BadParameter(f"there is no folder or file {folder}", param_hint="FOLDER")
    if plot:
        check_plotting(plot)
    labelled, problems = read_questions(folder)
    library = open_library(settings)
    strangers = unknown_labels(labelled, library.mind.knowledge.entries)
    places = {problem.place for problem in strangers}
    labelled = [one for one in labelled if one.place not in places]
    problems += strangers
    for problem in problems:
        print(problem, file=sys.stderr)
    if not labelled:
        print(f"{folder} holds no labelled questions that can be asked (YAML, JSONL or CSV)", file=sys.stderr)
        raise typer.Exit(1)
    texts = [(one.check.say, one.check.lang) for one in labelled]
    mind = reading_mind(settings, library, texts, now)
    timed = list(track(ask_all(mind, labelled, now), len(labelled), "asking"))
    answered = [one for one, _ in timed]
    found = report(timed, mind)
    if plot:
        save(answered, mind.rules.thresholds, plot)
    if as_json:
        print(json.dumps({**found, "mistakes": len(problems)}, ensure_ascii=False))
    else:
        _show(found, top)
        draw(answered, mind.rules.thresholds, screen())
        if plot:
            print(f"\nThe plot is in {plot}.")
    if problems:
        raise typer.Exit(1)


def _show(found: dict[str, Any], top: int) -> None:
    console = screen()
    figures = table("measure", "share (95 % interval)", "of", right=["of"])
    for group, rows in ROWS.items():
        if found[group]:
            figures.add_row(Text(TITLES[group], "bold"), "", "")
        for name, title in rows.items():
            if name in found[group]:
                rate = found[group][name]
                figures.add_row(f"  {title}", shown_share(rate), str(rate["n"]))
    figures.add_row(Text("all", "bold"), "", "")
    figures.add_row("  wrong among the answers given", shown_share(found["wrong_answers"]), _of(found))
    for lang, part in found["languages"].items():
        if part["known"]:
            rate = part["known"]["hit1"]
            figures.add_row(f"  {lang or '?'}: expected entry is the best", shown_share(rate), str(rate["n"]))
    console.print(figures)
    numbers = {"MRR": found["mrr"], "AUROC (known against unknown)": found["auroc"]}
    told = [f"{name} {value:.3f}" for name, value in numbers.items() if value is not None]
    speed = found["speed_ms"]
    told.append(f"speed p50 {speed['p50']:.2f} ms, p99 {speed['p99']:.2f} ms")
    print(f"\n{'; '.join(told)}")
    shares = ", ".join(f"{name} {value:g}" for name, value in found["thresholds"].items())
    print(f"thresholds in force: {shares}\n")
    if found["confused"] and top:
        confused = table("asked", "expected", "got", "", right=[""])
        for one in found["confused"][:top]:
            got = f"{one['got']}: {one['entry']}" if one["entry"] else one["got"]
            confused.add_row(Text(one["asked"]), one["expected"], got, f"{one['confidence']:.2f}")
        console.print(confused)
        more = len(found["confused"]) - top
        if more > 0:
            print(f"{counted(more, 'more confusion')}, all with --top {len(found['confused'])}")
        print()


def _of(found: dict[str, Any]) -> str:
    return str(found["wrong_answers"]["n"])
