"""CONTRACT section 6 over real HTTP: open a chat, say something, read the record, follow it live."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from adapters.web import Options, api
from bot.config import Brand
from tests.web.service import Chat, Service, is_refusal

QUESTION = "My withdrawal has not arrived"
QUESTION_ZH = "怎么提币"
HELPED_ZH = "这个回答有帮助吗？"
Serve = Callable[..., Awaitable[Service]]


async def test_opening_a_chat_needs_no_body_and_gives_a_token_nobody_can_guess(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/api/chat") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert all(set(answer.json()) == {"token", "conversation"} for answer in answers)
    tokens = {answer.json()["token"] for answer in answers}
    assert len(tokens) == 2
    assert all(len(base64.urlsafe_b64decode(token + "==")) * 8 >= 128 for token in tokens)
    assert all(answer.headers["cache-control"] == "no-store" for answer in answers)


async def test_the_token_is_not_stored_and_is_not_the_conversations_name(service: Service, chat: Chat) -> None:
    stored = str(await service.rows("select * from guest"))
    assert chat.conversation in stored
    assert chat.token not in stored
    assert chat.conversation not in chat.token


async def test_a_new_chat_is_empty_and_says_so(chat: Chat) -> None:
    assert await chat.read() == {"messages": [], "state": "new"}


async def test_with_greet_the_bot_says_hello_first_and_by_name(service: Service) -> None:
    chat = await service.chat(greet=True, name="Ann")
    (hello,) = await chat.record(1)
    assert (hello["seq"], hello["from"]) == (1, "bot")
    assert "Hello" in hello["text"]
    assert {button["value"] for button in hello["buttons"]} == {"topics", "human"}
    assert all(button["label"] for button in hello["buttons"])


@pytest.mark.parametrize("lang", ["zh", "zh-CN", "zh_TW", "ZH-Hans"])
async def test_with_lang_the_bot_speaks_that_language(service: Service, lang: str) -> None:
    chat = await service.chat(lang=lang, greet=True)
    (hello,) = await chat.record(1)
    assert "您好" in hello["text"]


@pytest.mark.parametrize("lang", ["", "xx", "klingon", "../../etc", "e"])
async def test_a_language_that_is_not_spoken_becomes_the_default(service: Service, lang: str) -> None:
    chat = await service.chat(lang=lang, greet=True)
    (hello,) = await chat.record(1)
    assert "Hello" in hello["text"]


async def test_a_message_is_durable_when_its_seq_is_told(service: Service, chat: Chat) -> None:
    answer = await chat.post(id="mine", text=QUESTION)
    assert (answer.status_code, answer.json()) == (202, {"seq": 1})
    stored = await service.rows(f"select external_id, value from inbox where external_id = '{chat.conversation}:mine'")
    assert stored == [(f"{chat.conversation}:mine", QUESTION)]


async def test_a_question_and_its_answer_are_in_the_record_in_order(service: Service) -> None:
    chat = await service.chat(name="Ann")
    await chat.say(QUESTION)
    question, answer = await chat.record(2)
    assert (question["seq"], question["from"], question["name"], question["text"]) == (1, "contact", "Ann", QUESTION)
    assert (answer["seq"], answer["from"]) == (2, "bot")
    assert "Wallet > History" in answer["text"]
    assert set(question) == {"seq", "from", "name", "text", "at"}
    assert set(answer) == {"seq", "from", "text", "buttons", "at"}
    assert all(set(button) == {"label", "value"} for button in answer["buttons"])
    assert (await chat.read())["state"] == "answering"


async def test_a_question_in_chinese_is_answered_in_chinese_as_utf_8(chat: Chat) -> None:
    await chat.say(QUESTION_ZH)
    question, answer = await chat.record(2)
    assert question["text"] == QUESTION_ZH
    assert HELPED_ZH in answer["text"]
    assert "有帮助" in [button["label"] for button in answer["buttons"]]


async def test_at_is_the_time_in_utc_with_milliseconds(service: Service, chat: Chat) -> None:
    before = service.clock.now()
    await chat.say(QUESTION)
    for message in await chat.record(2):
        assert message["at"].endswith("Z")
        assert len(message["at"]) == len("2026-01-01T00:00:00.000Z")
        assert abs(datetime.fromisoformat(message["at"]).timestamp() - before) < 10


async def test_the_same_id_again_gets_the_same_answer_and_is_stored_once(chat: Chat) -> None:
    first = await chat.post(id="same", text=QUESTION)
    await chat.record(2)
    again = [await chat.post(id="same", text=text) for text in (QUESTION, "something else")]
    assert [(answer.status_code, answer.json()) for answer in again] == [(202, first.json())] * 2
    await chat.say("thanks")
    assert [message["from"] for message in await chat.record(4)] == ["contact", "bot", "contact", "bot"]


async def test_the_same_id_in_two_chats_is_two_messages(service: Service) -> None:
    chats = [await service.chat() for _ in range(2)]
    for chat in chats:
        await chat.post(id="1", text=QUESTION)
    assert [len(await chat.record(2)) for chat in chats] == [2, 2]


async def test_a_client_may_call_its_message_start_after_a_greeting(service: Service) -> None:
    chat = await service.chat(greet=True)
    await chat.record(1)
    await chat.post(id="start", text=QUESTION)
    assert [message["from"] for message in await chat.record(3)] == ["bot", "contact", "bot"]


async def test_a_pressed_button_is_shown_by_its_label_and_does_what_it_says(chat: Chat) -> None:
    await chat.say(QUESTION)
    answer = (await chat.record(2))[1]
    button = next(button for button in answer["buttons"] if button["value"].startswith("helped:yes"))
    assert await chat.press(button["value"]) == 3
    pressed, thanks = (await chat.record(4))[2:]
    assert (pressed["from"], pressed["text"]) == ("contact", button["label"])
    assert "Good to hear" in thanks["text"]


async def test_a_button_that_was_never_shown_is_kept_out_of_the_record_and_answered(chat: Chat) -> None:
    assert await chat.press("no such button") == 0
    (answer,) = await chat.record(1)
    assert "no longer there" in answer["text"]


async def test_the_state_tells_when_a_human_has_the_conversation(chat: Chat) -> None:
    await chat.say("/human")
    messages = await chat.record(2)
    assert "#" in messages[1]["text"]
    assert (await chat.read())["state"] == "waiting"


async def test_messages_after_a_seq_are_only_the_later_ones(chat: Chat) -> None:
    await chat.say(QUESTION)
    await chat.record(2)
    for after, expected in ((None, [1, 2]), (0, [1, 2]), (1, [2]), (2, []), (999_999, []), ("", [1, 2])):
        assert [message["seq"] for message in (await chat.read(after))["messages"]] == expected


async def test_a_long_record_is_read_page_by_page(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        await chat.say(f"/topics {number}")
    await chat.record(16)
    monkeypatch.setattr(api, "PAGE", 5)
    assert [message["seq"] for message in (await chat.read())["messages"]] == [1, 2, 3, 4, 5]
    assert [message["seq"] for message in await chat.all()] == list(range(1, 17))
    async with chat.stream() as events:
        assert [event.id for event in await events.take(16)] == list(range(1, 17))


async def test_one_token_opens_only_its_own_chat(service: Service) -> None:
    ann, bob = await service.chat(), await service.chat()
    await ann.say("/human")
    await ann.record(2)
    assert await bob.read() == {"messages": [], "state": "new"}


async def test_the_stream_gives_what_was_said_and_then_what_comes_live(chat: Chat) -> None:
    await chat.say(QUESTION)
    record = await chat.record(2)
    async with chat.stream() as events:
        assert events.answer.headers["content-type"].startswith("text/event-stream")
        assert events.answer.headers["cache-control"] == "no-store"
        past = await events.take(2)
        assert [(event.id, event.data["text"]) for event in past] == [(m["seq"], m["text"]) for m in record]
        await chat.say("thanks")
        live = await events.take(2)
        assert [(event.id, event.data["from"]) for event in live] == [(3, "contact"), (4, "bot")]
        assert all(event.id == event.data["seq"] for event in past + live)
    record = (await chat.read())["messages"]
    assert [{key: value for key, value in event.data.items() if key != "state"} for event in past + live] == record


async def test_the_stream_tells_the_state(chat: Chat) -> None:
    async with chat.stream() as events:
        await chat.say("/human")
        assert (await events.take(2))[-1].data["state"] == "waiting"


async def test_the_stream_speaks_chinese(service: Service) -> None:
    chat = await service.chat(lang="zh")
    async with chat.stream() as events:
        await chat.say(QUESTION_ZH)
        question, answer = await events.take(2)
    assert question.data["text"] == QUESTION_ZH
    assert HELPED_ZH in answer.data["text"]


async def test_a_stream_resumes_where_it_was_told_to(chat: Chat) -> None:
    await chat.say(QUESTION)
    await chat.record(2)
    async with chat.stream(after=1) as events:
        assert [event.id for event in await events.take(1)] == [2]
    async with chat.stream(last_event_id=1) as events:
        assert [event.id for event in await events.take(1)] == [2]
    async with chat.stream(after=0, last_event_id=2) as events:
        await chat.say("thanks")
        assert [event.id for event in await events.take(2)] == [3, 4]


async def test_nothing_is_missed_between_two_streams(chat: Chat) -> None:
    seen: list[int] = []
    for number in range(5):
        async with chat.stream(last_event_id=seen[-1] if seen else 0) as events:
            seen += [event.id for event in await events.take(2 * number - len(seen))]
        await chat.say(f"/topics {number}")
        await chat.record(2 * number + 2)
    assert seen == list(range(1, 9))


async def test_several_streams_on_one_chat_all_get_everything(chat: Chat) -> None:
    async with chat.stream() as one, chat.stream() as two, chat.stream() as three:
        await chat.say(QUESTION)
        for events in (one, two, three):
            assert [event.data["from"] for event in await events.take(2)] == ["contact", "bot"]


async def test_a_stream_hears_nothing_of_other_chats(service: Service) -> None:
    ann, bob = await service.chat(), await service.chat()
    async with ann.stream() as events:
        await bob.say(QUESTION)
        await bob.record(2)
        await ann.say("thanks")
        assert (await events.take(1))[0].data["text"] == "thanks"


async def test_text_with_line_breaks_comes_through_the_stream_whole(chat: Chat) -> None:
    text = "one\n\ntwo\nid: 99\ndata: no\n\nthree"
    async with chat.stream() as events:
        await chat.say(text)
        (event, *_) = await events.take(2)
    assert (event.id, event.data["text"]) == (1, text)


async def test_any_site_may_embed_the_widget(client: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://shop.example"}
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await client.options("/api/chat/messages", headers={**origin, **preflight})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    for answer in (
        await client.post("/api/chat", headers=origin),
        await client.get("/api/chat/messages", headers=origin),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_with_origins_configured_other_sites_are_not_let_in(serve: Serve) -> None:
    service = await serve(web=Options(origins=["https://shop.example"]))
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    known, other = {"Origin": "https://shop.example"}, {"Origin": "https://evil.example"}
    answer = await service.client.options("/api/chat", headers={**known, **preflight})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://shop.example")
    refused = await service.client.options("/api/chat", headers={**other, **preflight})
    is_refusal(refused, 400, "cors")
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" not in (await service.client.post("/api/chat", headers=other)).headers


async def test_the_demo_page_holds_the_widget_and_safe_headers(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "widget.js" in page.text
    assert "{{" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"


async def test_the_widget_is_served_as_a_script_for_any_page(client: httpx.AsyncClient) -> None:
    script = await client.get("/widget.js", headers={"Origin": "https://shop.example"})
    assert script.status_code == 200
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in script.headers["cache-control"]
    assert script.headers["access-control-allow-origin"] == "*"


async def test_a_brand_with_markup_in_its_name_is_escaped_on_the_demo_page(serve: Serve) -> None:
    service = await serve(brand=Brand(name='<script>alert("x")</script>'))
    page = await service.client.get("/")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_health_and_readiness_are_told(client: httpx.AsyncClient) -> None:
    alive, ready = await client.get("/healthz"), await client.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["parts"] == {"store": "ok", "channels": "ok", "knowledge": "ok"}


async def test_an_answer_is_not_held_back_by_the_network(client: httpx.AsyncClient) -> None:
    took = []
    for _ in range(20):
        took.append((await client.get("/healthz")).elapsed.total_seconds())
    assert min(took) < 0.03, "Nagle's algorithm and delayed acknowledgements cost 40 ms an answer"


async def test_the_metrics_count_messages_and_hold_no_text(client: httpx.AsyncClient, chat: Chat) -> None:
    await chat.say(QUESTION)
    await chat.record(2)
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'frontdesk_received_total{channel="web"}' in answer.text
    assert QUESTION not in answer.text


async def test_a_secret_never_comes_back_out_of_the_record(chat: Chat) -> None:
    await chat.say("my password is hunter2secret, why can I not log in")
    messages = await chat.record(2)
    assert "hunter2secret" not in str(messages)
    assert "I've hidden it" in messages[1]["text"]
