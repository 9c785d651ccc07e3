"""The stand-in of Telegram behaves as Telegram does, seen through python-telegram-bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import Conflict, Forbidden, NetworkError

from tests.stands.telegram import BotAccount, BotApi, conftest
from tests.stands.telegram.conftest import ANN, BEN, GROUP, client, refused, yes

pytestmark = pytest.mark.anyio
api, bot, tg = conftest.api, conftest.bot, conftest.tg


# Updates


async def test_an_update_comes_again_until_an_offset_confirms_it(bot: BotAccount, tg: Bot) -> None:
    bot.says(ANN, "one")
    bot.jump(1000)
    bot.says(ANN, "two")
    first, second = await tg.get_updates()
    assert [first.message.text, second.message.text] == ["one", "two"]  # type: ignore[union-attr]
    assert second.update_id == first.update_id + 1001
    assert len(await tg.get_updates(limit=1)) == 1
    assert [update.update_id for update in await tg.get_updates(offset=first.update_id + 1)] == [second.update_id]
    assert (bot.confirmed, bot.pending) == ([first.update_id], [second.update_id])


async def test_a_negative_offset_forgets_all_but_the_newest(bot: BotAccount, tg: Bot) -> None:
    for text in "abc":
        bot.says(ANN, text)
    assert [update.message.text for update in await tg.get_updates(offset=-2)] == ["b", "c"]  # type: ignore[union-attr]
    assert len(bot.pending) == 2


async def test_a_long_poll_answers_when_something_comes(bot: BotAccount, tg: Bot) -> None:
    poll = asyncio.create_task(tg.get_updates(timeout=30))
    await bot.eventually(lambda: bot.polled, "a long poll")
    bot.says(ANN, "/start@frontdesk_bot 😀 mail a@b.ch or https://a.com/b. @ann_b")
    message = (await poll)[0].message
    assert message is not None and message.from_user is not None and message.from_user.language_code == "en"
    assert {str(entity.type): found for entity, found in message.parse_entities().items()} == {
        "bot_command": "/start@frontdesk_bot",
        "email": "a@b.ch",
        "url": "https://a.com/b",
        "mention": "@ann_b",
    }


async def test_a_second_poller_throws_out_the_first(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    first = asyncio.create_task(tg.get_updates(timeout=30))
    await bot.eventually(lambda: bot.polled, "a long poll")
    async with client(api) as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
            await first
        bot.says(ANN, "hello")
        assert len(await second) == 1


async def test_a_killed_poller_leaves_its_place_to_the_next(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    first = asyncio.create_task(tg.get_updates(timeout=30))
    await bot.eventually(lambda: bot.polled, "a long poll")
    await api.break_connections()
    with pytest.raises(NetworkError):
        await first
    assert not bot.polled
    bot.says(ANN, "hello")
    assert len(await tg.get_updates(timeout=30)) == 1


async def test_a_webhook_is_tried_in_order_until_it_says_yes(bot: BotAccount, tg: Bot) -> None:
    came: list[bytes] = []
    failures = [b"HTTP/1.1 500 no\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n"]

    async def hook(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        came.append(head + await reader.readexactly(length))
        writer.write(failures.pop(0) + b"content-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hook, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        bot.says(ANN, "one")
        bot.says(ANN, "two")
        await tg.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await tg.get_updates()
        await bot.eventually(lambda: not bot.pending, "both confirmed")
        assert "500" in str((await tg.get_webhook_info()).last_error_message)
        await tg.delete_webhook()
    assert [b'"one"' in body for body in came] == [True, True, False]
    assert all(b"x-telegram-bot-api-secret-token: s3cret" in body.lower() for body in came)
    assert not await tg.get_updates()


# Messages


async def test_a_message_is_shown_without_its_markup(bot: BotAccount, tg: Bot) -> None:
    asked = bot.says(ANN, "how?")
    text = '  <b>Hi <i>you</i></b> 😀 &lt;3 &amp;&#33; &copy; <a href="https://a.com">x</a>\n'
    message = await tg.send_message(ANN.id, text, parse_mode="HTML", reply_to_message_id=asked, reply_markup=yes())
    (sent,) = bot.shown(ANN.id)
    assert sent.text == message.text == "Hi you 😀 <3 &! &copy; x"
    assert sent.html == text and sent.reply_to == asked and sent.buttons == [[{"text": "Yes", "callback_data": "yes"}]]
    found = {str(entity.type): text for entity, text in message.parse_entities().items()}
    assert found == {"bold": "Hi you", "italic": "you", "text_link": "x"}
    assert message.reply_to_message is not None and message.reply_to_message.text == "how?"


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("a <x>b</x>", 'Unsupported start tag "x" at byte offset 2'),
        ("é <p>b</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("1 < 2 > 0", 'Unsupported start tag "" at byte offset 2'),
        ("I <3 you", 'Unsupported start tag "3" at byte offset 2'),
        ("I <3", "Unclosed start tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=>x</a>", None),
        ('<pre><code class="language-py">x</code></pre><blockquote expandable>y</blockquote>', None),
    ],
)
async def test_markup_is_read_strictly(bot: BotAccount, tg: Bot, html: str, error: str | None) -> None:
    if error is None:
        await tg.send_message(ANN.id, html, parse_mode="HTML")
    else:
        await refused(tg.send_message(ANN.id, html, parse_mode="HTML"))
        assert bot.calls[-1].description == f"Bad Request: can't parse entities: {error}"
        assert not bot.sent


async def test_limits_count_utf_16_units_after_parsing(bot: BotAccount, tg: Bot) -> None:
    await tg.send_message(ANN.id, f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    assert await refused(tg.send_message(ANN.id, "😀" * 2048 + "x")) == "Message is too long"
    assert await refused(tg.send_message(ANN.id, " \n ")) == "Message text is empty"
    assert await refused(tg.send_photo(ANN.id, b"jpg", caption="x" * 1025)) == "Message caption is too long"


async def test_keyboards_are_checked(bot: BotAccount, tg: Bot) -> None:
    await tg.send_message(ANN.id, "x", reply_markup=yes(callback_data="é" * 32))
    for button, error in (
        ({"callback_data": "é" * 32 + "x"}, "BUTTON_DATA_INVALID"),
        ({"url": "http://localhost/x"}, "URL 'http://localhost/x' is invalid: Wrong HTTP URL"),
        ({"url": "ftp://a.com"}, "is invalid: Unsupported URL protocol"),
    ):
        await refused(tg.send_message(ANN.id, "x", reply_markup=yes(**button)))
        assert bot.calls[-1].description.endswith(error)
    assert len(bot.sent) == 1


async def test_whoever_can_t_be_reached_is_named(api: BotApi, bot: BotAccount, tg: Bot) -> None:
    bot.says(BEN, "hi", GROUP)
    assert await refused(tg.send_message(77, "x")) == "Chat not found"
    troubles: dict[str, Callable[[], None]] = {
        "Forbidden: bot was blocked by the user": lambda: api.block(ANN.id),
        "Forbidden: user is deactivated": lambda: api.deactivate(ANN.id),
        "Forbidden: bot was kicked from the supergroup chat": lambda: api.kick(bot, GROUP),
        "Forbidden: bot can't initiate conversation with a user": lambda: None,
    }
    for words, trouble in troubles.items():
        trouble()
        chat = GROUP.id if "kicked" in words else BEN.id if "initiate" in words else ANN.id
        with pytest.raises(Forbidden) as error:
            await tg.send_message(chat, "x")
        assert error.value.message == words


async def test_a_message_can_be_changed_and_deleted_while_it_exists(bot: BotAccount, tg: Bot) -> None:
    asked = bot.says(ANN, "how?")
    sent = await tg.send_message(ANN.id, "x", reply_markup=yes())
    await tg.edit_message_text("y", ANN.id, sent.message_id)
    assert bot.sent[0].text == "y" and bot.sent[0].edits == ["y"] and not bot.sent[0].buttons
    same = tg.edit_message_text("y", ANN.id, sent.message_id)
    assert (await refused(same)).startswith("Message is not modified: specified new message content")
    assert "not modified" in await refused(tg.edit_message_reply_markup(ANN.id, sent.message_id))
    assert await refused(tg.edit_message_text("y", ANN.id, asked)) == "Message can't be edited"
    await tg.delete_message(ANN.id, sent.message_id)
    assert bot.sent[0].deleted and not bot.shown(ANN.id)
    assert await refused(tg.edit_message_text("z", ANN.id, sent.message_id)) == "Message to edit not found"
    assert await refused(tg.delete_message(ANN.id, sent.message_id)) == "Message to delete not found"
    reply = {"reply_to_message_id": sent.message_id}
    assert await refused(tg.send_message(ANN.id, "x", **reply)) == "Message to be replied not found"  # type: ignore[arg-type]
    await tg.send_message(ANN.id, "x", allow_sending_without_reply=True, **reply)  # type: ignore[arg-type]


async def test_a_pressed_button_is_answered_once_it_is_not_too_late(bot: BotAccount, tg: Bot) -> None:
    sent = await tg.send_message(ANN.id, "sure?", reply_to_message_id=bot.says(ANN, "?"), reply_markup=yes())
    first, late = bot.presses(ANN, sent.message_id, "Yes"), bot.presses(ANN, sent.message_id, "yes")
    bot.expire(late)
    query = (await tg.get_updates())[-1].callback_query
    assert query is not None and query.data == "yes" and query.message is not None
    assert query.message.reply_to_message.text == "?"  # type: ignore[attr-defined]
    await tg.answer_callback_query(first, "Done", show_alert=True)
    assert bot.answered[first].text == "Done" and bot.answered[first].show_alert
    assert (await refused(tg.answer_callback_query(late))).startswith("Query is too old")
    with pytest.raises(AssertionError, match="no button 'No'"):
        bot.presses(ANN, sent.message_id, "No")


async def test_files_go_both_ways(bot: BotAccount, tg: Bot) -> None:
    content = bytes(range(256)) * 40 + b"\r\n--x\r\n"
    bot.sends_photo(ANN, "look at #this", album="7")
    bot.sends(ANN, "document", name="proof.pdf", content=content, album="7")
    bot.sends(ANN, "video", size=21 * 1024 * 1024)
    photo, document, video = (update.message for update in await tg.get_updates())
    assert photo and photo.photo and photo.caption == "look at #this" and photo.media_group_id == "7"
    assert document and document.document and document.document.file_name == "proof.pdf"
    file = await tg.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == content
    assert video and video.video
    assert await refused(tg.get_file(video.video.file_id)) == "File is too big"
    back = await tg.send_document(ANN.id, content, filename="é.bin", caption="<b>x</b>", parse_mode="HTML")
    assert back.document and bot.sent[0].content == content and bot.sent[0].text == "x"
    album: list[InputMediaPhoto | InputMediaDocument] = [
        InputMediaPhoto(photo.photo[-1].file_id, "one"),
        InputMediaDocument(content, filename="a.bin"),
    ]
    assert len(await tg.send_media_group(ANN.id, album)) == 2
    assert [sent.kind for sent in bot.sent] == ["document", "photo", "document"] and bot.sent[2].content == content
    assert "wrong file identifier" in (await refused(tg.send_voice(ANN.id, "nonsense"))).lower()
    copy = await tg.copy_message(ANN.id, ANN.id, photo.message_id)
    assert bot.last(ANN.id).message_id == copy.message_id and bot.last(ANN.id).text == "look at #this"
    assert (await tg.forward_message(ANN.id, ANN.id, photo.message_id)).forward_origin is not None


async def test_edits_and_other_kinds_come_as_telegram_forms_them(bot: BotAccount, tg: Bot) -> None:
    number = bot.says(ANN, "helo")
    bot.edits(ANN, number, "hello")
    for kind in ("voice", "video", "audio", "animation", "sticker", "video_note", "location", "contact"):
        bot.sends(ANN, kind)
    updates = await tg.get_updates()
    assert updates[1].edited_message and updates[1].edited_message.text == "hello"
    assert all(update.message and update.message.effective_attachment for update in updates[2:])
    assert len(updates) == 10
