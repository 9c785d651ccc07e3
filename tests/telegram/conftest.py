"""A stand-in of the Bot API with three people, and one bot there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.driver import module
from tests.stands.telegram import BotAccount, BotApi
from tests.telegram.faulty import BEN
from tests.telegram.running import ANN, LI, TOKEN


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    module("telegram")
    async with BotApi() as running:
        for person in (ANN, LI, BEN):
            running.meet(person)
        yield running


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    return api.add_bot(TOKEN)
