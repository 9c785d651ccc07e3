"""One rival's costs and answers, measured in a process of its own, and what its answers are worth."""

from __future__ import annotations

import gc
import json
import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks._contestants import RIVALS, Ask, Rival
from tests.benchmarks._questions import ASKED_IF_SLOW, CLEAN, NOISY, ROUNDS, TIMED, TIMED_IF_SLOW, WARMED, Question

# In the rival's own process


def resident_mib() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return math.nan
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def milliseconds(ask: Ask, question: str) -> float:
    started = time.perf_counter()
    ask(question, None)
    return (time.perf_counter() - started) * 1e3


def costs(rival: Rival, base: dict[str, Any]) -> dict[str, float]:
    gc.collect()
    before = resident_mib()
    rival.make(base["entries"][:2])[1]("warm 热身", None)  # loads libraries: memory that counts, time that doesn't
    started = time.perf_counter()
    ask = rival.make(base["entries"])[1]
    build = time.perf_counter() - started
    warmed, timed = (1, TIMED_IF_SLOW) if rival.slow else (WARMED, TIMED)
    questions = iter(base["questions"])
    for _ in range(warmed):
        ask(next(questions), None)
    rounds = [sorted(milliseconds(ask, next(questions)) for _ in range(timed)) for _ in range(ROUNDS)]
    gc.collect()
    return {
        "p50": min(took[timed // 2] for took in rounds),
        "p99": min(took[timed * 99 // 100] for took in rounds),
        "build": build,
        "memory": resident_mib() - before,
    }


def sample(questions: list[Question], rival: Rival) -> list[Question]:
    if not rival.slow or len(questions) <= ASKED_IF_SLOW:
        return questions
    return [questions[at * len(questions) // ASKED_IF_SLOW] for at in range(ASKED_IF_SLOW)]


def answers(rival: Rival, one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    rank, _ = rival.make(one["entries"])
    for kind, questions in one["asked"].items():
        rows = []
        for question in sample(questions, rival):
            found = rank(question["text"], question["lang"])
            ids = [entry for entry, _ in found]
            expected = question["expected"]
            place = ids.index(expected) + 1 if expected in ids else 0
            rows.append((expected is not None, place, found[0][1] if found else 0.0))
        yield {"name": one["name"], "kind": kind, "rows": rows}


def run_one(name: str, work: Path, result: Path) -> None:
    random.seed(0)  # ChatterBot answers by chance if it finds nothing
    rival, asked = RIVALS[name], json.loads(work.read_text())
    measured: dict[str, Any] = costs(rival, asked["big"])
    measured["files"] = [file for one in asked["sets"] for file in answers(rival, one)]
    result.write_text(json.dumps(measured))


# What came out


def auroc(inside: Any, outside: Any) -> float:
    """The chance that a question with an answer scores above one without; ties count half."""
    import numpy as np

    outside = np.sort(outside)
    below, not_above = (np.searchsorted(outside, inside, side=side) for side in ("left", "right"))
    return float((below + not_above).mean() / (2 * len(outside)))


def accuracy(files: Sequence[dict[str, Any]]) -> dict[str, float]:
    import numpy as np

    each: dict[str, list[float]] = {name: [] for name in ("hit1", "mrr", "auroc", "oos95", "noisy")}
    decided = []
    for file in files:
        known, place, sure = (np.array(column) for column in zip(*file["rows"], strict=True))
        hit1 = float((place[known] == 1).mean())
        if file["kind"] == NOISY:
            each["noisy"].append(hit1)
        elif file["kind"] == CLEAN:
            each["hit1"].append(hit1)
            each["mrr"].append(
                float(np.divide(1, place[known], where=place[known] > 0, out=np.zeros(known.sum())).mean())
            )
            if not known.all():
                each["auroc"].append(auroc(sure[known], sure[~known]))
                keep95 = np.sort(sure[known])[known.sum() * 5 // 100]
                each["oos95"].append(float((sure[~known] < keep95).mean()))
                decided.append((known, place == 1, sure))

    def balanced(threshold: float) -> float:
        return float(
            np.mean([((sure >= threshold) & hit)[known].mean() / 2 + (sure < threshold)[~known].mean() / 2
                     for known, hit, sure in decided])
        )  # fmt: skip

    found = {name: float(np.mean(values)) if values else math.nan for name, values in each.items()}
    if decided:
        thresholds = np.quantile(np.concatenate([sure for *_, sure in decided]), np.linspace(0, 1, 1001))
        found["acc_t"] = max(map(balanced, thresholds))
    return found
