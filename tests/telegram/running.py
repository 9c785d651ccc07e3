"""A whole Frontdesk on Telegram, against the stand-in of the Bot API: real loops, real SQLite, real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import App, World
from bot.config import Config, DialogueBlock, HttpBlock, LimitsBlock, Settings, StorageBlock
from tests.adapters.driver import module
from tests.stands.telegram import BotApi, Person

TOKEN = "111111:a-token-that-must-never-show"
ANN = Person(5, "Ann", lang="en")
LI = Person(6, "李雷", lang="zh-hans")


def options(api: BotApi, token: str = TOKEN, **more: Any) -> Any:
    """A channel's options that lead to the stand-in."""
    return module("telegram").Options(token=token, api_url=api.url, **more)


@asynccontextmanager
async def frontdesk(
    folder: Path, channels: dict[str, Any], world: World | None = None, *, window: float = 0.0, **settings: Any
) -> AsyncIterator[App]:
    """The service on these channels; its database is in `folder`, so that a second one goes on with it."""
    config = Config(
        Settings(
            storage=StorageBlock(url=f"sqlite:///{folder / 'frontdesk.db'}"),
            http=settings.pop("http", HttpBlock(port=0)),
            dialogue=DialogueBlock(merge_window_seconds=window),
            limits=settings.pop("limits", LimitsBlock(burst=10_000)),
            **settings,
        ),
        channels,
    )
    app = await App.build(config, list(channels), world)
    app.start()
    try:
        yield app
    finally:
        await asyncio.wait_for(app.stop(), 15)


async def rows(app: App, sql: str) -> Sequence[tuple[Any, ...]]:
    """What the database holds."""
    return [tuple(row) for row in await app.database.read(lambda q: q(sql))]
