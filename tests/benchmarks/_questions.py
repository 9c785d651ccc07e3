"""What the rivals are asked: data sets from a folder, the bundled knowledge, and a big base to time them on."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

CLEAN, NOISY = "queries", "queries_noisy"

PHRASINGS, PHRASINGS_PER_ENTRY = 5000, 10
"""Size of the base on which time and memory are measured."""
ROUNDS, TIMED, WARMED = 3, 300, 20
"""Rounds, the questions timed in each, and questions asked before that. The quietest round counts: others use the
machine too."""
TIMED_IF_SLOW, ASKED_IF_SLOW = 20, 40
"""The same for a rival that takes seconds: questions timed, and questions asked of each file."""

Entry = dict[str, Any]
Question = dict[str, Any]


def phrasings(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Each phrasing with its entry's id."""
    return [(text, entry["id"]) for entry in entries for text in dict.fromkeys((entry["question"], *entry["variants"]))]


def documents(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Each entry's phrasings as one text, with its id."""
    return [("\n".join(dict.fromkeys((entry["question"], *entry["variants"]))), entry["id"]) for entry in entries]


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def sets_of(folder: Path) -> Iterator[dict[str, Any]]:
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        asked = {path.stem: read_lines(path) for path in sorted(place.glob("queries*.jsonl"))}
        for path in sorted(place.glob("kb*.jsonl")):
            yield {"name": f"{place.name}/{path.stem}", "entries": read_lines(path), "asked": asked}


def bundled() -> Iterator[dict[str, Any]]:
    from bot.config import Config, Settings
    from bot.knowledge.checks import HANDOVER, read_checks
    from bot.knowledge.loader import bundled_folder
    from bot.parts import open_library

    entries = [
        {"id": entry.id, "lang": lang, "question": questions[0], "variants": list(questions[1:])}
        for entry in open_library(Config(Settings())).mind.knowledge.entries.values()
        for lang, questions in entry.questions.items()
    ]
    asked = [
        {"text": check.say, "lang": check.lang, "expected": None if check.expect == HANDOVER else check.expect}
        for check in (one.check for one in read_checks(bundled_folder())[0])
    ]
    yield {"name": "bundled knowledge", "entries": entries, "asked": {CLEAN: asked}}


def mixed(one: str, other: str) -> str:
    """The first half of one phrasing and the second half of another."""
    if " " in one and " " in other:
        first, second = one.split(), other.split()
        return " ".join((*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]))
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def big_base(sets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """5,000 phrasings, those that there are and mixtures of them, and questions to ask, which are not among them."""
    chance = random.Random(0)
    real = sorted({text for one in sets for text, _ in phrasings(one["entries"])})
    asked = sorted({question["text"] for one in sets for question in one["asked"].get(CLEAN, ())} - set(real)) or real
    texts = dict.fromkeys(chance.sample(real, min(len(real), PHRASINGS)))
    while len(texts) < PHRASINGS:
        made = mixed(chance.choice(real), chance.choice(real + asked))
        texts[f"{made} {len(texts)}" if made in texts or made in asked else made] = None
    every = list(texts)
    entries = [
        {"id": f"e{at}", "lang": None, "question": every[at], "variants": every[at + 1 : at + PHRASINGS_PER_ENTRY]}
        for at in range(0, PHRASINGS, PHRASINGS_PER_ENTRY)
    ]
    questions = asked * (1 + (WARMED + ROUNDS * TIMED) // len(asked))
    chance.shuffle(questions)
    return {"entries": entries, "questions": questions}
