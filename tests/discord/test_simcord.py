"""Our client, commands and components on simcord, a second model of Discord that others made: it checks what ours does
not (who is offered a command, overwrites of permissions, each field of a payload) and knows nothing of our stand-in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import simcord

from adapters.discord import commands
from adapters.discord.client import Client
from adapters.discord.inbound import Hearing
from adapters.discord.intake import Intake
from adapters.discord.options import Options
from adapters.discord.pending import PendingAnswers
from adapters.discord.posting import Posting
from bot.messages import Accepted, Button, Inbound, Outbound
from tests.adapters.driver import tools

BUTTONS = (Button("Yes", "helped:yes"), Button("No", "helped:no"))
TOPICS = tuple(Button(f"Topic {number}", f"topic:{number}") for number in range(30))
_numbers = itertools.count(1)


class Echo:
    """Stands for all of Frontdesk behind the adapter: answers each message at once with what was said."""

    def __init__(self, env: simcord.Env, client: Client, options: Options) -> None:
        self.env, self.client, self.options = env, client, options
        self.tools, self.heard = tools("discord"), list[Inbound]()
        self.pending = PendingAnswers(self.tools.clock)
        self._seen: set[str] = set()

    async def accept(self, inbound: Inbound) -> Accepted:
        if inbound.external_id in self._seen:
            return Accepted(1, 1, repeat=True)
        self._seen.add(inbound.external_id)
        self.heard.append(inbound)
        text = inbound.text or inbound.choice
        outbound = Outbound(
            f"k{next(_numbers)}",
            inbound.address,
            f"@everyone You said: {text}",
            TOPICS if text == "/topics" else BUTTONS,
            reply_to=inbound.ref,
            contact=inbound.sender.id,
            kind="" if text.startswith("/") else "answer",
        )
        await Posting(self.client, self.options, self.tools, self.pending).post(outbound)
        return Accepted(1, 1)

    async def connect(self) -> None:
        """As the adapter does it."""
        assert self.client.user
        hearing = Hearing("discord", self.client.user.id, frozenset(self.options.answer_in))
        intake = Intake(self.client, self.tools, hearing, self.accept, self.pending)
        commands.build(self.client.tree, self.tools, self.ask(intake), intake.command, intake.answer_this)
        await self.client.tree.set_translator(commands.Languages(self.tools))
        assert await commands.sync(self.client.tree, self.tools, str(self.client.user.id))
        intake.began()
        intake.ready()
        self.client.listener = intake
        self._reading = asyncio.create_task(intake.missed.run(600))

    def end(self) -> None:
        self._reading.cancel()

    @staticmethod
    def ask(intake: Intake) -> Any:
        async def ask(interaction: discord.Interaction, question: str) -> None:
            await intake.ask(interaction, question, everyone=True)

        return ask


@pytest.fixture
async def echo(anyio_backend: str) -> AsyncIterator[Echo]:
    options = Options(token="a-token")  # type: ignore[arg-type]
    client = Client(options)
    async with simcord.run(client) as env:
        running = Echo(env, client, options)
        await running.connect()
        yield running
        running.end()


def text_of(message: Any) -> str:
    return (message.content or "") + "".join(embed.description or "" for embed in message.embeds)


async def test_another_model_of_discord_takes_our_commands_and_each_is_acknowledged(echo: Echo) -> None:
    guild = echo.env.create_guild()
    channel = guild.create_text_channel("general")
    ann = guild.add_member(echo.env.create_user("ann"))
    assert sorted(ann.available_commands(channel)) == sorted([*commands.COMMANDS, "ask"])
    for name in commands.COMMANDS:
        used = await ann.slash(channel, name)
        assert used.acknowledged and used.ephemeral and f"/{name}" in text_of(used.response)
    asked = await ann.slash(channel, "ask", question="Where is my money?")
    assert asked.acknowledged and not asked.ephemeral and "Where is my money?" in text_of(asked.response)
    assert [inbound.sender.id for inbound in echo.heard] == [str(ann.id)] * 7
    offered = await ann.autocomplete(channel, "ask", "question", "withd")
    assert offered[0] == {"name": "Withdrawal", "value": "entry:withdrawal"} | offered[0]


async def test_it_offers_the_message_menu_to_helpers_only(echo: Echo) -> None:
    guild = echo.env.create_guild()
    channel = guild.create_text_channel("general")
    helpers = guild.create_role("helpers", permissions=discord.Permissions(manage_messages=True))
    ann, helen = guild.add_member(echo.env.create_user("ann")), guild.add_member(echo.env.create_user("helen"))
    message = await ann.send(channel, "Where is my money?")
    with pytest.raises(Exception, match="not visible to this user"):
        await ann.context_menu(channel, "[command_answer_this ]", message)
    helper = guild.add_member(echo.env.create_user("hal"), roles=[helpers])
    used = await helper.context_menu(channel, "[command_answer_this ]", message)
    assert used.ephemeral and echo.heard[0].sender.id == str(ann.id) != str(helen.id)
    answer = channel.last_message
    assert answer and "Where is my money?" in text_of(answer) and answer.reference
    assert answer.reference.message_id == message.id


async def test_buttons_and_menus_work_there_once_and_for_one_person(echo: Echo) -> None:
    guild = echo.env.create_guild()
    channel = guild.create_text_channel("general")
    ann, eve = guild.add_member(echo.env.create_user("ann")), guild.add_member(echo.env.create_user("eve"))
    await ann.send(channel, f"<@{echo.client.user.id}> hello")  # type: ignore[union-attr]
    answer = channel.last_message
    assert answer and not answer.mention_everyone
    stranger = await eve.click(answer, label="Yes")
    assert stranger.ephemeral and "button_not_yours" in text_of(stranger.response)
    pressed = await ann.click(answer, label="Yes")
    assert pressed.acknowledged and echo.heard[-1].choice == "helped:yes"
    topics = await ann.slash(channel, "topics")
    menus = [row["components"][0] for row in topics.response.components]  # type: ignore[union-attr]
    assert [len(menu["options"]) for menu in menus] == [25, 5]
    chosen = await ann.select(topics.response.message, ["topic:27"], custom_id=menus[1]["custom_id"])  # type: ignore[union-attr]
    assert chosen.acknowledged and echo.heard[-1].choice == "topic:27"


@pytest.mark.parametrize("allowed", [True, False])
async def test_permissions_there_decide_between_a_thread_and_the_channel(anyio_backend: str, allowed: bool) -> None:
    client = Client(Options(token="a-token"))  # type: ignore[arg-type]
    async with simcord.run(client) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel(
            "help", overwrites={guild.default_role: discord.PermissionOverwrite(create_public_threads=allowed)}
        )
        options = Options(token="a-token", answer_in=[channel.id])  # type: ignore[arg-type]
        echo = Echo(env, client, options)
        await echo.connect()
        ann = guild.add_member(env.create_user("ann"))
        asked = await ann.send(channel, "Where is my money?")
        where = channel.threads[0] if allowed else channel
        assert bool(channel.threads) == allowed
        answer = where.last_message
        assert answer and "Where is my money?" in text_of(answer)
        assert allowed or (answer.reference and answer.reference.message_id == asked.id)
        echo.end()
