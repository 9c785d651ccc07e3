"""Vectors of phrasings on disk, so that a restart or a small change of the knowledge costs nothing.

One SQLite file of its own: what is in it can be made again at any time, so a damaged file is thrown away, and one that
can't be written is done without. Questions are never kept here, only phrasings of the knowledge.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import structlog

from bot.matching.meaning import Vector

log = structlog.get_logger("vectors")

MOST_BYTES = 256 * 2**20
"""Of vectors; beyond it those go that were not wanted for longest. Enough for 40,000 of the widest (1,536 numbers)."""
WAIT = 5.0
"""Seconds to wait for another process that writes."""
MOST_AT_ONCE = 500
"""Keys of one query; SQLite takes some thousand at most."""

_TABLE = """
create table if not exists vectors (
    key text primary key, used real not null, size integer not null, sum integer not null, vector blob not null
) without rowid
"""


class VectorCache:
    """Vectors by model and text. Used from one thread at a time; another process may use the same file."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path, self._most_bytes = path, most_bytes

    def load(self, model: str, texts: Sequence[str], now: float) -> dict[str, Vector]:
        """The vectors that are there, by text."""
        keys = {_key(model, text): text for text in texts}
        found: dict[str, Vector] = {}

        def look(database: sqlite3.Connection) -> None:
            names = list(keys)
            for start in range(0, len(names), MOST_AT_ONCE):
                some = names[start : start + MOST_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(
                    f"select key, sum, vector from vectors where key in ({marks})",  # noqa: S608  # question marks only
                    some,
                )
                for key, checksum, blob in rows.fetchall():
                    if zlib.crc32(blob) == checksum and len(blob) % 4 == 0:
                        found[keys[key]] = np.frombuffer(blob, dtype="<f4").astype(np.float32)
            wanted = [(now, _key(model, text)) for text in found]
            database.executemany("update vectors set used = ? where key = ?", wanted)

        self._do(look)
        return found

    def save(self, model: str, vectors: Mapping[str, Vector], now: float) -> None:
        """Keep vectors, all or none of them; the file stays within its bounds."""
        rows = []
        for text, vector in vectors.items():
            blob = np.asarray(vector, dtype="<f4").tobytes()
            rows.append((_key(model, text), now, len(blob), zlib.crc32(blob), blob))

        def write(database: sqlite3.Connection) -> None:
            database.executemany("insert or replace into vectors values (?, ?, ?, ?, ?)", rows)
            self._make_room(database)

        self._do(write)

    def _make_room(self, database: sqlite3.Connection) -> None:
        held = database.execute("select coalesce(sum(size), 0) from vectors").fetchone()[0]
        if held <= self._most_bytes:
            return
        gone = []
        for key, size in database.execute("select key, size from vectors order by used, key"):
            if held <= self._most_bytes:
                break
            held -= size
            gone.append((key,))
        database.executemany("delete from vectors where key = ?", gone)

    def _do(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do it in one transaction, or not at all where the file can't be used."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._path, timeout=WAIT)) as database, database:
                database.execute(_TABLE)
                work(database)
        except (OSError, sqlite3.OperationalError) as error:
            log.warning("vectors.cache_unusable", path=str(self._path), error=str(error))
        except sqlite3.DatabaseError as error:  # not a database, or a damaged one
            log.warning("vectors.cache_damaged", path=str(self._path), error=str(error), note="begun anew")
            self._discard()

    def _discard(self) -> None:
        for path in (self._path, self._path.with_name(self._path.name + "-journal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _key(model: str, text: str) -> str:
    return hashlib.sha256(f"{model}\0{text}".encode(errors="surrogatepass")).hexdigest()
