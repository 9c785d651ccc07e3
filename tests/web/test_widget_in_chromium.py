"""The customer's widget in a real browser, against the real service: what people see, press and type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from adapters.web import Options
from tests.web.service import Service, eventually
from tests.web.widget import MISTAKES, begin, focused, messages, stored, visit, write

QUESTION = "My withdrawal has not arrived"
MESSAGES, STREAM = "**/api/chat/messages*", "**/api/chat/stream*"

HOSTILE = """**Bold**, *it*, `code`, 2 * 3 * 4, snake_case. <b onclick=alert(1)>not bold</b> &amp;
<img src=x onerror=alert(1)> [docs](https://example.com/docs) and https://example.com/page.
But [bad](javascript:alert(1)).

1. One
2. Two
   - nested

```
<i>raw</i>
```
**never closed"""


@pytest.fixture(autouse=True)
def no_mistakes() -> Iterator[None]:
    MISTAKES.clear()
    yield
    assert not MISTAKES


@pytest.fixture
async def page(context: BrowserContext, service: Service) -> Page:
    return await visit(context, service)


class Posts:
    """Stands between the widget and the server for posted messages; `plan` says what becomes of each in turn."""

    def __init__(self, *plan: str) -> None:
        self.plan, self.ids = list(plan), list[str]()

    async def __call__(self, route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        self.ids.append(json.loads(route.request.post_data or "")["id"])
        match self.plan.pop(0) if self.plan else "pass":
            case "abort":
                await route.abort()
            case "lose the answer":
                await route.fetch()
                await route.abort()
            case "too fast":
                error = {"error": {"code": "too_many_messages", "message": "slow down"}}
                await route.fulfill(status=429, headers={"Retry-After": "2"}, json=error)
            case _:
                await route.continue_()


async def test_nothing_is_asked_of_the_server_before_the_panel_is_opened(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await page.wait_for_timeout(300)
    assert not [url for url in asked if "/api/" in url]
    await begin(page)
    await expect(messages(page, "bot")).to_contain_text("Hello")
    assert (await focused(page)).startswith("textarea")


async def test_a_question_is_answered(page: Page) -> None:
    await begin(page)
    await write(page, QUESTION)
    await expect(messages(page, "contact")).to_contain_text(QUESTION)
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await expect(page.locator(".typing")).to_be_hidden()
    await expect(messages(page, "bot").last.locator("strong").first).to_be_visible()
    await expect(messages(page).locator("time")).to_have_count(3)


async def test_shift_enter_is_a_new_line_and_enter_while_composing_sends_nothing(page: Page) -> None:
    await begin(page)
    box = page.locator("textarea")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    for how in ("isComposing: true", "keyCode: 229"):
        key = f"new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true, {how}}})"
        await box.evaluate(f"box => box.dispatchEvent({key})")
    await expect(box).to_have_value("one\ntwo")
    await expect(messages(page, "contact")).to_have_count(0)


async def test_buttons_work_by_keyboard_and_only_the_newest_ones_count(page: Page) -> None:
    await begin(page)
    first = messages(page, "bot").first.locator(".choices button")
    await first.first.focus()
    await page.keyboard.press("Enter")
    await expect(messages(page, "contact")).to_contain_text("Topics")
    await expect(messages(page, "bot")).to_have_count(2)
    for button in await first.all():
        await expect(button).to_be_disabled()
    second = messages(page, "bot").nth(1).locator(".choices button")
    await expect(second.first).to_be_enabled()
    await write(page, QUESTION)
    await expect(messages(page, "bot")).to_have_count(3)
    await expect(second.first).to_be_disabled()


async def test_after_a_reload_the_same_conversation_is_there(page: Page) -> None:
    await begin(page)
    await write(page, QUESTION)
    await expect(messages(page, "bot")).to_have_count(2)
    before = await stored(page)
    await page.reload()
    await page.locator(".launcher").click()
    await expect(messages(page)).to_have_count(3)
    assert (await stored(page))["token"] == before["token"]


async def test_two_tabs_share_a_conversation(page: Page, context: BrowserContext, service: Service) -> None:
    other = await visit(context, service)
    await begin(page)
    await begin(other)
    await write(other, QUESTION)
    await page.bring_to_front()
    await expect(messages(page, "contact")).to_contain_text(QUESTION)
    await expect(messages(page)).to_have_count(3)


async def test_a_message_whose_answer_was_lost_is_sent_again_under_the_same_id_and_stored_once(page: Page) -> None:
    posts = Posts("abort", "lose the answer")
    await page.route(MESSAGES, posts)
    await begin(page)
    await write(page, QUESTION)
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await expect(messages(page, "contact").locator("time")).to_be_visible()
    await expect(messages(page)).to_have_count(3)
    assert len(posts.ids) >= 2
    assert len(set(posts.ids)) == 1


async def test_a_message_that_does_not_get_through_can_be_sent_again(page: Page) -> None:
    posts = Posts(*["abort"] * 4)
    await page.route(MESSAGES, posts)
    await begin(page)
    await write(page, QUESTION)
    failed = page.locator(".message.failed")
    await expect(failed).to_contain_text("Not sent", timeout=12_000)
    await failed.get_by_role("button", name="Try again").click()
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await expect(failed).to_have_count(0)
    assert len(set(posts.ids)) == 1


async def test_who_writes_too_fast_is_told_the_wait_and_nothing_is_lost(page: Page) -> None:
    posts = Posts("too fast")
    await page.route(MESSAGES, posts)
    await begin(page)
    await write(page, QUESTION)
    await expect(page.locator(".status")).to_contain_text("2 s")
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await expect(page.locator(".status")).to_be_hidden()
    assert len(posts.ids) == 2


async def test_a_chat_that_the_server_no_longer_knows_is_replaced_and_the_message_sent(
    page: Page, service: Service
) -> None:
    await begin(page)
    old = (await stored(page))["token"]
    await service.app.database.write(lambda q: q("delete from guest"))
    await write(page, QUESTION)
    await expect(page.locator(".notice")).to_contain_text("expired")
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    assert (await stored(page))["token"] != old


async def test_a_refusal_is_explained_in_the_contacts_language_and_the_text_is_not_lost(
    context: BrowserContext, serve: Any
) -> None:
    page = await visit(context, await serve(web=Options(longest_text=50)))
    await begin(page)
    await page.get_by_role("button", name="切换为中文").click()
    await expect(messages(page, "bot").last).to_contain_text("中文")
    await write(page, "字" * 51)
    failed = page.locator(".message.failed")
    await expect(failed).to_contain_text("最多 50 个字符")
    await failed.get_by_role("button", name="修改").click()
    await expect(page.locator("textarea")).to_have_value("字" * 51)
    await expect(failed).to_have_count(0)


async def test_a_secret_does_not_stay_on_the_screen(page: Page) -> None:
    await begin(page)
    await write(page, "my password is hunter2secret!")
    await expect(messages(page, "contact")).to_contain_text("hidden")
    assert "hunter2secret" not in await page.locator(".log").inner_text()


@pytest.mark.parametrize("how", ["refused", "cut"])
async def test_where_streams_do_not_get_through_answers_are_polled_for(page: Page, how: str) -> None:
    refuse = how == "refused"
    await page.route(STREAM, lambda route: route.fulfill(status=502, body="<html>") if refuse else route.abort())
    await begin(page)
    await write(page, QUESTION)
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")


async def test_after_a_lost_connection_what_was_missed_is_shown_once(
    page: Page, context: BrowserContext, service: Service
) -> None:
    await begin(page)
    await context.set_offline(True)
    await expect(page.locator(".status")).to_contain_text("No connection")
    headers = {"Authorization": f"Bearer {(await stored(page))['token']}"}
    said = await service.client.post("/api/chat/messages", json={"id": "elsewhere", "text": QUESTION}, headers=headers)
    assert said.status_code == 202
    await context.set_offline(False)
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await expect(page.locator(".status")).to_be_hidden()
    await expect(messages(page)).to_have_count(3)


async def show(page: Page, *said: dict[str, Any], state: str = "answering") -> None:
    """A record of our own instead of the server's."""

    async def read(route: Route) -> None:
        after = int(route.request.url.split("after=")[1])
        found = [{"at": "2026-01-01T09:00:00Z", **one} for one in said if one["seq"] > after]
        await route.fulfill(json={"messages": found, "state": state})

    await page.route("**/api/chat/messages?*", read)
    await page.route(STREAM, lambda route: route.fulfill(status=502, body=""))


@pytest.mark.parametrize("author", ["bot", "agent"])
async def test_no_text_of_the_servers_becomes_markup(page: Page, author: str) -> None:
    await show(page, {"seq": 1, "from": author, "name": "<b>Ann</b>", "text": HOSTILE})
    await page.locator(".launcher").click()
    bubble = page.locator(".bubble")
    await expect(bubble).to_contain_text("<b onclick=alert(1)>not bold</b> &amp;")
    await expect(bubble).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(bubble).to_contain_text("2 * 3 * 4, snake_case")
    await expect(bubble).to_contain_text("[bad](javascript:alert(1)).")
    await expect(bubble).to_contain_text("**never closed")
    allowed = {"p", "br", "strong", "em", "code", "pre", "ol", "ul", "li", "a"}
    found = await bubble.evaluate("bubble => [...bubble.querySelectorAll('*')].map(node => node.localName)")
    assert set(found) <= allowed
    links = await bubble.locator("a").evaluate_all("all => all.map(a => [a.getAttribute('href'), a.rel])")
    assert [href for href, _ in links] == ["https://example.com/docs", "https://example.com/page"]
    assert all("noopener" in rel for _, rel in links)
    await expect(bubble.locator("li li")).to_have_text("nested")
    await expect(bubble.locator("pre code")).to_have_text("<i>raw</i>")


async def test_an_agent_is_named_and_the_bot_does_not_pretend_to_type(page: Page) -> None:
    ann = {"seq": 1, "from": "agent", "name": "Ann", "text": "Hi, I'm looking into it."}
    await show(page, ann, state="with agent")
    await page.locator(".launcher").click()
    await expect(messages(page, "agent").locator(".who")).to_have_text("Ann")
    await expect(page.locator(".state")).to_have_text("A person is with you")
    await write(page, "thank you")
    await expect(page.locator(".typing")).to_be_hidden()


async def test_escape_closes_and_what_comes_then_is_counted_on_the_launcher(page: Page) -> None:
    await show(page, {"seq": 1, "from": "bot", "text": "Hello"}, state="waiting")
    await begin(page)
    await page.keyboard.press("Escape")
    await expect(page.locator(".panel")).to_be_hidden()
    assert await focused(page) == "button.launcher"
    await page.unroute_all()
    await show(
        page, *({"seq": seq, "from": "agent", "name": "Ann", "text": "Hi"} for seq in (1, 2, 3)), state="waiting"
    )
    await page.reload()
    await expect(page.locator(".badge")).to_have_text("2")
    await expect(page.get_by_role("button", name="Open chat (2 new)")).to_be_visible()
    await page.locator(".launcher").click()
    await expect(page.locator(".badge")).to_be_hidden()


async def test_the_demo_page_asks_its_questions_within_its_strict_policy(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    await page.reload()
    await page.get_by_role("button", name="提现一直没到账").click()
    await expect(messages(page, "contact")).to_contain_text("提现一直没到账")
    await expect(messages(page, "bot")).to_contain_text("这个回答有帮助吗？")
    await expect(page.locator("textarea")).to_have_attribute("placeholder", "请输入您的问题")
    await expect(messages(page)).to_have_count(2)  # who comes with a question gets no greeting
    assert not complaints


@pytest.mark.parametrize("width", [320, 360])
async def test_on_a_phone_the_panel_fills_the_screen_and_nothing_sticks_out(
    browser: Browser, service: Service, width: int
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 640}, is_mobile=True, has_touch=True, reduced_motion="reduce"
    )
    page = await visit(context, service)
    await page.locator(".launcher").tap()
    await write(page, "/topics")
    await expect(messages(page, "bot").last.locator(".choices button").last).to_be_enabled()
    # Even reduced, the opening takes the browser a moment: measure once nothing moves any more.
    await page.locator(".panel").evaluate("p => Promise.all(p.getAnimations().map(animation => animation.finished))")
    box = await page.locator(".panel").bounding_box()
    assert box == pytest.approx({"x": 0, "y": 0, "width": width, "height": 640}, abs=1)
    assert await page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
    await context.close()


CONTRASTS = """panel => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const isText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const counts = (node) => !node.disabled && node.offsetWidth && isText(node);
  return [...panel.querySelectorAll("*")].filter(counts).map((node) => {
    const around = [];
    for (let at = node; at; at = at.parentElement) around.unshift(at);
    const back = around.reduce((under, at) => {
      const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
      return [r, g, b].map((c, i) => under[i] * (1 - a) + c * a);
    }, [255, 255, 255]);
    const [dark, light] = [back, numbers(getComputedStyle(node).color)].map(luminance).sort((a, b) => a - b);
    return [node.className || node.localName, (light + 0.05) / (dark + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ["#0b6e4f", "gold", "#ffffff", "#000000"])
async def test_every_text_can_be_read_whatever_the_accent(
    browser: Browser, service: Service, scheme: Any, accent: str
) -> None:
    context = await browser.new_context(color_scheme=scheme, locale="en-US")
    page = await context.new_page()
    await show(
        page,
        {"seq": 1, "from": "contact", "text": "a question"},
        {"seq": 2, "from": "agent", "name": "Ann", "text": "see https://example.com and `code`"},
        {"seq": 3, "from": "agent", "name": "Ann", "text": "", "deleted": True},
        {
            "seq": 4,
            "from": "agent",
            "name": "Ann",
            "text": "",
            "edited": True,
            "files": [{"name": "a.pdf", "type": "", "size": 1, "url": "/x"}],
        },
        {"seq": 5, "from": "bot", "text": "an answer", "buttons": [{"label": "more", "value": "more"}]},
    )

    async def in_that_colour(route: Route) -> None:
        html = await (await route.fetch()).text()
        await route.fulfill(
            body=html.replace('data-accent="#0b6e4f"', f'data-accent="{accent}"', 1), content_type="text/html"
        )

    url = f"http://127.0.0.1:{service.port}/"
    await page.route(url, in_that_colour)
    await page.goto(url)
    await page.locator(".launcher").click()
    await expect(messages(page)).to_have_count(5)
    await page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "", "buffer": b"x"} for name in ("chosen.txt", "refused.exe")]
    )
    found = await page.locator(".panel").evaluate(CONTRASTS)
    assert len(found) >= 15
    assert [(name, round(ratio, 2)) for name, ratio in found if ratio < 4.5] == []
    await context.close()


async def test_it_works_where_the_browser_refuses_storage(browser: Browser, service: Service) -> None:
    context = await browser.new_context(locale="en-US")
    refused = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });"
    await context.add_init_script(refused + "delete Crypto.prototype.randomUUID;")  # as on a page without https
    page = await visit(context, service)
    await begin(page)
    await write(page, QUESTION)
    await expect(messages(page, "bot").last).to_contain_text("Wallet > History")
    await context.close()


async def test_a_closed_panel_holds_no_stream(page: Page) -> None:
    streams: set[str] = set()
    page.on("request", lambda request: streams.add(request.url) if "/stream" in request.url else None)
    page.on("requestfailed", lambda request: streams.discard(request.url))
    page.on("requestfinished", lambda request: streams.discard(request.url))
    await begin(page)

    async def following() -> bool:
        return len(streams) == 1

    async def resting() -> bool:
        return not streams

    await eventually(following)
    await page.keyboard.press("Escape")
    await eventually(resting)
