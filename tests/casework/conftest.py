"""An office whose people a test can be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.office import Office


@pytest.fixture
async def office(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Office]:
    """Contacts, two rooms of agents, the console, a fake clock."""
    async with Office(tmp_path) as running:
        yield running
