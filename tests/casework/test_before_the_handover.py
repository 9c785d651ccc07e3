"""What the contact said and sent before people came, or with the words that called them, reaches the desks as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.messages import Address, File, Inbound, Sender
from tests.harness import CHANNEL
from tests.office import NORTH, SOUTH, Office

pytestmark = pytest.mark.anyio
PHOTO = File("f1", "photo", "shot.png", "image/png", 10, CHANNEL)


async def sends(office: Office, ref: str, text: str = "", *files: File) -> None:
    """The contact writes something, or sends files; nothing is handled yet."""
    inbound = Inbound(Address(CHANNEL, "ann"), "bot1", f"c{ref}", Sender("ann", "Ann"), text, files=files, ref=ref)
    await office.app.inbox.accept(replace(inbound, at=office.clock.now()))


async def files_at(office: Office, at: str = NORTH, ticket: int = 1) -> list[str]:
    """The files that agents see at a desk."""
    return [file.id for out in await office.seen(ticket, at) for file in out.files]


# --- words behind a command ---------------------------------------------------------------------------------------


async def test_words_behind_the_command_that_calls_people_are_the_question(office: Office) -> None:
    await office.say("/human my coins are lost in the bridge")
    assert await office.rows("select question from ticket") == [("my coins are lost in the bridge",)]
    assert "my coins are lost in the bridge" in (await office.texts())[0]


async def test_the_command_alone_takes_the_question_asked_before(office: Office) -> None:
    await office.say("what is quantum chromodynamics")
    await office.say("/human")
    assert await office.rows("select question from ticket") == [("what is quantum chromodynamics",)]


async def test_words_behind_it_are_the_question_while_details_are_asked_for_too(office: Office) -> None:
    await office.say("My withdrawal has not arrived")
    await office.say("/human")
    assert await office.rows("select state from conversation where channel = 'stand'") == [("collecting",)]
    await office.say("/human my coins are lost in the bridge")
    assert "my coins are lost in the bridge" in (await office.texts())[0]


async def test_urgent_words_behind_it_are_urgent(office: Office) -> None:
    await office.say("/human my account was hacked")
    assert (await office.ticket())["priority"] == "urgent"


@pytest.mark.parametrize("command", ["/human", "/status", "/transcript", "/end"])
async def test_words_behind_a_command_reach_the_desks_while_people_have_it(office: Office, command: str) -> None:
    await office.say("/human")
    await office.say(f"{command} it is *really* urgent")
    for at in (NORTH, SOUTH):
        assert any(r"it is \*really\* urgent" in text for text in await office.texts(at=at))
        assert not any(command in text for text in await office.texts(at=at))


async def test_who_ends_the_ticket_with_words_waits_for_nothing(office: Office) -> None:
    await office.say("/human")
    await office.agent("Ann").says("It is there now")
    before = await office.history()
    await office.say("/end thanks a lot")
    assert any("thanks a lot" in text for text in await office.texts())
    assert (await office.history())[len(before) :] == ["closed"]


async def test_a_command_alone_and_a_links_parameter_are_not_for_agents(office: Office) -> None:
    await office.say("/human")
    before = len(await office.texts())
    await office.say("/status")
    await office.say("/start human")
    assert len(await office.texts()) == before


async def test_details_behind_a_command_are_noted(office: Office) -> None:
    await office.say("My withdrawal has not arrived")
    await office.say("/human")
    await office.say("skip all")
    await office.say("/human my uid is 12345678")
    assert "12345678" in (await office.ticket())["fields"]


# --- files --------------------------------------------------------------------------------------------------------


async def test_a_file_sent_before_the_hand_over_is_below_the_brief_at_every_desk(office: Office) -> None:
    await sends(office, "1", "what is quantum chromodynamics", PHOTO)
    await office.settle()
    await office.say("/human")
    for at in (NORTH, SOUTH):
        assert await files_at(office, at) == ["f1"]
        assert "Files" in (await office.texts(at=at))[0]
    assert [out.kind for out in await office.seen() if out.files] == ["brief"]


async def test_a_brief_without_files_speaks_of_none(office: Office) -> None:
    await office.say("/human")
    assert "Files" not in (await office.texts())[0]


async def test_a_file_sent_with_the_words_that_call_people_is_shown_once(office: Office) -> None:
    await sends(office, "1", "/human look at this", PHOTO)
    await office.settle()
    assert await files_at(office) == ["f1"]


async def test_a_file_sent_right_after_the_hand_over_is_relayed_once(office: Office) -> None:
    await sends(office, "1", "", replace(PHOTO, id="f0"))
    await sends(office, "2", "/human")
    await sends(office, "3", "", PHOTO)
    await office.settle()
    assert await files_at(office) == ["f0", "f1"]


async def test_only_the_last_ten_files_of_the_last_day_are_shown(office: Office) -> None:
    await sends(office, "old", "", replace(PHOTO, id="old"))
    await office.settle()
    await office.later(60 * 25)
    for number in range(12):
        await sends(office, f"n{number}", "", replace(PHOTO, id=f"n{number}"))
    await office.settle()
    await office.say("/human")
    assert await files_at(office) == [f"n{number}" for number in range(2, 12)]


async def test_files_of_an_earlier_ticket_are_not_shown_again(office: Office) -> None:
    await office.say("/human")
    await sends(office, "1", "", PHOTO)
    await office.settle()
    await office.later(1)
    await office.say("/end")
    await office.later(1)
    await office.say("/human")
    assert await files_at(office, ticket=2) == []


async def test_a_file_whose_message_was_deleted_is_not_shown(office: Office) -> None:
    await sends(office, "1", "what is quantum chromodynamics", PHOTO)
    await office.settle()
    inbound = Inbound(Address(CHANNEL, "ann"), "bot1", "gone", Sender("ann", "Ann"), kind="deletion", ref="1")
    await office.app.inbox.accept(inbound)
    await office.settle()
    await office.say("/human")
    assert await files_at(office) == []


# --- an edit before anybody looked --------------------------------------------------------------------------------


async def test_a_message_edited_before_it_was_handled_shows_its_formatting_as_it_is_now(office: Office) -> None:
    await office.say("/human")
    base = Inbound(Address(CHANNEL, "ann"), "bot1", "m1", Sender("ann", "Ann"), "frist", markdown="**frist**", ref="r1")
    await office.app.inbox.accept(base)
    await office.app.inbox.accept(replace(base, external_id="m2", kind="edit", text="first", markdown="**first**"))
    await office.settle()
    assert (await office.texts())[-1].endswith("**first**")


async def test_formatting_that_an_edit_took_away_is_gone(office: Office) -> None:
    await office.say("/human")
    base = Inbound(Address(CHANNEL, "ann"), "bot1", "m1", Sender("ann", "Ann"), "frist", markdown="**frist**", ref="r1")
    await office.app.inbox.accept(base)
    await office.app.inbox.accept(replace(base, external_id="m2", kind="edit", text="first", markdown=""))
    await office.settle()
    assert (await office.texts())[-1].endswith("\nfirst")
