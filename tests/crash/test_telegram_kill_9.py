"""kill -9 of the real service, 20 times, while it works on 1,000 updates that wait at Telegram.

Every update is confirmed, stands in the record exactly once and in its order, and is answered; what is shown twice was
under way when the process died, as Telegram offers nothing to tell a repeat by.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import furnish
from tests.crash.service import POLL, Service
from tests.stands.telegram import BotAccount, BotApi, Person

KILLS = 20
PEOPLE = 50
EACH = 20
TOKEN = "111111:a-token-that-must-never-show"
LATENCY = 0.05
"""Seconds that Telegram takes for every answer, so that sends really are under way."""
SEND_TAKES = 0.25
"""Seconds in which a send is over and its receipt stored, on a busy machine; one begun earlier is not in flight."""
STARTS = 30.0
"""Seconds that a process may take until it looks for updates."""
PATIENCE = 120.0
"""Seconds until the test gives up."""
LONGEST_LIFE = 0.25
"""Seconds from a process's first look for updates until it is killed, at the latest."""


@dataclass(frozen=True)
class Outcome:
    """What became of it all. `in_flight` are sends that had come to Telegram just before the process died."""

    updates: int
    kills_at_work: int
    lost: int
    stored_twice: int
    record_out_of_order: int
    unanswered: int
    answers: int
    repeated: int
    in_flight: int
    sends_out_of_order: int

    def __str__(self) -> str:
        return (
            f"kill -9 x {KILLS}, {self.kills_at_work} of them at work: {self.updates} updates, {self.lost} lost, "
            f"{self.stored_twice} stored twice, {self.record_out_of_order} out of order, {self.unanswered} unanswered; "
            f"{self.answers} answers, {self.sends_out_of_order} out of order, {self.repeated} sent twice "
            f"({self.in_flight} in flight at the kills)"
        )


async def kill_again_and_again(folder: Path, text: Callable[[int], str], window: float) -> Outcome:
    """50 people write 20 texts each; the service is killed 20 times at work on them, then it may finish."""
    dice, at_work, in_flight = random.Random(20), 0, 0
    async with BotApi() as api:
        bot, api.latency = api.add_bot(TOKEN), LATENCY
        for number, person in itertools.product(range(EACH), range(PEOPLE)):
            bot.says(Person(1000 + person, f"P{person}", lang="en"), text(number))
        furnish(folder)  # a small knowledge: twenty starts take time
        service = Service(
            folder,
            knowledge=f"{{path: {folder / 'faq'}}}",
            channels=f"{{telegram: {{token: '{TOKEN}', api_url: '{api.url}'}}}}",
            dialogue=f"{{merge_window_seconds: {window}}}",
        )
        for _ in range(KILLS):
            before = len(bot.calls)
            await service.begin()
            try:
                await bot.eventually(lambda first=before: polls(bot, first), "a look for updates", STARTS)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{service.log.read_text()[-3000:]}") from None
            await asyncio.sleep(dice.uniform(0, LONGEST_LIFE))
            await service.kill()
            in_flight += sum(sent.at > time.monotonic() - SEND_TAKES for sent in bot.sent)
            at_work += bool(bot.pending or asked(service, LEFT)[0][0])
        await service.start()
        try:
            await bot.eventually(lambda: not bot.pending, "every update confirmed", PATIENCE)
            await everything_sent(service)
        finally:
            await service.stop()
    return judged(service, bot, text, at_work, in_flight)


LEFT = "select (select count(*) from inbox where status = 'new') + (select count(*) from outbox where status = 'open')"


def polls(bot: BotAccount, first: int) -> bool:
    """Whether updates have been asked for since a call."""
    return any(call.method.lower() == "getupdates" for call in bot.calls[first:])


def asked(service: Service, sql: str) -> list[tuple[Any, ...]]:
    """What the database holds, read past the service."""
    with closing(sqlite3.connect(service.database)) as database:
        return database.execute(sql).fetchall()


async def everything_sent(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client, asyncio.timeout(PATIENCE):
        while True:
            metrics = (await client.get("/metrics")).text
            if all(f'frontdesk_rows{{kind="{kind}"}} 0.0' in metrics for kind in ("unhandled", "unsent")):
                return
            await asyncio.sleep(POLL)


def judged(service: Service, bot: BotAccount, text: Callable[[int], str], at_work: int, in_flight: int) -> Outcome:
    """Compare what people wrote with the record, and the record's answers with what they were shown."""
    record = defaultdict(list)
    for chat, author, said in asked(
        service, "select chat, author, text from message join conversation on id = conversation order by seq"
    ):
        record[chat].append((author, said))
    wanted = [text(number) for number in range(EACH)]
    lost = twice = unordered = unanswered = repeated = astray = 0
    for chat in map(str, range(1000, 1000 + PEOPLE)):
        mine = [said for author, said in record[chat] if author == "contact"]
        lost += len(set(wanted) - set(mine))
        twice += len(mine) - len(set(mine))
        unordered += list(dict.fromkeys(mine)) != [said for said in wanted if said in mine]
        unanswered += record[chat][-1][0] == "contact"
        again, wrong = compared(
            [sent.message_id for sent in bot.shown(int(chat))],
            [sent.text for sent in bot.shown(int(chat))],
            [
                int(receipt)
                for (receipt,) in asked(service, f"select receipt from outbox where chat = '{chat}' order by id")
            ],
        )
        repeated, astray = repeated + again, astray + wrong
    rows = asked(service, "select count(*), sum(status = 'sent') from outbox")[0]
    unanswered += asked(service, "select count(*) from inbox where status = 'new'")[0][0] + rows[0] - rows[1]
    updates = len(set(bot.confirmed))
    return Outcome(updates, at_work, lost, twice, unordered, unanswered, rows[0], repeated, in_flight, astray)


def compared(shown: list[int], texts: list[str], receipts: list[int]) -> tuple[int, int]:
    """How many messages of a chat are repeats, and how many are not where they belong.

    A repeat is what nobody has a receipt for; the message that there is one for must follow at once.
    """
    repeats = [at for at, message in enumerate(shown) if message not in set(receipts)]
    astray = sum(at + 1 >= len(texts) or texts[at + 1] != texts[at] for at in repeats)
    return len(repeats), astray + (receipts != [message for message in shown if message in set(receipts)])


def in_bursts(number: int) -> str:
    """Questions, which are answered together if they come together, and commands, which are answered alone."""
    return f"/help {number}" if number % 4 == 3 else f"What are the trading fees, try {number}"


def alone(number: int) -> str:
    """Commands: each has an answer of its own."""
    return f"/{('help', 'topics', 'status')[number % 3]} {number}"


async def test_no_update_is_lost_or_out_of_order_however_often_the_process_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await kill_again_and_again(tmp_path, in_bursts, window=0.5)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.updates == PEOPLE * EACH
    assert (found.lost, found.stored_twice, found.record_out_of_order, found.unanswered) == (0, 0, 0, 0)
    assert found.sends_out_of_order == 0
    assert found.repeated <= found.in_flight
    assert found.kills_at_work >= KILLS * 3 // 4, "most kills came too late to show anything"
