"""How long a word takes between contact and agent: posted at one stand-in, shown at the other; the aim is 1 s.

The real service, adapters, libraries and SQLite, with the stand-ins of Telegram and Discord in the same process, so
that the stand-ins' own work is in the times. First one ticket at a time, then 50 at once; then with the limits of both
platforms enforced and kept.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bot.config.desk import DeskBlock, DiscordDesk, TelegramDesk
from tests.desk_e2e.both import DISCORD, FORUM, TELEGRAM, Both, Opened, platforms
from tests.stands.discord.channels import DirectMessages

AIM = 1.0
"""Seconds."""
TICKETS = 50
MESSAGES = 15
"""Of each contact and of each agent, where many go on at once."""
ALONE = 100
"""The same where there is one ticket of each way."""
BREATH = 0.1
"""Seconds until an answer is written there: else Discord's limit, 50 requests a second, would be what is measured."""
PAUSE = 4.0
"""Seconds between two messages of somebody, at random from none to twice as many."""
PATIENCE = 180.0
"""Seconds until what is not there is lost."""

_TOKEN = re.compile(r"\bw(\d+)\b")


@dataclass(frozen=True)
class Word:
    """What somebody said: who and where, and when by both clocks (steady, and of the day)."""

    who: str
    at: str
    steady: float
    day: float


class Talk:
    """All that is said in one run, and where and when it was shown."""

    def __init__(self, both: Both) -> None:
        self.both, self.words = both, list[Word]()

    def says(self, who: str, at: str, end: Any) -> None:
        """Somebody writes something that can be told from all else."""
        self.words.append(Word(who, at, time.monotonic(), self.both.platform.now()))
        end.says(f"w{len(self.words) - 1} is on its way")

    def shown(self) -> Iterator[tuple[int, str, float]]:
        """Which word was shown where (`contact telegram`), and after how many seconds."""
        for sent in self.both.bot.sent:
            for number in map(int, _TOKEN.findall(sent.text)):
                role = "agents" if sent.chat == FORUM.id else "contact"
                yield number, f"{role} {TELEGRAM}", sent.at - self.words[number].steady
        for message in self.both.platform.bot_messages():
            for number in map(int, _TOKEN.findall(message.content)):
                role = "contact" if isinstance(message.channel, DirectMessages) else "agents"
                yield number, f"{role} {DISCORD}", message.created_at - self.words[number].day

    def relays(self) -> dict[str, list[float]]:
        """The times by way; a word that is shown twice counts with the first one."""
        first: dict[tuple[int, str], float] = {}
        for number, place, seconds in self.shown():
            first[number, place] = min(seconds, first.get((number, place), seconds))
        found: dict[str, list[float]] = defaultdict(list)
        for (number, place), seconds in sorted(first.items()):
            word = self.words[number]
            found[f"{word.who} {word.at} -> {place}"].append(seconds)
        return found

    async def all_shown(self, copies: int) -> None:
        """Wait until every word is shown at so many places."""
        wanted = copies * len(self.words)
        await self.both.platform.eventually(
            lambda: len({(number, place) for number, place, _ in self.shown()}) >= wanted, "every word", PATIENCE
        )


async def one_by_one(talk: Talk, ticket: Opened, contact_at: str) -> None:
    """Contact and agent in turn, each after the other was heard."""
    agent_at = DISCORD if contact_at == TELEGRAM else TELEGRAM
    for turn in range(2 * ALONE):
        who, at, end, other = (
            ("contact", contact_at, ticket.contact, ticket.agent)
            if turn % 2 == 0
            else ("agent", agent_at, ticket.agent, ticket.contact)
        )
        await asyncio.sleep(BREATH)
        talk.says(who, at, end)
        part = f"w{len(talk.words) - 1} is"
        await other.eventually(lambda other=other, part=part: other.reads(part), part)


async def chats(talk: Talk, who: str, at: str, end: Any, messages: int, pause: float, dice: random.Random) -> None:
    """Somebody writes every now and then."""
    for _ in range(messages):
        await asyncio.sleep(dice.uniform(0, 2 * pause))
        talk.says(who, at, end)


async def all_at_once(talk: Talk, tickets: Sequence[tuple[Opened, str]], messages: int, pause: float) -> None:
    """Everybody writes, whatever the others do."""
    dice, going = random.Random(6), []
    for ticket, contact_at in tickets:
        agent_at = DISCORD if contact_at == TELEGRAM else TELEGRAM
        going.append(chats(talk, "contact", contact_at, ticket.contact, messages, pause, dice))
        going.append(chats(talk, "agent", agent_at, ticket.agent, messages, pause, dice))
    await asyncio.gather(*going)


def report(title: str, relays: dict[str, list[float]]) -> None:
    """Median, p95, worst and the share below the aim, for each way."""
    print(f"\n{title}\n{'':44}   sent  median     p95   worst  under {AIM:g} s")
    every = [seconds for times in relays.values() for seconds in times]
    for way, times in [*sorted(relays.items()), ("all", every)]:
        times = sorted(times)
        below = sum(seconds < AIM for seconds in times) / len(times)
        middle, late = statistics.median(times), times[min(len(times) - 1, len(times) * 95 // 100)]
        print(f"{way:44} {len(times):6} {_ms(middle)} {_ms(late)} {_ms(times[-1])} {below:9.1%}", flush=True)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:4.0f} ms"


async def opened(both: Both, ways: Sequence[str]) -> list[tuple[Opened, str]]:
    """Claimed tickets, one for each contact's platform that is named."""
    return [(await both.claimed(contact_at), contact_at) for contact_at in ways]


async def alone(folder: Path) -> None:
    """One word at a time; the platforms limit nothing, and nothing is held back."""
    async with platforms() as both, both.running(folder):
        talk = Talk(both)
        for ticket, contact_at in await opened(both, [TELEGRAM, DISCORD]):
            await one_by_one(talk, ticket, contact_at)
        await talk.all_shown(2)
        report("one word at a time", talk.relays())


async def many(folder: Path) -> None:
    """Many tickets at once, without limits: what our own side takes."""
    async with platforms() as both, both.running(folder):
        talk = Talk(both)
        tickets = await opened(both, [TELEGRAM, DISCORD] * (TICKETS // 2))
        began = time.monotonic()
        await all_at_once(talk, tickets, MESSAGES, PAUSE)
        rate = len(talk.words) / (time.monotonic() - began)
        await talk.all_shown(2)
        report(f"{TICKETS} tickets at once, {rate:.0f} words a second, two desks", talk.relays())


async def limited(folder: Path, contact_at: str, tickets: int, messages: int, pause: float) -> None:
    """With the limits of both platforms, kept and enforced, and one desk: that of the other platform."""
    async with platforms(paced=True) as both:
        both.desks = DeskBlock(
            telegram=TelegramDesk(chat=FORUM.id) if contact_at == DISCORD else None,
            discord=DiscordDesk(channel=both.place.id) if contact_at == TELEGRAM else None,
        )
        async with both.running(folder):
            talk, made = Talk(both), []
            for _ in range(tickets):
                made.append((await both.claimed(contact_at), contact_at))
            both.api.enforce_limits()
            both.platform.enforce_limits()
            if contact_at == DISCORD:
                await asyncio.sleep(60)  # what opening the tickets took of the minute's messages is over
            began = time.monotonic()
            await all_at_once(talk, made, messages, pause)
            rate = len(talk.words) / (time.monotonic() - began)
            await talk.all_shown(1)
            desk = DISCORD if contact_at == TELEGRAM else TELEGRAM
            report(f"{tickets} tickets at once, desk on {desk}, platforms' limits in force, {rate:.1f} words a second",
                   talk.relays())  # fmt: skip


async def measure() -> None:
    with tempfile.TemporaryDirectory() as name:
        await alone(Path(name) / "alone")
        await many(Path(name) / "many")
        await limited(Path(name) / "telegram", TELEGRAM, TICKETS, MESSAGES, PAUSE)
        await limited(Path(name) / "discord", DISCORD, 5, 3, 30.0)


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"desk_relay takes no arguments, not: {' '.join(arguments)}")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(measure())


if __name__ == "__main__":
    main(sys.argv[1:])
