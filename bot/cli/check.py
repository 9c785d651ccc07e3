"""`frontdesk check`: all mistakes of the configuration and the knowledge, each with its file and line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.progress import track
from bot.ports import Problem
from bot.yamlfile import in_order, shown


def check(
    path: Annotated[Path | None, typer.Argument(help="A knowledge folder; default: the configured one.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check configuration, knowledge and its labelled questions; tell entries that take each other's."""
    from bot.knowledge.checks import read_checks, run_checks
    from bot.knowledge.loader import bundled_folder, load
    from bot.knowledge.rivalry import phrased, rivalry_hints
    from bot.matching.rivals import left_out, rivals
    from bot.mind import Mind
    from bot.parts import rules_of

    settings = read_config(config)
    folder = path or settings.knowledge_folder(bundled_folder())
    brand = settings.settings.brand
    loaded = load(folder, brand.languages, brand.default_language)
    labelled, problems = read_checks(folder)
    told = loaded.problems + problems
    unknown: list[Problem] = []
    if loaded.knowledge is not None:
        told += (unknown := settings.unknown_topics(loaded.knowledge.topics))
        mind = Mind(loaded.knowledge, rules_of(settings))
        told += run_checks(mind, track(labelled, len(labelled), "asking the checks"), time.time())
        base = phrased(loaded.knowledge)
        strays = left_out(base, mind.rules.thresholds)
        phrasings = sum(len(one.phrasings) for one in base)
        told += rivalry_hints(loaded, rivals(track(strays, phrasings, "comparing the phrasings")))
    findings = [problem for problem in told if problem.fatal]
    hints = [problem for problem in told if not problem.fatal]
    if as_json:
        entries = len(loaded.knowledge.entries) if loaded.knowledge else None
        counted: dict[str, Any] = {"entries": entries, "checks": len(labelled)}
        report = {**counted, "mistakes": _listed(findings), "hints": _listed(hints)}
        print(json.dumps(report, ensure_ascii=False))
        raise typer.Exit(1 if findings else 0)
    for problem in in_order(findings):
        print(problem)
    for problem in in_order(hints):
        print(f"{problem.place}: hint: {problem.text}")
    if settings.path:
        off = "".join(f"; {name} is off: {variable} is not set" for name, variable in settings.off.items())
        print(f"{shown(settings.path)}: {_count(len(unknown), 'mistake')}{off}")
    numbers = [
        _count(len(labelled), "check"),
        _count(len(findings) - len(unknown), "mistake"),
        _count(len(hints), "hint"),
    ]
    if loaded.knowledge:
        numbers.insert(0, _count(len(loaded.knowledge.entries), "entry", "entries"))
    print(f"{shown(folder)}: {', '.join(numbers)}")
    if findings:
        raise typer.Exit(1)


def _listed(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"place": problem.place, "text": problem.text} for problem in in_order(problems)]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
