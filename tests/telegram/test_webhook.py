"""Updates by webhook: Telegram calls our HTTP server, shows the secret, and repeats what is not confirmed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import App, World
from bot.config import HttpBlock
from bot.errors import StoreUnavailable
from bot.messages import Accepted, Inbound
from bot.storage.store import Store
from tests.cli.program import free_port
from tests.stands.telegram import BotAccount, BotApi
from tests.telegram.faulty import frontdesk, until
from tests.telegram.running import ANN, LI, TOKEN, options, rows

SECRET = "a-secret-for-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SAID = "select text from message where author = 'contact' order by seq"


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    return api.add_bot(TOKEN)


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch, bot: BotAccount) -> None:
    monkeypatch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)


def channels(api: BotApi) -> dict[str, Any]:
    return {"telegram": options(api, webhook_secret=SECRET)}


def http() -> HttpBlock:
    """A server whose address is known before it is there, as Telegram has to be told it."""
    port = free_port()
    return HttpBlock(port=port, public_url=f"http://127.0.0.1:{port}")


def update(text: str, number: int = 7) -> dict[str, Any]:
    """An update as Telegram would send it."""
    message = {"message_id": number, "date": 0, "chat": ANN.chat(), "from": ANN.user(), "text": text}
    return {"update_id": 1000 + number, "message": message}


async def post(app: App, body: bytes | dict[str, Any], secret: str | None = SECRET) -> int:
    """Call the webhook as anybody could: the status of the answer."""
    headers = {} if secret is None else {HEADER: secret}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"{app.config.settings.http.url}/telegram/"
        return (await client.post(url, content=content, headers=headers)).status_code


async def registered(bot: BotAccount) -> None:
    await bot.eventually(lambda: bot.webhook, "a webhook")


async def test_telegram_is_told_where_to_call_and_with_what_secret_and_one_call_at_a_time(
    tmp_path: Path, api: BotApi, bot: BotAccount, unpaced: None
) -> None:
    async with frontdesk(tmp_path, channels(api), http=http()) as app:
        await registered(bot)
        (call,) = [call for call in bot.calls if call.method == "setWebhook"]
        assert call.params["url"] == f"{app.config.settings.http.url}/telegram/"
        assert (call.params["secret_token"], call.params["max_connections"]) == (SECRET, "1")
        assert "message" in json.loads(call.params["allowed_updates"])
        for text in ("/help", "/status"):
            bot.says(ANN, text)
        await bot.eventually(lambda: len(bot.shown(ANN.id)) == 2 and not bot.pending, "two answers")
        assert not [call for call in bot.calls if call.method == "getUpdates"]


REFUSED: tuple[tuple[bytes | dict[str, Any], str | None, int], ...] = (
    (update("/help"), None, 401),
    (update("/help"), "", 401),
    (update("/help"), SECRET[:-1], 401),
    (update("/help"), SECRET.upper(), 401),
    (b"{", SECRET, 400),
    (b"\xff\xfe", SECRET, 400),
    (b"[1, 2]", SECRET, 400),
    (b"[" * 100_000, SECRET, 400),
    (b'{"text": "' + b"x" * 1_100_000 + b'"}', SECRET, 413),
    (b'{"text": "' + b"x" * 1_100_000 + b'"}', "wrong", 401),
)


async def test_what_telegram_did_not_send_is_refused_and_nothing_is_stored(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    async with frontdesk(tmp_path, channels(api), http=http()) as app:
        await registered(bot)
        for body, secret, status in REFUSED:
            assert await post(app, body, secret) == status, (body[:40] if isinstance(body, bytes) else body, secret)
        assert await rows(app, "select count(*) from inbox") == [(0,)]


async def test_other_methods_and_other_paths_are_nothing(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    async with (
        frontdesk(tmp_path, channels(api), http=http()) as app,
        httpx.AsyncClient(base_url=app.config.settings.http.url, trust_env=False) as client,
    ):
        await registered(bot)
        assert (await client.get("/telegram/", headers={HEADER: SECRET})).status_code == 405
        assert (await client.post("/telegram/shop/", headers={HEADER: SECRET}, json=update("/help"))).status_code == 404


class WatchedStore(Store):
    """Waits before it stores, and can fail."""

    gate = asyncio.Event()
    broken = 0

    async def receive(self, message: Inbound, now: float) -> Accepted:
        if WatchedStore.broken:
            WatchedStore.broken -= 1
            raise StoreUnavailable("the disk is full")
        await WatchedStore.gate.wait()
        return await super().receive(message, now)


async def test_telegram_hears_that_it_arrived_only_when_it_is_durable(
    tmp_path: Path, api: BotApi, bot: BotAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WatchedStore, "gate", asyncio.Event())
    async with frontdesk(tmp_path, channels(api), World(make_store=WatchedStore), http=http()) as app:
        await registered(bot)
        call = asyncio.create_task(post(app, update("/help")))
        assert not (await asyncio.wait((call,), timeout=0.3))[0], "answered before it was stored"
        WatchedStore.gate.set()
        assert await call == 200
        assert await rows(app, SAID) == [("/help",)]


async def test_what_can_not_be_stored_is_refused_and_telegram_sends_it_again(
    tmp_path: Path, api: BotApi, bot: BotAccount, monkeypatch: pytest.MonkeyPatch, unpaced: None
) -> None:
    gate = asyncio.Event()
    gate.set()
    monkeypatch.setattr(WatchedStore, "gate", gate)
    monkeypatch.setattr(WatchedStore, "broken", 2)
    async with frontdesk(tmp_path, channels(api), World(make_store=WatchedStore), http=http()) as app:
        await registered(bot)
        assert await post(app, update("/topics")) == 503
        for text in ("/help", "/status"):
            bot.says(ANN, text)
        await bot.eventually(lambda: bot.webhook and bot.webhook.last_error, "a refusal")
        assert "503" in str(bot.webhook and bot.webhook.last_error)
        await bot.eventually(lambda: len(bot.shown(ANN.id)) == 2 and not bot.pending, "two answers")
        assert await rows(app, SAID) == [("/help",), ("/status",)]


async def test_the_same_update_twice_is_one_message(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    async with frontdesk(tmp_path, channels(api), http=http()) as app:
        await registered(bot)
        api.meet(ANN)
        assert [await post(app, update("/help")) for _ in range(3)] == [200, 200, 200]
        again = update("/help")
        again["update_id"] += 1_000_000  # a bot that was set up anew counts from elsewhere
        assert await post(app, again) == 200
        assert await rows(app, SAID) == [("/help",)]
        await bot.eventually(lambda: bot.shown(ANN.id), "an answer")
        await app.outboxes["telegram"].finish()
        assert await rows(app, "select count(*) from outbox") == [(1,)]


async def test_an_update_that_can_not_be_read_holds_nobody_up(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    bot.push({"message": {"message_id": "?"}})
    bot.says(ANN, "/help")
    async with frontdesk(tmp_path, channels(api), http=http()):
        await bot.eventually(lambda: bot.shown(ANN.id) and not bot.pending, "an answer")


async def test_what_waits_is_kept_when_the_mode_is_changed(
    tmp_path: Path, api: BotApi, bot: BotAccount, unpaced: None
) -> None:
    async with frontdesk(tmp_path, channels(api), http=http()):
        await registered(bot)
        bot.says(ANN, "/help")
        await bot.eventually(lambda: bot.shown(ANN.id) and not bot.pending, "an answer by webhook")
    bot.says(LI, "/help")
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        await bot.eventually(lambda: bot.shown(LI.id) and not bot.pending, "an answer by polling")
        assert bot.webhook is None
        (call,) = [call for call in bot.calls if call.method == "deleteWebhook"]
        assert call.params.get("drop_pending_updates", "false") == "false"
    bot.says(ANN, "/status")
    async with frontdesk(tmp_path, channels(api), http=http()) as app:
        await bot.eventually(lambda: len(bot.shown(ANN.id)) == 2 and not bot.pending, "an answer by webhook again")
        assert await rows(app, "select count(*) from inbox") == [(3,)]


async def test_a_webhook_that_telegram_does_not_take_is_told_of(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    """As when the public address is not https."""
    block = HttpBlock(port=0, public_url="ftp://example.com")
    async with frontdesk(tmp_path, channels(api), http=block) as app:
        await bot.eventually(lambda: any(call.method == "setWebhook" for call in bot.calls), "a try")

        async def told() -> str:
            channels = (await app.health().report())[1]["channels"]
            return channels if "https url must be provided" in channels else ""

        assert (await until(told, "a word in /readyz")).startswith("channel:telegram: Telegram refuses: ")
