"""What people say and press in the desk's forum: all of it is taken, and the adapter says nothing to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.errors import EmptyMessage, StoreUnavailable, TooManyMessages
from bot.messages import Button
from tests.adapters.driver import eventually
from tests.stands.telegram import Group, Person
from tests.telegram.desk import BO, CONTACT, CY, FORUM, GENERAL, Desk, in_thread, working

pytestmark = pytest.mark.anyio
CLAIM = (Button("Claim", "claim"), Button("Close", "close"))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working(answer_in=[FORUM.id]) as made:
        running = asyncio.create_task(made.adapter.run(made.accept))
        await made.bot.eventually(lambda: made.bot.polled, "a poll")
        yield made
        running.cancel()
        await asyncio.wait([running])


async def test_every_word_in_every_topic_is_heard_without_a_mention(desk: Desk) -> None:
    topic = desk.api.open_topic(FORUM, "#7")
    first = desk.bot.says(BO, "Let me look into it", FORUM, topic)
    second = desk.bot.says(CY, "/claim@frontdesk_bot", FORUM)
    said, command = await desk.heard(2)
    assert (said.address, said.text, said.sender.id) == (in_thread(topic), "Let me look into it", "11")
    assert (said.kind, said.public, said.ref, said.reply_to) == ("message", True, str(first), "")
    assert (command.address, command.text, command.ref) == (GENERAL, "/claim@frontdesk_bot", str(second))
    assert desk.methods() == []


async def test_agents_words_are_taken_as_they_are(desk: Desk) -> None:
    desk.bot.says(BO, "write to @frontdesk_bot in private, please", FORUM)
    desk.bot.says(BO, "/price@other_bot", FORUM)
    said, command = await desk.heard(2)
    assert said.text == "write to @frontdesk_bot in private, please"
    assert (command.text, command.kind) == ("/price@other_bot", "message")


async def test_replies_files_captions_and_albums_come_with_all_that_belongs_to_them(desk: Desk) -> None:
    topic = desk.api.open_topic(FORUM, "#7")
    asked = desk.bot.says(CY, "which one?", FORUM, topic)
    desk.bot.says(BO, "this one", FORUM, topic, reply_to=asked)
    desk.bot.sends_photo(BO, "look here", album="9", chat=FORUM, thread=topic)
    desk.bot.sends_photo(BO, album="9", chat=FORUM, thread=topic)
    desk.bot.sends(BO, "document", FORUM, topic, name="terms.pdf")
    _, reply, first, second, document = await desk.heard(5)
    assert reply.reply_to == str(asked)
    assert (first.text, first.album, first.files[0].kind, second.album) == ("look here", "9", "photo", "9")
    assert document.files[0].name == "terms.pdf" and not document.album
    assert all(one.address == in_thread(topic) and one.kind == "message" for one in desk.taken)


async def test_an_edit_has_the_message_it_changes(desk: Desk) -> None:
    topic = desk.api.open_topic(FORUM, "#7")
    number = desk.bot.says(BO, "24 huors", FORUM, topic)
    desk.bot.edits(BO, number, "24 hours", FORUM)
    said, edit = await desk.heard(2)
    assert (edit.kind, edit.text, edit.ref, edit.address) == ("edit", "24 hours", str(number), said.address)


async def test_what_telegram_tells_of_the_group_is_nothing_anybody_said(desk: Desk) -> None:
    topic = desk.bot.opens_topic(BO, FORUM, "#8")
    desk.bot.closes_topic(BO, FORUM, topic)
    desk.bot.reopens_topic(BO, FORUM, topic)
    desk.bot.post_update(FORUM, BO, {"new_chat_members": [CY.user()]})
    await desk.heard(0)


async def test_an_administrator_who_hides_behind_the_group_is_the_group_and_no_agent(desk: Desk) -> None:
    hidden = Person(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
    desk.bot.says(hidden, "who am I?", FORUM, sender_chat=FORUM.chat())
    desk.bot.says(Person(77, "Helper", "helper_bot", is_bot=True), "I am a bot", FORUM)
    (said,) = await desk.heard()
    assert said.sender.id == str(FORUM.id)


@pytest.mark.parametrize("refusal", [TooManyMessages(3.0), EmptyMessage()])
async def test_what_is_not_taken_is_no_reason_to_talk_into_agents_work(desk: Desk, refusal: Exception) -> None:
    desk.refusal = refusal
    desk.bot.sends(BO, "dice", FORUM)
    await desk.heard()
    assert desk.bot.shown(FORUM.id) == [] and desk.methods() == []


async def test_no_agent_sees_the_bot_typing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telegram.typing.PATIENCE", 0.0)
    desk.bot.says(BO, "hello", FORUM)
    desk.bot.says(CONTACT, "hello")
    await desk.bot.eventually(lambda: desk.bot.typing, "the contact to see it")
    assert set(desk.bot.typing) == {CONTACT.id}


async def test_other_groups_are_as_they_were(desk: Desk) -> None:
    group = Group(-900, "Traders")
    desk.bot.says(BO, "nothing for the bot", group)
    desk.bot.says(BO, "@frontdesk_bot fees?", group)
    (said,) = await desk.heard()
    assert (said.text, said.address.chat) == ("fees?", "-900")


# Buttons


async def test_a_button_of_the_desk_can_be_pressed_again_and_by_others(desk: Desk) -> None:
    place = await desk.opened()
    number = int((await desk.send("Who takes it?", place, buttons=CLAIM)).external_id)
    presses = [
        desk.bot.presses(who, number, label, FORUM) for who, label in ((BO, "Claim"), (CY, "Claim"), (BO, "Close"))
    ]
    await desk.bot.eventually(lambda: all(press in desk.bot.answered for press in presses), "answers to all presses")
    assert [(one.sender.id, one.choice) for one in desk.taken] == [("11", "claim"), ("12", "claim"), ("11", "close")]
    assert len({one.external_id for one in desk.taken}) == 3
    assert all((one.ref, one.address, one.public) == (str(number), place, True) for one in desk.taken)
    assert {desk.bot.answered[press].text for press in presses} == {""}
    assert desk.last.labels == ["Claim", "Close"], "the buttons stay"


async def test_a_button_below_what_answers_an_agent_belongs_to_all(desk: Desk) -> None:
    asked = desk.bot.says(BO, "/suggest", FORUM)
    number = int((await desk.send("These?", GENERAL, buttons=CLAIM, reply_to=str(asked))).external_id)
    press = desk.bot.presses(CY, number, "Claim", FORUM)
    await desk.bot.eventually(lambda: press in desk.bot.answered, "an answer to the press")
    assert (desk.taken[-1].sender.id, desk.bot.answered[press].text) == ("12", "")


async def test_a_press_that_is_refused_is_answered_all_the_same(desk: Desk) -> None:
    number = int((await desk.send("Who?", GENERAL, buttons=CLAIM)).external_id)
    desk.refusal = TooManyMessages(3.0)
    press = desk.bot.presses(BO, number, "Claim", FORUM)
    await desk.bot.eventually(lambda: press in desk.bot.answered, "an answer to the press")
    assert desk.bot.answered[press].text == ""


async def test_a_press_that_could_not_be_stored_comes_again_and_is_answered_then(desk: Desk) -> None:
    number = int((await desk.send("Who?", GENERAL, buttons=CLAIM)).external_id)
    desk.refusal = StoreUnavailable()
    press = desk.bot.presses(BO, number, "Claim", FORUM)
    await eventually(lambda: desk.taken and not desk.bot.polled, "the adapter was to give up")
    assert press not in desk.bot.answered and desk.bot.pending
    desk.refusal = None
    again = asyncio.create_task(desk.adapter.run(desk.accept))  # as the supervisor does
    await desk.bot.eventually(lambda: press in desk.bot.answered, "an answer to the press")
    again.cancel()
    await asyncio.wait([again])
    assert len({one.external_id for one in desk.taken}) == 1


# The group itself


async def test_the_desk_is_not_greeted_as_a_group_of_contacts_is(desk: Desk) -> None:
    desk.bot.membership(BO, FORUM, old="left", new="administrator")
    other = Group(-901, "Traders")
    desk.bot.membership(BO, other, old="left", new="member")
    await desk.bot.eventually(lambda: desk.bot.shown(other.id), "a greeting in the other group")
    assert desk.bot.shown(FORUM.id) == []
