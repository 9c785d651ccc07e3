"""The process dies at every step of a ticket's life, before and after every write: nothing is lost, nothing skipped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import groupby
from pathlib import Path

import pytest

from tests.harness import CRASH_POINTS, Crashed
from tests.office import CONSOLE, NORTH, SOUTH, Office

pytestmark = pytest.mark.anyio


def life(office: Office) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    """A ticket from question to rating, across both rooms and the console."""
    return [
        ("asks", lambda: office.say("what is quantum chromodynamics")),
        ("wants a person", lambda: office.press("human")),
        ("writes", lambda: office.say("are you there?")),
        ("silence", lambda: office.later(11)),
        ("claim", lambda: office.agent("Ann").presses("claim")),
        ("answer", lambda: office.agent("Ann").says("Hello, I am")),
        ("note", lambda: office.agent("Ann").says("/note be gentle")),
        ("transfer", lambda: office.agent("Ann").says("/transfer Ben")),
        ("second answer", lambda: office.agent("Ben", SOUTH).says("Ben here")),
        ("release", lambda: office.agent("Ben", CONSOLE).presses("release")),
        ("away", lambda: office.agent("Lea").says("/away", 0)),
        ("claim again", lambda: office.agent("Ann", CONSOLE).says("back again")),
        ("close", lambda: office.agent("Ann").says("/close done")),
        ("rate", lambda: office.press("rate:1:4")),
    ]


async def lived(office: Office, crash: str = "") -> dict[str, object]:
    """What is left of a ticket's life; with `crash` the process died once in each step."""
    died = 0
    for _, step in life(office):
        if crash:
            office.crash_at(crash)
        try:
            await step()
        except Crashed:
            died += 1
            await office.restart()
        await office.settle()
    assert died > 1 or "failed" in crash or not crash or "fire" in crash, "it did die"
    sends = {"contact": office.said(), **{at: await office.texts(at=at) for at in (NORTH, SOUTH)}}
    return {
        # A send that was cut off is repeated; the stand-in knows no idempotency key.
        "shown": {where: [text for text, _ in groupby(texts)] for where, texts in sends.items()},
        "history": await office.history(),
        "ticket": (await office.ticket())["rating"],
        "record": await office.rows("select author, text from message order by seq"),
        "left": await office.rows("select 1 from inbox where status = 'new' union all"
                                  " select 1 from outbox where status = 'open'"),
    }  # fmt: skip


@pytest.mark.parametrize("point", CRASH_POINTS)
async def test_a_life_with_a_crash_in_every_step_ends_like_one_without(tmp_path: Path, point: str) -> None:
    (tmp_path / "calm").mkdir()
    (tmp_path / "stormy").mkdir()
    async with Office(tmp_path / "calm") as office:
        calm = await lived(office)
    async with Office(tmp_path / "stormy") as office:
        stormy = await lived(office, point)
    assert stormy["left"] == []
    assert stormy["history"] == calm["history"], "no state is skipped and none comes twice"
    assert [row[0] for row in stormy["record"]] == [row[0] for row in calm["record"]]  # type: ignore[attr-defined]
    for where, texts in calm["shown"].items():  # type: ignore[attr-defined]
        without_times = [text.partition(" by ")[0] for text in texts]
        assert [text.partition(" by ")[0] for text in stormy["shown"][where]] == without_times, where  # type: ignore[index]
