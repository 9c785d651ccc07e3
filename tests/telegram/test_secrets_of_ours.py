"""The token, the proxy's password and the webhook's secret show nowhere, whatever goes wrong.

A real process runs at log level debug through every failure there is; then all that it wrote is searched.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.cli.program import environment
from tests.crash.service import POLL, Service
from tests.stands.telegram import BotAccount, BotApi, Drop, Garbage, Hang, Lost, Person, Status
from tests.stands.telegram.faults import Fault
from tests.telegram.running import ANN, LI
from tests.telegram.test_several import Proxy

TOKEN = "333333:AAH-secret_token_of-the-first"
SHOP = "444444:AAH-secret_token_of-the-shop"
PASSWORD = "secret-proxy-password"
HOOK = "secret-of-the-webhook"
SECRETS = (TOKEN, SHOP, PASSWORD, HOOK)
FAULTS: tuple[Fault, ...] = (
    Status(401), Status(404), Status(409), Status(429, retry_after=1), Status(500), Status(502, html=True),
    Status(400, description="Bad Request: something is wrong"), Drop(), Lost(), Garbage(), Hang(0.2),
)  # fmt: skip


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        for person in (ANN, LI):
            running.meet(person)
        yield running


async def fails_in_every_way(api: BotApi, bot: BotAccount) -> None:
    """Each fault strikes an answer to somebody else, as some of them make their chat wait for long."""
    people = {Person(100 + number, "P", lang="en"): fault for number, fault in enumerate(FAULTS)}
    for person, fault in people.items():
        api.fail("sendMessage", fault, chat=person.id, bot=bot)
        bot.says(person, "/help")
    wanted = {str(person.id) for person in people}
    await bot.eventually(
        lambda: wanted <= {call.params.get("chat_id") for call in bot.calls if call.method == "sendMessage"},
        "a try for everybody",
        30,
    )


def searched(place: str, text: str) -> None:
    """Fail if a secret, its secret half, or how it looks in an address, is in this text."""
    for secret in SECRETS:
        for form in {secret, secret.partition(":")[2] or secret, quote(secret, safe="")}:
            assert form not in text, f"{form} shows in {place}: ...{text[max(0, text.index(form) - 300) :][:700]}"


async def test_no_secret_shows_in_anything_that_is_written(tmp_path: Path, api: BotApi) -> None:
    bot, shop = api.add_bot(TOKEN), api.add_bot(SHOP, "shop_bot")
    async with Proxy() as proxy:
        service = Service(
            tmp_path,
            log="{level: debug, format: text}",
            channels=(
                "{web: {}, "
                f"telegram: {{token: '{TOKEN}', api_url: '{api.url}', "
                f"proxy: 'http://user:{PASSWORD}@127.0.0.1:{proxy.port}'}}, "
                f"telegram/shop: {{token: '{SHOP}', api_url: '{api.url}', webhook_secret: '{HOOK}'}}}}"
            ),
        )
        said: list[str] = []
        await service.start()
        try:
            await bot.eventually(lambda: bot.polled and shop.webhook, "both channels", 30)
            bot.push({"message": {"message_id": "?", "text": "broken"}})
            shop.push({"message": {"message_id": "?", "text": "broken"}})
            for account in (bot, shop):
                api.fail("sendMessage", Status(400, description="Bad Request: can't parse entities"), bot=account)
                account.says(LI, "/help")
            await bot.eventually(lambda: bot.shown(LI.id) and shop.shown(LI.id), "answers", 30)
            await asyncio.gather(fails_in_every_way(api, shop), fails_in_every_way(api, bot))
            for account in (bot, shop):
                account.revoke()
            await api.break_connections()
            said.append(await told(service, "refuses the token"))
            async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
                said += [(await client.get("/metrics")).text]
                wrong = {"X-Telegram-Bot-Api-Secret-Token": "wrong"}
                said.append((await client.post("/telegram/shop/", headers=wrong, content=b"x")).text)
                said.append((await client.post("/telegram/shop/", headers=wrong | {"x": HOOK}, content=b"x")).text)
            said.append(await doctor(tmp_path, service))
        finally:
            await service.stop()
    log = service.log.read_text()
    for line in ("Telegram refuses the token", "message.not_sent", "left out", "Telegram refused the markup"):
        assert line in log, f"the log shows nothing of {line}: then this test shows nothing"
    searched("the log", log)
    for number, text in enumerate(said):
        searched(f"answer {number}", text)
    with closing(sqlite3.connect(service.database)) as database:
        searched("the database", "\n".join(database.iterdump()))
        errors = [error for (error,) in database.execute("select error from outbox where error <> ''")]
    assert errors, "no message keeps what became of it"


async def told(service: Service, what: str) -> str:
    """What /readyz says, once it says this."""
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client, asyncio.timeout(30):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if what in (text := (await client.get("/readyz")).text):
                    return text
            await asyncio.sleep(POLL)


async def doctor(folder: Path, service: Service) -> str:
    """What doctor says of it all."""
    process = await asyncio.create_subprocess_exec(
        *service.command[:3], "doctor", "--config", str(service.config), cwd=folder, env=environment() | os.environ,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert "Telegram refuses the token" in out.decode(), out.decode()
    return out.decode()


async def test_no_secret_shows_when_polling_fails_in_every_way(tmp_path: Path, api: BotApi) -> None:
    bot = api.add_bot(TOKEN)
    async with Proxy() as proxy:
        service = Service(
            tmp_path,
            log="{level: debug, format: json}",
            channels=(
                f"{{telegram: {{token: '{TOKEN}', api_url: '{api.url}', "
                f"proxy: 'socks5://user:{PASSWORD}@127.0.0.1:{proxy.port}'}}}}"
            ),
        )
        for fault in (Drop(), Garbage()):
            api.fail("getUpdates", fault)
        await service.start()
        try:
            bot.says(ANN, "/help")
            await bot.eventually(lambda: bot.shown(ANN.id), "an answer after all that", 60)
        finally:
            await service.stop()
    await service.begin()  # and now the proxy is gone
    try:
        searched("/readyz", await told(service, "can't be reached"))
    finally:
        await service.stop()
    searched("the log", service.log.read_text())
