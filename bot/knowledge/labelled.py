"""Questions in files of people's own: YAML as in `checks/`, JSON lines, CSV; without labels also plain text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.knowledge.checks import HANDOVER, Labelled
from bot.knowledge.loader import CHECKS_FOLDER
from bot.knowledge.schema import Check
from bot.ports import Problem
from bot.yamlfile import Source, check, did_you_mean, read, shown

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv", ".tsv")
PLAIN = ".txt"
OTHER_NAMES = {"text": "say", "question": "say", "expected": "expect", "language": "lang"}
"""What other tools call the keys."""
NOTHING = ("", "none", "null", "oos")
"""How files of other tools say that a question must not be answered."""

Row = tuple[Any, str] | Problem
"""A question as it is written and where it stands, or what is wrong there."""


def question_files(path: Path) -> list[Path]:
    """The files that hold questions: the one given, or those of a folder; of a knowledge folder those in `checks/`."""
    if path.is_file():
        return [path]
    folder = path / CHECKS_FOLDER if (path / CHECKS_FOLDER).is_dir() else path
    found = (file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(folder).parts))


def read_questions(path: Path, *, with_labels: bool = True) -> tuple[list[Labelled], list[Problem]]:
    """All questions of a file or a folder, and what is wrong in it. Without labels every `expect` is `handover`."""
    found: list[Labelled] = []
    problems: list[Problem] = []
    for file in question_files(path):
        for row in _rows(file):
            if isinstance(row, Problem):
                problems.append(row)
                continue
            value, place = row
            if not with_labels and isinstance(value, dict):
                value = {**value, "expect": HANDOVER}
            one = _check(value, place)
            if isinstance(one, list):
                problems += one
            else:
                found.append(Labelled(one, place))
    return found, problems


def unknown_labels(labelled: Collection[Labelled], entries: Collection[str]) -> list[Problem]:
    """Questions that expect what is no entry."""
    found = [one for one in labelled if one.check.expect != HANDOVER and one.check.expect not in entries]
    return [
        Problem(
            one.place,
            f'expects "{one.check.expect}", which is no entry{did_you_mean(one.check.expect, [*entries, HANDOVER])}',
        )
        for one in found
    ]


def _check(value: Any, place: str) -> Check | list[Problem]:
    name, _, line = place.rpartition(":")
    return check(Source(name, value, {(): int(line)}), Check)


def _rows(file: Path) -> Iterator[Row]:
    suffix = file.suffix.lower()
    if suffix in (".yaml", ".yml"):
        yield from _yaml_rows(file)
        return
    name = shown(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        yield Problem(name, "is not UTF-8; save the file as UTF-8 (in a spreadsheet: CSV UTF-8)")
        return
    except OSError as error:
        yield Problem(name, f"can't be read: {error.strerror}")
        return
    if suffix == ".jsonl":
        yield from _json_rows(text, name)
    elif suffix == PLAIN:
        lines = enumerate(text.splitlines(), start=1)
        yield from (({"say": line.strip()}, f"{name}:{number}") for number, line in lines if line.strip())
    else:
        yield from _table_rows(text, name)


def _yaml_rows(file: Path) -> Iterator[Row]:
    source = read(file)
    if isinstance(source, list):
        yield from source
    elif source.value is not None and not isinstance(source.value, list):
        yield source.problem((), "must be a list: - {say: ..., lang: ..., expect: ...}")
    else:
        for number, value in enumerate(source.value or ()):
            yield _renamed(value), source.place((number,))


def _json_rows(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Problem(f"{name}:{number}", f"is not JSON: {getattr(error, 'msg', error)}; one object a line")
        else:
            yield _adapted(value), f"{name}:{number}"


def _table_rows(text: str, name: str) -> Iterator[Row]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [_new_name(column or "") for column in table.fieldnames or ()]
    if "say" not in columns:
        yield Problem(
            f"{name}:1", 'the first line must name the columns: "say" (or "text"), "expect" and perhaps "lang"'
        )
        return
    table.fieldnames = columns
    try:
        for value in table:
            yield _adapted({key: some for key, some in value.items() if key}), f"{name}:{table.line_num}"
    except csv.Error as error:
        yield Problem(f"{name}:{table.line_num}", f"is not a CSV table: {error}")


def _new_name(key: str) -> str:
    key = key.strip()
    return OTHER_NAMES.get(key.lower(), key.lower() if key.lower() in ("say", "expect", "lang") else key)


def _renamed(value: Any) -> Any:
    return {_new_name(str(key)): some for key, some in value.items()} if isinstance(value, dict) else value


def _adapted(value: Any) -> Any:
    """A question of another tool in our words; what we have no use for is left out."""
    if not isinstance(value, dict):
        return value
    named: Mapping[str, Any] = _renamed(value)
    found = {key: named[key] for key in ("say", "lang", "expect") if key in named}
    if "expect" in found and str(found["expect"] or "").strip().lower() in NOTHING:
        found["expect"] = HANDOVER
    if isinstance(found.get("lang"), str):
        found["lang"] = found["lang"].strip().replace("_", "-").split("-")[0].lower() or None
    return found
