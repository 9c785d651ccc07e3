"""Knowledge folders for tests, written as people write them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bot.knowledge.loader import Loaded, load

FEES = """\
topic: fees
title: {en: Fees, zh: 费用}
entries:
  - id: trading-fees
    question: {en: [What are the trading fees?], zh: [交易手续费是多少]}
    answer: {en: They are low., zh: 很低。}
  - id: withdrawal-fees
    question: {en: [What does a withdrawal cost?], zh: [提现要多少手续费]}
    answer: {en: A little., zh: 一点点。}
    see_also: [trading-fees]
"""


def write(folder: Path, **files: str | bytes) -> Path:
    """A folder with these files: `fees="..."` is fees.yaml, `checks__fees` is checks/fees.yaml."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
    return folder


def loaded(**files: str | bytes) -> Loaded:
    """What loading a folder `k` with these files in it finds."""
    return load(write(Path("k"), **files), ["en", "zh"], "en")


def mistakes(**files: str | bytes) -> list[str]:
    """The mistakes, as people are shown them; they keep the knowledge from being used."""
    found = loaded(**files)
    assert (found.knowledge is None) == bool(found.fatal)
    return [str(problem) for problem in found.fatal]


def hints(**files: str | bytes) -> list[str]:
    """What is told without keeping the knowledge from being used."""
    found = loaded(**files)
    assert found.knowledge is not None, found.fatal
    return [str(problem) for problem in found.problems]
