"""The cache of vectors on disk: it keeps, it forgets what it must, and nothing that happens to it does harm."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.vectors.cache import VectorCache


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vectors.db"


def some(*texts: str, width: int = 4) -> dict[str, np.ndarray]:
    return {text: np.full(width, number + 0.5, dtype=np.float32) for number, text in enumerate(texts)}


def same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> bool:
    return found.keys() == wanted.keys() and all((found[text] == wanted[text]).all() for text in wanted)


def test_what_was_kept_is_found_again_by_another_process_and_only_under_its_model(path: Path) -> None:
    vectors = some("a", "b", "提现 \ud800")
    VectorCache(path).save("model", vectors, 1)
    assert same(VectorCache(path).load("model", [*vectors, "unknown"], 2), vectors)
    assert VectorCache(path).load("another", list(vectors), 2) == {}


def test_many_are_found_at_once(path: Path) -> None:
    vectors = some(*(f"text {number}" for number in range(2000)))
    cache = VectorCache(path)
    cache.save("m", vectors, 1)
    assert same(cache.load("m", list(vectors), 2), vectors)


def test_nothing_to_look_for_and_nothing_to_keep_is_fine(path: Path) -> None:
    cache = VectorCache(path)
    cache.save("m", {}, 1)
    assert cache.load("m", [], 1) == {}


def test_the_ones_that_were_not_wanted_for_longest_make_room(path: Path) -> None:
    cache = VectorCache(path, most_bytes=3 * 16)
    cache.save("m", some("a", "b", "c"), 1)
    cache.load("m", ["a", "c"], 2)
    cache.save("m", some("d"), 3)
    assert set(cache.load("m", ["a", "b", "c", "d"], 4)) == {"a", "c", "d"}


@pytest.mark.parametrize("damage", [b"", b"this is no database", b"SQLite format 3\x00" + bytes(100)])
def test_a_damaged_file_is_begun_anew(path: Path, damage: bytes) -> None:
    cache = VectorCache(path)
    cache.save("m", some("a"), 1)
    path.write_bytes(damage)
    assert cache.load("m", ["a"], 2) == {}
    cache.save("m", some("b"), 3)
    cache.save("m", some("b"), 4)
    assert set(cache.load("m", ["a", "b"], 5)) == {"b"}


def test_damage_in_the_middle_of_the_file_costs_vectors_at_most(path: Path) -> None:
    cache = VectorCache(path)
    vectors = some(*(f"t{number}" for number in range(300)), width=64)
    cache.save("m", vectors, 1)
    raw = bytearray(path.read_bytes())
    for place in range(5000, len(raw), 4001):
        raw[place] ^= 0xFF
    path.write_bytes(raw)
    found = cache.load("m", list(vectors), 2)
    assert all((found[text] == vectors[text]).all() for text in found), "a damaged vector must never be used"
    for now in (3, 4):
        cache.save("m", some("new"), now)
    assert set(cache.load("m", ["new"], 5)) == {"new"}


def test_a_vector_whose_bytes_changed_is_not_used(path: Path) -> None:
    cache = VectorCache(path)
    cache.save("m", some("a"), 1)
    with sqlite3.connect(path) as database:
        database.execute("update vectors set vector = ?", (np.ones(4, dtype="<f4").tobytes(),))
    database.close()
    assert cache.load("m", ["a"], 2) == {}


def test_a_place_that_can_not_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "vectors.db", tmp_path):
        cache = VectorCache(path)
        cache.save("m", some("a"), 1)
        assert cache.load("m", ["a"], 2) == {}


def test_several_may_use_the_file_at_once(path: Path) -> None:
    def work(number: int) -> int:
        cache = VectorCache(path)
        cache.save("m", some(f"text {number}"), number)
        return len(cache.load("m", [f"text {number}"], number))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [1] * 40
    assert list(path.parent.iterdir()) == [path], "nothing else is left behind"
