"""A topic for each ticket: opened, opened again when closed, opened anew when deleted, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import ChatMoved, RetryLater, TemporaryFailure, ThreadGone, Undeliverable
from bot.messages import Address, File
from tests.stands.telegram import Drop, Group, Hang, Lost, Status
from tests.telegram.desk import BO, FORUM, GENERAL, NEW, Desk, in_thread, working

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working() as made:
        yield made


def topic_of(place: Address | None) -> int:
    assert place is not None
    return int(place.thread)


async def test_a_new_ticket_gets_a_topic_and_the_receipt_names_it(desk: Desk) -> None:
    receipt = await desk.send("**Ann** asks: where is my money?", title="#7 Ann: withdrawal")
    assert receipt.address == in_thread(desk.last.thread or 0)
    assert receipt.external_id == str(desk.last.message_id)
    assert desk.room.topics[topic_of(receipt.address)].name == "#7 Ann: withdrawal"
    assert desk.last.text == "Ann asks: where is my money?"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("x" * 128, "x" * 128),
        ("x" * 200, "x" * 127 + "…"),
        ("提" * 129, "提" * 127 + "…"),
        ("🙈" * 100, "🙈" * 63 + "…"),
        ("#7  Ann\nand more", "#7 Ann and more"),
        ("", "#7"),
        (" \n ", "#7"),
    ],
)
async def test_a_title_is_cut_to_what_telegram_takes(desk: Desk, title: str, shown: str) -> None:
    receipt = await desk.send("brief", title=title)
    assert desk.room.topics[topic_of(receipt.address)].name == shown


async def test_what_is_for_a_topic_goes_there_and_what_is_for_all_to_the_general_one(desk: Desk) -> None:
    place = await desk.opened()
    receipt = await desk.send("more", place)
    assert (desk.last.thread, receipt.address) == (topic_of(place), None)
    receipt = await desk.send("to all", GENERAL)
    assert (desk.last.thread, receipt.address) == (None, None)


async def test_a_topic_that_was_opened_before_a_failure_is_used_by_the_next_attempt(desk: Desk) -> None:
    for fault in (Status(500), Status(429, retry_after=1), Drop()):
        desk.api.fail("sendMessage", fault)
    for meaning in (TemporaryFailure, RetryLater):
        with pytest.raises(meaning):
            await desk.send("brief", key="the-brief")
    desk.adapter._pace._paused.clear()  # type: ignore[attr-defined]  # nobody wants to wait a second here
    with pytest.raises(Exception, match="lost"):
        await desk.send("brief", key="the-brief")
    receipt = await desk.send("brief", key="the-brief")
    assert [topic.name for topic in desk.room.topics.values()] == ["#7 Ann: withdrawal"]
    assert receipt.address == in_thread(*desk.room.topics)


async def test_a_topic_that_nobody_can_tell_of_does_not_make_the_brief_uncertain(desk: Desk) -> None:
    desk.api.fail("createForumTopic", Lost())
    with pytest.raises(TemporaryFailure):
        await desk.send("brief")
    assert desk.bot.shown(FORUM.id) == []
    assert (await desk.send("brief")).address


async def test_the_first_topic_deleted_before_the_brief_arrived_is_opened_anew(desk: Desk) -> None:
    desk.api.fail("sendMessage", Status(500))
    with pytest.raises(TemporaryFailure):
        await desk.send("brief")
    (first,) = desk.room.topics
    desk.api.delete_topic(FORUM, first)
    receipt = await desk.send("brief")
    assert topic_of(receipt.address) != first and desk.last.thread == topic_of(receipt.address)


async def test_a_lost_topic_of_a_ticket_that_is_opened_again_under_its_number_is_another_one(desk: Desk) -> None:
    first = topic_of(await desk.opened())
    desk.api.delete_topic(FORUM, first)
    with pytest.raises(ThreadGone):
        await desk.send("more", in_thread(first))
    second = topic_of(await desk.opened())
    assert second != first and desk.last.text == "brief"


@pytest.mark.parametrize("kind", ["text", "photo"])
async def test_a_deleted_topic_is_told_of(desk: Desk, kind: str) -> None:
    place = await desk.opened()
    await desk.send("more", place)
    desk.api.delete_topic(FORUM, topic_of(place))
    what: dict[str, Any] = {"files": (File("1", "photo", channel="discord"),)} if kind == "photo" else {"text": "again"}
    with pytest.raises(ThreadGone):
        await desk.send(place=place, **what)


@pytest.mark.parametrize("answer", ["message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID"])
async def test_each_word_for_a_deleted_topic_is_understood(desk: Desk, answer: str) -> None:
    place = await desk.opened()
    desk.api.fail("sendMessage", Status(400, description=f"Bad Request: {answer}"))
    with pytest.raises(ThreadGone):
        await desk.send("more", place)


async def test_a_topic_deleted_while_we_were_down_is_noticed_at_the_first_message(desk: Desk) -> None:
    with pytest.raises(ThreadGone):
        await desk.send("more", in_thread(4711))
    assert desk.methods() == ["reopenForumTopic"]


@pytest.mark.parametrize("closed_for_all", [True, False], ids=["refused there", "let in as an administrator"])
@pytest.mark.parametrize("told", [True, False], ids=["we heard of it", "while we were down"])
async def test_a_closed_topic_is_opened_again(desk: Desk, told: bool, closed_for_all: bool) -> None:
    desk.room.closed_for_all = closed_for_all
    if told:
        thread = topic_of(await desk.opened())
        running = asyncio.create_task(desk.adapter.run(desk.accept))
        await desk.bot.eventually(lambda: desk.bot.polled, "a poll")
        desk.bot.closes_topic(BO, FORUM, thread)
        await desk.heard(0)
        running.cancel()
        await asyncio.wait([running])
    else:
        thread = desk.api.open_topic(FORUM, "#7")
        desk.api.close_topic(FORUM, thread)
    await desk.send("the contact wrote again", in_thread(thread))
    assert not desk.room.topics[thread].closed
    assert (desk.last.thread, desk.last.text) == (thread, "the contact wrote again")


async def test_a_topic_closed_a_moment_ago_is_opened_again_when_it_refuses_a_message(desk: Desk) -> None:
    place = await desk.opened()
    desk.api.close_topic(FORUM, topic_of(place))
    await desk.send("more", place)
    assert not desk.room.topics[topic_of(place)].closed and desk.last.text == "more"


async def test_the_general_topic_is_opened_again_too(desk: Desk) -> None:
    desk.room.general_closed = True
    await desk.send("to all", GENERAL)
    assert not desk.room.general_closed and desk.last.text == "to all"


async def test_an_open_topic_is_asked_for_once(desk: Desk) -> None:
    place = in_thread(desk.api.open_topic(FORUM, "#7"))
    await desk.send("one", place)
    await desk.send("two", place)
    assert desk.methods() == ["reopenForumTopic", "sendMessage", "sendMessage"]


async def test_a_topic_of_a_ticket_that_was_closed_and_then_deleted_is_opened_anew_under_its_number(desk: Desk) -> None:
    first = topic_of(await desk.opened())
    await desk.send("", NEW, act="close")
    desk.api.delete_topic(FORUM, first)
    second = topic_of(await desk.opened())
    assert second != first and desk.last.thread == second


@pytest.mark.parametrize("closed_for_all", [True, False], ids=["refused there", "let in as an administrator"])
async def test_a_ticket_that_is_over_closes_its_topic_and_one_that_goes_on_opens_it(
    desk: Desk, closed_for_all: bool
) -> None:
    desk.room.closed_for_all = closed_for_all
    place = await desk.opened()
    await desk.send("", place, act="close")
    assert desk.room.topics[topic_of(place)].closed
    await desk.send("it goes on", place)
    assert not desk.room.topics[topic_of(place)].closed and desk.last.text == "it goes on"


async def test_a_topic_that_is_closed_gone_or_was_never_opened_can_be_closed(desk: Desk) -> None:
    place = await desk.opened()
    for _ in range(2):
        await desk.send("", place, act="close")
    desk.api.delete_topic(FORUM, topic_of(place))
    await desk.send("", place, act="close")
    await desk.send("", Address("telegram", str(FORUM.id), "#99"), act="close")


async def test_a_topic_known_only_by_its_ticket_is_closed_by_that(desk: Desk) -> None:
    place = await desk.opened()
    await desk.send("", NEW, act="close")
    assert desk.room.topics[topic_of(place)].closed


async def test_a_topic_of_a_group_of_contacts_that_is_gone_is_not_opened_anew(desk: Desk) -> None:
    other = Group(-1003, "Traders", forum=True)
    desk.api.meet(other)
    with pytest.raises(Undeliverable, match="thread not found"):
        await desk.send("answer", Address("telegram", "-1003", "4711"))
    assert desk.methods() == ["sendMessage"]


@pytest.mark.parametrize("lacking", ["forum", "right", "administrator"])
async def test_tickets_wait_until_the_group_lets_the_bot_open_topics(lacking: str) -> None:
    group = Group(-1004, "Desk", forum=lacking != "forum")
    async with working(group) as desk:
        if lacking == "right":
            desk.room.rights[desk.bot.id] = {"can_manage_topics"}
        elif lacking == "administrator":
            desk.room.statuses[desk.bot.id] = "member"
        with pytest.raises(RetryLater, match="no topic can be opened in the desk group") as error:
            await desk.send("brief", Address("telegram", "-1004", "#7"))
        assert error.value.wait == 30


async def test_a_desk_that_has_moved_names_its_new_number(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.room.moved_to = -100777
    with pytest.raises(ChatMoved) as error:
        await desk.send("to all", GENERAL)
    assert error.value.chat == "-100777"
    assert "put its new id -100777 in the place of -1002 under desk" in caplog.text


async def test_a_send_that_hangs_after_the_topic_was_opened_opens_no_second_one(desk: Desk) -> None:
    desk.api.fail("sendMessage", Hang(30, execute=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(desk.send("brief"), 0.3)
    await desk.send("brief")
    assert len(desk.room.topics) == 1
