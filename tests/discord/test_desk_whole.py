"""A whole ticket on Discord with the real core: a contact in direct messages, an agent in the desk's thread."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.desk import AgentBlock, DeskBlock, DiscordDesk
from tests.discord.running import AT_ONCE, QUESTION, TICKET, discord, text_of


@pytest.mark.parametrize("forum", [False, True])
async def test_a_ticket_is_opened_claimed_answered_corrected_and_closed(tmp_path: Path, forum: bool) -> None:
    async with discord() as service:
        guild, eventually = service.guild, service.platform.eventually
        place = guild.forum_channel("desk") if forum else guild.text_channel("desk")
        ann, ben = service.person(), service.person("Ben")
        desk = DeskBlock(discord=DiscordDesk(channel=place.id), console=None)
        agents = [AgentBlock(name="Benjamin", alias="Ben B", discord=ben.id)]
        async with service.running(tmp_path, desk=desk, agents=agents):
            answer = await service.ask(ann, QUESTION)
            ann.clicks(answer, "Talk to a person")
            details = (await service.shown(ann, 2))[1]
            ann.clicks(details, AT_ONCE)
            assert TICKET in text_of((await service.shown(ann, 3))[2])
            (thread,) = await eventually(lambda: place.threads, "the thread")
            assert thread.name.startswith("#1 ")
            brief = await eventually(lambda: next(iter(service.ours(thread)), None), "the brief")
            ben.clicks(brief, "Claim")
            await eventually(lambda: any("Benjamin" in text_of(one) for one in service.ours(thread)), "the claim")
            said = thread.says(ben, "It is **on its way**")
            dm = service.platform.dm(ann)
            await eventually(lambda: any(one.content == "**Ben B**\nIt is **on its way**" for one in dm.messages), "it")
            await eventually(lambda: [emoji for _, emoji in said.reactions] == ["✅"], "the mark")
            thread.edits(said, "It is there")
            await eventually(lambda: any("It is there" in one.content for one in dm.messages), "the correction")
            dm.says(ann, "Thank you, I have it")
            await eventually(lambda: any("I have it" in text_of(one) for one in service.ours(thread)), "the thanks")
            ben.uses("/close", {"text": "solved"}, thread)
            await eventually(lambda: thread.archived, "the end")
