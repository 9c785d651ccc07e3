"""How long it takes from what one side writes on its platform until the other reads it on another one.

A contact on Telegram and an agent on Discord, real adapters against the stand-ins on real sockets, one process for all;
then the same beside other tickets in which as much is said. The yardstick is one second. Telegram's own limits (one
message a second in a chat, twenty a minute in a group) are off: they are Telegram's, and the desk there is one group.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import structlog

from tests.across.both import MARIA, Both, both
from tests.discord.running import text_of
from tests.stands.telegram import Person

MESSAGES = 40
"""Said by each side, one after the other."""
OTHERS = 50
"""Further tickets at the same time."""
YARDSTICK = 1.0
"""Seconds."""


async def opened(world: Both, who: Person, number: int) -> None:
    """Somebody on Telegram has a ticket, and an agent on Discord has taken it."""
    world.bot.says(who, "/human")
    await world.until(lambda: world.in_thread(number), f"thread {number}")
    thread = world.thread(number)
    assert thread is not None
    thread.says(world.ben, "Hello")
    await world.until(lambda: any("Hello" in sent.text for sent in world.bot.shown(who.id)), "the greeting")


def reads(world: Both, who: Person, text: str) -> bool:
    """Whether a contact was sent a text."""
    return any(text in sent.text for sent in world.bot.shown(who.id)[-3:])


def sees(world: Both, number: int, text: str) -> bool:
    """Whether a ticket's thread shows a text."""
    return any(text in text_of(one) for one in world.in_thread(number)[-3:])


async def talk(world: Both, who: Person, number: int, messages: int) -> tuple[list[float], list[float]]:
    """Both sides speak in turn: the seconds until each is read, from agent to contact and back."""
    thread = world.thread(number)
    assert thread is not None
    to_contact, to_agent = [], []
    for count in range(messages):
        started = time.perf_counter()
        thread.says(world.ben, f"answer {number}/{count}")
        await world.until(
            lambda said=f"answer {number}/{count}": said in world.bot.shown(who.id)[-1].text, "the answer"
        )
        to_contact.append(time.perf_counter() - started)
        started = time.perf_counter()
        world.bot.says(who, f"question {number}/{count}")
        await world.until(partial(sees, world, number, f"question {number}/{count}"), "the question")
        to_agent.append(time.perf_counter() - started)
    return to_contact, to_agent


def tell(title: str, waits: list[float]) -> None:
    """One line of figures."""
    ordered = sorted(waits)
    share = sum(wait <= YARDSTICK for wait in waits) / len(waits)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    times = "".join(f"{1000 * wait:9.0f}" for wait in (p50, p95, ordered[-1]))
    print(f"{title:44} {len(waits):5}{times} {share:10.1%}")


async def measure() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        async with both() as world, world.running(Path(folder)):
            print(f"{'relayed':44} {'count':>5} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8} {'within 1 s':>10}")
            await opened(world, MARIA, 1)
            to_contact, to_agent = await talk(world, MARIA, 1, MESSAGES)
            tell("agent on Discord to contact on Telegram", to_contact)
            tell("contact on Telegram to agent on Discord", to_agent)
            others = [Person(2000 + number, f"Person {number}", lang="en") for number in range(OTHERS)]
            for number, who in enumerate(others, 2):
                world.api.meet(who)
                await opened(world, who, number)
            talks = [talk(world, who, number, 4) for number, who in enumerate(others, 2)]
            found = await asyncio.gather(*talks)
            tell(f"the same in {OTHERS} tickets at once, to contacts", [wait for waits, _ in found for wait in waits])
            tell(f"the same in {OTHERS} tickets at once, to agents", [wait for _, waits in found for wait in waits])


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"desk_relay takes no arguments, not: {' '.join(arguments)}")
    asyncio.run(measure())
