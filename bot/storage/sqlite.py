"""SQLite: one connection thread runs whole transactions, many at a time under one commit.

The cost of a small transaction is hops between threads and the disk's flush, not SQLite: so the functions that wait
while a commit is under way run together in the next one, each under a savepoint of its own, up to `MOST_GROUPED`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import Conflict, FrontdeskError, StoreError, StoreTooNew, StoreUnavailable
from bot.storage.query import P, Row, Transaction
from bot.storage.schema import upgrade

T = TypeVar("T")
Job = Callable[["SqliteQuery"], Any]
Outcome = tuple[Any, Exception | None]

MOST_GROUPED = 256
"""Transactions under one commit; more would make the first of them wait."""
BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process's write."""
SERIAL = "integer primary key autoincrement"


class SqliteQuery:
    """Runs statements on an open connection."""

    skip_locked = ""  # one writer at a time: nothing is ever locked row by row

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def __call__(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._execute(sql, parameters).fetchall()

    def changed(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._execute(sql, parameters).rowcount


class _Connection(aiosqlite.Connection):
    """aiosqlite's connection and thread, with one method that runs many transactions in a single hop."""

    async def run(self, jobs: Sequence[Job], *, write: bool) -> list[Outcome]:
        run = self._run_grouped if write else self._run_reading
        outcomes: list[Outcome] = await self._execute(run, jobs)  # type: ignore[no-untyped-call]  # theirs is untyped
        return outcomes

    def _run_grouped(self, jobs: Sequence[Job]) -> list[Outcome]:
        connection = self._conn
        connection.execute("begin immediate")
        try:
            outcomes = [_under_savepoint(connection, job) for job in jobs]
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        return outcomes

    def _run_reading(self, jobs: Sequence[Job]) -> list[Outcome]:
        connection = self._conn
        connection.execute("begin")
        try:
            return [(job(SqliteQuery(connection)), None) for job in jobs]
        finally:
            connection.execute("rollback")


def _under_savepoint(connection: sqlite3.Connection, job: Job) -> Outcome:
    """Run one transaction of a group; if it fails, only it is undone."""
    connection.execute("savepoint one")
    try:
        value = job(SqliteQuery(connection))
    except Exception as error:
        if not connection.in_transaction:
            raise  # the database gave up the whole group (disk full, for one)
        connection.execute("rollback to one")
        connection.execute("release one")
        return None, error
    connection.execute("release one")
    return value, None


def translated(error: Exception) -> Exception:
    """SQLite's exceptions as ours; others are returned as they are."""
    if isinstance(error, FrontdeskError) or not isinstance(error, sqlite3.Error):
        return error
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(f"another writer was first: {error}")
    if isinstance(error, sqlite3.OperationalError):
        return StoreUnavailable(f"the database can't be used at the moment: {error}")
    return StoreError(f"the database failed: {error}")


class SqliteDatabase:
    """A database file. Make one with `await SqliteDatabase.open(path)`."""

    def __init__(self, path: Path, writer: _Connection, reader: _Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._waiting: deque[tuple[Job, asyncio.Future[Any]]] = deque()
        self._flushing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path) -> SqliteDatabase:
        """Open or create the file and bring its tables up to date. Raises StoreError with what to do."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = await _connect(path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(_cannot_open(path, error)) from error
        try:
            outcomes = await writer.run([lambda q: upgrade(q, SERIAL)], write=True)
            if outcomes[0][1]:
                raise outcomes[0][1]
            reader = await _connect(path)
            await reader.execute("pragma query_only = 1")
        except (OSError, sqlite3.Error) as error:
            await writer.close()
            raise StoreError(_cannot_open(path, error)) from error
        except StoreTooNew as error:
            await writer.close()
            raise StoreTooNew(f"can't use the database {path}: {error}") from None
        except BaseException:
            await writer.close()
            raise
        return cls(path, writer, reader)

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction; it is durable when this returns. Raises what it raises, and StoreError."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((partial(_call, transaction, args, kwargs), future))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="commit")
        return await future

    async def read(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction that only reads, beside the writes."""
        try:
            outcomes = await self._reader.run([partial(_call, transaction, args, kwargs)], write=False)
        except Exception as error:
            raise translated(error) from error
        value: T = outcomes[0][0]
        return value

    async def close(self) -> None:
        """Finish what waits and close the file."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        await self._reader.close()
        await self._writer.close()

    async def _flush(self) -> None:
        """Commit what waits, group by group, until nothing does."""
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_GROUPED))]
                try:
                    outcomes = await self._writer.run([job for job, _ in group], write=True)
                except Exception as error:  # the commit failed: everybody in the group must know
                    outcomes = [(None, error)] * len(group)
                for (_, future), (value, failure) in zip(group, outcomes, strict=True):
                    if future.done():
                        continue  # its caller was cancelled meanwhile
                    if failure is None:
                        future.set_result(value)
                    else:
                        future.set_exception(translated(failure))
        finally:
            self._flushing = None


def _call(transaction: Callable[..., T], args: Sequence[Any], kwargs: dict[str, Any], q: SqliteQuery) -> T:
    return transaction(q, *args, **kwargs)


async def _connect(path: Path) -> _Connection:
    connect = partial(
        sqlite3.connect,
        path,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        cached_statements=256,
        check_same_thread=False,
    )
    connection = _Connection(connect, iter_chunk_size=64)
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)  # it still reports to this event loop, which may end now
        raise
    try:
        await connection.execute("pragma journal_mode = wal")
        await connection.execute("pragma synchronous = full")
        await connection.execute("pragma foreign_keys = on")
    except BaseException:
        await connection.close()
        raise
    return connection


def _cannot_open(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else error
    return (
        f"can't use the database {path}: {reason}. Check that its folder exists and that this user may write there, "
        "or set storage.url to another place"
    )
