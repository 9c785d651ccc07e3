"""A real process is killed before or after each single write of a message's way; the next one finishes its work."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import httpx

from tests.crash.service import POLL, Service

POINTS = [f"{when} {write}" for write in ("receive", "settle", "claim", "sent") for when in ("before", "after")]


async def test_a_real_process_killed_between_any_two_writes_loses_and_doubles_nothing(tmp_path: Path) -> None:
    service = Service(tmp_path)
    await service.start()
    async with httpx.AsyncClient(base_url=service.url) as client:
        headers = {"Authorization": f"Bearer {(await client.post('/api/chat')).json()['token']}"}
    await service.kill()
    plain = service.command
    for point in POINTS:
        service.command = (sys.executable, "-m", "tests.crash.child", str(service.config), point)
        await service.start()
        async with httpx.AsyncClient(base_url=service.url, headers=headers) as client:
            with contextlib.suppress(httpx.TransportError):  # killed before it could answer
                await client.post("/api/chat/messages", json={"id": point, "text": "/help"})
            assert await service.death() == -signal.SIGKILL
    service.command = plain
    await service.start()
    try:
        async with httpx.AsyncClient(base_url=service.url, headers=headers) as client, asyncio.timeout(30):
            for point in POINTS:  # a client repeats what it has no answer for; a repeat changes nothing
                answer = await client.post("/api/chat/messages", json={"id": point, "text": "/help"})
                assert answer.status_code == 202
            record = []
            while len(record) < 2 * len(POINTS):
                record = (await client.get("/api/chat/messages")).json()["messages"]
                await asyncio.sleep(POLL)
            authors = [message["from"] for message in record]
            assert authors.count("contact") == authors.count("bot") == len(POINTS)
            health = (await client.get("/metrics")).text
            assert 'frontdesk_rows{kind="unhandled"} 0.0' in health
    finally:
        await service.stop()
