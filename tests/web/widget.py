"""The widget as people use it, in a real browser: what tests of it share. The browser is a fixture of conftest.py."""

from __future__ import annotations

from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.web.service import Service

MISTAKES: list[str] = []
"""What no page may do in any test."""


async def visit(context: BrowserContext, service: Service) -> Page:
    """The demo page."""
    page = await context.new_page()
    page.on("pageerror", lambda error: MISTAKES.append(f"thrown: {error}"))
    page.on("dialog", lambda dialog: MISTAKES.append(f"a dialog: {dialog.message}"))
    await page.goto(f"http://127.0.0.1:{service.port}/")
    return page


def messages(page: Page, author: str = "") -> Locator:
    return page.locator(f".message.{author}" if author else ".message")


async def begin(page: Page) -> None:
    """Open the panel and wait for the greeting."""
    await page.locator(".launcher").click()
    await expect(messages(page, "bot")).to_have_count(1)


async def write(page: Page, text: str) -> None:
    await page.locator("textarea").fill(text)
    await page.keyboard.press("Enter")


async def stored(page: Page) -> dict[str, Any]:
    """What the widget keeps in the browser."""
    found: dict[str, Any] = await page.evaluate("JSON.parse(Object.values(localStorage)[0])")
    return found


async def focused(page: Page) -> str:
    found: str = await page.evaluate(
        "(() => { const at = document.querySelector('frontdesk-widget').shadowRoot.activeElement;"
        " return at ? at.localName + '.' + at.className : ''; })()"
    )
    return found
