"""What is done to messages on Discord that are there already: those of the desk, and what agents said to contacts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import TemporaryFailure, Undeliverable
from bot.messages import Address, File, Outbound
from tests.discord.agents import BUTTONS, Desk, working
from tests.stands.discord import Status
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Member

FILE = File("1", "photo", "proof.png", "image/png", 10, "telegram")


@pytest.fixture
async def office(anyio_backend: str) -> AsyncIterator[Desk]:
    async with working() as running:
        yield running


def marks(message: Message) -> list[str]:
    """The reactions on a message, oldest first."""
    return [emoji for _, emoji in message.reactions]


async def test_a_message_at_the_desk_gets_another_text_and_keeps_its_buttons_and_files(office: Desk) -> None:
    thread = await office.opened(buttons=BUTTONS, files=(FILE,))
    (brief,) = thread.messages
    await office.send("Ann: @everyone sooner", thread, act="edit", target=str(brief.id))
    assert brief.content == "Ann: @everyone sooner" and brief.buttons == ["Claim", "High"]
    assert [each.filename for each in brief.attachments] == ["proof.png"] and not brief.pings.everyone


async def test_a_message_at_the_desk_is_taken_away_and_that_can_be_repeated(office: Desk) -> None:
    thread = await office.opened()
    receipt = await office.send("Ann: oops", thread)
    for _ in range(2):
        await office.send("", thread, act="delete", target=receipt.external_id)
        assert office.said(thread) == ["The brief"]


async def test_in_an_archived_thread_messages_change_and_it_stays_archived(office: Desk) -> None:
    thread = await office.opened()
    (brief,) = thread.messages
    said = thread.says(office.ben, "hello")
    thread.archive()
    await office.send("Another brief", thread, act="edit", target=str(brief.id))
    await office.send("sent", thread, act="mark", target=str(said.id))
    assert brief.content == "Another brief" and marks(said) == ["✅"] and thread.archived
    await office.send("", thread, act="delete", target=str(brief.id))
    assert office.said(thread) == [] and thread.archived


@pytest.mark.parametrize("act", ["edit", "delete", "mark"])
async def test_where_a_message_or_its_thread_is_gone_nothing_fails(office: Desk, act: str) -> None:
    thread = await office.opened()
    said = thread.says(office.ben, "hello")
    thread.deletes(said)
    await office.send("sent", thread, act=act, target=str(said.id))
    thread.delete()
    await office.send("sent", thread, act=act, target=str(said.id))
    await office.send("sent", "#9", act=act, target=str(said.id))
    await office.send("sent", thread, act=act, target="")


async def test_an_agents_message_shows_what_became_of_it_and_only_the_last_word(office: Desk) -> None:
    thread = await office.opened()
    said = thread.says(office.ben, "hello")
    said.reactions.append((office.platform.users[office.ben.id], "⏳"))  # an agent's own is theirs
    for word, shown in (("delayed", "⏳"), ("failed", "❌"), ("sent", "✅"), ("sent", "✅")):
        await office.send(word, thread, act="mark", target=str(said.id))
        assert [emoji for who, emoji in said.reactions if who == office.bot] == [shown]
    assert len(said.reactions) == 2


async def test_a_mark_that_is_not_allowed_fails_nothing(office: Desk) -> None:
    thread = await office.opened()
    said = thread.says(office.ben, "hello")
    office.guild.deny("add_reactions")
    await office.send("sent", thread, act="mark", target=str(said.id))
    assert marks(said) == []


async def test_a_mark_that_discord_fails_to_make_is_tried_again(office: Desk) -> None:
    thread = await office.opened()
    said = thread.says(office.ben, "hello")
    office.platform.fail("GET", "/channels/{channel}/messages/{message}", Status(403, code=40006), times=1)
    with pytest.raises(TemporaryFailure):
        await office.send("sent", thread, act="mark", target=str(said.id))
    await office.send("sent", thread, act="mark", target=str(said.id))
    assert marks(said) == ["✅"]


def by_ben(text: str, to: Member, key: str = "by-ben", **more: object) -> Outbound:
    """What an agent says to a contact."""
    return Outbound(key, Address("discord", f"u{to.id}"), text, author="agent", name="Ben *B*", **more)  # type: ignore[arg-type]


async def test_a_contact_sees_who_answers_above_the_answer(office: Desk) -> None:
    ann = office.person()
    await office.adapter.send(by_ben("It is **on its way**", ann))
    (message,) = office.platform.dm(ann).messages
    assert message.content == "**Ben \\*B\\***\nIt is **on its way**" and not message.embeds


async def test_files_and_long_answers_have_the_name_too(office: Desk) -> None:
    ann = office.person()
    await office.adapter.send(by_ben("", ann, "1", files=(FILE,)))
    await office.adapter.send(by_ben("x" * 2000, ann, "2"))
    file, long = office.platform.dm(ann).messages
    assert file.content == "**Ben \\*B\\***" and len(file.attachments) == 1
    assert long.embeds[0]["author"]["name"] == "Ben *B*" and long.embeds[0]["description"] == "x" * 2000


async def test_what_the_bot_says_has_no_name_above_it(office: Desk) -> None:
    ann = office.person()
    await office.adapter.send(Outbound("1", Address("discord", f"u{ann.id}"), "hello", name="Ben"))
    assert office.platform.dm(ann).texts == ["hello"]


async def test_what_an_agent_said_to_a_contact_changes_and_goes_with_its_name_and_files(office: Desk) -> None:
    ann = office.person()
    receipt = await office.adapter.send(by_ben("tomorow", ann, "1", files=(FILE,)))
    (message,) = office.platform.dm(ann).messages
    await office.adapter.send(by_ben("tomorrow", ann, "2", act="edit", target=receipt.external_id))
    assert message.content == "**Ben \\*B\\***\ntomorrow" and len(message.attachments) == 1
    await office.adapter.send(by_ben("y" * 2000, ann, "3", act="edit", target=receipt.external_id))
    assert message.content.strip("\u200b") == "" and message.embeds[0]["description"] == "y" * 2000
    for key in ("4", "5"):
        await office.adapter.send(by_ben("", ann, key, act="delete", target=receipt.external_id))
        assert office.platform.dm(ann).messages == []
    with pytest.raises(Undeliverable):
        await office.adapter.send(by_ben("too late", ann, "6", act="edit", target=receipt.external_id))


async def test_so_it_is_in_the_private_thread_of_somebody_without_direct_messages(office: Desk) -> None:
    ann = office.person()
    office.platform.close_dms(ann)
    receipt = await office.adapter.send(by_ben("tomorow", ann, "1", reply_to=f"i1@{office.open.id}"))
    (thread,) = office.open.threads
    assert thread.private and office.said(thread) == ["**Ben \\*B\\***\ntomorow"]
    thread.archive()
    await office.adapter.send(by_ben("tomorrow", ann, "2", act="edit", target=receipt.external_id))
    assert office.said(thread) == ["**Ben \\*B\\***\ntomorrow"]
    await office.adapter.send(by_ben("", ann, "3", act="delete", target=receipt.external_id))
    assert office.said(thread) == []


async def test_what_an_agent_quotes_is_quoted_to_the_contact(office: Desk) -> None:
    ann = office.person()
    said = office.platform.dm(ann).says(ann, "where is it?")
    (heard,) = await office.hears()
    await office.adapter.send(by_ben("There", ann, "1", reply_to=heard.ref))
    await office.adapter.send(by_ben("Here", ann, "2", reply_to="123"))
    _, there, here = office.platform.dm(ann).messages
    assert there.reference is said and here.reference is None


async def test_what_an_agent_says_to_a_command_of_a_contact_is_no_whisper(office: Desk) -> None:
    ann = office.person()
    used = ann.uses("/human", channel=office.open)
    (heard,) = await office.hears()
    await office.adapter.send(by_ben("Hello, I'm Ben", ann, reply_to=heard.ref))
    assert office.platform.dm(ann).texts == ["**Ben \\*B\\***\nHello, I'm Ben"] and used.texts == []
