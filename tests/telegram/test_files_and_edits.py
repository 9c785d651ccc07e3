"""What is no text: files, albums, polls; and what people do with a message later: edit it, quote it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.stands.telegram import Person
from tests.telegram.people import ANSWER, NAME, QUESTION, UNKNOWN, UNKNOWN_ANSWER, Service, serving

# kind, what is kept of it: (kind, name, type), and the word for it in both languages
KINDS = [
    ("photo", ("photo", "", "image/jpeg"), "photo", "图片"),
    ("document", ("document", "bill.pdf", "application/pdf"), "document", "文件"),
    ("voice", ("voice", "", "audio/ogg"), "voice message", "语音"),
    ("audio", ("audio", "bill.mp3", "audio/mpeg"), "audio", "音频"),
    ("video", ("video", "bill.mp4", "video/mp4"), "video", "视频"),
    ("video_note", ("video", "", ""), "video", "视频"),
    ("animation", ("document", "bill.mp4", "video/mp4"), "document", "文件"),
    ("sticker", ("sticker", "👍", "image/webp"), "sticker", "表情贴纸"),
]
NAMES = {"document": "bill.pdf", "audio": "bill.mp3", "video": "bill.mp4", "animation": "bill.mp4", "voice": "v.ogg"}
PLACES = [
    ("location", ("47.3769,8.5417", "location", "47.3769,8.5417"), "location", "位置"),
    ("venue", ("47.3769,8.5417", "location", "Desk"), "location", "位置"),
    ("contact", ("+41440000000", "contact", "Ann"), "contact", "联系人"),
]


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


async def files(desk: Service, who: Person, columns: str = "kind, name, type, size") -> list[tuple[Any, ...]]:
    number = await desk.conversation(who)
    return await desk.rows(f"select {columns} from file where conversation = {number} order by seq, place")


async def texts(desk: Service, who: Person) -> list[str]:
    """What somebody said, as the record has it."""
    number = await desk.conversation(who)
    sql = f"select text from message where conversation = {number} and author = 'contact' order by seq"
    return [text for (text,) in await desk.rows(sql)]


@pytest.mark.parametrize(("kind", "kept", "word", "wort"), KINDS)
async def test_a_file_is_kept_by_its_id_and_acknowledged_in_words(
    desk: Service, kind: str, kept: tuple[str, ...], word: str, wort: str
) -> None:
    ann, li = desk.person(), desk.person("李雷", "zh-hans")
    for who in (ann, li):
        desk.bot.sends(who, kind, name=NAMES.get(kind, ""), content=b"12345")
    (english,), (chinese,) = await desk.shown(ann), await desk.shown(li)
    assert english.text.startswith(f"I've received this: {word}.") and chinese.text.startswith(f"我已收到：{wort}。")
    assert english.labels == ["Talk to a person"] and chinese.labels == ["转人工"]
    assert await files(desk, ann) == [(*kept, 5)]
    ((file_id,),) = await files(desk, ann, "id")
    assert desk.bot.files[file_id].content == b"12345"


@pytest.mark.parametrize(("kind", "kept", "word", "wort"), PLACES)
async def test_a_place_or_contact_is_kept_and_acknowledged_in_words(
    desk: Service, kind: str, kept: tuple[str, ...], word: str, wort: str
) -> None:
    ann, li = desk.person(), desk.person("李雷", "zh-hans")
    for who in (ann, li):
        where = {"location": {"latitude": 47.3769, "longitude": 8.5417}} if kind == "venue" else {}
        desk.bot.sends(who, kind, **where)
    assert f"I've received this: {word}." in (await desk.shown(ann))[0].text
    assert f"我已收到：{wort}。" in (await desk.shown(li))[0].text
    assert await files(desk, ann, "id, kind, name") == [kept]


async def test_a_file_with_a_question_is_noted_and_the_question_answered_in_one_message(desk: Service) -> None:
    ann = desk.person()
    desk.bot.sends_photo(ann, QUESTION)
    (shown,) = await desk.shown(ann)
    assert shown.text.startswith("I've kept what you sent (photo)") and ANSWER in shown.text


async def test_an_album_is_acknowledged_once(desk: Service) -> None:
    ann, ben = desk.person(), desk.person("Ben")
    for number in range(3):
        desk.bot.sends_photo(ann, album="a1", name=f"{number}.jpg")
        desk.bot.sends(ben, "document", album="b1", name=f"{number}.pdf", caption=QUESTION if number == 0 else "")
    (first,), (second,) = await desk.shown(ann), await desk.shown(ben)
    assert first.text.startswith("I've received this: photo.")
    assert "I've kept what you sent (document)" in second.text and ANSWER in second.text
    assert len(await files(desk, ann)) == 3
    assert await files(desk, ben, "name") == [("0.pdf",), ("1.pdf",), ("2.pdf",)]
    await desk.quiet(ann, 1)


async def test_files_for_a_human_are_kept_without_a_word_each(desk: Service) -> None:
    ann = desk.person()
    await desk.ask(ann, "/human")
    desk.bot.sends_photo(ann)
    assert "keep quiet" in (await desk.shown(ann, 2))[1].text
    desk.bot.sends_photo(ann)
    await desk.quiet(ann, 2)
    assert len(await files(desk, ann)) == 2


@pytest.mark.parametrize(
    "what",
    [
        {"dice": {"emoji": "🎲", "value": 4}},
        {"poll": {"id": "1", "question": "Why?", "options": [], "total_voter_count": 0, "is_closed": False,
                  "is_anonymous": True, "type": "regular", "allows_multiple_answers": False}},
        {"game": {"title": "Chess", "description": "", "photo": []}},
        {"something_new": {"of": "next year"}},
    ],
)  # fmt: skip
async def test_what_can_not_be_read_is_said_so_kindly_in_the_persons_language(
    desk: Service, what: dict[str, Any]
) -> None:
    ann, li = desk.person(), desk.person("李雷", "zh")
    for who in (ann, li):
        desk.bot.says(who, "", **what)
    assert "in words" in (await desk.shown(ann))[0].text
    assert "请用文字" in (await desk.shown(li))[0].text


@pytest.mark.parametrize("what", ["pinned", "title", "timer", "joined"])
async def test_what_telegram_tells_of_the_chat_is_no_message(desk: Service, what: str) -> None:
    ann, group = desk.person(), desk.group()
    told = {
        "pinned": {"pinned_message": {"message_id": 1, "date": 0, "chat": group.chat()}},
        "title": {"new_chat_title": "New"},
        "timer": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        "joined": {"new_chat_members": [ann.user()]},
    }[what]
    desk.bot.post_update(group, ann, told)
    desk.bot.says(ann, "", **told)
    await desk.quiet(group)
    assert desk.bot.shown(ann.id) == []


# Edits


async def test_an_edit_changes_the_record_and_an_answered_question_is_not_answered_again(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, QUESTION)
    await desk.shown(ann)
    desk.bot.edits(ann, asked, "My withdrawal of 5 BTC has not arrived")
    await desk.quiet(ann, 1)
    assert await texts(desk, ann) == ["My withdrawal of 5 BTC has not arrived"]
    number = await desk.conversation(ann)
    assert await desk.rows(f"select edited_at > 0 from message where conversation = {number} and seq = 1") == [(1,)]


async def test_an_unanswered_question_that_is_edited_is_asked_anew(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, UNKNOWN)
    assert UNKNOWN_ANSWER in (await desk.shown(ann))[0].text
    desk.bot.edits(ann, asked, QUESTION)
    assert ANSWER in (await desk.shown(ann, 2))[1].text
    assert await texts(desk, ann) == [QUESTION]


async def test_an_edit_that_changes_only_what_is_shown_of_a_link_is_none(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, UNKNOWN)
    await desk.shown(ann)
    desk.bot.edits(ann, asked, UNKNOWN)
    await desk.quiet(ann, 1)


async def test_an_edit_while_a_human_has_the_chat_changes_what_they_see_and_says_nothing(desk: Service) -> None:
    ann = desk.person()
    await desk.ask(ann, "/human")
    said = desk.bot.says(ann, "my number is 1234")
    await desk.shown(ann, 2)
    desk.bot.edits(ann, said, "my number is 5678")
    await desk.quiet(ann, 2)
    assert await texts(desk, ann) == ["/human", "my number is 5678"]


async def test_a_secret_that_an_edit_brings_in_is_hidden_and_warned_of(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, QUESTION)
    await desk.shown(ann)
    desk.bot.edits(ann, asked, "My withdrawal has not arrived, my password is hunter2secret")
    assert "I've hidden it" in (await desk.shown(ann, 2))[1].text
    assert "hunter2secret" not in (await texts(desk, ann))[0]


async def test_the_caption_of_a_photo_and_the_photo_itself_follow_an_edit(desk: Service) -> None:
    ann = desk.person()
    sent = desk.bot.sends_photo(ann, "my screenshot of the error", name="first.jpg")
    await desk.shown(ann)
    other = desk.bot.sends_photo(desk.person("Ben"), name="second.jpg", content=b"123456789")
    (photo,) = [
        message["photo"] for (_, number), message in desk.bot.messages.items() if number == other and "photo" in message
    ]
    desk.bot.edits(ann, sent, "my second screenshot", photo=photo)
    await desk.taken()
    assert await texts(desk, ann) == ["my second screenshot"]
    assert await files(desk, ann, "kind, size") == [("photo", 9)]


async def test_a_message_edited_before_it_is_handled_is_handled_as_it_is_now(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, UNKNOWN)
    desk.bot.edits(ann, asked, QUESTION)
    await desk.bot.eventually(lambda: any(ANSWER in sent.text for sent in desk.bot.shown(ann.id)), "the answer")
    assert await texts(desk, ann) == [QUESTION]


async def test_an_edit_of_what_the_bot_never_got_is_ignored(desk: Service) -> None:
    ann, group = desk.person(), desk.group()
    said = desk.bot.says(ann, "morning", group)
    desk.bot.edits(ann, said, f"@{NAME} {QUESTION}", group)
    await desk.quiet(group)


# Quotes


async def test_a_quoted_reply_keeps_what_it_quotes(desk: Service) -> None:
    ann = desk.person()
    asked = desk.bot.says(ann, UNKNOWN)
    answer = (await desk.shown(ann))[0]
    desk.bot.says(ann, "hello", reply_to=answer.message_id)
    await desk.shown(ann, 2)
    desk.bot.says(ann, "thanks", reply_to=asked)
    await desk.shown(ann, 3)
    number = await desk.conversation(ann)
    sql = f"select text, reply_to from message where conversation = {number} and author = 'contact' order by seq"
    assert await desk.rows(sql) == [(UNKNOWN, None), ("hello", 2), ("thanks", 1)]
