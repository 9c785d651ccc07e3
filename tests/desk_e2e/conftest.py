"""One service between both platforms for a file of tests; every test has people and a ticket of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk_e2e.both import Both, serving


@pytest.fixture(scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Both]:
    async with serving(tmp_path_factory.mktemp("both")) as running:
        yield running
