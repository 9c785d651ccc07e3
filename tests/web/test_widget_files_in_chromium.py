"""Files, edits and deletions in the widget, in a real browser against the real service."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, FilePayload, Locator, Page, Route, expect

from adapters.web import Options
from tests.web.agents import PNG, agent_deletes, agent_edits, agent_says, of_an_agent
from tests.web.conftest import Serve
from tests.web.service import Chat, Service, eventually
from tests.web.widget import MISTAKES, begin, focused, messages, stored, visit, write

QUESTION = "My withdrawal has not arrived"
PICTURE: FilePayload = {"name": "屏幕截图.png", "mimeType": "image/png", "buffer": PNG}
NOTES: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"one\ntwo\n"}
UPLOADS = "**/api/chat/files"


@pytest.fixture(autouse=True)
def no_mistakes() -> Iterator[None]:
    MISTAKES.clear()
    yield
    assert not MISTAKES


@pytest.fixture
async def page(context: BrowserContext, service: Service) -> Page:
    page = await visit(context, service)
    await begin(page)
    return page


async def choose(page: Page, *files: Any) -> None:
    """As from the dialog that the button with the paper clip opens."""
    await page.locator("input[type=file]").set_input_files(list(files))


async def chat_of(page: Page, service: Service) -> Chat:
    """The chat that the page is in, seen from the server."""
    token = (await stored(page))["token"]
    hashed = hashlib.sha256(token.encode()).hexdigest()
    ((chat,),) = await service.rows(f"select chat from guest where key_hash = '{hashed}'")
    return Chat(service, token, chat)


async def is_shown(picture: Locator) -> bool:
    """Whether the browser has the picture, and could read it."""
    return bool(await picture.locator("img").evaluate("img => img.complete && img.naturalWidth > 0"))


async def test_chosen_files_are_sent_with_the_text_and_shown(page: Page, service: Service) -> None:
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Attach a file").click()
    await (await choosing.value).set_files([PICTURE, NOTES])
    await expect(page.locator(".chosen li")).to_have_count(2)
    await expect(page.locator(".chosen")).to_contain_text("notes.txt")
    await write(page, "This is what I see")
    await expect(page.locator(".chosen li")).to_have_count(0)
    sent = messages(page, "contact").last
    await expect(sent.locator(".bubble")).to_have_text("This is what I see")
    await expect(sent.locator("time")).to_be_visible()
    await eventually(lambda: is_shown(sent.locator(".picture")))
    (message,) = [one for one in await (await chat_of(page, service)).all() if one.get("files")]
    assert [(file["name"], file["size"]) for file in message["files"]] == [("屏幕截图.png", len(PNG)), ("notes.txt", 8)]


async def test_files_alone_can_be_sent_and_are_there_after_a_reload(page: Page) -> None:
    send = page.get_by_role("button", name="Send")
    await expect(send).to_be_disabled()
    await choose(page, PICTURE)
    await send.click()
    await expect(messages(page, "bot")).to_have_count(2)
    await expect(messages(page, "contact").locator(".bubble")).to_have_count(0)
    await page.reload()
    await page.locator(".launcher").click()
    picture = messages(page, "contact").locator(".picture")
    await eventually(lambda: is_shown(picture))
    await expect(picture).to_have_accessible_name("Open the picture 屏幕截图.png")


async def test_a_file_can_be_taken_off_again_by_keyboard(page: Page) -> None:
    await choose(page, PICTURE, NOTES)
    await page.get_by_role("button", name="Remove notes.txt").press("Enter")
    await expect(page.locator(".chosen li")).to_have_count(1)
    await expect(page.locator(".chosen")).not_to_contain_text("notes.txt")


async def test_a_pasted_and_a_dropped_picture_are_taken(page: Page) -> None:
    event = """(node, kind) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array([137, 80])], `${kind}.png`, { type: "image/png" }));
      const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
      node.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options));
    }"""
    await page.locator("textarea").evaluate(event, "paste")
    await page.locator(".log").evaluate(event, "dragover")
    await expect(page.locator(".panel")).to_have_class("panel dropping")
    await page.locator(".log").evaluate(event, "drop")
    await expect(page.locator(".panel")).to_have_class("panel")
    await expect(page.locator(".chosen .name")).to_have_text(["paste.png", "drop.png"])


async def test_what_can_not_be_sent_is_refused_at_once_and_in_words(context: BrowserContext, serve: Serve) -> None:
    page = await visit(context, await serve(web=Options(max_file_mb=0.5)))
    await begin(page)
    note = page.locator(".note")
    for name, body, reason in (
        ("page.html", b"<script>", "page.html: Files of this type can't be sent."),
        ("large.txt", b"x" * 600_000, "large.txt: Too large: 0.5 MB at most."),
        ("empty.txt", b"", "empty.txt: This file is empty."),
    ):
        await choose(page, {"name": name, "mimeType": "text/plain", "buffer": body})
        await expect(note).to_have_text(reason)
        await expect(page.locator(".chosen li")).to_have_count(0)
    await choose(page, *({**NOTES, "name": f"{number}.txt"} for number in range(11)))
    await expect(note).to_have_text("10 files at most in one message.")
    await expect(page.locator(".chosen li")).to_have_count(10)


async def test_where_no_files_are_taken_there_is_no_button_for_them(context: BrowserContext, serve: Serve) -> None:
    page = await visit(context, await serve(web=Options(file_types=[])))
    await begin(page)
    await expect(page.locator(".attach")).to_be_hidden()


async def test_a_refusal_of_the_servers_is_explained_and_nothing_is_lost(page: Page) -> None:
    await page.get_by_role("button", name="切换为中文").click()
    await expect(messages(page, "bot").last).to_contain_text("中文")
    await choose(page, {**PICTURE, "buffer": b"this is no picture"})
    await write(page, "请看截图")
    failed = page.locator(".message.failed")
    await expect(failed).to_contain_text("文件内容与扩展名不符")
    await failed.get_by_role("button", name="修改").click()
    await expect(page.locator("textarea")).to_have_value("请看截图")
    await expect(page.locator(".chosen .name")).to_have_text(["屏幕截图.png"])


async def test_a_proxy_that_finds_a_file_too_large_is_understood(page: Page) -> None:
    await page.route(UPLOADS, lambda route: route.fulfill(status=413, body="<html>413</html>"))
    await choose(page, PICTURE)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message.failed")).to_contain_text("it may be too large")


async def test_an_upload_that_breaks_off_goes_on_where_it_was(page: Page, service: Service) -> None:
    uploads = []

    async def break_off(route: Route) -> None:
        uploads.append(route.request)
        await (route.abort() if len(uploads) == 2 else route.continue_())

    await page.route(UPLOADS, break_off)
    await choose(page, PICTURE, NOTES)
    await write(page, QUESTION)
    await expect(messages(page, "contact").locator("time")).to_be_visible()
    assert len(uploads) == 3, "the first file is not sent twice"
    (message,) = [one for one in await (await chat_of(page, service)).all() if one.get("files")]
    assert [file["name"] for file in message["files"]] == ["屏幕截图.png", "notes.txt"]


async def test_a_chat_that_is_lost_on_the_way_gets_the_files_in_the_new_one(page: Page, service: Service) -> None:
    old = (await stored(page))["token"]

    async def lose_first(route: Route) -> None:
        if route.request.method == "POST" and old in route.request.headers["authorization"]:
            await service.app.database.write(lambda q: q("delete from guest"))
        await route.continue_()

    await page.route("**/api/chat/messages", lose_first)  # the picture is in the old chat by then
    await choose(page, PICTURE)
    await page.get_by_role("button", name="Send").click()
    await expect(messages(page, "contact").locator("time")).to_be_visible()
    assert (await stored(page))["token"] != old
    assert any(one.get("files") for one in await (await chat_of(page, service)).all())


async def test_an_agents_files_are_shown_under_their_name_and_saved_when_pressed(
    page: Page, service: Service, tmp_path: Path
) -> None:
    chat = await chat_of(page, service)
    pdf = await of_an_agent(chat, "收据 1.pdf", "application/pdf", b"%PDF-1.7 receipt")
    picture = await of_an_agent(chat, "agent.png", "image/png", PNG)
    await agent_says(chat, "Here is the receipt", pdf, picture, name="Ann")
    shown = messages(page, "agent").last
    await expect(shown.locator(".who")).to_have_text("Ann")
    await eventually(lambda: is_shown(shown.locator(".picture")))
    name = shown.get_by_role("button", name="Download 收据 1.pdf (1 KB)")
    async with page.expect_download() as saving:
        await name.click()
    saved = await saving.value
    assert saved.suggested_filename == "收据 1.pdf"
    await saved.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"%PDF-1.7 receipt"


@pytest.mark.parametrize(("name", "type_"), [("evil.html", "text/html"), ("evil.svg", "image/svg+xml")])
async def test_no_file_of_an_agents_runs_in_the_page(page: Page, service: Service, name: str, type_: str) -> None:
    chat = await chat_of(page, service)
    await page.evaluate(
        "() => { window.types = []; const make = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => (window.types.push(blob.type), make(blob)); }"
    )
    await agent_says(chat, "", await of_an_agent(chat, name, type_, b"<script>alert(1)</script>"))
    shown = messages(page, "agent").last
    await expect(shown.locator("img")).to_have_count(0)
    async with page.expect_download() as saving:
        await shown.locator("button.file").click()
    assert (await saving.value).suggested_filename == name
    assert await page.evaluate("window.types") == ["application/octet-stream"]


async def test_a_picture_that_can_not_be_had_becomes_a_name_to_try_again(page: Page, service: Service) -> None:
    chat = await chat_of(page, service)
    await page.route("**/api/chat/files/*/*", lambda route: route.fulfill(status=503, json={}))
    await agent_says(chat, "", await of_an_agent(chat, "later.png", "image/png", PNG))
    name = messages(page, "agent").last.locator("button.file")
    await expect(name).to_contain_text("later.png")
    await name.click()
    await expect(name).to_contain_text("Not available")
    await page.unroute_all()
    async with page.expect_download() as saving:
        await name.click()
    assert (await saving.value).suggested_filename == "later.png"


async def test_a_picture_is_not_fetched_before_it_is_seen_and_only_once(page: Page, service: Service) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/files/" in request.url else None)
    chat = await chat_of(page, service)
    await page.keyboard.press("Escape")
    await agent_says(chat, "", await of_an_agent(chat, "a.png", "image/png", PNG))
    await page.reload()  # closed, it asks at once and then only from time to time
    await expect(page.locator(".badge")).to_have_text("1")
    assert fetched == []
    await page.locator(".launcher").click()
    await eventually(lambda: is_shown(page.locator(".picture")))
    await page.get_by_role("button", name="切换为中文").click()
    await eventually(lambda: is_shown(page.locator(".picture")))
    assert len(fetched) == 1


async def test_an_edit_and_a_deletion_are_shown_while_the_chat_is_open(page: Page, service: Service) -> None:
    chat = await chat_of(page, service)
    first = await agent_says(chat, "It will take **to** hours")
    wrong = await of_an_agent(chat, "wrong.pdf", "application/pdf", b"%PDF-")
    second = await agent_says(chat, "Your colleague said", wrong)
    await expect(messages(page, "agent")).to_have_count(2)
    await agent_edits(chat, first, "It will take **two** hours")
    edited = messages(page, "agent").first
    await expect(edited.locator(".bubble strong")).to_have_text("two")
    await expect(edited.locator(".meta")).to_contain_text("edited")
    await agent_deletes(chat, second)
    deleted = messages(page, "agent").last
    await expect(deleted.locator(".bubble")).to_have_text("Message deleted")
    await expect(deleted).not_to_contain_text("wrong.pdf")
    await expect(deleted).not_to_contain_text("colleague")
    await page.get_by_role("button", name="切换为中文").click()
    await expect(edited.locator(".meta")).to_contain_text("已编辑")
    await expect(deleted.locator(".bubble")).to_have_text("消息已删除")


async def test_what_changed_while_the_panel_was_closed_is_shown_when_it_is_opened(page: Page, service: Service) -> None:
    chat = await chat_of(page, service)
    seq = await agent_says(chat, "a slip")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.keyboard.press("Escape")
    await agent_edits(chat, seq, "what was meant")
    await page.locator(".launcher").click()
    await expect(messages(page, "agent").locator(".bubble")).to_have_text("what was meant")
    await page.reload()
    await page.locator(".launcher").click()
    await expect(messages(page, "agent").locator(".meta")).to_contain_text("edited")


async def test_where_streams_do_not_get_through_changes_are_polled_for(
    context: BrowserContext, service: Service
) -> None:
    await context.route("**/api/chat/stream*", lambda route: route.fulfill(status=502, body=""))
    page = await visit(context, service)
    await begin(page)
    chat = await chat_of(page, service)
    seq = await agent_says(chat, "a slip")
    ask_now = "dispatchEvent(new Event('online'))"
    await page.evaluate(ask_now)
    await expect(messages(page, "agent").locator(".bubble")).to_have_text("a slip")
    await agent_edits(chat, seq, "what was meant")
    await page.evaluate(ask_now)
    await expect(messages(page, "agent").locator(".bubble")).to_have_text("what was meant")


async def test_the_line_at_the_top_says_when_a_person_has_the_chat_even_if_nothing_was_said(
    page: Page, service: Service
) -> None:
    await expect(page.locator(".state")).to_have_text("Automatic assistant")
    chat = await chat_of(page, service)
    await service.app.database.write(
        lambda q: q("update conversation set state = 'with agent' where chat = ?", (chat.conversation,))
    )
    await page.keyboard.press("Escape")
    await page.locator(".launcher").click()
    await expect(page.locator(".state")).to_have_text("A person is with you")
    assert (await focused(page)).startswith("textarea")
