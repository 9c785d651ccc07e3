"""Frontdesk's matcher against what people would pick instead: the same questions in the same run.

    python -m tests.benchmarks rivals [FOLDER]

FOLDER (or the environment variable FRONTDESK_QUESTIONS) holds data sets, one folder each: every kb*.jsonl there
({"id", "lang", "question", "variants"} a line) is asked every queries*.jsonl ({"text", "lang", "expected": id or
null}); queries_noisy.jsonl gives the noisy column. Without it the bundled knowledge is asked its own labelled
questions.

Each rival runs in a fresh process, on one thread, with the settings that did best on the development questions. Its
confidence may have any scale: AUROC and OOS@95 depend on its order alone, and acc_t is taken at the threshold that is
best for this rival, one for all data sets.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks._contestants import RIVALS, Rival
from tests.benchmarks._measure import accuracy, run_one
from tests.benchmarks._questions import big_base, bundled, phrasings, sets_of

MODULE = "tests.benchmarks.rivals"
ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "FRONTDESK_QUESTIONS"
PATIENCE = 900
"""Seconds until a rival is given up."""

THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")

COLUMNS = {
    "hit1": ("hit1", 3),
    "mrr": ("MRR", 3),
    "auroc": ("AUROC", 3),
    "oos95": ("OOS@95", 3),
    "acc_t": ("acc_t", 3),
    "noisy": ("noisy hit1", 3),
    "p50": ("p50 ms", 2),
    "p99": ("p99 ms", 2),
    "build": ("build s", 2),
    "memory": ("memory MiB", 0),
}


def cell(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if digits == 3 else text


def lacking(rival: Rival) -> list[str]:
    return [package for module, package in rival.libraries.items() if importlib.util.find_spec(module) is None]


def measured(name: str, folder: Path) -> dict[str, float] | str:
    """A rival's numbers, or why there are none."""
    if missing := lacking(RIVALS[name]):
        return f"skipped: {', '.join(missing)} not installed (`pip install -e '.[bench]'`)"
    result = folder / f"{name}.json"
    command = [sys.executable, "-m", MODULE, "--one", name, str(folder / "work.json"), str(result)]
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env={**os.environ, **THREADS},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return f"given up after {PATIENCE} s"
    if done.returncode:
        return "failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1]
    numbers = json.loads(result.read_text())
    return {**accuracy(numbers.pop("files")), **numbers}


def measure(folder: Path | None) -> None:
    if folder and not folder.is_dir():
        sys.exit(f"{folder} is not a folder")
    sets = list(sets_of(folder) if folder else bundled())
    if not sets:
        sys.exit(f"{folder} has no data sets: folders with kb*.jsonl and queries*.jsonl")
    if not folder:
        print(f"No folder of data sets was given (as an argument or {VARIABLE}): the bundled knowledge's phrasings are")
        print("the base and its own labelled questions are asked. They were written for it and count for little else.")
    for one in sets:
        asked = ", ".join(f"{len(questions)} {kind}" for kind, questions in one["asked"].items())
        print(f"{one['name']}: {len(one['entries'])} entries, {len(phrasings(one['entries']))} phrasings; {asked}")
    versions = ", ".join(f"{package} {version(package)}" for package in packages())
    print(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {versions}; {os.cpu_count()} cores\n")
    print("| matcher |", " | ".join(title for title, _ in COLUMNS.values()), "|")
    print("|---" * (len(COLUMNS) + 1) + "|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "work.json").write_text(json.dumps({"sets": sets, "big": big_base(sets)}))
        for key, rival in RIVALS.items():
            numbers = measured(key, place)
            if isinstance(numbers, str):
                print(f"| {rival.title} | {numbers}", "|" * len(COLUMNS), flush=True)
            else:
                cells = (cell(numbers.get(column, math.nan), digits) for column, (_, digits) in COLUMNS.items())
                print(f"| {rival.title} |", " | ".join(cells), "|", flush=True)
    print()
    for rival in RIVALS.values():
        print(f"- {rival.title}: {rival.settings}.")


def packages() -> list[str]:
    theirs = (package for rival in RIVALS.values() for package in rival.libraries.values())
    return list(dict.fromkeys(("numpy", *theirs)))


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        sys.exit(f"rivals takes one argument at most, a folder of data sets, not: {' '.join(arguments)}")
    folder = arguments[0] if arguments else os.environ.get(VARIABLE)
    measure(Path(folder) if folder else None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(sys.argv[1:])
