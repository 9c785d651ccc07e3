"""What the tests of the stand-in share: the server, one bot on it, and python-telegram-bot pointed there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from tests.stands.telegram import BotAccount, BotApi, Group, Person

TOKEN = "111:AAAA-a-token-that-is-worth-nothing"
ANN = Person(5, "Ann", "ann_of_zurich", "en")
BEN = Person(6, "Ben")
GROUP = Group(-1001, "Traders")
FORUM = Group(-1002, "Desk", forum=True)


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    account = api.add_bot(TOKEN, "frontdesk_bot")
    api.meet(ANN)
    return account


def client(api: BotApi, token: str = TOKEN) -> Bot:
    return Bot(token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")


@pytest.fixture
async def tg(api: BotApi, bot: BotAccount) -> AsyncIterator[Bot]:
    async with client(api) as running:
        yield running


async def refused(call: Any) -> str:
    """What Telegram says to a bad request."""
    with pytest.raises(BadRequest) as error:
        await call
    return error.value.message


def yes(**button: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Yes", **(button or {"callback_data": "yes"}))]])
