"""Buttons in private: used once, shown as used, and kind when they are old. And what becomes of chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stands.telegram import BotApi, Group, Status
from tests.telegram.people import ANSWER, NAME, QUESTION, UNKNOWN, Service, serving
from tests.telegram.running import ANN, TOKEN, frontdesk, options

USED = "You have already chosen here."


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


async def test_a_used_button_is_shown_in_place_and_can_not_be_used_again(desk: Service) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, QUESTION)
    text = answer.text
    assert await desk.press(ann, answer, "Yes, it helped") == ""
    assert "Good to hear" in (await desk.shown(ann, 2))[1].text
    await desk.bot.eventually(lambda: answer.labels == ["✓ Yes, it helped"], "the buttons to be edited")
    assert answer.text == text and answer.entities
    assert await desk.press(ann, answer, "✓ Yes, it helped") == USED
    assert await desk.press(ann, answer, "helped:no:withdrawal-not-arrived", stale=True) == USED
    await desk.quiet(ann, 2)
    assert answer.labels == ["✓ Yes, it helped"]


async def test_two_fast_presses_are_one(desk: Service) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, QUESTION)
    presses = [desk.bot.presses(ann, answer.message_id, label) for label in ("No", "No", "Yes, it helped")]
    await desk.bot.eventually(lambda: all(press in desk.bot.answered for press in presses), "answers to the presses")
    assert [desk.bot.answered[press].text for press in presses] == ["", USED, USED]
    await desk.quiet(ann, 2)
    await desk.press(ann, desk.bot.last(ann.id), "Straight to a person")
    number = await desk.conversation(ann)
    await desk.until(f"select reason from ticket where conversation = {number}", [("unhelpful",)])


async def test_a_choice_leads_on_and_the_record_has_its_label(desk: Service) -> None:
    ann = desk.person("李雷", "zh")
    menu = await desk.ask(ann, "/topics")
    first = menu.labels[1]
    await desk.press(ann, menu, first)
    topic = (await desk.shown(ann, 2))[1]
    second = topic.labels[0]
    await desk.press(ann, topic, second)
    assert "这个回答有帮助吗" in (await desk.shown(ann, 3))[2].text
    number = await desk.conversation(ann)
    said = await desk.rows(f"select text from message where conversation = {number} and author = 'contact'")
    assert said == [("/topics",), (first,), (second,)]


async def test_yes_and_no_can_be_pressed_where_a_person_is_offered(desk: Service) -> None:
    ann, ben = desk.person(), desk.person("Ben")
    for who, label, part in ((ann, "Yes, please", "Your ticket is #"), (ben, "No, thanks", "All right")):
        await desk.press(who, await desk.ask(who, UNKNOWN), label)
        assert part in (await desk.shown(who, 2))[1].text


@pytest.mark.parametrize("data", ["entry:gone", "topic:gone", "#00000000000000000000000000000000", "", "x" * 64, "🙈"])
async def test_a_button_that_means_nothing_any_more_says_so_kindly(desk: Service, data: str) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, "/start")
    query = desk.bot.presses(ann, answer.message_id, data or "Topics", stale=True)
    await desk.bot.eventually(lambda: query in desk.bot.answered, "an answer to the press")
    second = (await desk.shown(ann, 2))[1].text
    assert ("no longer there" in second) == bool(data)


async def test_a_button_of_a_message_that_telegram_no_longer_shows_still_works(desk: Service) -> None:
    ann = desk.person()
    query = desk.bot.presses(ann, 999_999, "entry:withdrawal-not-arrived", stale=True)
    await desk.bot.eventually(lambda: query in desk.bot.answered, "an answer to the press")
    assert ANSWER in (await desk.shown(ann))[0].text


async def test_a_press_that_can_no_longer_be_answered_is_still_obeyed(desk: Service) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, QUESTION)
    desk.bot.expire(desk.bot.presses(ann, answer.message_id, "Yes, it helped"))
    assert "Good to hear" in (await desk.shown(ann, 2))[1].text
    await desk.bot.eventually(lambda: answer.labels == ["✓ Yes, it helped"], "the buttons to be edited")


async def test_buttons_survive_a_restart_and_still_work_only_once(tmp_path: Path) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN, NAME)
        async with frontdesk(tmp_path, {"telegram": options(api)}):
            bot.says(ANN, QUESTION)
            await bot.eventually(lambda: bot.shown(ANN.id), "an answer")
        answer = bot.last(ANN.id)
        async with frontdesk(tmp_path, {"telegram": options(api)}):
            bot.presses(ANN, answer.message_id, "No")
            await bot.eventually(lambda: len(bot.shown(ANN.id)) == 2 and len(answer.labels) == 1, "it to be obeyed")
        async with frontdesk(tmp_path, {"telegram": options(api)}):
            query = bot.presses(ANN, answer.message_id, "helped:yes:withdrawal-not-arrived", stale=True)
            await bot.eventually(lambda: query in bot.answered and not bot.pending, "an answer to the press")
            assert bot.answered[query].text == USED
        assert len(bot.shown(ANN.id)) == 2 and answer.labels == ["✓ No"]


# What becomes of chats


async def test_a_group_that_lets_the_bot_in_is_told_how_it_works_once(desk: Service) -> None:
    owner, group = desk.person("Owner"), desk.group()
    desk.bot.membership(owner, group)
    (hello,) = await desk.shown(group)
    assert f"Mention @{NAME}" in hello.text and hello.parse_mode == ""
    desk.bot.membership(owner, group, old="member", new="administrator")
    desk.bot.membership(owner, group, old="administrator", new="member")
    await desk.quiet(group, 1)
    desk.bot.membership(owner, group, old="member", new="left")
    desk.bot.membership(owner, group, old="left", new="administrator")
    await desk.shown(group, 2)


async def waiting(desk: Service, chat: int) -> None:
    """The answer to this chat was refused once and waits."""
    await desk.until(f"select status, error <> '', leased_until from outbox where chat = '{chat}'", [("open", 1, 0.0)])


async def test_a_group_that_puts_the_bot_out_gets_nothing_that_waits(desk: Service) -> None:
    ann, group = desk.person(), desk.group()
    desk.api.fail("sendMessage", Status(429, retry_after=30), chat=group.id)
    desk.bot.says(ann, f"@{NAME} {QUESTION}", group)
    await waiting(desk, group.id)
    desk.bot.membership(desk.person("Owner"), group, old="member", new="kicked")
    dead = [("dead", "the bot was removed from the group")]
    await desk.until(f"select status, error from outbox where chat = '{group.id}'", dead)


async def test_what_waits_for_somebody_who_blocks_the_bot_is_dead_and_they_can_come_back(desk: Service) -> None:
    ann = desk.person()
    desk.api.fail("sendMessage", Status(500), chat=ann.id)
    desk.bot.says(ann, QUESTION)
    await waiting(desk, ann.id)
    desk.api.block(ann.id, tell=True)
    await desk.until(
        f"select status, error from outbox where chat = '{ann.id}'", [("dead", "the bot was blocked by the user")]
    )
    desk.api.unblock(ann.id, tell=True)
    assert "Hello" in (await desk.ask(ann, "hello")).text


async def test_a_group_that_becomes_a_supergroup_keeps_its_conversations_and_what_waits(desk: Service) -> None:
    ann, small = desk.person(), desk.group(kind="group")
    desk.api.fail("sendMessage", Status(500), chat=small.id)
    desk.bot.says(ann, f"@{NAME} {UNKNOWN}", small)
    await waiting(desk, small.id)
    big = desk.bot.migrates(small, small.id - 10**12)
    (shown,) = await desk.shown(big)
    assert "I don't know" in shown.text
    again = await desk.ask(ann, f"@{NAME} {QUESTION}", big)
    assert ANSWER in again.text
    assert await desk.rows(f"select count(*) from conversation where chat = '{small.id}'") == [(0,)]
    assert await desk.rows(f"select last_seq from conversation where chat = '{big.id}'") == [(4,)]


async def test_a_supergroup_found_out_only_by_sending_gets_the_message(desk: Service) -> None:
    ann, small = desk.person(), desk.group(kind="group")
    big = Group(small.id - 10**12, small.title)
    desk.api.meet(big)
    desk.api.room(small).moved_to = big.id
    desk.bot.says(ann, f"@{NAME} {QUESTION}", small)
    (shown,) = await desk.shown(big)
    assert ANSWER in shown.text
    found = await desk.rows(f"select chat from conversation where id = {await desk.conversation(ann, big)}")
    assert found == [(str(big.id),)]


async def test_after_a_move_a_message_with_an_old_number_is_not_taken_for_the_old_message(desk: Service) -> None:
    ann, small = desk.person(), desk.group(kind="group")
    first = desk.bot.says(ann, f"@{NAME} {UNKNOWN}", small)
    await desk.shown(small)
    big = desk.bot.migrates(small, small.id - 10**12)
    number = desk.bot.says(ann, f"@{NAME} hello", big)
    while number < first:
        number = desk.bot.says(ann, f"@{NAME} hello", big)
    assert number == first, "both chats must have a message of this number"
    await desk.taken()
    desk.bot.edits(ann, number, f"@{NAME} {QUESTION}", big)
    await desk.taken()
    conversation = await desk.conversation(ann, big)
    said = await desk.rows(
        f"select text from message where conversation = {conversation} and author = 'contact' order by seq"
    )
    assert said[0] == (UNKNOWN,) and said[-1] == (QUESTION,)
