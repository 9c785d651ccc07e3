"""Telegram's updates as ours: pure translation, tried on updates as Telegram writes them."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update, User

from adapters.telegram.inbound import (
    Hearing,
    Membership,
    Migrated,
    is_anothers,
    label_of,
    press_to_inbound,
    to_inbound,
    without_mention,
)
from adapters.telegram.intake import readable
from bot.dialogue.commands import COMMANDS
from bot.messages import Address, Inbound, Sender
from tests.stands.telegram import Person
from tests.stands.telegram.account import member
from tests.stands.telegram.entities import find

ME = User(111, "Frontdesk", True, username="frontdesk_bot")
OPEN = -500
HEARING = Hearing("telegram", ME, COMMANDS, [OPEN])
ANN = {"id": 5, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "en"}
PRIVATE = {"id": 5, "type": "private", "first_name": "Ann"}
GROUP = {"id": -7, "type": "supergroup", "title": "Traders"}
TOPIC = {"name": "x", "icon_color": 1}
WHEN = 1_780_000_000


def message(chat: dict[str, Any] = PRIVATE, sender: Any = ANN, number: int = 9, **more: Any) -> dict[str, Any]:
    found = {"message_id": number, "date": WHEN, "chat": chat} | ({"from": sender} if sender else {}) | more
    if "text" in more and "entities" not in more:
        found["entities"] = find(more["text"])
    return found


def read(kind: str = "message", **content: Any) -> Any:
    return to_inbound(Update.de_json({"update_id": 1, kind: content}, None), HEARING)


def test_a_private_message_becomes_one_of_ours() -> None:
    assert read(**message(text="hi")) == Inbound(
        Address("telegram", "5"), "111", "m5:9", Sender("5", "Ann Lee", "en"), "hi", at=float(WHEN), ref="9"
    )


def test_the_same_message_has_the_same_id_whatever_the_update_and_an_edit_has_another_each_time() -> None:
    first, second = (
        to_inbound(Update.de_json({"update_id": number, "message": message(text="hi")}, None), HEARING)
        for number in (1, 99)
    )
    assert isinstance(first, Inbound) and isinstance(second, Inbound) and first.external_id == second.external_id
    edits = [
        to_inbound(
            Update.de_json({"update_id": n, "edited_message": message(text="ho", edit_date=WHEN + 5)}, None), HEARING
        )
        for n in (2, 3)
    ]
    assert {edit.external_id for edit in edits if isinstance(edit, Inbound)} == {"e5:9:2", "e5:9:3"}
    assert all(
        isinstance(edit, Inbound) and (edit.kind, edit.ref, edit.at) == ("edit", "9", WHEN + 5) for edit in edits
    )


@pytest.mark.parametrize(
    ("more", "address", "reply_to"),
    [
        ({}, Address("telegram", "-7"), ""),
        ({"message_thread_id": 3}, Address("telegram", "-7"), ""),
        ({"message_thread_id": 3, "is_topic_message": True}, Address("telegram", "-7", "3"), ""),
        ({"message_thread_id": 3, "is_topic_message": True,
          "reply_to_message": message(GROUP, number=3, forum_topic_created=TOPIC)},
         Address("telegram", "-7", "3"), ""),
        ({"reply_to_message": message(GROUP, number=4, text="x")}, Address("telegram", "-7"), "4"),
    ],
)  # fmt: skip
def test_where_it_was_written_and_what_it_quotes(more: dict[str, Any], address: Address, reply_to: str) -> None:
    found = read(**message(GROUP, text="@frontdesk_bot hi", **more))
    assert (found.address, found.reply_to, found.public, found.text) == (address, reply_to, True, "hi")


MINE = {"id": 111, "is_bot": True, "first_name": "Frontdesk"}
LONG_NAME = {"type": "text_mention", "offset": 0, "length": 9, "user": MINE}


@pytest.mark.parametrize(
    ("content", "is_meant"),
    [
        ({"text": "@frontdesk_bot hi"}, True),
        ({"text": "hi @FRONTDESK_bot!"}, True),
        ({"text": "𝕏𝕏 @frontdesk_bot"}, True),
        ({"text": "Frontdesk hi", "entities": [LONG_NAME]}, True),
        ({"text": "@frontdesk_bot hi", "entities": []}, False),
        ({"text": "a@frontdesk_bot.com"}, False),
        ({"text": "@frontdesk_bot2 hi"}, False),
        ({"text": "/help"}, True),
        ({"text": "/HELP now"}, True),
        ({"text": "/help@frontdesk_bot"}, True),
        ({"text": "/price@frontdesk_bot"}, True),
        ({"text": "/price"}, False),
        ({"text": "/help@other_bot"}, False),
        ({"text": "see /help"}, False),
        ({"text": "yes", "reply_to_message": message(GROUP, MINE, 4, text="Did this help?")}, True),
        ({"text": "yes", "reply_to_message": message(GROUP, number=4, text="x")}, False),
        ({"text": "yes", "reply_to_message": message(GROUP, MINE, 4, forum_topic_created=TOPIC)}, False),
        ({"caption": "@frontdesk_bot what is this", "caption_entities": find("@frontdesk_bot"),
          "photo": [{"file_id": "p", "file_unique_id": "q", "width": 1, "height": 1}]}, True),
        ({"photo": [{"file_id": "p", "file_unique_id": "q", "width": 1, "height": 1}]}, False),
    ],
)  # fmt: skip
def test_what_is_meant_for_the_bot_in_a_group(content: dict[str, Any], is_meant: bool) -> None:
    assert (read(**message(GROUP, **content)) is not None) == is_meant


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"text": "how do I withdraw?"}, "overheard"),
        ({"text": "@frontdesk_bot how do I withdraw?"}, "message"),
        ({"text": "how?", "reply_to_message": message(GROUP, number=4, text="x")}, None),
        ({"text": "/price"}, None),
        ({"text": "/help@other_bot"}, None),
    ],
)
def test_what_is_overheard_where_questions_to_nobody_are_answered(content: dict[str, Any], kind: str | None) -> None:
    found = read(**message({**GROUP, "id": OPEN}, **content))
    assert (found and found.kind) == kind


@pytest.mark.parametrize(
    ("sender", "more", "who"),
    [
        (ANN, {}, Sender("5", "Ann Lee", "en")),
        ({"id": 1087968824, "is_bot": True, "first_name": "Group"}, {"sender_chat": GROUP}, Sender("-7", "Traders")),
        ({"id": 136817688, "is_bot": True, "first_name": "Channel"},
         {"sender_chat": {"id": -9, "type": "channel", "title": "News"}}, Sender("-9", "News")),
        (None, {"sender_chat": GROUP}, Sender("-7", "Traders")),
        (None, {}, None),
        ({"id": 8, "is_bot": True, "first_name": "Other"}, {}, None),
        ({"id": 777000, "is_bot": False, "first_name": "Telegram"},
         {"sender_chat": {"id": -9, "type": "channel", "title": "News"}, "is_automatic_forward": True}, None),
    ],
)  # fmt: skip
def test_who_wrote(sender: Any, more: dict[str, Any], who: Sender | None) -> None:
    found = read(**message(GROUP, sender, text="/help", **more))
    assert (found and found.sender) == who


@pytest.mark.parametrize(
    "service",
    [
        {"new_chat_members": [ANN]}, {"left_chat_member": ANN}, {"new_chat_title": "x"}, {"delete_chat_photo": True},
        {"group_chat_created": True}, {"migrate_from_chat_id": -3}, {"forum_topic_closed": {}},
        {"pinned_message": message(GROUP, text="x")}, {"forum_topic_created": TOPIC},
        {"video_chat_started": {}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("chat", [GROUP, PRIVATE, {**GROUP, "id": OPEN}])
def test_what_telegram_tells_of_a_chat_is_nothing_that_anybody_said(service: Any, chat: dict[str, Any]) -> None:
    assert read(**message(chat, **service)) is None


@pytest.mark.parametrize("kind", ["channel_post", "edited_channel_post"])
def test_channel_posts_are_not_for_us(kind: str) -> None:
    assert read(kind, **message({"id": -9, "type": "channel", "title": "News"}, None, text="@frontdesk_bot hi")) is None


def test_a_group_that_moves() -> None:
    assert read(**message(GROUP, migrate_to_chat_id=-100)) == Migrated(-7, -100)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("left", "member", (False, True)), ("kicked", "administrator", (False, True)),
        ("member", "left", (True, False)), ("member", "kicked", (True, False)),
        ("member", "administrator", (True, True)), ("left", "kicked", (False, False)),
    ],
)  # fmt: skip
def test_what_the_bot_is_in_a_chat(old: str, new: str, change: tuple[bool, bool]) -> None:

    bot = Person(111, "Frontdesk", "frontdesk_bot", is_bot=True)
    people = {"old_chat_member": member(bot, old), "new_chat_member": member(bot, new)}
    found = read("my_chat_member", chat=GROUP, date=WHEN, **{"from": ANN}, **people)
    assert isinstance(found, Membership) and (found.was_here, found.is_here) == change


def press(sender: dict[str, Any] = ANN, data: str = "yes", **more: Any) -> Any:
    asked = message(GROUP, number=4, text="/topics") if "reply_to_message" not in more else more.pop("reply_to_message")
    rows = [[{"text": "Yes", "callback_data": "yes"}, {"text": "Link", "url": "https://t.me/x"}]]
    shown = message(GROUP, MINE, text="?", reply_markup={"inline_keyboard": rows}, reply_to_message=asked, **more)
    raw = {"id": "1", "from": sender, "chat_instance": "x", "message": shown, "data": data}
    return Update.de_json({"update_id": 1, "callback_query": raw}, None).callback_query


def test_all_presses_on_one_message_have_one_id() -> None:
    first, second = press_to_inbound(press(), HEARING), press_to_inbound(press(data="no"), HEARING)
    assert first and second and first.external_id == second.external_id == "p-7:9"
    assert (first.choice, first.ref, first.address, first.public) == ("yes", "4", Address("telegram", "-7"), True)
    assert (label_of(press()), label_of(press(data="no"))) == ("Yes", "")


def test_whose_button_it_is() -> None:
    eve = {"id": 6, "is_bot": False, "first_name": "Eve"}
    hidden = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    topic = message(GROUP, number=4, forum_topic_created=TOPIC)
    assert (is_anothers(press()), is_anothers(press(eve))) == (False, True)
    assert not is_anothers(press(eve, reply_to_message=message(GROUP, hidden, 4, text="x"))), "who it was is hidden"
    assert not is_anothers(press(eve, reply_to_message=topic)), "that answers nobody"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@frontdesk_bot: hi", "hi"), ("hi @Frontdesk_Bot", "hi"), ("a @frontdesk_bot b", "a b"),
        ("@frontdesk_bot", ""), ("a\n@frontdesk_bot b", "a\n b"), ("@frontdesk_bot，提现", "提现"),
        ("@frontdesk_bot2 hi", "@frontdesk_bot2 hi"), ("/help@frontdesk_bot", "/help@frontdesk_bot"),
    ],
)  # fmt: skip
def test_a_mention_is_no_part_of_the_question(text: str, rest: str) -> None:
    assert without_mention(text, ME) == rest


def test_an_update_that_the_library_can_not_read_loses_only_what_it_stumbles_over() -> None:
    raw = {"update_id": 3, "message": message(text="my question", poll={"id": "no poll at all"})}
    found = to_inbound(readable(raw, None), HEARING)
    assert isinstance(found, Inbound) and found.text == "my question"
    for broken in (
        {"update_id": 4, "message": {"text": "from nowhere"}},
        {"update_id": 5, "message": 7},
        {"update_id": 6},
    ):
        assert to_inbound(readable(broken, None), HEARING) is None
