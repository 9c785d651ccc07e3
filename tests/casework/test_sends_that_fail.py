"""What becomes of messages that were changed, taken back, failed or had no thread any more, at both ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import RetryLater, TemporaryFailure, ThreadGone, Undeliverable
from bot.messages import Address, File, Inbound, Outbound, Receipt, Sender
from tests.harness import CHANNEL
from tests.office import ANN, NORTH, ROOMS, SOUTH, Office

PHOTO = File("f1", "photo", "shot.png", "image/png", 10, NORTH)

pytestmark = pytest.mark.anyio


async def human(office: Office, who: str = "ann") -> None:
    await office.say("/human", who=who)


async def test_an_answer_does_not_reply_to_the_desks_message_id_at_the_contact(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann").says("hello")
    assert office.platform.shown[-1].text == "hello"
    assert office.platform.shown[-1].reply_to != ref
    assert office.platform.shown[-2].reply_to != ref, "somebody joined"


async def test_desk_rows_stay_at_the_desk_when_the_contacts_conversation_moves(office: Office) -> None:
    await human(office)
    office.rooms[NORTH].failures.append(RetryLater(600, "wait"))
    await office.agent("Ann", SOUTH).says("/note the staff secret")
    adapter = office.app.adapters[CHANNEL]
    original = adapter.send

    async def send(outbound: Outbound) -> Receipt:
        receipt = await original(outbound)
        return replace(receipt, address=Address(CHANNEL, "ann", "thread-of-ann"))

    adapter.send = send  # type: ignore[method-assign]
    await office.agent("Ann", SOUTH).says("hello")
    rows = await office.rows("select channel, chat, thread, text from outbox where desk = 1 and status = 'open'")
    assert rows
    assert all(chat == ROOMS[channel] for channel, chat, _, _ in rows), rows


async def test_the_edit_of_a_long_message_fits_the_platform_too(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann").says("word " * 1000)
    await office.agent("Ann").changes(ref, "other " * 1000)
    assert all(len(out.text) <= 4096 for out in office.platform.shown)
    for at in (NORTH, SOUTH):
        assert all(len(out.text) <= 2000 for out in office.rooms[at].shown)


async def test_the_edit_of_a_message_with_a_file_comes_from_the_agent(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann").says("see here", files=(PHOTO,))
    await office.agent("Ann").changes(ref, "see there")
    out = office.platform.shown[-1]
    assert out.text == "see there"
    assert (out.author, out.name) == ("agent", "Annie")


async def test_what_was_taken_back_before_it_arrived_never_arrives(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("first")
    office.platform.failures.append(TemporaryFailure("503"))
    ref = await office.agent("Ann").says("a mistake")
    await office.agent("Ann").changes(ref, "")
    await office.later(5)
    shown = [out for out in office.platform.shown if out.text == "a mistake"]
    deleted = [out for out in office.platform.shown if out.act == "delete"]
    assert not shown or deleted, "sent after it was taken back"


async def test_a_failed_message_that_was_edited_is_retried_as_it_is_now(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("first")
    office.platform.failures.append(Undeliverable("blocked"))
    ref = await office.agent("Ann").says("the wrong address")
    retry = next(b.value for out in await office.seen() for b in out.buttons if b.value.startswith("retry:"))
    await office.agent("Ann").changes(ref, "the right address")
    await office.agent("Ann").presses(retry)
    texts = [out.text for out in office.platform.shown]
    assert "the right address" in texts
    assert "the wrong address" not in texts


async def test_a_failed_message_that_was_deleted_is_not_retried(office: Office) -> None:
    await human(office)
    await office.agent("Ann").says("first")
    office.platform.failures.append(Undeliverable("blocked"))
    ref = await office.agent("Ann").says("the wrong address")
    retry = next(b.value for out in await office.seen() for b in out.buttons if b.value.startswith("retry:"))
    await office.agent("Ann").changes(ref, "")
    await office.agent("Ann").presses(retry)
    assert "the wrong address" not in [out.text for out in office.platform.shown]


async def test_an_edit_of_what_was_in_a_deleted_thread_opens_no_further_one(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann", SOUTH).says("It takes 3 hours")
    thread = await office.thread_of(1, NORTH)
    del office.rooms[NORTH].threads[thread]
    await office.say("hello?")
    assert len(office.rooms[NORTH].threads) == 1
    await office.agent("Ann", SOUTH).changes(ref, "It takes 2 hours")
    assert len(office.rooms[NORTH].threads) == 1, office.rooms[NORTH].threads
    assert await office.thread_of(1, NORTH) in office.rooms[NORTH].threads


async def test_a_long_brief_is_whole_in_the_new_thread(office: Office) -> None:
    await office.say("word " * 600)
    await human(office)
    parts = [out.text for out in await office.seen() if out.kind == "brief"]
    if len(parts) < 2:
        pytest.skip(f"{len(parts)} part")
    thread = await office.thread_of(1, NORTH)
    del office.rooms[NORTH].threads[thread]
    await office.say("hello?")
    assert "#1" in (await office.texts())[0]


async def test_a_closed_tickets_new_thread_is_closed_too(office: Office) -> None:
    await human(office)
    thread = await office.thread_of(1, NORTH)
    del office.rooms[NORTH].threads[thread]
    await office.agent("Ann", SOUTH).says("/close")
    assert set(office.rooms[NORTH].threads) <= office.rooms[NORTH].closed


async def test_a_desk_that_could_not_open_a_thread_gets_the_brief_once_it_can(office: Office) -> None:
    office.rooms[NORTH].failures.append(Undeliverable("no right to open topics"))
    await human(office)
    await office.say("my uid is 12345678")
    assert any("**#1**" in text for text in await office.texts())


async def test_a_desk_that_was_down_for_an_hour_gets_everything(office: Office) -> None:
    await human(office)
    office.rooms[NORTH].failures.extend(TemporaryFailure("503") for _ in range(60))
    await office.say("the important thing")
    for _ in range(60):
        await office.later(1)
    office.rooms[NORTH].failures.clear()
    for _ in range(10):
        await office.later(1)
    assert any("the important thing" in text for text in await office.texts())


async def test_a_desk_that_does_not_take_a_message_is_told_of_elsewhere(office: Office) -> None:
    await human(office)
    office.rooms[NORTH].failures.append(Undeliverable("message too strange"))
    await office.say("the important thing")
    texts = await office.texts() + (await office.texts(at=SOUTH))[-1:]
    assert any("message too strange" in text for text in texts)


async def test_a_contacts_row_whose_thread_is_gone_is_not_sent_for_ever(office: Office) -> None:
    await office.say("hello")
    for _ in range(3):
        office.platform.failures.append(ThreadGone())
    await office.send("/human")
    await office.settle()
    rows = await office.rows("select status, leased_until from outbox where desk = 0 order by id desc limit 1")
    assert rows[0][0] != "open" or rows[0][1] == 0, rows


async def test_two_waiting_messages_with_files_edits_and_marks_survive_a_lost_thread(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann").says("hello")
    office.rooms[NORTH].threads.clear()
    photo = File("f1", "photo", "shot.png", "image/png", 10, CHANNEL)
    for number, files in ((1, ()), (2, (photo,))):
        await office.app.inbox.accept(
            Inbound(
                Address(CHANNEL, "ann"),
                "bot1",
                f"q{number}",
                Sender("ann", "Ann"),
                f"word {number}",
                files=files,
                ref=f"r{number}",
            )
        )
    await office.act(ANN.accounts[SOUTH], SOUTH, 1, text="from south", handle=False)
    await office.settle()
    texts = await office.texts()
    assert sum("word 1" in text for text in texts) == 1
    assert sum("word 2" in text for text in texts) == 1
    assert sum("from south" in text for text in texts) == 1
    assert sum(bool(out.files) for out in await office.seen()) == 1
    assert len(office.rooms[NORTH].threads) == 1
    assert ref


async def test_of_two_desks_the_broken_one_holds_nobody_up(office: Office) -> None:
    office.rooms[NORTH].hangs = False
    office.rooms[NORTH].failures.extend(TemporaryFailure("503") for _ in range(100))
    await human(office)
    await office.agent("Ann", SOUTH).says("hello")
    await human(office, "zoe")
    assert "hello" in office.said()
    assert len(office.rooms[SOUTH].threads) == 2


async def test_two_broken_desks_do_not_tell_each_other_for_ever(office: Office) -> None:
    for room in office.rooms.values():
        room.failures.extend(Undeliverable("gone") for _ in range(50))
    await human(office)
    await office.settle()
    assert len(await office.rows("select 1 from outbox where desk = 1")) < 10
    assert (await office.ticket())["status"] == "waiting"


async def test_an_edit_that_fails_makes_nobody_wait_for_an_answer(office: Office) -> None:
    await human(office)
    ref = await office.agent("Ann").says("hello")
    office.platform.failures.append(Undeliverable("too old"))
    await office.agent("Ann").changes(ref, "hello there")
    assert (await office.ticket())["since"] is None
