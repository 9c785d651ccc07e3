"""`frontdesk check`: all mistakes of the configuration and the knowledge, each with its file and line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import ConfigOption, read_config
from bot.yamlfile import in_order, shown


def check(
    path: Annotated[Path | None, typer.Argument(help="A knowledge folder; default: the configured one.")] = None,
    config: ConfigOption = None,
) -> None:
    """Check configuration, knowledge and its labelled questions."""
    from bot.app import rules_of
    from bot.knowledge.checks import read_checks, run_checks
    from bot.knowledge.loader import bundled_folder, load
    from bot.mind import Mind

    settings = read_config(config)
    folder = path or settings.knowledge_folder(bundled_folder())
    brand = settings.settings.brand
    loaded = load(folder, brand.languages, brand.default_language)
    labelled, problems = read_checks(folder)
    findings = loaded.fatal + problems
    if loaded.knowledge is not None:
        mind = Mind(loaded.knowledge, rules_of(settings))
        findings += run_checks(mind, labelled, time.time())
    hints = [problem for problem in loaded.problems if not problem.fatal]
    for problem in in_order(findings):
        print(problem)
    for problem in in_order(hints):
        print(f"{problem.place}: hint: {problem.text}")
    if settings.path:
        off = "".join(f"; {name} is off: {variable} is not set" for name, variable in settings.off.items())
        print(f"{shown(settings.path)}: 0 mistakes{off}")
    numbers = [_count(len(labelled), "check"), _count(len(findings), "mistake"), _count(len(hints), "hint")]
    if loaded.knowledge:
        numbers.insert(0, _count(len(loaded.knowledge.entries), "entry", "entries"))
    print(f"{shown(folder)}: {', '.join(numbers)}")
    if findings:
        raise typer.Exit(1)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
