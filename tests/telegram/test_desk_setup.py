"""What the bot needs to work at a desk, and what it says where that is lacking; its commands there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.stands.telegram import Group, Status
from tests.telegram.desk import BO, FORUM, Desk, working

pytestmark = pytest.mark.anyio
RIGHTS = 'make the bot an administrator of the group with the right "Manage topics"'


async def problems(desk: Desk) -> list[str]:
    return [str(problem) for problem in await desk.adapter.examine()]


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    """The adapter listens."""
    task = asyncio.create_task(desk.adapter.run(desk.accept))
    await desk.bot.eventually(lambda: desk.bot.polled, "a poll")
    yield
    task.cancel()
    await asyncio.wait([task])


async def test_with_a_forum_and_the_right_to_its_topics_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    async with working() as desk:
        desk.bot.hears_all = False  # an administrator hears all the same
        assert await problems(desk) == []
        async with running(desk):
            pass
        assert caplog.text == ""


async def test_a_group_without_topics_is_told_of_with_the_cure(caplog: pytest.LogCaptureFixture) -> None:
    async with working(Group(-1004, "Desk")) as desk:
        (problem,) = await desk.adapter.examine()
        assert problem.fatal and problem.place == "channel telegram"
        assert "the desk group -1004 is no forum" in problem.text and 'turn on "Topics"' in problem.text
        async with running(desk):
            pass
        assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [problem.text]


async def test_a_bot_that_may_not_open_topics_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    async with working() as desk:
        desk.room.rights[desk.bot.id] = {"can_manage_topics"}
        (problem,) = await problems(desk)
        assert "can't open topics in the desk group -1002" in problem and RIGHTS in problem
        async with running(desk):
            pass
        assert caplog.text.count(RIGHTS) == 1


@pytest.mark.parametrize("hears_all", [True, False])
async def test_a_mere_member_needs_the_right_and_its_privacy_mode_matters(hears_all: bool) -> None:
    async with working() as desk:
        desk.room.statuses[desk.bot.id] = "member"
        desk.bot.hears_all = hears_all
        found = await problems(desk)
        assert "can't open topics" in found[0] and len(found) == 2 - hears_all
        assert hears_all or "hears nothing of what agents write" in found[1]


async def test_a_bot_that_is_not_there_says_so() -> None:
    async with working() as desk:
        desk.api.kick(desk.bot, FORUM)
        (problem,) = await problems(desk)
        assert "the bot is not in the desk group -1002" in problem
        desk.api.rooms.clear()
        assert await problems(desk) == [problem]


async def test_a_desk_with_an_old_number_is_told_its_new_one() -> None:
    async with working() as desk:
        desk.room.moved_to = -100777
        (problem,) = await problems(desk)
        assert "put its new id -100777 in the place of -1002 under desk" in problem


async def test_a_desk_that_moves_while_we_run_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    small = Group(-42, "Desk", kind="group")
    async with working(small) as desk, running(desk):
        desk.bot.migrates(small, -100777)
        await desk.heard(0)
        assert "put its new id -100777 in the place of -42 under desk" in caplog.text


async def test_rights_that_are_taken_away_are_noticed_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async with working() as desk, running(desk):
        assert RIGHTS not in caplog.text
        desk.room.statuses[desk.bot.id] = "member"
        desk.bot.membership(BO, FORUM, old="administrator", new="member")
        await desk.bot.eventually(lambda: [c.method for c in desk.bot.calls].count("getChatMember") == 2, "a look")
        await desk.heard(0)
    assert RIGHTS in caplog.text


async def test_a_desk_that_can_not_be_looked_at_keeps_nobody_from_working(caplog: pytest.LogCaptureFixture) -> None:
    async with working() as desk:
        desk.api.fail("getChat", Status(500))
        async with running(desk):
            desk.bot.says(BO, "hello", FORUM)
            await desk.heard(1)
        assert "the desk group can't be looked at" in caplog.text


async def test_agents_have_their_own_commands_in_the_desk_only() -> None:
    names = ("start", "help")
    async with working(desk_commands=names, languages=["en", "zh"]) as desk, running(desk):
        pass
    scope = f"chat:{FORUM.id}"
    assert set(desk.bot.commands) == {(where, lang) for where in ("default", scope) for lang in ("", "en", "zh")}
    assert desk.bot.commands[scope, "zh"] == [
        {"command": name, "description": f"[command_desk_{name} zh]"} for name in names
    ]
    before = [call.method for call in desk.bot.calls].count("setMyCommands")
    assert before == 6


async def test_without_a_desk_nothing_of_one_is_asked_or_set() -> None:
    async with working(desk="", desk_commands=("start",)) as desk, running(desk):
        pass
    assert {scope for scope, _ in desk.bot.commands} == {"default"}
    assert not {"getChat", "getChatMember"} & {call.method for call in desk.bot.calls}
    async with working(desk="") as desk:
        assert await desk.adapter.examine() == []
