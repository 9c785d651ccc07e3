"""Several bots in one process, the configuration that makes them, a Bot API server of one's own, and proxies."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.app import App
from bot.config import Config, load
from bot.errors import ConfigError
from bot.parts import options_of
from tests.stands.telegram import BotAccount, BotApi
from tests.telegram.faulty import frontdesk, pipe
from tests.telegram.running import ANN, TOKEN, options, rows

SHOP = "222222:the-token-of-the-shop"
WRONG = "a-secret-that-is-no-token"
PASSWORD = "proxy-password"


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    return api.add_bot(TOKEN)


@pytest.fixture
def shop(api: BotApi) -> BotAccount:
    return api.add_bot(SHOP, "shop_bot", "Shop")


async def test_who_writes_to_two_bots_has_two_conversations_each_answered_by_its_bot(
    tmp_path: Path, api: BotApi, bot: BotAccount, shop: BotAccount
) -> None:
    channels = {"telegram": options(api), "telegram/shop": options(api, SHOP)}
    async with frontdesk(tmp_path, channels) as app:
        bot.says(ANN, "/help")
        shop.says(ANN, "/status")
        await bot.eventually(lambda: bot.shown(ANN.id) and shop.shown(ANN.id), "both answers")
        assert ["/human" in bot.last(ANN.id).text, "no open ticket" in shop.last(ANN.id).text] == [True, True]
        assert [len(bot.sent), len(shop.sent)] == [1, 1]
        places = await rows(app, "select channel, chat, last_seq from conversation order by channel")
        assert places == [("telegram", "5", 2), ("telegram/shop", "5", 2)]
        assert await rows(app, "select account from inbox order by account") == [("111111",), ("222222",)]


async def test_a_bot_whose_token_is_revoked_does_not_stop_the_other(
    tmp_path: Path, api: BotApi, bot: BotAccount, shop: BotAccount
) -> None:
    shop.revoke()
    channels = {"telegram/shop": options(api, SHOP), "telegram": options(api)}
    async with frontdesk(tmp_path, channels) as app:
        bot.says(ANN, "/help")
        await bot.eventually(lambda: bot.shown(ANN.id), "the answer of the one")
        told = (await app.health().report())[1]["channels"]
        assert told.startswith("channel:telegram/shop: Telegram refuses the token")
        assert "channel:telegram:" not in told
        shop.restore()
        shop.says(ANN, "/help")
        await bot.eventually(lambda: shop.shown(ANN.id), "the answer of the other")


async def test_two_bots_by_webhook_have_an_address_each(
    tmp_path: Path, api: BotApi, bot: BotAccount, shop: BotAccount
) -> None:
    channels = {
        "telegram": options(api, webhook_secret="the-secret-of-the-first"),
        "telegram/shop": options(api, SHOP, webhook_secret="the-secret-of-the-shop"),
    }
    async with frontdesk(tmp_path, channels, http=free_http()) as app:
        await bot.eventually(lambda: bot.webhook and shop.webhook, "both webhooks")
        for account in (bot, shop):
            account.says(ANN, "/help")
        await bot.eventually(lambda: bot.shown(ANN.id) and shop.shown(ANN.id), "both answers")
        async with httpx.AsyncClient(base_url=app.config.settings.http.url, trust_env=False) as client:
            headers = {"X-Telegram-Bot-Api-Secret-Token": "the-secret-of-the-first"}
            assert (await client.post("/telegram/shop/", headers=headers, json={})).status_code == 401


def free_http() -> object:
    from tests.telegram.test_webhook import http

    return http()


# The configuration


def configured(folder: Path, text: str, environment: dict[str, str]) -> Config:
    path = folder / "config.yaml"
    path.write_text(f"storage: {{url: 'sqlite:///{folder / 'frontdesk.db'}'}}\nhttp: {{port: 0}}\nchannels:\n{text}")
    return load(path, options_of, environment)


async def test_two_bots_from_a_file_and_the_environment(
    tmp_path: Path, api: BotApi, bot: BotAccount, shop: BotAccount
) -> None:
    text = (
        f"  telegram: {{token: '${{TELEGRAM_TOKEN}}', api_url: '{api.url}/'}}\n"
        f"  telegram/shop: {{token: '${{SHOP_TOKEN}}', api_url: '{api.url}'}}\n"
    )
    config = configured(tmp_path, text, {"TELEGRAM_TOKEN": TOKEN, "SHOP_TOKEN": SHOP})
    assert sorted(config.secrets()) == [TOKEN, SHOP]
    app = await App.build(config, list(config.channels))
    app.start()
    try:
        for account in (bot, shop):
            account.says(ANN, "/help")
        await bot.eventually(lambda: bot.shown(ANN.id) and shop.shown(ANN.id), "both answers")
    finally:
        await app.stop()


def test_a_bot_without_its_variable_is_off_and_the_others_are_on(tmp_path: Path) -> None:
    text = "  telegram: {token: '${TELEGRAM_TOKEN}'}\n  telegram/shop: {token: '${SHOP_TOKEN}'}\n  web:\n"
    config = configured(tmp_path, text, {"SHOP_TOKEN": SHOP})
    assert dict(config.off) == {"telegram": "TELEGRAM_TOKEN"}
    assert list(config.channels) == ["telegram/shop", "web"]


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("{token: '${TELEGRAM_TOKEN}'}", "is no bot token"),
        (f"{{token: '{WRONG}'}}", "is no bot token"),
        (f"{{token: '{TOKEN}', proxy: 'ftp://user:{WRONG}@host'}}", "must begin with http://"),
        (f"{{token: '{TOKEN}', webhook_secret: '{WRONG}!'}}", "must have 16 to 256 characters"),
        (f"{{token: '{TOKEN}', api_url: 'api.telegram.org'}}", "must begin with http://"),
        (f"{{token: '{TOKEN}', answer_in: ['{WRONG}']}}", "answer_in"),
        (f"{{token: ['{WRONG}']}}", "token"),
        (f"{{tokn: '{TOKEN}'}}", "token"),
    ],
    ids=["of the environment", "token", "proxy", "webhook_secret", "api_url", "answer_in", "a list", "misspelt"],
)
def test_what_is_malformed_is_refused_with_its_line_and_no_secret_is_printed(
    tmp_path: Path, block: str, told: str
) -> None:
    with pytest.raises(ConfigError) as error:
        configured(tmp_path, f"  telegram: {block}\n", {"TELEGRAM_TOKEN": WRONG})
    assert told in str(error.value)
    assert "config.yaml:4" in str(error.value)
    assert WRONG not in str(error.value).replace(f"['{WRONG}']" if "answer_in" in block else "\0", "")
    assert TOKEN not in str(error.value)
    assert WRONG not in repr(error.value.__context__)


# Proxies


class Proxy:
    """A proxy for plain HTTP, and for SOCKS5 with a password; it writes down whom it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.credentials: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readexactly(1)
            if first == b"\x05":
                await self._socks(reader, writer)
            else:
                await self._http(first, reader, writer)
        writer.close()

    async def _http(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each request names its whole address; what is behind gets only the path."""
        back: asyncio.StreamWriter | None = None
        while True:
            head = first + await reader.readuntil(b"\r\n\r\n")
            first = b""
            _, url, _ = head.partition(b"\r\n")[0].split()
            headers = httpx.Headers([tuple(line.split(b": ", 1)) for line in head.split(b"\r\n")[1:] if line])
            address = httpx.URL(url.decode())
            self.asked.append(address.path.rpartition("/")[2])
            self.credentials.add(base64.b64decode(headers["proxy-authorization"].removeprefix("Basic ")).decode())
            if back is None:
                there, back = await asyncio.open_connection(address.host, address.port)
                self._pipe(there, writer)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            back.write(head.replace(url, address.raw_path, 1) + body)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly((await reader.readexactly(1))[0])
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        user, password = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
        self.credentials.add(f"{user.decode()}:{password.decode()}")
        writer.write(b"\x01\x00")
        kind = (await reader.readexactly(4))[3]
        size = 4 if kind == 1 else (await reader.readexactly(1))[0]
        raw, port = await reader.readexactly(size), int.from_bytes(await reader.readexactly(2), "big")
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        self.asked.append(f"{host}:{port}")
        there, back = await asyncio.open_connection(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        self._pipe(there, writer)
        await pipe(reader, back)

    def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(pipe(source, sink)))


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_all_that_is_asked_of_telegram_goes_through_the_proxy(
    tmp_path: Path, api: BotApi, bot: BotAccount, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # what the machine has is not asked for
    async with Proxy() as proxy:
        address = f"{kind}://user:{PASSWORD}@127.0.0.1:{proxy.port}"
        async with frontdesk(tmp_path, {"telegram": options(api, proxy=address)}):
            bot.says(ANN, "/help")
            await bot.eventually(lambda: bot.shown(ANN.id), "an answer")
        assert proxy.credentials == {f"user:{PASSWORD}"}
        if kind == "http":
            assert set(proxy.asked) >= {"getMe", "getUpdates", "sendMessage"}
            assert len(proxy.asked) == len(bot.calls)
        else:
            assert set(proxy.asked) == {api.url.removeprefix("http://")}


async def test_without_the_setting_no_proxy_of_the_machine_is_used(
    tmp_path: Path, api: BotApi, bot: BotAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with frontdesk(tmp_path, {"telegram": options(api)}):
        bot.says(ANN, "/help")
        await bot.eventually(lambda: bot.shown(ANN.id), "an answer")
