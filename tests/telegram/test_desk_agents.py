"""What agents say to contacts: under their name, with the message that they quote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import RetryLater
from bot.messages import Button, File
from tests.stands.telegram import Sent, Status
from tests.telegram.desk import AT_CONTACT, CONTACT, FORUM, GENERAL, NEARLY_FULL, Desk, working

pytestmark = pytest.mark.anyio
BO: dict[str, Any] = {"author": "agent", "name": "Bo"}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working() as made:
        yield made


def shown(desk: Desk) -> Sent:
    return desk.bot.last(CONTACT.id)


def bold(sent: Sent) -> list[str]:
    return [sent.text[one["offset"] :][: one["length"]] for one in sent.entities if one["type"] == "bold"]


async def test_an_agent_is_named_in_the_first_line(desk: Desk) -> None:
    await desk.send("It takes *24 hours*.", AT_CONTACT, **BO)
    assert shown(desk).text == "Bo\nIt takes 24 hours." and bold(shown(desk)) == ["Bo"]
    await desk.send("And the bot is not.", AT_CONTACT)
    assert shown(desk).text == "And the bot is not."


@pytest.mark.parametrize("text", ["- one\n- two", "```\ncode\n```", "---", "# Title", "> quoted"])
async def test_a_name_never_becomes_a_part_of_what_is_said(desk: Desk, text: str) -> None:
    await desk.send(text, AT_CONTACT)
    alone = shown(desk).text
    await desk.send(text, AT_CONTACT, author="agent", name="Bo & <Co>\n*x*")
    assert shown(desk).text == f"Bo & <Co> *x*\n{alone}" and bold(shown(desk))[0] == "Bo & <Co> *x*"


async def test_a_name_is_kept_when_telegram_refuses_the_markup(desk: Desk) -> None:
    desk.api.fail("sendMessage", Status(400, description="Bad Request: can't parse entities: no"))
    await desk.send("It takes **24 hours**.", AT_CONTACT, **BO)
    assert shown(desk).text == "Bo\nIt takes 24 hours."


async def test_the_longest_text_still_has_room_for_the_name(desk: Desk) -> None:
    await desk.send(NEARLY_FULL, AT_CONTACT, author="agent", name="B" * 60)
    assert shown(desk).text.startswith("B" * 60 + "\na|b")


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "audio", "video"])
async def test_below_a_file_stands_who_sent_it(desk: Desk, kind: Any) -> None:
    await desk.send("", AT_CONTACT, files=(File("1", kind, channel="discord"),), **BO)
    assert (shown(desk).text, bold(shown(desk)), shown(desk).kind) == ("Bo", ["Bo"], kind)
    await desk.send("here you are", AT_CONTACT, files=(File("1", kind, channel="discord"),), **BO)
    assert shown(desk).text == "Bo\nhere you are"


async def test_an_album_says_it_once(desk: Desk) -> None:
    await desk.send("", AT_CONTACT, files=(File("1", "photo", channel="discord"),) * 3, **BO)
    assert [sent.text for sent in desk.bot.shown(CONTACT.id)] == ["Bo", "", ""]


@pytest.mark.parametrize("kind", ["sticker", "location", "contact"])
async def test_what_can_have_no_caption_has_none(desk: Desk, kind: Any) -> None:
    await desk.send(
        "", AT_CONTACT, files=(File("1,2", kind, "Ann", channel="telegram" if kind != "sticker" else "x"),), **BO
    )
    assert (shown(desk).text, shown(desk).kind) == ("", kind)


async def test_an_edit_keeps_the_name(desk: Desk) -> None:
    number = (await desk.send("24 huors", AT_CONTACT, **BO)).external_id
    await desk.send("24 hours", AT_CONTACT, act="edit", target=number, **BO)
    assert shown(desk).text == "Bo\n24 hours" and bold(shown(desk)) == ["Bo"]


async def test_what_an_agent_quotes_is_quoted_in_private_too(desk: Desk) -> None:
    asked = desk.bot.says(CONTACT, "and how long?")
    desk.bot.says(CONTACT, "hello?")
    await desk.send("24 hours", AT_CONTACT, reply_to=str(asked), **BO)
    assert shown(desk).reply_to == asked
    await desk.send("by the bot", AT_CONTACT, reply_to=str(asked))
    assert shown(desk).reply_to is None


async def test_at_the_desk_the_text_itself_says_who_wrote(desk: Desk) -> None:
    await desk.send("**Bo → Ann** 24 hours", GENERAL, **BO)
    assert desk.bot.last(FORUM.id).text == "Bo → Ann 24 hours"


async def test_a_text_too_long_for_a_caption_comes_first_and_once(desk: Desk) -> None:
    desk.api.fail("sendPhoto", Status(429, retry_after=1))
    what = {"files": (File("1", "photo", channel="discord"),), "buttons": (Button("Claim", "claim"),), "key": "one"}
    with pytest.raises(RetryLater):
        await desk.send("x" * 1500, GENERAL, **what)
    desk.adapter._pace._paused.clear()  # type: ignore[attr-defined]  # nobody wants to wait a second here
    receipt = await desk.send("x" * 1500, GENERAL, **what)
    text, photo = desk.bot.shown(FORUM.id)
    assert (text.text, photo.text, photo.kind) == ("x" * 1500, "", "photo")
    assert (text.labels, photo.labels, receipt.external_id) == (["Claim"], [], str(text.message_id))


@pytest.mark.parametrize("count", [1, 2])
async def test_a_short_text_with_files_and_buttons_keeps_all_of_them(desk: Desk, count: int) -> None:
    files = (File("1", "photo", channel="discord"),) * count
    await desk.send("**Ann** sent this", GENERAL, files=files, buttons=(Button("Claim", "claim"),))
    first, *rest = desk.bot.shown(FORUM.id)
    assert (first.text, first.labels) == ("Ann sent this", ["Claim"])
    assert [sent.kind for sent in (first, *rest)] == (["photo"] if count == 1 else ["text", "photo", "photo"])
