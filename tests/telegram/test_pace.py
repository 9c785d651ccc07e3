"""Telegram's limits as we keep them: whenever a message arrives between its start and its answer, none is broken."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.telegram.pace import LONGEST_HOLD, Pace, Window
from bot.errors import RetryLater
from tests.stands.clock import FakeClock

EXACT = 1e-6
"""Seconds that adding up floats may cost."""


@dataclass(frozen=True)
class Send:
    """A send that wants to begin at `at`, takes `takes` seconds, and arrives at this share of them."""

    chat: int
    at: float
    takes: float
    arrives: float


async def breathe() -> None:
    """Let everything run that can."""
    for _ in range(12):
        await asyncio.sleep(0)


async def arrivals(sends: list[Send], clock: FakeClock, pace: Pace) -> list[tuple[float, int]]:
    """When each message arrived at Telegram, and in which chat. What is given back comes again, as the outbox does."""
    arrived: list[tuple[float, int]] = []

    async def deliver(send: Send) -> None:
        await clock.sleep(send.at)
        while True:
            try:
                async with pace.turn(send.chat):
                    began = clock.steady()
                    await clock.sleep(send.takes)
                    arrived.append((began + send.arrives * (clock.steady() - began), send.chat))
                    return
            except RetryLater as later:
                await clock.sleep(later.wait)

    tasks = [asyncio.create_task(deliver(send)) for send in sends]
    await breathe()
    for _ in range(20_000):
        if all(task.done() for task in tasks):
            break
        clock.move(max(EXACT, clock._sleepers[0][0] - clock.steady()))
        await breathe()
    await asyncio.gather(*tasks)
    return arrived


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of these times in any window of this length."""
    times = sorted(times)
    return max(sum(1 for time in times if start <= time < start + seconds - EXACT) for start in times)


def check(arrived: list[tuple[float, int]]) -> None:
    chats: dict[int, list[float]] = defaultdict(list)
    for time, chat in arrived:
        chats[chat].append(time)
    assert most_within([time for time, _ in arrived], 1) <= 30
    for chat, times in chats.items():
        assert most_within(times, 1) <= 1, chat
        assert chat > 0 or most_within(times, 60) <= 20, chat


sends = st.builds(
    Send,
    st.sampled_from([1, 2, 3, -1, -2]),
    st.floats(0, 5),
    st.floats(0, 4),
    st.floats(0, 1),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(sends, min_size=1, max_size=30))
def test_no_window_ever_holds_more_than_telegram_allows(some: list[Send]) -> None:
    clock = FakeClock()
    arrived = asyncio.run(arrivals(some, clock, Pace(clock)))
    assert len(arrived) == len(some)
    check(arrived)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 1)), min_size=40, max_size=80))
def test_many_chats_at_once_keep_the_limit_over_all(some: list[tuple[float, float]]) -> None:
    clock = FakeClock()
    wanted = [Send(chat, 0, takes, arrives) for chat, (takes, arrives) in enumerate(some, start=1)]
    check(asyncio.run(arrivals(wanted, clock, Pace(clock))))


def test_a_group_gets_twenty_messages_a_minute_and_no_more() -> None:
    clock = FakeClock()
    arrived = asyncio.run(arrivals([Send(-1, 0, 0.01, 0.5)] * 45, clock, Pace(clock)))
    check(arrived)
    times = sorted(time for time, _ in arrived)
    assert times[-1] - times[0] < 125, "45 messages take two full minutes and a bit"


def test_the_limit_over_all_is_nearly_reached() -> None:
    clock = FakeClock()
    arrived = asyncio.run(arrivals([Send(chat, 0, 0.02, 1) for chat in range(1, 301)], clock, Pace(clock)))
    check(arrived)
    times = sorted(time for time, _ in arrived)
    assert 300 / (times[-1] - times[0]) > 27


def test_a_chat_gets_its_messages_in_the_order_in_which_they_came() -> None:
    order: list[int] = []

    async def scenario() -> None:
        clock = FakeClock()
        pace = Pace(clock)

        async def one(number: int) -> None:
            async with pace.turn(1):
                order.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(2)]
        await breathe()
        clock.move(1)
        await breathe()
        await asyncio.gather(*tasks)

    asyncio.run(scenario())
    assert order == [0, 1]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_a_long_wait_goes_back_to_the_outbox(clock: FakeClock) -> None:
    pace = Pace(clock)
    pace.pause(1, 7)
    with pytest.raises(RetryLater) as error:
        async with pace.turn(1):
            raise AssertionError("its turn did not come")
    assert error.value.wait == pytest.approx(7) and error.value.wait > LONGEST_HOLD
    async with pace.turn(2):
        pass
    clock.move(7)
    async with pace.turn(1):
        pass


async def test_a_send_that_fails_counts_and_frees_its_place(clock: FakeClock) -> None:
    pace = Pace(clock)
    with pytest.raises(ValueError, match="no"):
        async with pace.turn(1):
            raise ValueError("no")
    late = asyncio.create_task(pace.turn(1).__aenter__())
    await breathe()
    assert not late.done()
    clock.move(1)
    await breathe()
    assert late.done()


async def test_a_cancelled_wait_takes_no_place(clock: FakeClock) -> None:
    pace = Pace(clock)
    async with pace.turn(1):
        pass
    waiting = asyncio.create_task(pace.turn(1).__aenter__())
    await breathe()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    clock.move(1)
    async with asyncio.timeout(1), pace.turn(1):
        pass


def test_a_window_says_when_there_is_room() -> None:
    window = Window(2, 10)
    assert window.wait(0) == 0
    window.begin()
    window.begin()
    assert window.wait(0) > 0
    window.end(3)
    window.end(4)
    assert window.wait(5) == 8
    assert window.wait(13) == 0
