"""What open pages cost: one reading for all of them, none while nobody looks, and no page harms another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.ports import Case, Summary
from bot.storage.store import Store
from bot.web.console.live import Board, Inbox
from tests.web.console_desk import DeskService
from tests.web.service import eventually


class CountedStore(Store):
    """The real store, which counts what is read; it fails as often as it is told to."""

    reads: Counter[str]
    failures = 0

    async def tickets(self, status: Sequence[str], most: int) -> Sequence[Summary]:
        self.reads["tickets"] += 1
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        return await super().tickets(status, most)

    async def case(self, number: int) -> Case | None:
        self.reads[f"case {number}"] += 1
        return await super().case(number)


class Page:
    """An open page that remembers what it was shown."""

    def __init__(self, number: int = 0, *, fails: bool = False) -> None:
        self.number, self.fails = number, fails
        self.shown: list[tuple[Inbox, Case | None]] = []

    async def show(self, inbox: Inbox, case: Case | None) -> None:
        self.shown.append((inbox, case))
        if self.fails:
            raise ValueError("our own bug")


@pytest.fixture
async def desk(tmp_path: Path, anyio_backend: str) -> AsyncIterator[DeskService]:
    async with DeskService(tmp_path) as running:
        yield running


@pytest.fixture
def store(desk: DeskService) -> CountedStore:
    made = CountedStore(desk.database, desk.clock)
    made.reads = Counter()
    return made


@pytest.fixture
async def board(desk: DeskService, store: CountedStore) -> AsyncIterator[Board]:
    made = Board(store, desk.clock)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_look_is_one_reading_for_all_pages_and_one_for_each_ticket_on_them(
    desk: DeskService, store: CountedStore
) -> None:
    number, board = await desk.ticket(), Board(store, desk.clock)
    pages = [Page(), Page(number), Page(number), Page(99)]
    for page in pages:
        board.watch(page)
    await board.look()
    assert store.reads == {"tickets": 2, f"case {number}": 1, "case 99": 1}
    assert [len(page.shown) for page in pages] == [1, 1, 1, 1]
    cases = [page.shown[0][1] for page in pages]
    assert cases[0] is cases[3] is None
    assert cases[1] is cases[2] is not None


async def test_while_no_page_is_open_nothing_is_read(store: CountedStore, board: Board) -> None:
    page = Page()
    board.watch(page)
    await eventually(lambda: _said(bool(page.shown)))
    board.forget(page)
    board.wake()
    await asyncio.sleep(0)
    before = store.reads.total()
    for _ in range(3):
        board.wake()
        await board.look()
    assert store.reads.total() == before


async def test_what_nobody_wakes_us_for_is_seen_all_the_same(desk: DeskService, board: Board) -> None:
    page = Page()
    board.watch(page)
    await eventually(lambda: _said(bool(page.shown)))
    await desk.ticket()
    await eventually(lambda: _said(bool(page.shown[-1][0].open)), 2)


async def test_a_page_that_fails_and_a_store_that_does_keep_no_other_page_from_what_is_new(
    desk: DeskService, store: CountedStore, board: Board
) -> None:
    store.failures = 2
    bad, good = Page(fails=True), Page()
    board.watch(bad)
    board.watch(good)
    await eventually(lambda: _said(bool(good.shown)))
    await desk.ticket()
    board.wake()
    await eventually(lambda: _said(bool(good.shown[-1][0].open)))
    assert len(bad.shown) == 1


async def _said(so: bool) -> bool:
    return so
