"""The token and the proxy's password show nowhere, whatever goes wrong.

A real process runs at log level debug through every failure there is; then all that it wrote is searched.
"""

from __future__ import annotations

import asyncio
import email
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.cli.program import environment
from tests.crash.service import Service
from tests.discord.faulty import TOKEN, Server, serving, until
from tests.stands.discord import Drop, Lost, RateLimited, Status
from tests.stands.discord.faults import Fault

PASSWORD = "secret-proxy-password"
SECRETS = (TOKEN, TOKEN.rpartition(".")[2], PASSWORD)
FAULTS: tuple[Fault, ...] = (
    Status(400, code=50035, message="Invalid Form Body"), Status(403, code=50013), Status(404, code=10003),
    Status(403, html=True), RateLimited(0.1), RateLimited(0.1, global_=True), RateLimited(31), Status(503),
    Status(502, html=True), Drop(), Lost(),
)  # fmt: skip
PATIENCE = 30.0


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    async with serving(tmp_path) as running:
        yield running


async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand on what comes until one side ends."""
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take requests that name whole addresses and hand them on; one that becomes a socket to the end."""
    back: asyncio.StreamWriter | None = None
    answers: asyncio.Task[None] | None = None
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            url = httpx.URL(head.split()[1].decode())
            headers = email.message_from_bytes(head.partition(b"\r\n")[2])
            assert headers["proxy-authorization"]
            if back is None:
                there, back = await asyncio.open_connection(url.host, url.port)
                answers = asyncio.create_task(pipe(there, writer))
            body = await reader.readexactly(int(headers["content-length"] or 0))
            back.write(head.replace(head.split()[1], url.raw_path, 1) + body)
            if "upgrade" in headers:
                await pipe(reader, back)
    if back is not None and answers is not None:
        back.close()
        await answers
    writer.close()


@asynccontextmanager
async def proxy() -> AsyncIterator[int]:
    """A proxy that wants a password; its port."""
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def searched(place: str, text: str) -> None:
    """Fail if a secret, or how it looks in an address, is in this text."""
    for form in {form for secret in SECRETS for form in (secret, quote(secret, safe=""))}:
        assert form not in text, f"{form} shows in {place}: ...{text[max(0, text.index(form) - 300) :][:700]}"


def tried(server: Server, path: str) -> bool:
    """Whether something was sent there."""
    return any(each.path == path for each in server.platform.requests)


def connections(server: Server) -> int:
    """How often the service has come to the gateway."""
    return len(server.platform.gateway.resumes) + len(server.platform.gateway.identifies)


def connected_again(server: Server, before: int) -> bool:
    return connections(server) > before


async def fails_in_every_way(server: Server) -> None:
    """Each fault strikes somebody's answer; then the gateway ends in its ways."""
    for number, fault in enumerate(FAULTS):
        where = server.guild.text_channel(f"channel-{number}")
        server.platform.fail("POST", f"/channels/{where.id}/messages", fault)
        where.says(server.ann, "/help", mentions=[server.bot])
        await server.eventually(partial(tried, server, f"/channels/{where.id}/messages"), f"{fault}", PATIENCE)
    for code in (None, 4000, 1000):
        before = connections(server)
        server.platform.drop_gateway(code)
        await server.eventually(partial(connected_again, server, before), "a new connection", PATIENCE)
    server.platform.fail("GET", "/channels/{id}/messages", Status(503), times=3)
    server.platform.fail("PUT", "/applications/{id}/commands", Status(400, code=50035, message="Invalid Form Body"))
    server.platform.close_dms(server.ann)
    server.platform.dm(server.ann).says(server.ann, "/help")


async def ready_says(service: Service, text: str) -> str:
    """What /readyz says once it says this."""
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:

        async def told() -> str:
            with suppress(httpx.TransportError):  # it is not there yet
                answer = (await client.get("/readyz")).text
                return answer if text in answer else ""
            return ""

        said: str = await until(told, text, PATIENCE)
        return said + (await client.get("/metrics")).text


async def doctor(folder: Path, service: Service) -> str:
    """What doctor says of it all."""
    process = await asyncio.create_subprocess_exec(
        *service.command[:3], "doctor", "--config", str(service.config), cwd=folder, env=os.environ | environment(),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode()


async def test_no_secret_shows_in_anything_that_is_written(server: Server) -> None:
    async with proxy() as port:
        service = Service(
            server.folder,
            log="{level: debug, format: text}",
            channels=(
                f"{{discord: {{token: '{TOKEN}', api_url: '{server.platform.url}', answer_in: [{server.help.id}], "
                f"proxy: 'http://user:{PASSWORD}@127.0.0.1:{port}'}}}}"
            ),
        )
        said: list[str] = []
        gateway = server.platform.gateway
        server.guild.deny("embed_links", channel=server.help)
        await service.start()
        try:
            await server.eventually(lambda: gateway.connected(server.bot), "a connection", PATIENCE)
            await fails_in_every_way(server)
            server.bot.intents.clear()
            server.platform.drop_gateway(4014)
            await server.eventually(
                lambda: "Message Content Intent" in service.log.read_text(), "a word on the intent", PATIENCE
            )
            server.platform.bad_token(server.bot)
            said += [await ready_says(service, "refuses the token"), await doctor(server.folder, service)]
            assert "refuses the token" in " ".join(said[-1].split())
            server.platform.bad_token(server.bot, bad=False)
            server.platform.refuse_gateway()
            said += [await ready_says(service, "gateway can't be reached"), await doctor(server.folder, service)]
        finally:
            await service.stop()
    await service.begin()  # and now the proxy is gone
    try:
        said.append(await ready_says(service, "can't be reached"))
    finally:
        await service.stop()
    log = service.log.read_text()
    for line in ("Discord refuses the token", "message.not_sent", "the bot lacks", "Message Content Intent"):
        assert line in log, f"the log shows nothing of {line}: then this test shows nothing"
    searched("the log", log)
    for number, text in enumerate(said):
        searched(f"answer {number}", text)
    with closing(sqlite3.connect(service.database)) as database:
        searched("the database", "\n".join(database.iterdump()))
        errors = [error for (error,) in database.execute("select error from outbox where error <> ''")]
    assert len(errors) >= 5, errors
