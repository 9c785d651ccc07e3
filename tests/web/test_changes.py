"""Edits and deletions reach everybody: open streams, those that come back, and those who ask from time to time."""

from __future__ import annotations

import pytest

from adapters.web import following
from tests.web.agents import agent_deletes, agent_edits, agent_says, begin
from tests.web.service import Chat


@pytest.fixture
async def with_ann(chat: Chat) -> Chat:
    """A chat with a person: the question, the bot's answer to it, and one message of Ann's (3)."""
    await begin(chat)
    assert await agent_says(chat, "I'm loking into it") == 3
    return chat


async def test_an_open_stream_hears_of_an_edit(with_ann: Chat) -> None:
    async with with_ann.stream() as events:
        await events.take(3)
        await agent_edits(with_ann, 3, "I'm looking into it")
        change = await events.named("change")
    assert (change["seq"], change["text"], change["edited"], change["name"]) == (3, "I'm looking into it", True, "Ann")
    assert change["state"] == "with agent"
    assert "deleted" not in change


async def test_an_open_stream_hears_of_a_deletion_and_nothing_of_what_was_there(with_ann: Chat) -> None:
    async with with_ann.stream() as events:
        await events.take(3)
        await agent_deletes(with_ann, 3)
        change = await events.named("change")
    assert (change["seq"], change["from"], change["text"], change["deleted"]) == (3, "agent", "", True)
    assert not {"files", "buttons", "edited"} & set(change)


async def test_each_change_is_told_once_to_an_open_stream(with_ann: Chat) -> None:
    async with with_ann.stream() as events:
        await events.take(3)
        for text in ("one", "two"):
            await agent_edits(with_ann, 3, text)
            assert (await events.named("change"))["text"] == text
        await agent_says(with_ann, "and more")
        assert [event.id for event in await events.take(1)] == [4]
        await agent_deletes(with_ann, 3)
        assert (await events.named("change"))["deleted"]


async def test_a_change_does_not_move_the_place_where_a_stream_resumes(with_ann: Chat) -> None:
    async with with_ann.stream(last_event_id=2) as events:
        assert [event.id for event in await events.take(1)] == [3]
        await agent_edits(with_ann, 1, "changed")
        assert (await events.named("change"))["seq"] == 1
        await agent_says(with_ann, "and more")
        assert [event.id for event in await events.take(1)] == [4]


async def test_who_comes_back_hears_of_what_changed_meanwhile(with_ann: Chat) -> None:
    await agent_edits(with_ann, 3, "I'm looking into it")
    async with with_ann.stream(last_event_id=3) as events:
        assert (await events.named("change"))["text"] == "I'm looking into it"


async def test_who_comes_anew_reads_everything_as_it_is_now(with_ann: Chat) -> None:
    await agent_edits(with_ann, 3, "I'm looking into it")
    await agent_says(with_ann, "a slip")
    await agent_deletes(with_ann, 4)
    async with with_ann.stream() as events:
        read = [event.data for event in await events.take(4)]
    assert [(one["text"], one.get("edited"), one.get("deleted")) for one in read[2:]] == [
        ("I'm looking into it", True, None),
        ("", None, True),
    ]
    assert [(one["text"], one.get("deleted")) for one in (await with_ann.read())["messages"][2:]] == [
        ("I'm looking into it", None),
        ("", True),
    ]


async def test_who_asks_from_time_to_time_is_told_what_changed_before(with_ann: Chat) -> None:
    assert "changed" not in await with_ann.read(3)
    await agent_edits(with_ann, 3, "I'm looking into it")
    found = await with_ann.read(3)
    assert (found["messages"], [one["seq"] for one in found["changed"]]) == ([], [3])
    assert found["changed"][0]["text"] == "I'm looking into it"
    assert "changed" not in await with_ann.read(0)


async def test_a_message_edited_and_then_deleted_is_deleted(with_ann: Chat) -> None:
    await agent_edits(with_ann, 3, "secret")
    await agent_deletes(with_ann, 3)
    (message,) = (await with_ann.read(2))["messages"]
    assert (message["text"], message["deleted"]) == ("", True)
    assert "edited" not in message


async def test_changes_are_looked_for_in_the_last_lines_only(with_ann: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "WINDOW", 2)
    await agent_says(with_ann, "and more")
    for seq in (1, 2, 3):
        await agent_edits(with_ann, seq, "changed")
    assert [one["seq"] for one in (await with_ann.read(4))["changed"]] == [3]


async def test_a_stream_that_comes_back_is_told_the_state_even_if_nothing_was_said(with_ann: Chat) -> None:
    async with with_ann.stream(last_event_id=3) as events:
        assert await events.named("state") == {"state": "with agent"}
        await with_ann.service.app.database.write(
            lambda q: q("update conversation set state = 'waiting' where chat = ?", (with_ann.conversation,))
        )
        await agent_edits(with_ann, 3, "x")
        assert await events.named("state") == {"state": "waiting"}
