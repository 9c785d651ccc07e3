"""The console in a real browser: what agents see, press and type."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from bot.errors import StoreError
from bot.messages import CONSOLE, Address, File
from tests.conftest import lacking
from tests.web.console_desk import DeskService
from tests.web.service import Service, eventually

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
HOSTILE = "<img src=x onerror=alert(1)> <b>x</b> [y](javascript:alert(1))"
MISTAKES: list[str] = []
"""What no page may do in any test."""


@pytest.fixture(autouse=True)
def no_mistakes() -> Iterator[None]:
    MISTAKES.clear()
    yield
    assert not MISTAKES


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        lacking("Chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    made = await browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    made.set_default_timeout(8000)
    yield made
    await made.close()


@pytest.fixture
async def desk(tmp_path: Path, anyio_backend: str) -> AsyncIterator[DeskService]:
    async with DeskService(tmp_path) as running:
        yield running


async def sign_in(context: BrowserContext, link: str) -> Page:
    """Open a link and press its button."""
    page = await context.new_page()
    page.on("pageerror", lambda error: MISTAKES.append(f"thrown: {error}"))
    page.on("dialog", lambda dialog: MISTAKES.append(f"a dialog: {dialog.message}"))
    page.on("console", lambda said: MISTAKES.append(said.text) if "Security Policy" in said.text else None)
    await page.goto(link)
    ours = page.url.split("/desk")[0]
    page.on("request", lambda asked: None if asked.url.startswith((ours, "data:")) else MISTAKES.append(asked.url))
    await page.get_by_role("button").click()
    await expect(page.locator(".inbox")).to_be_visible()
    return page


def rows(page: Page, section: str) -> Locator:
    return page.locator(f".section.{section} .row-link")


async def open_ticket(page: Page, who: str) -> None:
    await page.locator(".row-link", has_text=who).click()
    await expect(page.locator(".head .contact")).to_have_text(who)


async def test_an_agent_sees_who_waits_opens_a_ticket_and_answers(context: BrowserContext, desk: DeskService) -> None:
    number = await desk.ticket("Maria", "Where is my money?")
    page = await sign_in(context, await desk.link())
    assert page.url == f"{desk.url}/desk/"
    await expect(rows(page, "waiting")).to_have_count(1)
    await expect(page).to_have_title("(1) Desk")
    await open_ticket(page, "Maria")
    assert page.url == f"{desk.url}/desk/tickets/{number}"
    await expect(page.locator(".brief")).to_contain_text("Where is my money?")
    box = page.locator("textarea")
    await box.press_sequentially("Hello")
    await box.press("Shift+Enter")
    await box.press_sequentially("Maria")
    for how in ("isComposing: true", "keyCode: 229"):
        key = f"new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true, {how}}})"
        await box.evaluate(f"box => box.dispatchEvent({key})")
    await box.press("Enter")
    (done,) = await desk.did(1)
    assert (done.address, done.account) == (Address(CONSOLE, CONSOLE, str(number)), CONSOLE)
    assert (done.sender.id, done.text, done.choice) == ("Ann", "Hello\nMaria", "")
    await expect(box).to_have_value("")


async def test_buttons_give_the_values_of_every_desk(context: BrowserContext, desk: DeskService) -> None:
    number = await desk.ticket("Maria")
    row = await desk.answered(number, "lost", status="dead", error="blocked")
    told = '{"text": "These fit:", "buttons": [["Fees", "send:fees"]]}'
    await desk.happened(number, "told", "bot", told)
    page = await sign_in(context, await desk.link())
    await open_ticket(page, "Maria")
    for name in ("Claim", "Suggest", "Ready replies", "Send again", "Fees"):
        await page.get_by_role("button", name=name).click()
    for menu, item in (("Priority", "high"), ("Transfer", "Bob"), ("Snooze", "2 h")):
        await page.get_by_role("button", name=menu).click()
        await page.locator(".q-menu").get_by_text(item, exact=True).click()
        await expect(page.locator(".q-menu")).to_have_count(0)
    await page.get_by_role("button", name="Note").click()
    await page.locator("textarea").fill("careful")
    await page.get_by_role("button", name="Keep note").click()
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.get_by_label("Reason").fill("solved")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="You are there").click()
    done = await desk.did(11)
    assert [one.choice or one.text for one in done] == [
        *("claim", "suggest", "canned", f"retry:{row}", "send:fees", "priority:high", "transfer:Bob", "snooze:2h"),
        *("/note careful", "/close solved", "/away"),
    ]
    assert [one.address.thread for one in done] == [str(number)] * 10 + [""]


async def test_what_is_new_is_there_within_a_second_and_no_text_becomes_markup(
    context: BrowserContext, desk: DeskService
) -> None:
    number = await desk.ticket("Maria")
    page = await sign_in(context, await desk.link())
    await open_ticket(page, "Maria")
    await expect(page.locator(".said.contact")).to_have_count(1)
    photo = File("f1", "photo", HOSTILE, "image/png", 3, "web")
    await desk.says("Maria", HOSTILE, photo)
    await expect(page.locator(".said.contact")).to_have_count(2, timeout=1000)
    await desk.answered(number, HOSTILE, error=HOSTILE, status="dead")
    await desk.happened(number, "note", "Bob", HOSTILE)
    await desk.happened(number, "closed", "Bob", HOSTILE)
    await desk.ticket(HOSTILE, HOSTILE)
    desk.console.wake()
    await expect(rows(page, "waiting")).to_have_count(2, timeout=1000)
    for look in ("contact", "agent", "note", "event"):
        await expect(page.locator(f".said.{look}").last).to_contain_text("<img src=x onerror=alert(1)> <b>x</b>")
    await rows(page, "waiting").last.click()
    await expect(page.locator(".head .contact")).to_have_text(HOSTILE)
    assert await page.locator(".desk img, .desk b, .desk a[href^='javascript']").count() == 0


async def test_what_could_not_be_sent_stays_and_so_does_a_draft(context: BrowserContext, desk: DeskService) -> None:
    await desk.ticket("Maria")
    await desk.ticket("Otto")
    page = await sign_in(context, await desk.link())
    await open_ticket(page, "Maria")
    desk.failure = StoreError("the disk is on fire")
    await page.locator("textarea").fill("important")
    await page.locator("textarea").press("Enter")
    await expect(page.get_by_text("please try again in a moment")).to_be_visible()
    await expect(page.locator("textarea")).to_have_value("important")
    await open_ticket(page, "Otto")
    await expect(page.locator("textarea")).to_have_value("")
    await page.go_back()
    await expect(page.locator("textarea")).to_have_value("important")
    assert not desk.done


async def test_who_is_signed_out_elsewhere_sees_and_does_nothing_more(
    context: BrowserContext, desk: DeskService
) -> None:
    await desk.ticket("Maria")
    page = await sign_in(context, await desk.link())
    await open_ticket(page, "Maria")
    desk.console.board._watchers.clear()  # or the page would be gone before anything can be pressed on it
    await desk.change("delete from session")
    await page.get_by_role("button", name="Claim").click(no_wait_after=True)
    await expect(page.get_by_text("You are not signed in")).to_be_visible()
    assert not desk.done
    page = await sign_in(context, await desk.link())
    await desk.change("delete from session")
    await expect(page.get_by_text("You are not signed in")).to_be_visible()


async def test_on_a_phone_the_list_and_a_ticket_take_turns(browser: Browser, desk: DeskService) -> None:
    await desk.ticket("李伟", "提现一直没到账")
    context = await browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}, has_touch=True)
    page = await sign_in(context, await desk.link())
    await expect(page.get_by_text("请在左侧选择工单")).to_be_hidden()
    await open_ticket(page, "李伟")
    await expect(page.locator(".inbox")).to_be_hidden()
    await expect(page.get_by_role("button", name="接手")).to_be_visible()
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    await page.get_by_role("link", name="全部工单").click()
    await expect(page.locator(".inbox")).to_be_visible()
    await expect(page.locator(".work")).to_be_hidden()
    await context.close()


async def test_with_nothing_configured_a_visitor_is_answered_from_a_second_tab(
    context: BrowserContext, tmp_path: Path, anyio_backend: str
) -> None:
    async with Service(tmp_path) as service:
        chat = await service.chat(name="Maria")
        await chat.say("my order number is a riddle to the moon")
        await chat.say("/human")

        async def link() -> str:
            return await service.app.console_link() or ""

        page = await sign_in(context, await eventually(link))
        await open_ticket(page, "Maria")
        await page.locator("textarea").fill("Hello, how can I help?")
        await page.locator("textarea").press("Enter")

        async def answer() -> bool:
            return any(one["from"] == "agent" and "how can I help" in one["text"] for one in await chat.all())

        await eventually(answer)
        await expect(page.locator(".chip.state")).to_have_text("yours")
        await expect(page.locator(".said.agent .delivery")).to_have_text("sent")
        await chat.say("thank you, Ann")
        await expect(page.locator(".said.contact").last).to_contain_text("thank you, Ann", timeout=1000)
        await page.get_by_role("button", name="Suggest").click()
        await expect(page.locator(".told")).to_be_visible()
