"""What agents say among themselves stays among them, however it is typed, changed or sent in pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Address, File, Inbound, Sender
from tests.office import ANN, NORTH, ROOMS, SOUTH, Office

pytestmark = pytest.mark.anyio
PHOTO = File("f1", "photo", "shot.png", "image/png", 10, NORTH)
OTHER = replace(PHOTO, id="f2")


@pytest.fixture(autouse=True)
async def _with_a_ticket(office: Office) -> None:
    await office.say("/human")


async def part(office: Office, text: str, file: File, ref: str, **more: Any) -> None:
    """A photo of an album comes in; nothing is handled yet."""
    address = Address(NORTH, ROOMS[NORTH], await office.thread_of(1, NORTH))
    sender = Sender(ANN.accounts[NORTH], "Ann")
    inbound = Inbound(
        address, "bot1", f"part-{ref}", sender, text, at=office.clock.now(), files=(file,), album="al", ref=ref
    )
    await office.app.inbox.accept(replace(inbound, **more))
    await office.app.inbox.step()


def files_shown(office: Office) -> list[tuple[File, ...]]:
    """The files that the contact was sent, by message."""
    return [out.files for out in office.platform.shown if out.files]


async def files_at(office: Office, at: str) -> list[str]:
    """The files that agents see at a desk."""
    return [file.id for out in await office.seen(at=at) for file in out.files]


@pytest.mark.parametrize(
    "text",
    [
        "／note 疑似骗子", "！note 疑似骗子", "／／ 疑似骗子", "/note: fraud", "/note，疑似骗子", "/ note fraud",
        "/备注 骗子", "!note: fraud", "@frontdesk_bot /note fraud", "/note1 fraud", "/close_now fraud", "//fraud",
    ],
)  # fmt: skip
async def test_what_looks_like_a_command_never_reaches_the_contact(office: Office, text: str) -> None:
    await office.agent("Ann").presses("claim")
    before = len(office.said())
    await office.agent("Ann").says(text)
    assert office.said()[before:] == []


async def test_who_types_a_command_that_is_none_is_told_that_nothing_was_sent(office: Office) -> None:
    await office.agent("Ann").says("/close_now he is a fraud")
    assert "Not sent" in (await office.texts())[-1]
    assert "close_now" in (await office.texts())[-1].replace("\\", "")
    assert (await office.ticket())["status"] == "waiting"


@pytest.mark.parametrize("text", ["/note he is a fraud", "// he is a fraud", "/close fraud"])
async def test_a_message_edited_into_a_command_is_not_edited_at_the_contact(office: Office, text: str) -> None:
    ref = await office.agent("Ann").says("hello")
    await office.agent("Ann").changes(ref, text)
    assert not [out for out in office.platform.shown if "fraud" in out.text or out.act != "send"]
    assert "fraud" not in " ".join(await office.texts(at=SOUTH))
    assert "Not changed" in (await office.texts())[-1]
    assert await office.rows("select text from message where author = 'agent'") == [("hello",)]
    assert (await office.ticket())["status"] == "claimed"


async def test_a_note_that_is_edited_goes_nowhere_either(office: Office) -> None:
    ref = await office.agent("Ann").says("/note a fraud")
    before = len(office.said()), len(await office.texts())
    await office.agent("Ann").changes(ref, "/note no fraud")
    await office.agent("Ann").changes(ref, "really no fraud")
    assert (len(office.said()), len(await office.texts())) == before


async def test_a_notes_file_shows_at_the_other_desks_and_in_the_history(office: Office) -> None:
    await office.agent("Ann").says("/note see the scan", files=(PHOTO,))
    assert await files_at(office, SOUTH) == ["f1"]
    assert files_shown(office) == []
    assert await office.rows("select detail from history where kind = 'note'") == [("see the scan (shot.png)",)]


async def test_a_note_may_be_nothing_but_a_file(office: Office) -> None:
    await office.agent("Ann").says("/note", files=(PHOTO,))
    assert await files_at(office, SOUTH) == ["f1"]
    assert "Note kept" in (await office.texts())[-1]


@pytest.mark.parametrize("captions", [("/note scans", ""), ("", "/note scans"), ("/note scans", "the back")])
async def test_all_photos_of_a_notes_album_are_the_note(office: Office, captions: tuple[str, str]) -> None:
    await part(office, captions[0], PHOTO, "b1")
    await part(office, captions[1], OTHER, "b2")
    await office.settle()
    assert files_shown(office) == []
    assert await files_at(office, SOUTH) == ["f1", "f2"]
    assert (await office.history()).count("note") == 1


async def test_nothing_of_an_album_with_a_note_in_it_reaches_the_contact(office: Office) -> None:
    before = len(office.said())
    await part(office, "hello", PHOTO, "b1")
    await part(office, "/note a fraud", OTHER, "b2")
    await office.settle()
    assert office.said()[before:] == []
    assert files_shown(office) == []


async def test_a_photo_of_a_notes_album_that_comes_late_is_part_of_the_note(office: Office) -> None:
    await part(office, "/note scans", PHOTO, "b1")
    await office.settle()
    await part(office, "", OTHER, "b2")
    await office.settle()
    assert files_shown(office) == []
    assert await files_at(office, SOUTH) == ["f1", "f2"]


async def test_an_album_for_the_contact_is_one_message(office: Office) -> None:
    await part(office, "see here", PHOTO, "b1")
    await part(office, "", OTHER, "b2")
    assert "see here" not in office.said(), "its other parts are waited for"
    await office.settle()
    assert office.said()[-2:] == ["see here", ""]
    assert files_shown(office) == [(PHOTO, OTHER)]
    await office.agent("Ann").changes("b1", "see there")
    assert [out.text for out in office.platform.shown if out.act == "edit" or out.text == "see there"] == ["see there"]


async def test_the_caption_of_an_album_can_be_changed_whichever_photo_has_it(office: Office) -> None:
    await part(office, "", PHOTO, "b1")
    await part(office, "see here", OTHER, "b2")
    await office.settle()
    await office.agent("Ann").changes("b2", "see there")
    assert await office.rows("select text from message where author = 'agent'") == [("see there",)]


async def test_a_repeated_part_of_an_album_is_taken_once(office: Office) -> None:
    await part(office, "see here", PHOTO, "b1")
    await part(office, "", OTHER, "b2")
    await part(office, "", OTHER, "b2")
    await office.settle()
    await part(office, "", OTHER, "b2")
    await office.settle()
    assert files_shown(office) == [(PHOTO, OTHER)]


async def test_a_photo_that_comes_while_the_first_is_decided_on_is_not_lost(office: Office) -> None:
    await part(office, "see here", PHOTO, "b1")
    (work,) = await office.app.inbox._store.load([1])
    await part(office, "", OTHER, "b2")
    assert [file.id for item in work.items if item.act for file in item.act.files] == ["f1"]
    (later,) = await office.app.inbox._store.load([1])
    assert later.conversation.version != work.conversation.version, "the decision on the first alone is not stored"
    await office.settle()
    assert files_shown(office) == [(PHOTO, OTHER)]
