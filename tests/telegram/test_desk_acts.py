"""What is done to earlier messages, at the desk and where contacts are: edits, deletions, marks. And who is called."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import RetryLater, TemporaryFailure, Undeliverable
from bot.messages import Address, Button, File
from tests.stands.telegram import Lost, Sent, Status
from tests.telegram.desk import AT_CONTACT, BO, CONTACT, FORUM, GENERAL, NEARLY_FULL, Desk, working

pytestmark = pytest.mark.anyio
PHOTO = File("1", "photo", "a.jpg", channel="discord")
places = pytest.mark.parametrize("place", [GENERAL, AT_CONTACT], ids=["at the desk", "in private"])
CLAIM = (Button("Claim", "claim"),)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working() as made:
        yield made


def last(desk: Desk, place: Address) -> Sent:
    return desk.bot.last(int(place.chat))


def entities(sent: Sent) -> list[tuple[str, str]]:
    """The kinds of formatting, and what each covers."""
    raw = sent.text.encode("utf-16-le")
    return [
        (one["type"], raw[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"))
        for one in sent.entities
    ]


# Edits


@places
async def test_an_edit_changes_the_text_and_keeps_the_buttons_that_it_has(desk: Desk, place: Address) -> None:
    number = (await desk.send("24 **huors**", place, buttons=CLAIM)).external_id
    receipt = await desk.send("24 **hours**", place, act="edit", target=number, buttons=CLAIM)
    sent = last(desk, place)
    assert (sent.text, entities(sent), sent.labels) == ("24 hours", [("bold", "hours")], ["Claim"])
    assert (receipt.external_id, receipt.address) == (number, None)
    await desk.send("24 hours", place, act="edit", target=number)
    assert sent.labels == []


@pytest.mark.parametrize("files", [(), (PHOTO,)], ids=["not knowing", "knowing that it has files"])
@pytest.mark.parametrize("really", ["text", "photo"])
async def test_an_edit_finds_out_whether_there_is_a_text_or_a_caption(desk: Desk, files: Any, really: str) -> None:
    what: dict[str, Any] = {"text": "old"} | ({"files": (PHOTO,)} if really == "photo" else {})
    number = (await desk.send(place=AT_CONTACT, **what)).external_id
    await desk.send("new", AT_CONTACT, act="edit", target=number, files=files)
    assert (last(desk, AT_CONTACT).text, last(desk, AT_CONTACT).kind) == ("new", really)


async def test_an_edit_that_changes_nothing_is_done(desk: Desk) -> None:
    number = (await desk.send("same", GENERAL)).external_id
    await desk.send("same", GENERAL, act="edit", target=number)
    assert last(desk, GENERAL).edits == []


async def test_what_can_not_be_edited_is_undeliverable(desk: Desk) -> None:
    theirs = str(desk.bot.says(BO, "mine", FORUM))
    for target in (theirs, "4711", "", "of another platform"):
        with pytest.raises(Undeliverable):
            await desk.send("new", GENERAL, act="edit", target=target)


async def test_an_edit_whose_markup_is_refused_is_made_without_it(desk: Desk) -> None:
    number = (await desk.send("old", GENERAL)).external_id
    desk.api.fail("editMessageText", Status(400, description="Bad Request: can't parse entities: no"))
    await desk.send("**new** <b>", GENERAL, act="edit", target=number)
    assert (last(desk, GENERAL).text, entities(last(desk, GENERAL))) == ("new <b>", [])


@pytest.mark.parametrize("act", ["edit", "delete", "mark", "close"])
async def test_an_act_whose_answer_was_lost_is_simply_done_again(desk: Desk, act: str) -> None:
    place = await desk.opened()
    target = str(last(desk, place).message_id)
    for method in ("editMessageText", "deleteMessage", "setMessageReaction", "closeForumTopic"):
        desk.api.fail(method, Lost())
    with pytest.raises(TemporaryFailure):
        await desk.send("sent", place, act=act, target=target)
    await desk.send("sent", place, act=act, target=target)


async def test_acts_wait_too_while_telegram_wants_the_group_to_be_left_alone(desk: Desk) -> None:
    number = (await desk.send("old", GENERAL)).external_id
    desk.api.fail("editMessageText", Status(429, retry_after=7))
    for act in ("edit", "delete"):
        with pytest.raises(RetryLater) as error:
            await desk.send("new", GENERAL, act=act, target=number)
        assert 6 < error.value.wait <= 7
    assert desk.methods() == ["sendMessage", "editMessageText"]


# Deletions


@places
async def test_a_message_that_is_to_be_gone_is_gone(desk: Desk, place: Address) -> None:
    number = (await desk.send("oops", place)).external_id
    await desk.send("", place, act="delete", target=number)
    assert desk.bot.shown(int(place.chat)) == []
    await desk.send("", place, act="delete", target=number)


async def test_a_message_that_is_too_old_to_be_deleted_is_undeliverable(desk: Desk) -> None:
    number = (await desk.send("oops", AT_CONTACT)).external_id
    desk.bot.aged.add((CONTACT.id, int(number)))
    with pytest.raises(Undeliverable, match="can't be deleted"):
        await desk.send("", AT_CONTACT, act="delete", target=number)


async def test_an_album_goes_as_it_came(desk: Desk) -> None:
    number = (await desk.send("", AT_CONTACT, files=(PHOTO, PHOTO, PHOTO))).external_id
    assert len(desk.bot.shown(CONTACT.id)) == 3
    await desk.send("", AT_CONTACT, act="delete", target=number)
    assert desk.bot.shown(CONTACT.id) == []


# Marks


@pytest.mark.parametrize(("became", "emoji"), [("delayed", "😴"), ("failed", "💔"), ("sent", "👌")])
async def test_an_agent_sees_what_became_of_a_message(desk: Desk, became: str, emoji: str) -> None:
    place = await desk.opened()
    number = desk.bot.says(BO, "24 hours", FORUM, int(place.thread))
    await desk.send("delayed", place, act="mark", target=str(number))
    await desk.send(became, place, act="mark", target=str(number))
    assert desk.bot.reactions[FORUM.id, number] == [{"type": "emoji", "emoji": emoji}]


async def test_where_reactions_are_not_allowed_nothing_fails_and_it_is_said_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.room.reactions = frozenset()
    for text in ("one", "two"):
        number = desk.bot.says(BO, text, FORUM)
        await desk.send("sent", GENERAL, act="mark", target=str(number))
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1 and "allow reactions there, 👌 😴 💔" in told[0].getMessage()


async def test_a_mark_on_a_message_that_its_author_deleted_is_no_matter(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    number = desk.bot.says(BO, "oops", FORUM)
    desk.bot.removes(BO, number, FORUM)
    await desk.send("sent", GENERAL, act="mark", target=str(number))
    assert caplog.text == ""


# Who is called


async def test_people_are_called_by_their_names(desk: Desk) -> None:
    await desk.send("Ticket **#7** has waited for 10 min.", GENERAL, mentions=("11", "12", "11"))
    sent = last(desk, GENERAL)
    assert sent.text == "Ticket #7 has waited for 10 min.\nBo Cy"
    called = [one["user"]["id"] for one in sent.entities if one["type"] == "text_mention"]
    assert called == [11, 12]


async def test_who_is_not_known_there_is_called_all_the_same_and_names_are_asked_for_once(desk: Desk) -> None:
    for _ in range(2):
        await desk.send("wake up", GENERAL, mentions=("11", "4711", "nobody"))
    sent = last(desk, GENERAL)
    assert [one["user"]["id"] for one in sent.entities if one["type"] == "text_mention"] == [11, 4711]
    asked = [call.params["user_id"] for call in desk.bot.calls if call.method == "getChatMember"]
    assert [str(one) for one in asked].count("11") == 1


async def test_people_are_called_below_a_file_too_and_only_at_the_desk(desk: Desk) -> None:
    await desk.send("", GENERAL, files=(PHOTO,), mentions=("11",))
    assert entities(last(desk, GENERAL))[-1][0] == "text_mention"
    await desk.send("hello", AT_CONTACT, mentions=("11",))
    assert last(desk, AT_CONTACT).text == "hello"


async def test_a_link_to_a_person_in_the_text_calls_them(desk: Desk) -> None:
    await desk.send("[Ann](tg://user?id=5) asks", GENERAL)
    (found,) = last(desk, GENERAL).entities
    assert (found["type"], found["user"]["id"]) == ("text_mention", 5)


async def test_the_longest_text_still_has_room_for_whom_it_calls(desk: Desk) -> None:
    await desk.send(NEARLY_FULL, GENERAL, mentions=tuple(str(11 + n) for n in range(10)))
    assert last(desk, GENERAL).text.startswith("a|b")
