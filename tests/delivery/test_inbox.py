"""Accepting and handling: repeats, limits, cleaning, bursts, and a store that fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import DialogueBlock, LimitsBlock
from bot.errors import Conflict, EmptyMessage, StoreUnavailable, TooManyMessages
from bot.knowledge.loader import bundled_folder
from bot.messages import Address, Inbound, Sender
from tests.harness import CHANNEL, Bot


def message(text: str, external_id: str = "1", account: str = "bot1") -> Inbound:
    return Inbound(Address(CHANNEL, "ann"), account, external_id, Sender("ann", "Ann"), text)


async def test_a_repeated_update_is_stored_and_answered_once(bot: Bot) -> None:
    first = await bot.app.inbox.accept(message("hello"))
    again = await bot.app.inbox.accept(message("hello"))
    await bot.settle()
    bot.expect("Hello")
    assert (again.seq, again.repeat) == (first.seq, True)


async def test_the_same_update_id_of_another_bot_account_is_another_message(bot: Bot) -> None:
    await bot.app.inbox.accept(message("/help"))
    other = await bot.app.inbox.accept(message("/topics", account="bot2"))
    assert not other.repeat


async def test_a_person_who_writes_too_fast_is_refused_with_the_wait_and_nothing_is_stored(tmp_path: Path) -> None:
    async with Bot(tmp_path, bundled_folder(), limits=LimitsBlock(burst=3, per_minute=60)) as bot:
        await bot.send("/help", "/help", "/help")
        with pytest.raises(TooManyMessages) as refused:
            await bot.app.inbox.accept(message("one more", "99"))
        assert 0 < refused.value.retry_after <= 1
        assert await bot.rows("select count(*) from inbox") == [(3,)]
        await bot.send("/help", who="bob")
        bot.clock.move(1)
        await bot.app.inbox.accept(message("one more", "99"))


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x07", "\u200b\ufeff"])
async def test_a_message_with_nothing_to_read_is_refused(bot: Bot, text: str) -> None:
    with pytest.raises(EmptyMessage):
        await bot.app.inbox.accept(message(text))


async def test_what_can_not_be_stored_or_shown_is_cleaned_away(bot: Bot) -> None:
    await bot.app.inbox.accept(message("he\x00llo\ud800 \u202eevil\r\nline"))
    assert await bot.rows("select value from inbox") == [("hello evil\nline",)]


async def test_a_burst_is_waited_for_but_not_for_ever(bot: Bot) -> None:
    for number in range(8):
        await bot.app.inbox.accept(message(f"word{number}", str(number)))
        bot.clock.move(0.7)
        await bot.app.settle()
    assert bot.platform.shown, "a burst of more than four windows is handled before it ends"


async def test_messages_further_apart_than_the_window_are_answered_each_even_from_a_backlog(bot: Bot) -> None:
    await bot.send("My withdrawal has not arrived")
    bot.clock.move(5)
    await bot.send("How do I register")
    await bot.settle()
    assert len(bot.platform.shown) == 2


async def test_without_a_merge_window_every_message_gets_its_answer(tmp_path: Path) -> None:
    async with Bot(tmp_path, bundled_folder(), dialogue=DialogueBlock(merge_window_seconds=0)) as bot:
        shown = await bot.say("My withdrawal has not arrived", "How do I register", "hello")
        assert len(shown) == 3


async def test_a_decision_that_can_not_be_stored_is_tried_again(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bot.app.store.settle

    async def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    monkeypatch.setattr(bot.app.store, "settle", full)
    await bot.say("hello")
    bot.expect_silence()
    monkeypatch.setattr(bot.app.store, "settle", real)
    await bot.later(minutes=0.1)
    bot.expect("Hello")


async def test_of_two_decisions_on_one_message_only_the_first_is_stored(bot: Bot) -> None:
    await bot.send("hello")
    conversation = await bot.app.store.unhandled([CHANNEL])
    work = (await bot.app.store.load(conversation))[0]
    decision = bot.app.library.mind.consider(work.conversation, work.items, work.desk, bot.clock.now())
    await bot.app.store.settle(work, decision, bot.clock.now())
    with pytest.raises(Conflict):
        await bot.app.store.settle(work, decision, bot.clock.now())
    assert await bot.rows("select count(*) from outbox") == [(1,)]


async def test_a_repeat_gets_its_answer_even_from_who_writes_too_fast(tmp_path: Path) -> None:
    async with Bot(tmp_path, bundled_folder(), limits=LimitsBlock(burst=1, per_minute=1)) as bot:
        first = await bot.app.inbox.accept(message("/help"))
        again = await bot.app.inbox.accept(message("/help"))
        assert (again.seq, again.repeat) == (first.seq, True)


async def test_a_clock_that_is_set_back_keeps_nobody_waiting(bot: Bot) -> None:
    await bot.say("hello", who="bob")
    await bot.send("My withdrawal has not arrived")
    bot.clock.set_back(3600)
    await bot.settle()
    assert "Wallet > History" in bot.platform.shown[-1].text
    await bot.say("thanks", who="bob")
    assert "welcome" in bot.platform.shown[-1].text


async def test_a_timer_of_a_channel_that_another_process_has_is_left_to_it(bot: Bot) -> None:
    await bot.say("hello")
    await bot.app.database.write(lambda q: q("update conversation set channel = 'another'"))
    await bot.later(minutes=60)
    assert await bot.rows("select count(*) from timer") == [(1,)]
    assert await bot.rows("select count(*) from inbox where kind = 'timer'") == [(0,)]


async def test_a_timer_that_ran_out_while_somebody_spoke_closes_nothing(bot: Bot) -> None:
    await bot.say("hello")
    bot.clock.move(30 * 60 - 0.5)
    await bot.send("提现")
    await bot.later(minutes=0.1)
    assert await bot.rows("select state from conversation") == [("clarifying",)]
    assert bot.platform.shown[-1].buttons


async def test_a_conversation_that_can_not_be_read_stops_nobody_else(bot: Bot) -> None:
    await bot.say("hello", who="eve")
    await bot.app.database.write(lambda q: q("update conversation set state = 'from the future'"))
    await bot.send("hello", who="eve")
    await bot.send("My withdrawal has not arrived", who="bob")
    await bot.settle()
    assert bot.platform.shown[-1].address.chat == "bob"
    assert await bot.rows("select count(*) from inbox where status = 'new'") == [(1,)]


async def test_a_wish_for_a_human_is_not_lost_in_a_burst(bot: Bot) -> None:
    await bot.say("What are the trading fees", "human")
    assert await bot.rows("select status from ticket") == [("waiting",)]


async def test_a_button_whose_value_is_invisible_is_refused(bot: Bot) -> None:
    with pytest.raises(EmptyMessage):
        await bot.app.inbox.accept(replace(message(""), choice="\u200b"))
