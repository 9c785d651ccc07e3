"""kill -9 of the real service, again and again, while people write on Discord: in channels, in threads, in private.

Everything that they wrote is answered exactly once and in its order, as every send carries a nonce. Outside of the
suite, `python -m tests.benchmarks.discord_kill_9` does it 20 times with lives long enough for everything.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.crash.service import Service
from tests.discord.faulty import COMMANDS, TOKEN, Server, Tally, serving
from tests.stands.discord.channels import Channel
from tests.stands.discord.people import Member

KILLS = 8
EACH = 6
"""People in channels, in threads and in private."""
PAUSE = 0.1
"""Seconds between two messages."""
LONGEST_LIFE = 0.5
"""Seconds from a process's connection until it is killed, at the latest."""
PATIENCE = 90.0
"""Seconds until the test gives up."""


async def everybody_is_known(server: Server, people: Sequence[Member]) -> list[tuple[Member, Channel]]:
    """Where they write from now on: who never wrote in private can't be found there by any API."""
    channels = [server.guild.text_channel(f"channel-{number}") for number in range(EACH)]
    private = [server.platform.dm(who) for who in people[EACH : 2 * EACH]]
    for where in private:
        server.asks(server.guild.members[where.user.id], where, "/help")
    questions = [server.help.says(who, "My withdrawal has not arrived") for who in people[2 * EACH :]]
    await server.eventually(lambda: all(each.thread for each in questions), "threads", PATIENCE)
    threads = [each.thread for each in questions if each.thread]
    await server.eventually(lambda: all(server.answers(thread) for thread in threads), "answers in threads", PATIENCE)
    server.openings = dict.fromkeys(threads, 1)
    await server.all_answered(PATIENCE)
    return list(zip(people, [*channels, *private, *threads], strict=True))


async def write(server: Server, places: Sequence[tuple[Member, Channel]], dice: random.Random) -> None:
    """Somebody writes, again and again, whether anybody listens or not."""
    while True:
        who, where = dice.choice(places)
        server.asks(who, where, dice.choice(list(COMMANDS)))
        await asyncio.sleep(dice.uniform(0, 2 * PAUSE))


async def kill_again_and_again(folder: Path, kills: int, longest_life: float, program: str) -> tuple[Tally, int]:
    """What became of all that was written, and how many of the kills struck while something was unanswered."""
    dice, at_work = random.Random(20), 0
    async with serving(folder) as server:
        platform, gateway = server.platform, server.platform.gateway
        platform.enforce_limits(seconds=1)
        service = Service(
            folder,
            channels=f"{{discord: {{token: '{TOKEN}', api_url: '{platform.url}', answer_in: [{server.help.id}]}}}}",
        )
        service.command = tuple(program if part == "bot" else part for part in service.command)
        people = [server.guild.member(f"Person {number}") for number in range(3 * EACH)]
        await service.start()
        await server.eventually(lambda: gateway.connected(server.bot), "a connection", PATIENCE)
        places = await everybody_is_known(server, people)
        writing = asyncio.create_task(write(server, places, dice))
        try:
            for _ in range(kills):
                await asyncio.sleep(dice.uniform(0, longest_life))
                await service.kill()
                at_work += server.tally().lost > 0
                gateway.identifies.clear()
                await service.begin()
                await server.eventually(lambda: gateway.identifies, "a connection", PATIENCE)
        finally:
            writing.cancel()
        try:
            await server.eventually(server.nothing_is_lost, "all answers", PATIENCE)
        finally:
            await service.stop()
    return server.tally(), at_work


async def test_nothing_is_lost_or_doubled_however_often_the_process_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, at_work = await kill_again_and_again(tmp_path, KILLS, LONGEST_LIFE, "tests.crash.hurried")
    with capsys.disabled():
        print(f"\nkill -9 x {KILLS}, {at_work} of them with something unanswered: {found}")
    assert (found.lost, found.doubled, found.out_of_order) == (0, 0, 0)
    assert at_work >= KILLS * 3 // 4, "most kills came too late to show anything"
