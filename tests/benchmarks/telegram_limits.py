"""2,000 answers in 500 private chats and 5 groups, against a stand-in of Telegram that enforces its three limits.

The limits: 30 messages a second in all, 1 a second in a chat and 20 a minute in a group. What they allow is computed,
not measured: a perfect sender, for whom a send takes no time, always sends the oldest message that they allow
(`in_turn`); one who knew what is to come could serve the groups first, and would be faster (`shortest`), but unfair.
What Frontdesk needs from the first to the last message is set against the perfect sender. `telegram_limits 50` lets
Telegram take 50 ms for each answer, as it does over a real line.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from tests.stands.telegram import BotApi, Group, Person
from tests.telegram.running import TOKEN, frontdesk, options, rows

PER_SECOND, PER_CHAT, PER_GROUP_MINUTE = 30, 1, 20
CHATS, GROUPS, ANSWERS, IN_A_GROUP = 500, 5, 2000, 25
PATIENCE = 300.0


@dataclass(frozen=True)
class Outcome:
    """Seconds, and counts of messages."""

    wanted: int
    arrived: int
    twice: int
    not_sent: int
    refused: int
    shortest: float
    allowed: float
    took: float

    @property
    def share(self) -> float:
        """The rate, as a share of what the limits allow."""
        return self.allowed / self.took

    @property
    def refusals(self) -> float:
        """The share of sends that were answered with 429."""
        return self.refused / (self.arrived + self.refused)


def shortest(asked: Sequence[int]) -> float:
    """Seconds in which nobody could be faster, in whatever order, given the chats that are answered."""

    def alone(chat: int, count: int) -> float:
        minutes, rest = divmod(count - 1, PER_GROUP_MINUTE) if chat < 0 else (0, count - 1)
        return minutes * 60 + rest / PER_CHAT

    return max((len(asked) - 1) // PER_SECOND, *(alone(chat, count) for chat, count in Counter(asked).items()))


def in_turn(asked: Sequence[int]) -> float:
    """Seconds of a perfect sender for whom a send takes no time, and who sends the oldest that the limits allow."""
    now, waiting, sent = 0.0, list(asked), list[float]()
    in_chat: dict[int, list[float]] = defaultdict(list)
    while waiting:
        held: list[int] = []
        free = [sent[-PER_SECOND] + 1] if len(sent) >= PER_SECOND else []
        for chat in waiting:
            mine = in_chat[chat]
            until = max(
                mine[-PER_CHAT] + 1 if len(mine) >= PER_CHAT else 0,
                mine[-PER_GROUP_MINUTE] + 60 if chat < 0 and len(mine) >= PER_GROUP_MINUTE else 0,
            )
            if len(sent) >= PER_SECOND and sent[-PER_SECOND] + 1 > now:
                free, until = [sent[-PER_SECOND] + 1], max(until, sent[-PER_SECOND] + 1)
            if until > now:
                held.append(chat)
                free.append(until)
            else:
                sent.append(now)
                mine.append(now)
        waiting = held
        now = min((moment for moment in free if moment > now), default=now)
    return sent[-1]


async def measure(folder: Path, chats: int, groups: int, answers: int, in_a_group: int, latency: float) -> Outcome:
    """All ask at once, as after a night, in any order; each question is a command, which has an answer of its own."""
    people = [Person(1000 + number, f"P{number}", lang="en") for number in range(chats)]
    rooms = [Group(-1001 - number, f"G{number}") for number in range(groups)]
    wanted = Counter({room.id: in_a_group for room in rooms})
    wanted.update(person.id for person in itertools.islice(itertools.cycle(people), answers - wanted.total()))
    async with BotApi() as api:
        bot, api.latency = api.add_bot(TOKEN), latency
        api.enforce_limits(PER_SECOND, PER_CHAT, PER_GROUP_MINUTE)
        asking = list(wanted.elements())
        random.Random(5).shuffle(asking)
        for number, chat in enumerate(asking):
            if chat < 0:
                bot.says(people[number % chats], f"/help@{bot.username}", chat=rooms[-1001 - chat])
            else:
                bot.says(people[chat - 1000], "/help")
        async with frontdesk(folder, {"telegram": options(api)}) as app:
            await bot.eventually(lambda: len(bot.sent) >= answers, "all answers", PATIENCE)
            await app.outboxes["telegram"].finish()
            not_sent = (await rows(app, "select count(*) from outbox where status <> 'sent'"))[0][0]
        arrived = Counter(sent.chat for sent in bot.sent)
        times = sorted(sent.at for sent in bot.sent)
        refused = sum(call.status == 429 for call in bot.calls)
    return Outcome(
        answers,
        (arrived & wanted).total(),
        (arrived - wanted).total(),
        not_sent,
        refused,
        shortest(asking),
        in_turn(asking),
        times[-1] - times[0],
    )


def table(found: Outcome) -> str:
    """The numbers, one a line."""
    lines = {
        "answers wanted": f"{found.wanted}",
        "lost": f"{found.wanted - found.arrived}",
        "sent twice": f"{found.twice}",
        "nobody could need less than": f"{found.shortest:.1f} s",
        "the limits allow it in": f"{found.allowed:.1f} s, {found.wanted / found.allowed:.1f} a second",
        "it took": f"{found.took:.1f} s, {found.wanted / found.took:.1f} a second",
        "share of the allowed rate": f"{found.share:.1%}",
        "answered 429": f"{found.refused}, {found.refusals:.2%}",
    }
    return "\n".join(f"{name:<28} {value}" for name, value in lines.items())


def main(arguments: list[str]) -> None:
    if len(arguments) > 1 or not all(argument.isdigit() for argument in arguments):
        sys.exit("telegram_limits takes one number at most: the milliseconds that Telegram takes for an answer")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    latency = int(arguments[0]) / 1000 if arguments else 0.0
    with tempfile.TemporaryDirectory() as name:
        print(table(asyncio.run(measure(Path(name), CHATS, GROUPS, ANSWERS, IN_A_GROUP, latency))))
