"""The console over HTTP: who gets in, what nobody else sees, and what becomes of what agents do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.desk.rules import DeskRules
from bot.errors import Refused
from bot.messages import CONSOLE, Address, File, Inbound, Sender
from bot.web.console.console import SignedOut
from bot.web.console.entrance import COOKIE, LINK_SECONDS, SESSION_SECONDS, hashed
from bot.web.server import HttpServer
from tests.web.console_desk import ANN, BOB, DeskService

PHOTO = File("f1", "photo", "屏幕 shot.png", "image/png", 3, "web")
SOCKET = "/desk/_nicegui_ws/socket.io/?EIO=4&transport=polling&client_id=x"


@pytest.fixture
async def desk(tmp_path: Path, anyio_backend: str) -> AsyncIterator[DeskService]:
    async with DeskService(tmp_path) as running:
        yield running


async def enter(desk: DeskService, link: str) -> httpx.Response:
    """Press the button behind a link."""
    return await desk.client.post("/desk/enter", data={"key": httpx.URL(link).params["key"]})


def session(desk: DeskService) -> str:
    """The hash of the client's session."""
    return hashed(desk.client.cookies[COOKIE])


async def test_a_link_signs_in_once_and_only_when_the_button_is_pressed(desk: DeskService) -> None:
    link = await desk.link()
    for _ in range(2):
        shown = await desk.client.get(link)
        assert shown.status_code == 200
        assert "Sign in as Ann" in shown.text
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in shown.headers
    answer = await enter(desk, link)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/desk", f"max-age={SESSION_SECONDS:.0f}"))
    assert "secure" not in cookie
    assert answer.headers["location"] == "./"
    assert (await desk.client.get("/desk/")).status_code == 200
    desk.client.cookies.clear()
    again = await enter(desk, link)
    assert again.status_code == 403
    assert "used already" in again.text
    assert "frontdesk agents link" in again.text


async def test_keys_are_long_and_stored_as_hashes_only(desk: DeskService) -> None:
    key = httpx.URL(await desk.link()).params["key"]
    assert len(key) >= 43
    await desk.sign_in()
    dump = await desk.database.read(lambda q: [*q("select * from link"), *q("select * from session")])
    assert len(dump) == 2
    assert not [row for row in dump for secret in (key, desk.client.cookies[COOKIE]) if secret in map(str, row)]


async def test_a_link_and_a_session_end_with_their_time(desk: DeskService) -> None:
    late = await desk.link()
    desk.clock.shift += LINK_SECONDS + 1
    assert (await enter(desk, late)).status_code == 403
    await desk.sign_in()
    desk.clock.shift += SESSION_SECONDS - 60
    assert (await desk.client.get("/desk/")).status_code == 200
    desk.clock.shift += 61
    assert (await desk.client.get("/desk/")).status_code == 401


async def test_who_signs_out_is_out(desk: DeskService) -> None:
    await desk.sign_in()
    key = desk.client.cookies[COOKIE]
    assert (await desk.client.post("/desk/leave")).status_code == 303
    assert COOKIE not in desk.client.cookies
    answer = await desk.client.get("/desk/", headers={"Cookie": f"{COOKIE}={key}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/desk/", "/desk/tickets/1", "/desk/_nicegui/x/static/nicegui.js", SOCKET])
async def test_nobody_else_sees_or_reaches_anything(desk: DeskService, path: str) -> None:
    for cookie in ("", f"{COOKIE}=wrong", f"{COOKIE}="):
        answer = await desk.client.get(path, headers={"Cookie": cookie})
        assert answer.status_code == 401
        assert "frontdesk agents link NAME" in answer.text
    assert (await desk.client.post("/desk/leave")).status_code == 303


async def test_a_name_in_a_link_is_shown_only_if_it_is_an_agents_and_never_as_html(desk: DeskService) -> None:
    for name in ("Mallory", "<b>Ann</b>"):
        shown = await desk.client.get("/desk/enter", params={"name": name, "key": '"><script>alert(1)</script>'})
        assert name not in shown.text
        assert "<script" not in shown.text


@pytest.mark.parametrize("body", [b"", b"key=", b"key=%ff%fe", b"x" * 100_000, b"key=a&key=b"])
async def test_nonsense_gets_nobody_in(desk: DeskService, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await desk.client.post("/desk/enter", content=body, headers=headers)).status_code == 403


async def test_an_agent_who_was_taken_out_of_the_config_can_do_nothing(desk: DeskService) -> None:
    link = await desk.link("Bob")
    await desk.sign_in("Bob")
    later = desk.new_console(DeskRules(agents=(ANN,)))
    assert await desk.console.entrance.agent(session(desk)) == BOB
    assert await later.entrance.agent(session(desk)) is None
    with pytest.raises(SignedOut):
        await later.act(session(desk), 1, text="hello")
    desk.console.entrance = later.entrance
    desk.console._gate._entrance = later.entrance
    assert (await desk.client.get("/desk/")).status_code == 401
    assert await desk.store.enter(hashed(httpx.URL(link).params["key"]), "x", 0, 1e12) == "Bob"


async def test_what_an_agent_does_is_an_inbound_of_the_tickets_thread(desk: DeskService) -> None:
    await desk.sign_in()
    await desk.console.act(session(desk), 7, text="/note hm")
    await desk.console.act(session(desk), 7, choice="priority:high")
    await desk.console.act(session(desk), 0, text="/away")
    plain = [replace(one, external_id="", at=0.0) for one in desk.done]
    ticket, nowhere = Address(CONSOLE, CONSOLE, "7"), Address(CONSOLE, CONSOLE)
    assert plain == [
        Inbound(ticket, CONSOLE, "", Sender("Ann", "Ann"), "/note hm"),
        Inbound(ticket, CONSOLE, "", Sender("Ann", "Ann"), choice="priority:high"),
        Inbound(nowhere, CONSOLE, "", Sender("Ann", "Ann"), "/away"),
    ]
    assert len({one.external_id for one in desk.done}) == 3
    assert all(abs(one.at - desk.clock.now()) < 60 for one in desk.done)


async def test_what_is_not_taken_is_told(desk: DeskService) -> None:
    await desk.sign_in()
    desk.failure = Refused("too long")
    with pytest.raises(Refused):
        await desk.console.act(session(desk), 1, text="x")
    with pytest.raises(SignedOut):
        await desk.console.act("", 1, text="x")


async def test_the_page_and_all_that_it_needs_come_from_us(desk: DeskService) -> None:
    await desk.sign_in()
    shown = await desk.client.get("/desk/")
    assert "default-src 'self'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    found = set(re.findall(r"""(?:src|href)="([^"]+)"|url\("([^"]+)"\)|: ?"(/[^"]+\.m?js)\"""", shown.text))
    urls = {url for urls in found for url in urls if url and not url.startswith("data:")}
    assert len(urls) > 10
    for url in urls:
        assert url.startswith("/desk/_nicegui/"), url
        answer = await desk.client.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["cache-control"]


async def test_behind_a_proxy_the_public_path_is_in_front_whatever_a_request_says(tmp_path: Path) -> None:
    async with DeskService(tmp_path, "/support") as desk:
        await desk.store.add_link(hashed("k"), "Ann", desk.clock.now() + 9)
        answer = await desk.client.post("/desk/enter", data={"key": "k"})
        assert "path=/support/desk" in answer.headers["set-cookie"].lower()
        headers = {"Cookie": answer.headers["set-cookie"].split(";")[0], "X-Forwarded-Prefix": "/evil"}
        shown = await desk.client.get("/desk/", headers=headers)
        assert "/support/desk/_nicegui/" in shown.text
        assert "/support/desk/leave" in shown.text
        assert "evil" not in shown.text


async def test_over_https_the_cookie_stays_there(desk: DeskService) -> None:
    desk.url = "https://help.example.com"
    console = desk.new_console(DeskRules(agents=(ANN,)))
    server = HttpServer("127.0.0.1", 0, desk._ready, desk._metrics)
    server.mount("/desk", console.application())
    await desk.store.add_link(hashed("k"), "Ann", desk.clock.now() + 9)
    transport = httpx.ASGITransport(server.application())
    async with httpx.AsyncClient(transport=transport, base_url="https://help.example.com") as client:
        answer = await client.post("/desk/enter", data={"key": "k"})
    server.close()
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_file_is_given_to_agents_to_keep_and_never_shown_as_a_page_of_ours(desk: DeskService) -> None:
    number = await desk.ticket("Maria", "look", PHOTO)
    path = f"/desk/files/{number}/1/0"
    assert (await desk.client.get(path)).status_code == 401
    await desk.sign_in()
    assert (await desk.client.get(path)).status_code == 404
    desk.files["f1"] = b"<script>alert(1)</script>"
    answer = await desk.client.get(path)
    assert (answer.status_code, answer.content) == (200, desk.files["f1"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E5%B1%8F")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    other = await desk.ticket("Otto", "else")
    for wrong in (f"{other}/1/0", f"{number}/1/1", f"{number}/2/0", f"{number}/0/0", "99/1/0", f"{10**30}/1/0"):
        assert (await desk.client.get(f"/desk/files/{wrong}")).status_code == 404, wrong


async def test_a_chinese_browser_reads_chinese(desk: DeskService) -> None:
    headers = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
    assert "您尚未登录" in (await desk.client.get("/desk/", headers=headers)).text
    assert "以 Ann 的身份登录" in (await desk.client.get(await desk.link(), headers=headers)).text


async def test_while_the_console_does_not_run_it_says_so(desk: DeskService) -> None:
    await desk.sign_in()
    desk._running[1].cancel()
    answer = await desk.client.get("/desk/")
    assert answer.status_code == 503
    assert "starting" in answer.text


async def test_the_link_leads_to_where_people_reach_us(desk: DeskService) -> None:
    desk.url = "https://help.example.com/support/"
    link = urlsplit(await desk.link())
    assert (link.scheme, link.netloc, link.path) == ("https", "help.example.com", "/support/desk/enter")


async def test_the_transcript_of_a_ticket_is_what_was_promised_for_agents(desk: DeskService) -> None:
    assert (await desk.client.get("/desk/transcripts/7.html")).status_code == 401
    await desk.sign_in()
    desk.files["7/staff/en.html"] = b"<p>all of it</p>"
    answer = await desk.client.get("/desk/transcripts/7.html")
    assert answer.content == b"<p>all of it</p>"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''ticket-7.html"
    assert (await desk.client.get("/desk/transcripts/8.html")).status_code == 404


async def test_while_the_store_can_not_be_read_nobody_is_let_in_or_thrown_out(desk: DeskService) -> None:
    link = await desk.link()
    await desk.sign_in()
    desk.store.fail()
    for path in ("/desk/", "/desk/files/1/1/0", "/desk/transcripts/1.html"):
        answer = await desk.client.get(path)
        assert answer.status_code == 503
        assert "can&#x27;t be read" in answer.text
    assert (await enter(desk, link)).status_code == 503
    desk.store.heal()
    assert (await desk.client.get("/desk/")).status_code == 200
    assert (await enter(desk, link)).status_code == 303
