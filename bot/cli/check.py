"""`frontdesk check`: all mistakes of the configuration and the knowledge, each with its file and line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import ConfigOption, read_config


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
    labelled, problems = read_checks(folder) if folder.is_dir() else ([], [])
    findings = loaded.fatal + problems
    if loaded.knowledge is not None:
        mind = Mind(loaded.knowledge, rules_of(settings))
        findings += run_checks(mind, labelled, time.time())
    hints = [problem for problem in loaded.problems if not problem.fatal]
    for problem in findings:
        print(f"{problem}")
    for problem in hints:
        print(f"{problem.place}: hint: {problem.text}")
    entries = len(loaded.knowledge.entries) if loaded.knowledge else 0
    print(f"{folder}: {entries} entries, {len(labelled)} checks, {len(findings)} mistakes, {len(hints)} hints")
    if findings:
        raise typer.Exit(1)
