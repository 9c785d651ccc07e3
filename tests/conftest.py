"""Shared by all tests: async tests run on asyncio, and the clock and the bot are fixtures."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge.loader import bundled_folder
from tests.harness import Bot

CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def lacking(what: str) -> None:
    """This machine lacks something: skipped at home with the reason, a failure in CI."""
    if CI:
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"this machine has no {what}")


@pytest.fixture
async def bot(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Bot]:
    """A whole bot on the bundled knowledge, a real SQLite file and a fake clock."""
    async with Bot(tmp_path, bundled_folder()) as running:
        yield running
