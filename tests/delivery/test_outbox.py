"""Delivery when the platform does not take a message."""

from __future__ import annotations

import pytest

from bot.delivery.retry import MOST_ATTEMPTS, backoff
from bot.errors import RetryLater, StoreUnavailable, TemporaryFailure, Uncertain, Undeliverable
from bot.messages import Receipt
from tests.harness import Bot


async def test_a_temporary_failure_is_tried_again_with_growing_waits(bot: Bot) -> None:
    bot.platform.failures.extend([TemporaryFailure("503"), TemporaryFailure("503")])
    await bot.say("hello")
    bot.expect_silence()
    await bot.later(minutes=0.4 / 60)
    bot.expect_silence()
    await bot.later(minutes=0.2 / 60)
    await bot.later(minutes=1.1 / 60)
    bot.expect("Hello")
    assert await bot.rows("select status, attempts from outbox") == [("sent", 3)]


async def test_the_wait_doubles_and_is_capped_at_five_minutes() -> None:
    waits = [backoff(attempt, 1.0) for attempt in range(1, 14)]
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(waits) == 300.0
    assert backoff(3, 0.0) == 1.0


async def test_a_wait_that_the_platform_asks_for_is_obeyed_and_not_counted(bot: Bot) -> None:
    bot.platform.failures.append(RetryLater(30.0))
    await bot.say("hello")
    await bot.later(minutes=25 / 60)
    bot.expect_silence()
    await bot.later(minutes=5 / 60)
    bot.expect("Hello")
    assert await bot.rows("select attempts from outbox") == [(1,)]


async def test_one_blocked_chat_holds_no_other_up(bot: Bot) -> None:
    bot.platform.failures.append(RetryLater(60.0))
    await bot.say("hello", who="ann")
    await bot.say("hello", who="bob")
    bot.expect("Hello", who="bob")


async def test_later_messages_of_a_chat_wait_behind_the_one_that_failed(bot: Bot) -> None:
    bot.platform.failures.append(RetryLater(60.0))
    await bot.say("/help")
    await bot.say("/topics")
    assert bot.platform.shown == []
    texts = [out.text for out in await bot.later(minutes=1)]
    assert ["/human" in texts[0], "about" in texts[1]] == [True, True]


async def test_what_can_never_be_delivered_is_dead_at_once_and_the_next_message_goes_out(bot: Bot) -> None:
    bot.platform.failures.append(Undeliverable("blocked by the user"))
    await bot.say("/help")
    await bot.say("/topics")
    bot.expect("about")
    rows = await bot.rows("select status, attempts, error from outbox order by id")
    assert rows[0] == ("dead", 1, "Undeliverable: blocked by the user")
    assert rows[1][0] == "sent"


async def test_a_message_is_dead_after_eight_attempts(bot: Bot) -> None:
    bot.platform.failures.extend(TemporaryFailure("503") for _ in range(20))
    await bot.say("hello")
    for _ in range(20):
        await bot.later(minutes=6)
    bot.expect_silence()
    assert await bot.rows("select status, attempts from outbox") == [("dead", MOST_ATTEMPTS)]


async def test_an_uncertain_send_is_repeated_at_most_once(bot: Bot) -> None:
    bot.platform.failures.extend(Uncertain("timed out") for _ in range(5))
    await bot.say("hello")
    for _ in range(5):
        await bot.later(minutes=6)
    assert await bot.rows("select status, attempts, repeated from outbox") == [("uncertain", 2, 1)]
    assert len(bot.platform.failures) == 3


async def test_an_adapters_bug_is_retried_like_any_failure(bot: Bot) -> None:
    bot.platform.failures.append(KeyError("a bug"))
    await bot.say("hello")
    await bot.later(minutes=1)
    bot.expect("Hello")


async def test_an_answer_to_a_lost_lease_changes_nothing(bot: Bot) -> None:
    await bot.send("/help")
    while await bot.app.inbox.step():
        pass
    store, now = bot.app.store, bot.clock.now()
    first = (await store.claim("stand", "first", now, 10))[0]
    bot.clock.move(31)
    second = (await store.claim("stand", "second", bot.clock.now(), 10))[0]
    assert (first.id, second.attempts, second.repeated) == (second.id, 2, True)
    assert not (await store.sent(first, Receipt("late"), bot.clock.now())).ours
    assert (await store.sent(second, Receipt("in time"), bot.clock.now())).ours
    assert await bot.rows("select receipt from outbox") == [("in time",)]


async def test_rows_of_one_address_are_claimed_one_at_a_time(bot: Bot) -> None:
    await bot.send("/help", "/topics")
    while await bot.app.inbox.step():
        pass
    claimed = await bot.app.store.claim("stand", "me", bot.clock.now(), 10)
    assert len(claimed) == 1


async def test_a_send_that_never_ends_is_given_up_before_its_lease_is_over(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.outbox.LONGEST_SEND", 0.02)
    bot.platform.hangs = True
    await bot.say("hello")
    assert await bot.rows("select status, attempts, repeated, owner from outbox") == [("open", 1, 1, "")]
    bot.platform.hangs = False
    await bot.later(minutes=1)
    bot.expect("Hello")


async def test_a_restarted_loop_does_not_send_again_what_is_still_under_way(bot: Bot) -> None:
    await bot.send("/help")
    while await bot.app.inbox.step():
        pass
    store, now = bot.app.store, bot.clock.now()
    assert len(await store.claim("stand", "me", now, 10)) == 1
    await store.release("stand", keep="me")
    assert not await store.claim("stand", "me", now, 10)
    await store.release("stand", keep="somebody else")
    assert len(await store.claim("stand", "me", now, 10)) == 1


async def test_a_store_that_fails_at_the_stop_does_not_keep_the_process_alive(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise StoreUnavailable("disk is full")

    monkeypatch.setattr(bot.app.store, "unhandled", fails)
    await bot.app.stop()
    with pytest.raises(ValueError, match=r"closed|connection"):
        await bot.app.database.read(lambda q: q("select 1"))
    await bot.restart()
