"""The SQLite database: grouped commits, isolation of what fails, refusal of what can't be used."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import Conflict, StoreError, StoreTooNew, StoreUnavailable
from bot.storage import schema
from bot.storage.query import Query
from bot.storage.sqlite import SqliteDatabase


@pytest.fixture
async def database(tmp_path: Path, anyio_backend: str) -> AsyncIterator[SqliteDatabase]:
    opened = await SqliteDatabase.open(tmp_path / "a folder" / "test.db")
    yield opened
    await opened.close()


def add(q: Query, key: str) -> int:
    q("insert into guest values (?, 'chat', '', '', 0)", (key,))
    return len(q("select 1 from guest"))


def keys(q: Query) -> list[str]:
    return [row[0] for row in q("select key_hash from guest order by 1")]


def break_halfway(q: Query, key: str) -> None:
    add(q, key)
    raise ValueError("our own bug")


async def test_what_write_returned_is_there_for_another_connection(database: SqliteDatabase) -> None:
    await database.write(add, "a")
    with sqlite3.connect(database.path) as other:
        assert other.execute("select key_hash from guest").fetchall() == [("a",)]


async def test_transactions_that_wait_together_share_a_commit(database: SqliteDatabase) -> None:
    before = await database.read(lambda q: q("pragma data_version")[0][0])
    await asyncio.gather(*(database.write(add, f"{number:03}") for number in range(100)))
    assert len(await database.read(keys)) == 100
    after = await database.read(lambda q: q("pragma data_version")[0][0])
    assert after - before <= 3, "data_version counts commits of other connections"


async def test_a_transaction_that_fails_undoes_only_itself(database: SqliteDatabase) -> None:
    results = await asyncio.gather(
        database.write(add, "a"),
        database.write(break_halfway, "b"),
        database.write(add, "c"),
        database.write(add, "a"),
        return_exceptions=True,
    )
    assert isinstance(results[1], ValueError)
    assert isinstance(results[3], Conflict)
    assert await database.read(keys) == ["a", "c"]


async def test_reading_can_not_write(database: SqliteDatabase) -> None:
    with pytest.raises(StoreUnavailable):
        await database.read(add, "a")


async def test_a_cancelled_caller_does_not_disturb_the_others(database: SqliteDatabase) -> None:
    tasks = [asyncio.create_task(database.write(add, f"{number}")) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert {"0", "2"} <= set(await database.read(keys))


async def test_a_full_disk_is_an_error_for_all_in_the_group_and_the_store_recovers(database: SqliteDatabase) -> None:
    await database.write(lambda q: q("pragma max_page_count"))
    pages = (await database.read(lambda q: q("pragma page_count")))[0][0]
    await database._writer.execute(f"pragma max_page_count = {pages}")
    big = "x" * 100_000
    results = await asyncio.gather(*(database.write(add, big + str(n)) for n in range(3)), return_exceptions=True)
    assert all(isinstance(result, StoreUnavailable) for result in results)
    await database._writer.execute("pragma max_page_count = 1000000")
    await database.write(add, "after")
    assert await database.read(keys) == ["after"]


async def test_a_database_of_a_later_program_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    await (await SqliteDatabase.open(path)).close()
    with sqlite3.connect(path) as other:
        other.execute("update schema_version set version = 99")
    with pytest.raises(StoreTooNew, match=r"version 99.*up to \d+.*install"):
        await SqliteDatabase.open(path)


async def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    first = await SqliteDatabase.open(path)
    await first.write(add, "a")
    await first.close()
    second = await SqliteDatabase.open(path)
    assert await second.read(keys) == ["a"]
    await second.close()


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    await (await SqliteDatabase.open(path)).close()
    before = len(schema.UPGRADES)
    monkeypatch.setattr(schema, "UPGRADES", (*schema.UPGRADES, "create table one (a integer);\nnonsense;"))
    with pytest.raises(StoreError):
        await SqliteDatabase.open(path)
    with sqlite3.connect(path) as other:
        assert other.execute("select version from schema_version").fetchall() == [(before,)]
        assert not other.execute("select 1 from sqlite_master where name = 'one'").fetchall()


async def test_numbered_upgrades_run_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "test.db"
    await (await SqliteDatabase.open(path)).close()
    monkeypatch.setattr(
        schema, "UPGRADES", (*schema.UPGRADES, "create table one (a integer);", "insert into one values (7);")
    )
    for _ in range(2):
        await (await SqliteDatabase.open(path)).close()
    with sqlite3.connect(path) as other:
        assert other.execute("select a from one").fetchall() == [(7,)]


@pytest.mark.parametrize("kind", ["a file in the way", "a folder", "no database"])
async def test_a_place_that_can_not_be_used_is_named_with_the_cure(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "place" / "test.db"
    if kind == "a file in the way":
        path.parent.write_text("a file")
    elif kind == "a folder":
        path.mkdir(parents=True)
    else:
        path.parent.mkdir()
        path.write_text("this is no database, but it is long enough to be looked at " * 20)
    with pytest.raises(StoreError, match=r"test\.db.*storage\.url"):
        await SqliteDatabase.open(path)


async def test_a_writer_that_holds_the_lock_too_long_is_an_error_and_then_it_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.sqlite.BUSY_TIMEOUT", 0.05)
    database = await SqliteDatabase.open(tmp_path / "test.db")
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreUnavailable, match="locked"):
        await database.write(add, "a")
    other.execute("rollback")
    await database.write(add, "a")
    other.close()
    await database.close()
