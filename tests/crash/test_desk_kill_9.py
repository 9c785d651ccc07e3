"""kill -9 of the real service at every step of a ticket's life: the contact is on Telegram, the agent on Discord.

Several tickets take each step at once, and the process is killed at a random call to one of the platforms that the step
brings about. Afterwards nothing is lost, no state was skipped, the order is kept on both platforms, and only sends to
Telegram that were under way can be there twice.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.crash.service import Service
from tests.crash.test_telegram_kill_9 import LEFT, SEND_TAKES, asked, compared
from tests.desk_e2e.both import Both, platforms
from tests.desk_e2e.ends import End, OnDiscord, OnTelegram, thread_named
from tests.discord.running import TOKEN as DISCORD_TOKEN
from tests.telegram.running import TOKEN

TICKETS = 6
LATENCY = 0.01
"""Seconds that Telegram takes for every answer, so that sends really are under way."""
PATIENCE = 60.0
"""Seconds until the test gives up."""
APART = 3
"""Steps from one kill to the next; each start takes a second."""
FILE = bytes(range(256)) * 16
KNOWLEDGE = """\
topic: withdrawals
title: {en: Withdrawals, zh: 提现}
entries:
  - id: not-arrived
    question: {en: [My withdrawal has not arrived, withdrawal still pending], zh: [提现没有到账, 提币一直没到]}
    answer: {en: Please wait a little., zh: 请稍等。}
    handover: offer
    ask: [uid]
"""
HISTORY = [
    "opened", "offered", "promised", "claimed", "answered", "kept", "answered", "answered", "note", "priority",
    "closed", "rated", "rated",
]  # fmt: skip
SAID = [
    ("contact", "My withdrawal has not arrived"), ("contact", "Talk to a person"), ("contact", "12345678"),
    ("agent", "one"), ("agent", "two"), ("agent", "three"), ("contact", "four"), ("contact", "five"), ("contact", ""),
    ("contact", "4"), ("contact", "quick and kind"),
]  # fmt: skip


@dataclass
class Life:
    """One ticket's contact and, once it is there, its thread."""

    both: Both
    contact: OnTelegram
    ahead: int = 0
    """So many steps before the others."""
    number: int = 0
    at: str = ""
    """The step that is under way, if any."""
    agent: OnDiscord | None = None

    @property
    def desk(self) -> OnDiscord:
        """The thread with Ben in it."""
        if self.agent is None:
            self.number = int(self._shown("Your ticket is").partition("#")[2].partition(".")[0])
            thread = thread_named(self.both.place.threads, self.number)
            assert thread is not None
            self.agent = OnDiscord(self.both.platform, self.both.ben.discord, thread)
        return self.agent

    def _shown(self, part: str) -> str:
        return next(text for text in self.contact.texts() if part in text)

    def press(self, part: str, label: str) -> None:
        """The contact presses a button."""
        message = self.contact.reads(part)
        assert message is not None
        self.contact.presses(message, label)

    def has_brief(self) -> bool:
        """Whether both know of the ticket."""
        there = self.contact.reads("Your ticket is")
        number = int(there.text.partition("#")[2].partition(".")[0]) if there else 0
        thread = thread_named(self.both.place.threads, number) if number else None
        return thread is not None and bool(thread.messages)


def in_order(end: End, *parts: str) -> bool:
    """Whether these were said, each after the one before."""
    texts = [text for text in end.texts() if any(part in text for part in parts)]
    found = [next(part for part in parts if part in text) for text in texts]
    return list(dict.fromkeys(found)) == list(parts)


Step = tuple[str, Callable[[Life], object], Callable[[Life], object]]
"""What it is called, what somebody does, and how it is seen that it has come about."""


def _agent_talks(life: Life) -> None:
    for text in ("one", "two", "three"):
        life.desk.says(text)


def _contact_talks(life: Life) -> None:
    life.contact.says("four")
    life.contact.says("five")


STEPS: Sequence[Step] = (
    ("asked", lambda one: one.contact.says(SAID[0][1]), lambda one: one.contact.reads("Did this help?")),
    ("wants a person", lambda one: one.press("Did this help?", "Talk to a person"),
     lambda one: one.contact.reads("UID")),
    ("told the UID", lambda one: one.contact.says("12345678"), Life.has_brief),
    ("claimed", lambda one: one.desk.says("!claim"), lambda one: one.contact.reads("has joined")),
    ("answered", _agent_talks, lambda one: in_order(one.contact, "Ben B\none", "Ben B\ntwo", "Ben B\nthree")),
    ("asked on", _contact_talks, lambda one: in_order(one.desk, "Ann:\nfour", "Ann:\nfive")),
    ("sent a file", lambda one: one.contact.sends("proof.bin", FILE),
     lambda one: any(FILE in seen.files for seen in one.desk.shown())),
    ("corrected", lambda one: one.contact.edits(_number_of(one, "five"), "six"),
     lambda one: one.desk.reads("Ann (edited):\nsix")),
    ("noted", lambda one: one.desk.says("// looks odd"), lambda one: one.desk.reads("Note kept")),
    ("prioritised", lambda one: one.desk.says("!priority high"), lambda one: one.desk.reads("priority to high")),
    ("closed", lambda one: one.desk.says("!close done"),
     lambda one: one.contact.reads("from 1 (bad)") and one.desk.reads("Ben closed this ticket")),
    ("rated", lambda one: one.press("from 1 (bad)", "4"), lambda one: one.contact.reads("in a few words why")),
    ("said why", lambda one: one.contact.says("quick and kind"), lambda one: one.desk.reads("quick and kind")),
)  # fmt: skip


def _number_of(life: Life, text: str) -> int:
    """The number of what the contact wrote."""
    return next(
        number
        for (chat, number), message in life.both.bot.messages.items()
        if chat == life.contact.who.id and message.get("text") == text
    )


@dataclass
class Outcome:
    """What became of it all."""

    tickets: int
    kills: int = 0
    at_work: int = 0
    """Kills that struck while a step was under way."""
    struck: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    doubled_at_desk: int = 0
    repeated: int = 0
    in_flight: int = 0
    out_of_order: int = 0

    def __str__(self) -> str:
        return (
            f"kill -9 x {self.kills}, {self.at_work} of them at work, at {len(self.struck)} of {len(STEPS)} steps: "
            f"{self.tickets} tickets, {len(self.lost)} faults in record and history, {self.doubled_at_desk} shown "
            f"twice on Discord, {self.out_of_order} out of order, {self.repeated} sent twice on Telegram "
            f"({self.in_flight} in flight at the kills)"
        )


@asynccontextmanager
async def the_service(folder: Path) -> AsyncIterator[tuple[Both, Service]]:
    """Both platforms, and the program in a process of its own."""
    async with platforms() as both:
        both.api.latency = LATENCY
        (folder / "faq").mkdir(parents=True)
        (folder / "faq" / "withdrawals.yaml").write_text(KNOWLEDGE, encoding="utf-8")
        service = Service(
            folder,
            knowledge=f"{{path: {folder / 'faq'}}}",
            channels=(
                f"{{telegram: {{token: '{TOKEN}', api_url: '{both.api.url}'}},"
                f" discord: {{token: '{DISCORD_TOKEN}', api_url: '{both.platform.url}'}}}}"
            ),
            desk=f"{{discord: {{channel: {both.place.id}}}}}",
            agents=f"[{{name: Ben, alias: Ben B, discord: {both.ben.discord.id}}}]",
        )
        service.command = (sys.executable, "-m", "tests.desk_e2e.hurried", *service.command[3:])
        await service.start()
        try:
            yield both, service
        finally:
            await service.stop()


async def kill_at_every_step(folder: Path, tickets: int, rounds: int, apart: int = 1, seed: int = 20) -> Outcome:
    """So many tickets live from the question to the rating, `rounds` times over.

    They go in groups, each a step ahead of the one before, and there is a kill in every `apart` steps: so each step of
    some ticket is struck, though not of every one.
    """
    dice, found = random.Random(seed), Outcome(tickets * rounds)
    async with the_service(folder) as (both, service):
        everybody = [Life(both, both.contact("telegram"))]
        usual = [await _calls_of(both, everybody[0], step) for step in STEPS]
        for _ in range(rounds):
            lives = [Life(both, both.contact("telegram"), ahead=number % apart) for number in range(tickets)]
            everybody += lives
            for life in lives:
                await _takes(life, STEPS[: life.ahead])
            for first in range(0, len(STEPS), apart):
                calls = sum(sum(usual[first + life.ahead :][:1]) for life in lives)
                taken = [STEPS[first + life.ahead :][:apart] for life in lives]
                await _struck(both, service, lives, taken, dice.randrange(calls), found)
        await both.bot.eventually(lambda: not both.bot.pending, "every update confirmed", PATIENCE)
        await both.platform.eventually(lambda: asked(service, LEFT) == [(0,)], "everything done", PATIENCE)
        for life in everybody:
            _judge(life, service, found)
    return found


def _calls(both: Both) -> int:
    """How many calls of ours the platforms have had, but for those that wait for updates."""
    return len(both.bot.sent) + len(both.bot.answered) + len(both.platform.requests)


async def _calls_of(both: Both, life: Life, step: Step) -> int:
    """How many calls follow from one step of one ticket, if nothing happens."""
    before = _calls(both)
    await _takes(life, [step])
    return max(1, _calls(both) - before)


async def _takes(life: Life, steps: Sequence[Step]) -> None:
    """A ticket goes on by these steps."""
    for name, does, is_seen in steps:
        life.at = name
        does(life)
        await life.both.platform.eventually(partial(is_seen, life), f"{name} (#{life.number})", PATIENCE)
    life.at = ""


async def _struck(
    both: Both, service: Service, lives: Sequence[Life], taken: Sequence[Sequence[Step]], late: int, found: Outcome
) -> None:
    """Everybody takes their steps; at the call number `late` the process is killed, and started again."""
    enough = _calls(both) + late
    going = [asyncio.create_task(_takes(life, steps)) for life, steps in zip(lives, taken, strict=True)]
    try:
        await both.platform.eventually(lambda: _calls(both) > enough or all(one.done() for one in going), "", PATIENCE)
        await service.kill()
        found.struck |= {life.at for life in lives if life.at}
        found.kills, found.at_work = found.kills + 1, found.at_work + any(life.at for life in lives)
        found.in_flight += sum(sent.at > time.monotonic() - SEND_TAKES for sent in both.bot.sent)
        await service.begin()
        await asyncio.gather(*going)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{service.log.read_text()[-3000:]}") from None
    finally:
        for task in going:
            task.cancel()


def _judge(life: Life, service: Service, found: Outcome) -> None:
    chat, number = life.contact.who.id, life.number
    history = [row[0] for row in asked(service, f"select kind from history where ticket = {number} order by id")]
    if history != HISTORY:
        found.lost.append(f"history of #{number}: {history}")
    sql = f"select author, text from message join conversation on id = conversation where chat = '{chat}' order by seq"
    said = [(author, text) for author, text in asked(service, sql) if author != "bot"]
    if said != [(author, "six" if text == "five" else text) for author, text in SAID]:
        found.lost.append(f"record of #{number}: {said}")
    if any("looks odd" in text for text in life.contact.texts()):
        found.lost.append(f"#{number}: the contact saw a note")
    texts = life.desk.texts()
    found.doubled_at_desk += len(texts) - len(set(texts)) - max(0, texts.count("") - 1)
    threads = [thread for thread in life.both.place.threads if thread.name.split()[0] == f"#{number}"]
    found.doubled_at_desk += len(threads) - 1
    shown = life.both.bot.shown(chat)
    rows = asked(service, f"select receipt from outbox where chat = '{chat}' and act = 'send' order by id")
    again, astray = compared(
        [sent.message_id for sent in shown], [sent.text for sent in shown], [int(receipt) for (receipt,) in rows]
    )
    found.repeated, found.out_of_order = found.repeated + again, found.out_of_order + astray


async def test_nothing_of_a_ticket_is_lost_at_whichever_step_the_process_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await kill_at_every_step(tmp_path, TICKETS, 1, APART)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.lost == []
    assert (found.doubled_at_desk, found.out_of_order) == (0, 0)
    assert found.repeated <= found.in_flight
    assert len(found.struck) >= len(STEPS) // 2, "most kills came too late to show anything"
