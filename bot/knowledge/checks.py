"""The knowledge's own tests: labelled questions, each with the entry that should answer it, or `handover`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.hints import cut_hints
from bot.knowledge.loader import CHECKS_FOLDER, yaml_files
from bot.knowledge.schema import Check
from bot.messages import Matches
from bot.mind import Mind
from bot.ports import Problem
from bot.yamlfile import check, did_you_mean, read

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
    for path in yaml_files(folder / CHECKS_FOLDER):
        source = read(path)
        if isinstance(source, list):
            problems += source
        elif source.value is not None and not isinstance(source.value, list):
            problems.append(source.problem((), "must be a list: - {say: ..., lang: ..., expect: ...}"))
        else:
            problems += cut_hints(source, ("say",))
            for number, value in enumerate(source.value or ()):
                found = check(source, Check, value, (number,))
                if isinstance(found, list):
                    problems += found
                else:
                    labelled.append(Labelled(found, source.place((number,))))
    return labelled, problems


def run_checks(mind: Mind, labelled: Iterable[Labelled], now: float) -> list[Problem]:
    """The labelled questions that are not answered as they say.

    An entry is right if it is the best match and is answered or offered; `handover` if nothing is.
    """
    problems: list[Problem] = []
    entries = mind.knowledge.entries
    for one in labelled:
        expected = one.check.expect
        if expected != HANDOVER and expected not in entries:
            meant = did_you_mean(expected, [*entries, HANDOVER])
            problems.append(Problem(one.place, f'expects "{expected}", which is no entry{meant}'))
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
