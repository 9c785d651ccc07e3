"""What nobody should send, and what comes when the store fails: always an answer in one form, never a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from adapters.web import requests
from bot.config import LimitsBlock
from tests.web.service import Chat, Line, Service, eventually, is_refusal

Serve = Callable[..., Awaitable[Service]]
QUESTION = "My withdrawal has not arrived"
DAY = 86400.0


async def assert_untouched(chat: Chat) -> None:
    """Nothing was stored, and the chat still works."""
    assert (await chat.read())["messages"] == []
    await chat.say(QUESTION)
    assert [message["from"] for message in await chat.record(2)] == ["contact", "bot"]


# Texts


@pytest.mark.parametrize(
    "text",
    ["", " ", " \t\r\n ", "\x00", "\x00\x07\x1b", "\u200b\ufeff", "\u202e\u2066", "\ud800", "\u3000"],
    ids=ascii,
)
async def test_a_text_with_nothing_to_read_is_refused(chat: Chat, text: str) -> None:
    is_refusal(await chat.post_raw(json.dumps({"id": "1", "text": text}).encode()), 422, "empty")
    await assert_untouched(chat)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\ud800b", "ab"),
        ("\udfff\ud83dhelp", "help"),
        ("he\x00lp\x1b[31m me\x7f", "help[31m me"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u2066isolated\u2069", "isolated"),
        ("zero\u200bwidth", "zerowidth"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("  spaces around  ", "spaces around"),
    ],
    ids=ascii,
)
async def test_what_can_not_be_shown_or_stored_is_taken_out_of_a_text(chat: Chat, text: str, kept: str) -> None:
    answer = await chat.post_raw(json.dumps({"id": "1", "text": text}).encode())
    assert (answer.status_code, answer.json()) == (202, {"seq": 1})
    question, reply = await chat.record(2)
    assert (question["text"], reply["from"]) == (kept, "bot")


@pytest.mark.parametrize(
    "text",
    [
        "😀",
        "👨\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈",
        "🙃" * 4000,
        "مرحبا، لم يصل السحب",
        "שלום, איפה הכסף שלי?",
        "𝖍𝖊𝖑𝖕 \U0001f1e8\U0001f1f3",
        "e\u0301" * 500,
        "?" * 4000,
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; drop table message; --",
        "{brand.name} {ticket} {0} %s ${HOME} {{x}}",
        "**bold** _it_ `code` [link](javascript:alert(1)) # head",
        "[/x] [bold]markup[/bold] :smile:",
        "提" * 4000,
    ],
    ids=lambda text: ascii(text)[:24],
)
async def test_any_text_that_can_be_shown_is_kept_as_it_is_and_answered(chat: Chat, text: str) -> None:
    await chat.say(text)
    question, reply = await chat.record(2)
    assert (question["text"], reply["from"]) == (text, "bot")


async def test_a_text_of_the_longest_length_is_taken_even_if_every_character_is_escaped(chat: Chat) -> None:
    text = "😀" * 4000
    answer = await chat.post_raw(json.dumps({"id": "1", "text": text}, ensure_ascii=True).encode())
    assert answer.status_code == 202
    assert (await chat.record(2))[0]["text"] == text


@pytest.mark.parametrize(
    ("size", "code"), [(4001, "too_long"), (100_000, "too_long"), (1_000_000, "too_large"), (8_000_000, "too_large")]
)
async def test_a_text_that_is_too_long_is_refused_in_words(chat: Chat, size: int, code: str) -> None:
    error = is_refusal(await chat.post(text="x" * size), 413, code)
    assert "at most" in error["message"]
    await assert_untouched(chat)


async def test_a_large_body_in_pieces_without_a_length_is_refused_too(chat: Chat) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b"x" * 32_768

    headers = {**chat.headers, "Content-Type": "application/json"}
    answer = await chat.service.client.post("/api/chat/messages", content=pieces(), headers=headers)
    is_refusal(answer, 413, "too_large")


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"hello",
        b'{"id": "1", "text": "x"',
        b'{"id": "1", "text": "x"} and more',
        b"{'id': '1'}",
        b'{"id": "1", "text": "\xff\xfe"}',
        b'{"id": "1", "text": "\xc3"}',
        b'{"id": ' + b"9" * 5000 + b', "text": "x"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" * 50_000 + b"]" * 50_000,
    ],
    ids=lambda body: ascii(body)[:24],
)
async def test_a_body_that_is_no_json_is_refused(chat: Chat, body: bytes) -> None:
    is_refusal(await chat.post_raw(body), 400, "invalid_json")
    await assert_untouched(chat)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        5,
        True,
        float("nan"),
        {},
        {"text": "x"},
        {"id": "1"},
        {"id": "1", "text": None, "choice": None},
        {"id": "1", "text": "x", "choice": "human"},
        {"id": "1", "text": ["x"]},
        {"id": "1", "text": {"a": "b"}},
        {"id": "1", "text": 5},
        {"id": "1", "text": True},
        {"id": "1", "choice": ""},
        {"id": "1", "choice": 3},
        {"id": "1", "choice": "x" * 257},
        {"id": "1", "choice": "\ud800"},
        {"id": "", "text": "x"},
        {"id": None, "text": "x"},
        {"id": 1, "text": "x"},
        {"id": "x" * 129, "text": "x"},
        {"id": "\ud800", "text": "x"},
        {"ID": "1", "Text": "x"},
    ],
    ids=lambda body: ascii(body)[:40],
)
async def test_json_of_the_wrong_shape_is_refused(chat: Chat, body: Any) -> None:
    error = is_refusal(await chat.post_raw(json.dumps(body).encode()), 422, "invalid")
    assert not any(word in error["message"] for word in ("PostMessage", "pydantic", "instance", "\ud800"))
    await assert_untouched(chat)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"]
)
async def test_a_body_of_another_type_is_refused(chat: Chat, content_type: str) -> None:
    answer = await chat.post_raw(b'{"id": "1", "text": "x"}', content_type)
    is_refusal(answer, 415, "unsupported_media_type")
    await assert_untouched(chat)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
async def test_the_content_type_may_be_written_in_any_way(chat: Chat, content_type: str) -> None:
    assert (await chat.post_raw(b'{"id": "1", "text": "thanks", "more": [{"x": 1}]}', content_type)).status_code == 202


@pytest.mark.parametrize(
    "id_", [" ", "\x00", "../../etc/passwd", "a:b:c", "😀", "x" * 128, "'\"\\\n", "id\u202e"], ids=ascii
)
async def test_a_clients_id_may_be_any_text(chat: Chat, id_: str) -> None:
    first, second = await chat.post(id=id_, text="thanks"), await chat.post(id=id_, text="thanks")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    await chat.post(id=id_ + "!" if len(id_) < 128 else "y", text="thanks")
    assert [message["from"] for message in await chat.record(4)].count("contact") == 2


@pytest.mark.parametrize("choice", [" ", "\u200b", "\x00", "human\x00", "human\n"], ids=ascii)
async def test_a_choice_that_no_button_can_have_is_refused(chat: Chat, choice: str) -> None:
    is_refusal(await chat.post(choice=choice), 422, "invalid")
    await assert_untouched(chat)


@pytest.mark.parametrize(
    "body",
    [
        b'{"lang": 5}',
        b'{"name": ["Ann"]}',
        b'{"greet": "perhaps"}',
        b'{"lang": "' + b"x" * 17 + b'"}',
        b'{"name": "' + b"x" * 101 + b'"}',
        b'{"name": "\\ud800"}',
        b'{"lang": "\\udfff"}',
        b"[]",
        b"null",
    ],
    ids=ascii,
)
async def test_a_chat_is_not_opened_by_json_of_the_wrong_shape(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/chat", content=body, headers={"Content-Type": "application/json"})
    error = is_refusal(answer, 422, "invalid")
    assert "OpenChat" not in error["message"]


async def test_a_chat_is_not_opened_by_what_is_no_json(client: httpx.AsyncClient) -> None:
    json_type = {"Content-Type": "application/json"}
    is_refusal(await client.post("/api/chat", content=b"{", headers=json_type), 400, "invalid_json")
    is_refusal(await client.post("/api/chat", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    is_refusal(await client.post("/api/chat", content=b" " * 300_000, headers=json_type), 413, "too_large")


@pytest.mark.parametrize("name", ["\x00Ann\u202e", "<b>Ann</b>", "安", "Ann\nBot"], ids=ascii)
async def test_a_name_may_be_anything_and_is_shown_without_what_deceives(service: Service, name: str) -> None:
    chat = await service.chat(name=name, greet=True)
    await chat.say("thanks")
    assert not {"\x00", "\u202e"} & set(str((await chat.record(3))[1:]))


# Who asks, and for what


async def test_without_a_token_nothing_is_told_or_taken(client: httpx.AsyncClient, chat: Chat) -> None:
    message = {"id": "1", "text": "x"}
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {chat.token}"},
        {"Authorization": chat.token},
    ):
        for answer in (
            await client.post("/api/chat/messages", json=message, headers=headers),
            await client.get("/api/chat/messages", headers=headers),
            await client.get("/api/chat/stream", headers=headers),
        ):
            is_refusal(answer, 401, "no_token")
            assert answer.headers["www-authenticate"].startswith("Bearer")
    await assert_untouched(chat)


async def test_a_token_that_is_not_known_opens_nothing(client: httpx.AsyncClient, chat: Chat) -> None:
    for token in (b"x", chat.token[:-1].encode(), chat.conversation.encode(), b"\xe9\xff", b"x" * 8000, b"' or 1=1 --"):
        headers = {b"Authorization": b"Bearer " + token}
        for path in ("/api/chat/messages", "/api/chat/stream"):
            is_refusal(await client.get(path, headers=headers), 401, "unknown_token")


async def test_a_token_in_the_address_is_not_taken(client: httpx.AsyncClient, chat: Chat) -> None:
    is_refusal(await client.get("/api/chat/messages", params={"token": chat.token}), 401, "no_token")


async def test_an_expired_token_is_told_so_and_opens_nothing(serve: Serve) -> None:
    service = await serve()
    chat = await service.chat()
    await chat.say(QUESTION)
    service.clock.shift = 29 * DAY
    assert await chat.read()
    service.clock.shift = 30 * DAY + 60
    is_refusal(await chat.post(text="x"), 401, "expired_token")
    for path in ("/api/chat/messages", "/api/chat/stream"):
        is_refusal(await service.client.get(path, headers=chat.headers), 401, "expired_token")
    service.clock.shift = 70 * DAY
    await service.chat()  # opening one forgets those that ran out long ago
    is_refusal(await chat.post(text="x"), 401, "unknown_token")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/chat/messages"),
        ("PUT", "/api/chat/messages"),
        ("GET", "/api/chat"),
        ("POST", "/api/chat/stream"),
        ("POST", "/"),
        ("PATCH", "/widget.js"),
        ("POST", "/healthz"),
        ("DELETE", "/readyz"),
        ("PUT", "/metrics"),
    ],
)
async def test_a_wrong_method_is_told_so(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    is_refusal(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api",
        "/api/chat/nothing",
        "/healthz/x",
        "/static/../secret",
        "/%00",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/提现",
    ],
)
async def test_an_unknown_path_is_told_so(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        is_refusal(await client.request(method, path), 404, "not_found")


async def test_without_the_web_channel_the_servers_own_errors_have_the_same_form(serve: Serve) -> None:
    service = await serve(web=None)
    for path in ("/", "/api/chat", "/widget.js", "/nothing"):
        is_refusal(await service.client.get(path), 404, "not_found")
    for path in ("/healthz", "/readyz", "/metrics"):
        is_refusal(await service.client.post(path), 405, "method_not_allowed")
        assert (await service.client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "after", ["abc", "-1", "1.5", "9" * 16, "9" * 5000, "1e3", "0x10", " 1", "１", "1;drop", "null"]
)
async def test_an_after_that_is_no_seq_is_refused(client: httpx.AsyncClient, chat: Chat, after: str) -> None:
    for path in ("/api/chat/messages", "/api/chat/stream"):
        is_refusal(await client.get(path, params={"after": after}, headers=chat.headers), 422, "invalid")
    if after.isascii():
        headers = {**chat.headers, "Last-Event-ID": f"x{after}"}
        is_refusal(await client.get("/api/chat/stream", headers=headers), 422, "invalid")


async def test_an_after_beyond_the_end_is_an_empty_answer(chat: Chat) -> None:
    await chat.say(QUESTION)
    await chat.record(2)
    assert (await chat.read("9" * 15))["messages"] == []


# Too much


async def test_a_thousand_messages_at_once_from_one_person_are_limited_and_every_one_taken_is_kept_once(
    serve: Serve,
) -> None:
    service = await serve(limits=LimitsBlock())
    flood, other = await service.chat(), await service.chat()
    answers: dict[str, httpx.Response] = {}

    async def write(first: int) -> None:
        line = await Line.open(service)
        for number in range(first, first + 20):
            body = {"id": str(number), "text": f"/topics {number}"}
            answers[body["text"]] = await line.ask("POST", "/api/chat/messages", flood.token, body)
        line.close()

    await asyncio.gather(*(write(first) for first in range(0, 1000, 20)), other.say(QUESTION))
    assert len(answers) == 1000
    assert "Wallet > History" in (await other.record(2))[1]["text"]

    taken = {text: answer.json()["seq"] for text, answer in answers.items() if answer.status_code == 202}
    assert 120 <= len(taken) < 200
    for text in answers.keys() - taken:
        is_refusal(answers[text], 429, "too_many_messages")
        assert int(answers[text].headers["retry-after"]) >= 1
    record = await flood.record(2 * len(taken))
    kept = [(message["text"], message["seq"]) for message in record if message["from"] == "contact"]
    assert len(kept) == len(taken)
    assert dict(kept) == taken
    assert sum(message["from"] == "bot" for message in record) == len(taken)


async def test_after_the_wait_that_was_asked_for_a_person_is_heard_again(serve: Serve) -> None:
    service = await serve(limits=LimitsBlock(burst=2, per_minute=6))
    chat = await service.chat()
    for _ in range(2):
        await chat.say("thanks")
    refused = await chat.post(id="later", text="hello")
    is_refusal(refused, 429, "too_many_messages")
    service.clock.shift += int(refused.headers["retry-after"])
    assert (await chat.post(id="later", text="hello")).status_code == 202


async def test_a_wait_that_is_asked_for_is_never_absurd(serve: Serve) -> None:
    service = await serve(limits=LimitsBlock(burst=1, per_minute=1e-200))
    chat = await service.chat()
    await chat.say("thanks")
    refused = await chat.post(text="hello")
    is_refusal(refused, 429, "too_many_messages")
    assert int(refused.headers["retry-after"]) <= 3600


# Bodies that never end


async def test_a_body_that_comes_too_slowly_is_given_up_and_holds_nobody_up(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.3)
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"id": "slow", '
        await never.wait()

    headers = {**chat.headers, "Content-Type": "application/json"}
    sending = asyncio.create_task(
        chat.service.client.post("/api/chat/messages", content=slow(), headers={**headers, "Content-Length": "100"})
    )
    other = await chat.service.chat()
    await other.say(QUESTION)
    assert not sending.done()
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.service.port)
    head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    writer.write(f'{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"id": "slow"'.encode())
    async with asyncio.timeout(5):
        answer = await reader.read()  # to the end: the connection is closed, its rest of a body is of no use
    writer.close()
    head_of_answer, _, body = answer.partition(b"\r\n\r\n")
    assert b" 408 " in head_of_answer
    assert json.loads(body)["error"]["code"] == "too_slow"
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await assert_untouched(chat)


async def test_a_body_that_breaks_off_is_not_stored_and_no_error_of_ours(chat: Chat) -> None:
    head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    for length in (16, 100, 200_000):
        _, writer = await asyncio.open_connection("127.0.0.1", chat.service.port)
        writer.write(f'{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{"id": "torn'.encode())
        await writer.drain()
        await chat.service.client.get("/healthz")
        writer.close()
        await writer.wait_closed()
    await assert_untouched(chat)


async def test_a_client_that_does_not_wait_for_its_answer_is_no_error_of_ours(chat: Chat) -> None:
    body = json.dumps({"id": "gone", "text": QUESTION})
    head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {chat.token}\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", chat.service.port)
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await chat.post(id="gone", text=QUESTION)).json() == {"seq": 1}  # whether it had come or not
    assert [message["from"] for message in await chat.record(2)] == ["contact", "bot"]


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"\x00" * 100, b"G" * 100_000], ids=ascii
)
async def test_what_is_no_http_at_all_ends_only_its_own_connection(chat: Chat, junk: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.service.port)
    writer.write(junk + b"\r\n\r\n")
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert b"Traceback" not in answer
    await assert_untouched(chat)


# A store that fails


async def test_while_the_store_fails_nothing_is_acknowledged_and_it_recovers_alone(serve: Serve) -> None:
    service = await serve()
    chat = await service.chat()
    service.store.fail()
    for answer in (
        await chat.post(id="1", text=QUESTION),
        await service.client.post("/api/chat"),
        await service.client.post("/api/chat", json={"greet": True}),
        await service.client.get("/api/chat/messages", headers=chat.headers),
        await service.client.get("/api/chat/stream", headers=chat.headers),
    ):
        is_refusal(answer, 503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert "disk is on fire" not in answer.text
    is_refusal(await service.client.get("/metrics"), 503, "store_unavailable")
    ready = await service.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
    assert "disk is on fire" in ready.json()["parts"]["store"]
    assert (await service.client.get("/healthz")).status_code == 200

    service.store.heal()
    assert (await chat.post(id="1", text=QUESTION)).json() == {"seq": 1}
    assert [message["from"] for message in await chat.record(2)] == ["contact", "bot"]

    async def ready_again() -> bool:
        return (await service.client.get("/readyz")).status_code == 200

    await eventually(ready_again)


async def test_a_stream_ends_quietly_when_the_store_fails_and_can_be_resumed(serve: Serve) -> None:
    service = await serve()
    chat = await service.chat()
    await chat.say(QUESTION)
    await chat.record(2)
    async with chat.stream() as events:
        last = (await events.take(2))[-1]
        service.store.fail()
        service.app.adapters["web"]._streams.wake(chat.conversation)  # type: ignore[attr-defined]  # the web adapter's own
        assert await events.ends()
    service.store.heal()
    await chat.say("thanks")
    async with chat.stream(last_event_id=last.id) as events:
        assert [event.id for event in await events.take(2)] == [3, 4]


async def test_on_a_full_disk_every_message_is_either_kept_or_refused(serve: Serve) -> None:
    service = await serve()
    chat = await service.chat()
    await chat.say(QUESTION)
    await chat.record(2)
    await service.app.database._writer.execute("pragma max_page_count = 1")  # as many as there are now: no more
    answers: dict[str, httpx.Response] = {}
    refused = 0
    while refused < 3:  # soon: the loops behind wait longer after every failure of theirs
        text = f"/x{len(answers)} {'long ' * 700}".strip()
        answers[text] = await chat.post(text=text)
        if answers[text].status_code != 202:
            is_refusal(answers[text], 503, "store_unavailable")
            refused += 1
        assert len(answers) < 100
    await service.app.database._writer.execute("pragma max_page_count = 1000000")
    await chat.say("thanks")
    taken = [QUESTION, *(text for text, answer in answers.items() if answer.status_code == 202), "thanks"]

    async def all_answered() -> list[dict[str, Any]]:
        found = await chat.all()
        return found if sum(message["from"] == "bot" for message in found) >= 2 and not await unhandled() else []

    async def unhandled() -> int:
        return int((await service.rows("select count(*) from inbox where status = 'new'"))[0][0])

    record = await eventually(all_answered, 15)
    assert [message["text"] for message in record if message["from"] == "contact"] == taken


async def logged(server_errors: list[str], number: int) -> None:
    """The log must have so many tracebacks; they are written after the answers."""

    async def all_there() -> bool:
        return sum("secret detail" in message for message in server_errors) >= number

    await eventually(all_there)
    server_errors.clear()


async def test_a_bug_of_ours_is_told_without_its_traceback(serve: Serve, server_errors: list[str]) -> None:
    service = await serve()
    chat = await service.chat()
    await service.quiet()  # a delivery under way would fail, too, but that is another matter
    service.store.fail(RuntimeError("secret detail"))
    answer = await chat.post(text=QUESTION)
    service.store.heal()
    is_refusal(answer, 500, "internal")
    assert "secret detail" not in answer.text
    await logged(server_errors, 1)


async def test_a_bug_in_the_servers_own_answers_is_told_without_its_traceback(
    serve: Serve, server_errors: list[str]
) -> None:
    service = await serve()
    await service.quiet()  # a delivery under way would fail, too, but that is another matter
    service.store.fail(RuntimeError("secret detail"))
    answers = [await service.client.get(path) for path in ("/readyz", "/metrics")]
    service.store.heal()
    for answer in answers:
        is_refusal(answer, 500, "internal")
        assert "secret detail" not in answer.text
    await logged(server_errors, 2)
