"""Files over real HTTP: a visitor sends some and gets back their own and those of agents, and nobody else's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.web import Options, answers, transfers
from adapters.web.files import LONGEST_NAME, TYPES, clean_name, ending_of, type_of
from bot.errors import DeliveryError, RetryLater, TemporaryFailure, Undeliverable
from bot.messages import File
from bot.storage import uploads
from tests.web.agents import PNG, agent_deletes, agent_says, begin, of_an_agent
from tests.web.service import Chat, Line, Service, eventually, is_refusal

Serve = Callable[..., Awaitable[Service]]

PDF = b"%PDF-1.7\n1 0 obj\n"
HTML = b"<!doctype html><script>alert(1)</script>"


async def posted(chat: Chat, *names: str, text: str | None = None) -> dict[str, Any]:
    """A message with these pictures, as it is in the record."""
    ids = [await chat.uploaded(name, PNG) for name in names]
    answer = await chat.post(files=ids) if text is None else await chat.post(files=ids, text=text)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = (await chat.read(answer.json()["seq"] - 1))["messages"][0]
    return found


# Sending


async def test_a_file_is_sent_first_and_then_named_in_a_message(chat: Chat) -> None:
    message = await posted(chat, "截图 1.png", text="This is what I see")
    assert (message["from"], message["text"]) == ("contact", "This is what I see")
    (file,) = message["files"]
    assert file == {"name": "截图 1.png", "type": "image/png", "size": len(PNG), "url": file["url"]}
    answer = await chat.get(file["url"])
    assert (answer.status_code, answer.content) == (200, PNG)


async def test_a_message_may_be_files_alone_and_is_answered(chat: Chat) -> None:
    message = await posted(chat, "a.png", "b.png")
    assert (message["text"], [file["name"] for file in message["files"]]) == ("", ["a.png", "b.png"])
    assert [one["from"] for one in await chat.record(2)] == ["contact", "bot"]


async def test_what_the_core_gets_tells_kind_type_and_size(service: Service, chat: Chat) -> None:
    ids = [await chat.uploaded(name, body) for name, body in (("a.png", PNG), ("b.pdf", PDF), ("c.gif", b"GIF89a"))]
    await chat.post(files=ids)
    stored = await service.rows(f"select id, kind, name, type, size, channel from file where id in {tuple(ids)!r}")
    assert stored == [
        (ids[0], "photo", "a.png", "image/png", len(PNG), "web"),
        (ids[1], "document", "b.pdf", "application/pdf", len(PDF), "web"),
        (ids[2], "document", "c.gif", "image/gif", 6, "web"),
    ]


async def test_the_same_message_again_is_stored_once_with_its_files(chat: Chat) -> None:
    id_ = await chat.uploaded("a.png", PNG)
    answers = [await chat.post(id="same", files=[id_]) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"seq": 1})] * 2
    assert [len(message.get("files", ())) for message in await chat.record(2)] == [1, 0]


async def test_the_stream_brings_files_too(chat: Chat) -> None:
    async with chat.stream() as events:
        message = await posted(chat, "a.png")
        (event,) = await events.take(1)
    assert event.data["files"] == message["files"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"files": ["no-such-file"]}, "unknown_file"),
        ({"files": []}, "invalid"),
        ({"files": [""]}, "invalid"),
        ({"files": ["x" * 65]}, "invalid"),
        ({"files": "x"}, "invalid"),
        ({"files": ["x"] * 11}, "invalid"),
        ({"files": ["x"], "choice": "human"}, "invalid"),
        ({"files": [None], "text": "x"}, "invalid"),
    ],
    ids=str,
)
async def test_a_message_with_files_that_are_none_is_refused(chat: Chat, body: dict[str, Any], error: str) -> None:
    is_refusal(await chat.post(**body), 422, error)
    assert (await chat.read())["messages"] == []


async def test_nobody_can_name_a_file_of_another_chat(service: Service, chat: Chat) -> None:
    other = await service.chat()
    id_ = await chat.uploaded("mine.png", PNG)
    is_refusal(await other.post(files=[id_]), 422, "unknown_file")
    assert (await chat.post(files=[id_])).status_code == 202


# What may come in


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.JPG", b"\xff\xd8\xff\xe0 a photo"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic"),
        ("a.png", b"\xff\xd8\xff\xe0 a photo that somebody renamed"),
        ("说明.txt", "提现没到账".encode()),
        ("gbk.txt", "提现没到账".encode("gbk")),
        ("utf16.txt", "提现".encode("utf-16")),
        ("app.log", b"12:00 \x1b[31merror\x1b[0m\r\n"),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.docx", b"PK\x03\x04..."),
        ("archive.tar.pdf", PDF),
        ("a.png.", PNG),  # a dot at the end is dropped, as Windows does
    ],
)
async def test_files_of_the_usual_types_are_taken(chat: Chat, name: str, body: bytes) -> None:
    await chat.uploaded(name, body)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("page.html", HTML, "file_type"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_type"),
        ("setup.exe", b"MZ", "file_type"),
        ("invoice.pdf.exe", PDF, "file_type"),
        ("run.sh", b"#!/bin/sh", "file_type"),
        ("app.apk", b"PK\x03\x04", "file_type"),
        ("macros.docm", b"PK\x03\x04", "file_type"),
        ("a.zip", b"PK\x03\x04", "file_type"),
        ("png", PNG, "file_type"),
        ("a.png", HTML, "file_content"),
        ("a.pdf", PNG, "file_content"),
        ("a.docx", HTML, "file_content"),
        ("a.txt", b"MZ\x90\x00\x03\x00", "file_content"),
        ("\u202egnp.exe", PNG, "file_type"),
    ],
    ids=ascii,
)
async def test_what_could_harm_who_opens_it_is_refused(chat: Chat, name: str, body: bytes, code: str) -> None:
    is_refusal(await chat.upload(name, body, "image/png"), 415, code)


async def test_what_the_client_says_of_the_type_counts_for_nothing(chat: Chat) -> None:
    answer = await chat.upload("notes.txt", HTML, "text/html")
    await chat.post(files=[answer.json()["file"]])
    (file,) = (await chat.read())["messages"][0]["files"]
    assert file["type"] == "text/plain"
    answer = await chat.get(file["url"])
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_name_loses_its_folders_and_what_can_not_be_seen(chat: Chat) -> None:
    message = await posted(chat, "../../etc/pass\u202ewd.png", "C:\\Users\\ann\\shot.png", f"{'x' * 300}.png")
    names = [file["name"] for file in message["files"]]
    assert names[:2] == ["passwd.png", "shot.png"]
    assert (len(names[2]), names[2][-5:]) == (LONGEST_NAME, "x.png")


async def test_an_empty_file_is_refused(chat: Chat) -> None:
    is_refusal(await chat.upload("a.txt", b""), 422, "empty_file")


@given(st.text(max_size=200))
def test_any_name_becomes_one_that_can_be_kept(name: str) -> None:
    cleaned = clean_name(name)
    assert clean_name(cleaned) == cleaned
    assert len(cleaned) <= LONGEST_NAME
    assert not set(cleaned) & set('/\\:*?"<>|\x00\n\u202e')
    cleaned.encode()


@given(st.sampled_from(sorted(TYPES)), st.binary(max_size=64))
def test_no_content_breaks_the_look_at_it(ending: str, body: bytes) -> None:
    found = type_of(f"a.{ending}", body, TYPES)
    assert found is None or found in {kind.name for kind in TYPES.values()}


def test_a_name_without_a_dot_has_no_ending() -> None:
    assert [ending_of(name) for name in ("png", "a.PNG", ".png", "a.")] == ["", "png", "png", ""]


def test_only_types_that_nothing_runs_can_be_configured() -> None:
    assert Options(file_types=["zip", "mp4"]).file_types == ["zip", "mp4"]
    for ending in ("html", "svg", "exe", "js", ".png", "PNG", ""):
        with pytest.raises(ValidationError, match="can't be taken; choose from jpg"):
            Options(file_types=[ending])


def test_the_example_names_every_type_that_can_be_configured() -> None:
    example = (Path(__file__).parents[2] / "config.example.yaml").read_text(encoding="utf-8")
    described = example[
        example.index("    # The files that visitors may send") : example.index("    # Event streams (open")
    ]
    assert set(TYPES) <= set(re.findall(r"\w+", described))


async def test_with_no_types_configured_no_file_is_taken(serve: Serve) -> None:
    chat = await (await serve(web=Options(file_types=[]))).chat()
    is_refusal(await chat.upload("a.png", PNG), 415, "file_type")


# Too much


@pytest.mark.parametrize("extra", [1, 100_000, 3 * 2**20])
async def test_a_file_that_is_too_large_is_refused_in_words(serve: Serve, extra: int) -> None:
    chat = await (await serve(web=Options(max_file_mb=0.5))).chat()
    assert (await chat.upload("a.txt", b"x" * 2**19)).status_code == 201
    error = is_refusal(await chat.upload("a.txt", b"x" * (2**19 + extra)), 413, "file_too_large")
    assert "0.5 MB at most" in error["message"]


async def test_a_chat_has_only_so_much_room(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    await chat.uploaded("a.txt", b"x" * 900)
    is_refusal(await chat.upload("b.txt", b"x" * 101), 413, "chat_full")
    await chat.uploaded("c.txt", b"x")
    await chat.uploaded("d.txt", b"x")
    is_refusal(await chat.upload("e.txt", b"x"), 413, "chat_full")
    assert (await (await service.chat()).upload("a.txt", b"x")).status_code == 201


async def test_too_many_files_at_once_are_told_to_wait(chat: Chat) -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PNG + b"\r\n--b--\r\n"
    head = f"POST /api/chat/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(form)}\r\n\r\n"
    lines = [await Line.open(chat.service) for _ in range(transfers.MOST_AT_ONCE_PER_CHAT)]
    for line in lines:
        line._writer.write(head.encode() + form[:-1])

    async def refused() -> httpx.Response:
        while (answer := await chat.upload("a.png", PNG)).status_code == 201:
            pass
        return answer

    answer = await asyncio.wait_for(refused(), 8)
    is_refusal(answer, 429, "too_many_files")
    assert int(answer.headers["retry-after"]) >= 1
    other = await chat.service.chat()
    assert (await other.upload("a.png", PNG)).status_code == 201
    for line in lines:
        line._writer.write(form[-1:])
        assert b" 201 " in await line.until(b"\r\n\r\n")
        line.close()
    assert (await chat.upload("a.png", PNG)).status_code == 201


async def test_a_form_that_comes_too_slowly_is_given_up(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "UPLOAD_SECONDS", 0.2)
    line = await Line.open(chat.service)
    head = f"POST /api/chat/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b\r\n"
    line._writer.write(head.encode())
    assert b"too_slow" in await line.rest()
    line.close()
    assert (await chat.upload("a.png", PNG)).status_code == 201


# What is no form


@pytest.mark.parametrize(
    ("body", "type_", "status", "code"),
    [
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (PNG, "image/png", 415, "unsupported_media_type"),
        (b"x", "", 415, "unsupported_media_type"),
        (b"file=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"--b--\r\n", "multipart/form-data", 400, "invalid_form"),
        (b"no form at all", "multipart/form-data; boundary=b", 400, "invalid_form"),
        (
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            400,
            "invalid_form",
        ),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 422, "no_file"),
        (b"", "multipart/form-data; boundary=b", 422, "no_file"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\njust a field\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            422,
            "no_file",
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
async def test_what_is_no_form_with_a_file_is_refused(
    chat: Chat, body: bytes, type_: str, status: int, code: str
) -> None:
    headers = {**chat.headers, "Content-Type": type_}
    answer = await chat.service.client.post("/api/chat/files", content=body, headers=headers)
    is_refusal(answer, status, code)


async def test_a_form_with_two_files_or_under_another_name_is_refused(chat: Chat) -> None:
    two = [("file", ("a.png", PNG)), ("file", ("b.png", PNG))]
    answer = await chat.service.client.post("/api/chat/files", files=two, headers=chat.headers)
    is_refusal(answer, 400, "invalid_form")
    is_refusal(await chat.upload("a.png", PNG, field="upload"), 422, "no_file")


async def test_without_the_token_no_file_is_taken_or_given(service: Service, chat: Chat) -> None:
    message = await posted(chat, "a.png")
    url = message["files"][0]["url"]
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await service.client.post("/api/chat/files", files={"file": ("a.png", PNG)}, headers=headers)
        is_refusal(answer, 401)
        is_refusal(await service.client.get(url, headers=headers), 401)
    other = await service.chat()
    is_refusal(await other.get(url), 404, "not_found")


async def test_while_the_store_fails_no_file_is_acknowledged(serve: Serve) -> None:
    service = await serve()
    chat = await service.chat()
    service.store.fail()
    is_refusal(await chat.upload("a.png", PNG), 503, "store_unavailable")
    service.store.heal()
    assert (await chat.upload("a.png", PNG)).status_code == 201


async def test_other_channels_get_the_bytes_of_a_visitors_file_or_an_error_of_ours(serve: Serve) -> None:
    service = await serve()
    chat, adapter = await service.chat(), service.app.adapters["web"]
    file = File(await chat.uploaded("a.png", PNG), "photo", "a.png", "image/png", len(PNG), "web")
    assert await adapter.fetch(file) == PNG
    with pytest.raises(Undeliverable, match=r"no file gone\.png"):
        await adapter.fetch(File("no-such-file", "photo", "gone.png"))
    service.store.fail()
    with pytest.raises(TemporaryFailure):
        await adapter.fetch(file)
    service.store.heal()


# Getting


async def test_files_of_agents_are_listed_and_can_be_fetched(chat: Chat) -> None:
    await begin(chat)
    file = await of_an_agent(chat, "收据.pdf", "application/pdf", PDF)
    seq = await agent_says(chat, "Here it is", file)
    (message,) = (await chat.read(seq - 1))["messages"]
    assert (message["from"], message["name"], message["text"]) == ("agent", "Ann", "Here it is")
    (shown,) = message["files"]
    assert (shown["name"], shown["type"], shown["size"]) == ("收据.pdf", "application/pdf", len(PDF))
    answer = await chat.get(shown["url"])
    assert answer.content == PDF
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('收据.pdf')}"


@pytest.mark.parametrize(
    ("type_", "given_as", "shown"),
    [
        ("image/png", "image/png", "inline"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("text/plain", "text/plain", "attachment"),
        ("", "application/octet-stream", "attachment"),
        ("text/html\r\nX-Evil: 1", "application/octet-stream", "attachment"),
    ],
)
async def test_nothing_that_is_given_out_can_run(chat: Chat, type_: str, given_as: str, shown: str) -> None:
    await begin(chat)
    name = f'a{abs(hash(type_))}\r\n;".svg'
    seq = await agent_says(chat, "", await of_an_agent(chat, name, type_, HTML))
    answer = await chat.get(f"/api/chat/files/{seq}/0")
    assert (answer.status_code, answer.content) == (200, HTML)
    assert answer.headers["content-type"] == given_as
    assert answer.headers["content-disposition"].startswith(f"{shown}; filename*=UTF-8''a")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "x-evil" not in answer.headers


async def test_a_browser_that_has_a_file_already_is_not_sent_it_again_but_asked_for_its_key(
    service: Service, chat: Chat
) -> None:
    url = (await posted(chat, "a.png"))["files"][0]["url"]
    first = await chat.get(url)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["etag"]}
    again = await chat.get(url, **tag)
    assert (again.status_code, again.content) == (304, b"")
    is_refusal(await service.client.get(url, headers=tag), 401, "no_token")


async def test_a_deleted_messages_files_are_gone(chat: Chat) -> None:
    await begin(chat)
    seq = await agent_says(chat, "Wrong file, sorry", await of_an_agent(chat, "wrong.png", "image/png", PNG))
    url = f"/api/chat/files/{seq}/0"
    tag = (await chat.get(url)).headers["etag"]
    await agent_deletes(chat, seq)
    is_refusal(await chat.get(url, **{"If-None-Match": tag}), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["1/1", "1/x", "x/0", "2/0", "99/0", "0/0", "-1/0", "1/-1", "9" * 40 + "/0", "1/١", "1/"]
)
async def test_what_is_no_file_of_the_chat_is_not_found(chat: Chat, path: str) -> None:
    await posted(chat, "a.png")
    is_refusal(await chat.get(f"/api/chat/files/{path}"), 404, "not_found")


async def test_a_place_or_a_number_is_told_in_words(chat: Chat) -> None:
    await begin(chat)
    place = File("52.5,13.4", "location", "Main office", channel="telegram")
    seq = await agent_says(chat, "We are here", place, File("+4930123", "contact", "+4930123", channel="telegram"))
    (message,) = (await chat.read(seq - 1))["messages"]
    assert message["text"] == "We are here\nMain office: 52.5,13.4\n+4930123"
    assert "files" not in message
    is_refusal(await chat.get(f"/api/chat/files/{seq}/0"), 404, "not_found")


async def test_a_file_whose_platform_gave_no_name_is_called_by_its_kind(chat: Chat) -> None:
    await begin(chat)
    seq = await agent_says(chat, "", File("abc", "photo", "", "image/jpeg", 5, "telegram"))
    (file,) = (await chat.read(seq - 1))["messages"][0]["files"]
    assert file["name"] == "photo.jpeg"
    is_refusal(await chat.get(file["url"]), 404, "file_gone")  # that channel does not run here


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [
        (TemporaryFailure("the platform has the hiccups"), 503, "file_unavailable", "2"),
        (RetryLater(3.2), 503, "file_unavailable", "4"),
        (RetryLater(99999), 503, "file_unavailable", "60"),
        (Undeliverable("it was taken away"), 404, "file_gone", None),
    ],
    ids=str,
)
async def test_a_platform_that_does_not_give_a_file_is_told_of_in_words(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, error: DeliveryError, status: int, code: str, wait: str | None
) -> None:
    await begin(chat)
    seq = await agent_says(chat, "", File("abc", "photo", "", "image/jpeg", 5, "web"))

    async def fetch(_: File) -> bytes:
        raise error

    monkeypatch.setattr(chat.service.app.adapters["web"], "fetch", fetch)
    for _ in range(transfers.MOST_AT_ONCE_PER_CHAT + 1):  # a failure leaves nothing behind
        answer = await chat.get(f"/api/chat/files/{seq}/0")
        is_refusal(answer, status, code)
    assert answer.headers.get("retry-after") == wait
    assert "hiccups" not in answer.text


async def test_who_never_reads_a_file_holds_up_only_their_own_chat(serve: Serve) -> None:
    service = await serve()
    chat, other = await service.chat(), await service.chat()
    body = b"\xff\xd8\xff" + bytes(9 * 2**20)  # more than all buffers on the way hold
    id_ = await chat.uploaded("large.jpg", body)
    await chat.post(files=[id_])
    lines = [await Line.open(service) for _ in range(transfers.MOST_AT_ONCE_PER_CHAT)]
    for line in lines:
        line.write("GET", "/api/chat/files/1/0", chat.token)
        assert b" 200 " in await line.until(b"\r\n\r\n")
    refused = await chat.get("/api/chat/files/1/0")
    assert refused.status_code == 429, len(refused.content)
    url = (await posted(other, "a.png"))["files"][0]["url"]
    assert (await other.get(url)).content == PNG
    for line in lines:
        line.close()

    async def given() -> bytes:
        while (answer := await chat.get("/api/chat/files/1/0")).status_code == 429:
            pass
        return answer.content

    assert len(await asyncio.wait_for(given(), 8)) == len(body)


async def test_who_reads_a_file_too_slowly_is_cut_off(
    serve: Serve, server_errors: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "DOWNLOAD_SECONDS", 0.2)
    chat = await (await serve()).chat()
    id_ = await chat.uploaded("large.jpg", b"\xff\xd8\xff" + bytes(9 * 2**20))
    await chat.post(files=[id_])
    line = await Line.open(chat.service)
    line.write("GET", "/api/chat/files/1/0", chat.token)

    async def cut() -> bool:
        return any("without completing" in message for message in server_errors)

    await eventually(cut)
    assert len(await line.rest()) < 9 * 2**20
    line.close()
    server_errors.clear()
