"""kill -9 of the real service, 20 times, while 1,000 messages come in over HTTP.

Every message that got its 202 has exactly one answer, in order.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.service import POLL, Service

KILLS = 20
CHATS = 50
EACH = 20
QUESTIONS = (
    ("/help", "/topics"),
    ("My withdrawal has not arrived", "Wallet > History"),
    ("/status", "no open ticket"),
    ("hello", "support"),
)
PATIENCE = 60.0
"""Seconds until the test gives up."""


@dataclass
class Person:
    """Writes one message after the other; what was not acknowledged is sent again under the same id."""

    token: str
    acknowledged: list[int] = field(default_factory=list)

    async def write(self, client: httpx.AsyncClient) -> None:
        while len(self.acknowledged) < EACH:
            number = len(self.acknowledged)
            body = {"id": str(number), "text": QUESTIONS[number % len(QUESTIONS)][0]}
            answer = await client.post("/api/chat/messages", json=body, headers=self.headers)
            assert answer.status_code in {202, 503}, answer.text
            if answer.status_code == 202:
                self.acknowledged.append(answer.json()["seq"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def whole_record(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        record: list[dict[str, Any]] = []
        while len(record) < 2 * EACH:
            record = (await client.get("/api/chat/messages", headers=self.headers)).json()["messages"]
            await asyncio.sleep(POLL)
        return record


async def write_until_it_dies(service: Service, people: list[Person], kill_after: float | None) -> None:
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        writing = [asyncio.create_task(person.write(client)) for person in people]
        if kill_after is not None:
            await asyncio.sleep(kill_after)
            await service.kill()
        for result in await asyncio.gather(*writing, return_exceptions=True):
            if result is not None and not isinstance(result, httpx.TransportError):
                raise result


def check(person: Person, record: list[dict[str, Any]]) -> None:
    said = [message for message in record if message["from"] == "contact"]
    answers = [message for message in record if message["from"] == "bot"]
    assert [message["seq"] for message in said] == person.acknowledged
    assert len(answers) == EACH
    for number, (question, answer) in enumerate(zip(said, answers, strict=True)):
        text, part = QUESTIONS[number % len(QUESTIONS)]
        assert (question["text"], part in answer["text"]) == (text, True)
        assert answer["seq"] > question["seq"]


async def test_every_acknowledged_message_has_exactly_one_answer_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service, dice, hits = Service(tmp_path), random.Random(20), 0
    await service.start()
    async with httpx.AsyncClient(base_url=service.url) as client:
        people = [Person((await client.post("/api/chat")).json()["token"]) for _ in range(CHATS)]
    try:
        for _ in range(KILLS):
            await write_until_it_dies(service, people, dice.uniform(0.005, 0.08))
            hits += any(len(person.acknowledged) < EACH for person in people)
            await service.start()
        await write_until_it_dies(service, people, None)
        async with httpx.AsyncClient(base_url=service.url) as client, asyncio.timeout(PATIENCE):
            for person in people:
                check(person, await person.whole_record(client))
    finally:
        await service.stop()
    assert hits >= KILLS * 3 // 4, "the machine was so fast that most kills came too late to show anything"
    with capsys.disabled():
        total = sum(len(person.acknowledged) for person in people)
        print(f"\nkill -9 x {KILLS}, {hits} of them while messages came in: {total} messages acknowledged,", end=" ")
        print(f"{total} answered exactly once, 0 out of order")
