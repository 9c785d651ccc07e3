"""The knowledge's own tests: labelled questions, each with the entry that should answer it, or `handover`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.loader import CHECKS_FOLDER
from bot.knowledge.schema import Check, ChecksFile
from bot.messages import Matches
from bot.mind import Mind
from bot.ports import Problem
from bot.yamlfile import Source, check, read

HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled question and where it stands."""

    check: Check
    place: str


def read_checks(folder: Path) -> tuple[list[Labelled], list[Problem]]:
    """All labelled questions of a knowledge folder, and the mistakes in their files."""
    labelled: list[Labelled] = []
    problems: list[Problem] = []
    for path in sorted((folder / CHECKS_FOLDER).glob("*.y*ml")):
        source = read(path, str(path.relative_to(folder)))
        if isinstance(source, Problem):
            problems.append(source)
            continue
        found = check(Source(source.name, None, source.lines), ChecksFile, {"checks": source.value or []})
        if isinstance(found, list):
            problems += _relocated(source)
        else:
            labelled += [Labelled(one, source.place((number,))) for number, one in enumerate(found.checks)]
    return labelled, problems


def _relocated(source: Source) -> list[Problem]:
    """The mistakes of a checks file, item by item, so that each names its line."""
    if not isinstance(source.value, list):
        return [source.problem((), "must be a list of {say, lang, expect}")]
    problems: list[Problem] = []
    for number, value in enumerate(source.value):
        found = check(source, Check, value, (number,))
        if isinstance(found, list):
            problems += found
    return problems


def run_checks(mind: Mind, labelled: Sequence[Labelled], now: float) -> list[Problem]:
    """The labelled questions that are not answered as they say.

    An entry is right if it is the best match and is answered or offered; `handover` if nothing is.
    """
    problems: list[Problem] = []
    for one in labelled:
        expected = one.check.expect
        if expected != HANDOVER and expected not in mind.knowledge.entries:
            problems.append(Problem(one.place, f'expects "{expected}", which is no entry'))
            continue
        matches = mind.read(one.check.say, one.check.lang, now)
        if not _is_right(matches, expected):
            problems.append(Problem(one.place, f'"{one.check.say}" expects {expected}, but gets {_got(matches)}'))
    return problems


def _is_right(matches: Matches, expected: str) -> bool:
    if expected == HANDOVER:
        return matches.verdict == "handover"
    return matches.verdict != "handover" and matches.ranked[0].entry == expected


def _got(matches: Matches) -> str:
    some = ", ".join(f"{match.entry} ({match.confidence:.2f})" for match in matches.ranked[:2])
    return f"{matches.verdict}: {some}" if some else matches.verdict
