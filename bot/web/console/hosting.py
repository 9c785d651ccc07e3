"""NiceGUI inside our own server.

It exists once in a process, takes a moment to load and much memory: so it is loaded in a thread when the first agent
opens the console, and runs from then on as long as there is a console.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from bot.ports import AsgiApp

if TYPE_CHECKING:
    from fastapi import FastAPI

RECONNECT_SECONDS = 20.0
"""How long the page of a browser that is gone (a phone in a pocket) is kept as it is."""


class _Running:
    """NiceGUI's life in this process; several consoles, as tests have them, share it."""

    consoles = 0
    life: AbstractAsyncContextManager[object]
    turn = asyncio.Lock()


@asynccontextmanager
async def hosted() -> AsyncIterator[AsgiApp]:
    """NiceGUI's application with our pages, running."""
    app = await asyncio.to_thread(_load)
    async with _Running.turn:
        if not _Running.consoles:
            _Running.life = app.router.lifespan_context(app)
            await _Running.life.__aenter__()
        _Running.consoles += 1
    try:
        yield app
    finally:
        async with _Running.turn:
            _Running.consoles -= 1
            if not _Running.consoles:
                await _Running.life.__aexit__(None, None, None)


@cache
def _load() -> FastAPI:
    """Everything imported and made, which takes longer than the event loop may stand still."""
    from fastapi import FastAPI
    from nicegui import ui

    import bot.web.console.page  # noqa: F401  # brings its pages in

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        app,
        title="Desk",
        dark=False,
        binding_refresh_interval=None,  # nothing here is bound
        reconnect_timeout=RECONNECT_SECONDS,
        tailwind=False,
        show_welcome_message=False,
    )
    return app
