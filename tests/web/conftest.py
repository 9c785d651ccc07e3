"""A whole service on real sockets: `service` is shared by a file's tests, `serve` makes one of its own."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import lacking
from tests.web.service import Chat, Service

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

Serve = Callable[..., Awaitable[Service]]
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    """A running service; every test opens chats of its own on it."""
    async with Service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def client(service: Service) -> httpx.AsyncClient:
    return service.client


@pytest.fixture
async def chat(service: Service) -> Chat:
    """Somebody who has just opened a chat."""
    return await service.chat()


@pytest.fixture
async def serve(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Serve]:
    """Makes a service with other settings; it is stopped when the test ends."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Service:
            return await stack.enter_async_context(Service(tmp_path, **settings))

        yield start


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright  # most tests here need no browser

    path = shutil.which("chromium")
    if path is None:
        lacking("Chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser's window of its own, with nothing stored."""
    made = await browser.new_context(locale="en-US", viewport={"width": 1200, "height": 800})
    made.set_default_timeout(8000)
    yield made
    await made.close()


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))


@pytest.fixture(autouse=True)
def server_errors() -> Iterator[list[str]]:
    """What the HTTP server logs as an error. A test that causes one on purpose clears the list."""
    handler, names = _Errors(), ("uvicorn.error", "asyncio")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield handler.messages
    for name in names:
        logging.getLogger(name).removeHandler(handler)
    assert not handler.messages, "the server logged errors:\n" + "\n".join(handler.messages)
