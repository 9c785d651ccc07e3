"""The stand-in of Discord, driven by discord.py's own client: messages, threads and interactions."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from tests.stands.discord import Discord
from tests.stands.discord.trying import Client, World, point_at

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Discord() as platform:
        with point_at(platform):
            yield World(platform)


async def test_the_client_connects_and_knows_the_guild_with_its_channels_and_threads(world: World) -> None:
    thread = world.channel.thread(world.ann, "aside")
    async with world.client() as client:
        guild = client.get_guild(world.guild.id)
        assert guild and guild.name == "Traders"
        assert guild.me.guild_permissions.manage_threads
        assert {channel.name for channel in guild.channels} == {"help", "questions"}
        assert [each.id for each in guild.threads] == [thread.id]
        forum = guild.get_channel(world.forum.id)
        assert isinstance(forum, discord.ForumChannel)
        assert [tag.name for tag in forum.available_tags] == ["answered", "needs human"]
        assert world.platform.gateway.identifies == [world.bot]


async def test_a_message_in_a_channel_is_heard_and_replied_to(world: World) -> None:
    async with world.client() as client:
        client.answer = lambda message: message.reply("Hi!", mention_author=False)
        asked = world.channel.says(world.ann, "hello", attachments=[("log.txt", b"it broke")])
        await world.eventually(lambda: world.channel.texts == ["hello", "Hi!"], "the reply")
        answer = world.platform.bot_messages()[0]
        assert answer.reference is asked and answer.pings.users == []
        heard = client.heard[0]
        assert (heard.author.id, heard.author.display_name) == (world.ann.id, "Ann")
        assert isinstance(heard.author, discord.Member)
        assert await heard.attachments[0].read() == b"it broke"


async def test_a_direct_message_is_answered_there(world: World) -> None:
    async with world.client() as client:
        client.answer = lambda message: message.channel.send("Hi!")
        dm = world.platform.dm(world.ann)
        dm.says(world.ann, "psst")
        await world.eventually(lambda: dm.texts == ["psst", "Hi!"], "the answer")
        assert client.heard[0].guild is None
        user = await client.fetch_user(world.ann.id)
        assert (await user.create_dm()).id == dm.id


async def test_a_forum_post_is_heard_answered_tagged_and_locked(world: World) -> None:
    async with world.client() as client:
        client.answer = lambda message: message.channel.send("Hi!")
        post = world.forum.post(world.ann, "Withdrawal", "It hangs", tags=["needs human"])
        await world.eventually(lambda: post.texts == ["It hangs", "Hi!"], "the answer")
        thread = client.heard[0].channel
        assert isinstance(thread, discord.Thread)
        assert isinstance(thread.parent, discord.ForumChannel)
        assert [tag.name for tag in thread.applied_tags] == ["needs human"]
        answered = thread.parent.get_tag(world.forum.tags["answered"])
        assert answered
        await thread.edit(applied_tags=[answered], archived=True, locked=True)
        assert (post.tags, post.archived, post.locked) == (["answered"], True, True)
        assert post.id == post.messages[0].id


async def test_edits_and_deletions_are_told(world: World) -> None:
    async with world.client() as client:
        message = world.channel.says(world.ann, "helo")
        await world.eventually(lambda: client.heard, "the message")
        world.channel.edits(message, "hello")
        world.channel.deletes(message)
        await world.eventually(lambda: client.saw("message_delete"), "the deletion")
        before, after = client.saw("message_edit")[0]
        assert (before.content, after.content) == ("helo", "hello")


class Panel(discord.ui.View):
    """Two buttons and a menu."""

    @discord.ui.button(label="Yes", custom_id="yes")
    async def yes(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.edit_message(content="Glad to help", view=None)

    @discord.ui.button(label="Human", custom_id="human")
    async def human(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.select(
        custom_id="topic", options=[discord.SelectOption(label="Fees"), discord.SelectOption(label="API")]
    )
    async def topic(self, interaction: discord.Interaction, menu: discord.ui.Select[Panel]) -> None:
        await interaction.response.send_message(f"About {menu.values[0]}", ephemeral=True)


class Form(discord.ui.Modal, title="Talk to a person"):
    """What a person is asked before the hand-over."""

    account: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Account", custom_id="account")
    urgent = discord.ui.Label(
        text="Urgent?",
        component=discord.ui.Select(custom_id="urgent", options=[discord.SelectOption(label="no")]),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Thanks, {self.account.value}", ephemeral=True)


async def test_buttons_menus_and_modals_work(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        await channel.send("Did that help?", view=Panel(timeout=None))
        panel = world.channel.messages[0]
        assert panel.buttons == ["Yes", "Human"]

        picked = world.ann.selects(panel, "topic", ["Fees"])
        await world.eventually(lambda: picked.texts == ["About Fees"], "an answer to the menu")
        assert picked.ephemeral and world.channel.texts == ["Did that help?"]

        asked = world.ann.clicks(panel, "Human")
        await world.eventually(lambda: asked.modal, "the modal")
        sent = world.ann.submits(asked, {"account": "A-1", "Urgent?": ["no"]})
        await world.eventually(lambda: sent.texts == ["Thanks, A-1"], "an answer to the modal")

        clicked = world.ann.clicks(panel, "Yes")
        await world.eventually(lambda: clicked.responses, "an answer to the button")
        assert world.channel.texts == ["Glad to help"] and panel.buttons == []
        assert clicked.acknowledged_after is not None and clicked.acknowledged_after < 3


async def register(world: World, client: Client) -> None:
    """A slash command with autocompletion and a context menu."""

    @client.tree.command(description="Ask something")
    async def ask(interaction: discord.Interaction, question: str, about: discord.Member | None = None) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(f"{question} ({about and about.display_name}, {interaction.locale})")
        await interaction.followup.send("More?", ephemeral=True)

    @ask.autocomplete("question")
    async def _(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}rawal", value="w")]

    @client.tree.context_menu(name="Answer this")
    async def answer(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Re: {message.content}", ephemeral=True)

    await client.tree.sync()


async def test_slash_commands_autocompletion_and_context_menus_work(world: World) -> None:
    async with world.client() as client:
        await register(world, client)
        assert world.bot.commands.puts == {0: 1}

        typed = world.ann.autocompletes("/ask", "question", "withd", world.channel)
        await world.eventually(lambda: typed.choices, "choices")
        assert typed.choices and typed.choices[0]["name"] == "withdrawal"

        bob = world.guild.member("Bob")
        asked = world.ann.uses("/ask", {"question": "Where?", "about": bob}, world.channel)
        await world.eventually(lambda: len(asked.messages) == 2, "the answer and the follow-up")
        assert asked.texts == ["Where? (Bob, zh-CN)", "More?"]
        assert world.channel.texts == ["Where? (Bob, zh-CN)"]
        assert asked.responses[0][0] == 5

        message = world.channel.says(bob, "My coins are gone")
        menu = world.ann.uses_on("Answer this", message)
        await world.eventually(lambda: menu.texts == ["Re: My coins are gone"], "the answer")
        assert menu.ephemeral


async def test_commands_work_in_direct_messages(world: World) -> None:
    async with world.client() as client:
        await register(world, client)
        asked = world.ann.uses("/ask", {"question": "Where?"}, world.platform.dm(world.ann))
        await world.eventually(lambda: asked.texts, "the answer")
        assert asked.texts[0] == "Where? (None, zh-CN)"


async def test_an_interaction_fails_after_three_seconds_and_its_token_after_fifteen_minutes(world: World) -> None:
    async with world.client() as client:
        panel = Panel(timeout=None)
        await client.get_partial_messageable(world.channel.id).send("?", view=panel)
        panel.stop()  # so that nobody but the test answers
        clicks = [world.ann.clicks(world.channel.messages[0], "yes") for _ in range(2)]
        await world.eventually(lambda: len(client.saw("interaction")) == 2, "both clicks")
        caught = [args[0] for args in client.saw("interaction")]
        await caught[0].response.defer()
        world.platform.age_interactions(3.1)
        assert clicks[1].failed and not clicks[0].failed
        with pytest.raises(discord.NotFound, match="10062"):
            await caught[1].response.send_message("too late")
        await caught[0].followup.send("in time")
        world.platform.age_interactions(15 * 60)
        with pytest.raises(discord.HTTPException, match="50027"):
            await caught[0].followup.send("too late")


async def test_fetched_commands_tell_no_translations_and_people_can_use_only_what_there_is(world: World) -> None:
    async with world.client() as client:
        await register(world, client)
        world.bot.commands.all()[0]["name_localizations"] = {"zh-CN": "提问"}
        fetched = await client.tree.fetch_commands()
        assert {each.name: each.name_localizations for each in fetched}["ask"] == {}
        with pytest.raises(AssertionError, match="no command 'close'"):
            world.ann.uses("/close", {}, world.channel)
        with pytest.raises(AssertionError, match="without"):
            world.ann.uses("/ask", {}, world.channel)


async def test_pings_are_those_that_the_bot_allows(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        text = f"@everyone {world.ann.mention}"
        await channel.send(text)
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
        careless, careful = (message.pings for message in world.channel.messages)
        assert careless.everyone and careless.users == [world.ann]
        assert not careful.everyone and careful.users == []


async def test_files_and_embeds_are_kept(world: World) -> None:
    async with world.client() as client:
        channel = client.get_partial_messageable(world.channel.id)
        file = discord.File(io.BytesIO(b"a,b"), filename="log.csv")
        sent = await channel.send("see", file=file, embed=discord.Embed(title="Ticket 1", description="open"))
        message = world.channel.messages[0]
        assert message.attachments[0].data == b"a,b" and message.embeds[0]["title"] == "Ticket 1"
        assert await sent.attachments[0].read() == b"a,b"
        world.platform.expire_attachments()
        with pytest.raises(discord.NotFound):
            await sent.attachments[0].read()
        again = await channel.fetch_message(sent.id)
        assert await again.attachments[0].read() == b"a,b"


async def test_private_threads_and_posts_of_the_bot_work(world: World) -> None:
    async with world.client() as client:
        channel = client.get_channel(world.channel.id)
        assert isinstance(channel, discord.TextChannel)
        private = await channel.create_thread(name="Ticket 2")
        await private.add_user(discord.Object(world.ann.id))
        ours = world.guild.threads[private.id]
        assert ours.private and world.ann.id in ours.member_ids and world.channel.messages == []
        forum = client.get_channel(world.forum.id)
        assert isinstance(forum, discord.ForumChannel)
        made = await forum.create_thread(name="News", content="All is well", applied_tags=forum.available_tags[:1])
        post = world.forum.threads[0]
        assert (post.id, post.texts, post.tags) == (made.thread.id, ["All is well"], ["answered"])
        active = await client.get_guild(world.guild.id).active_threads()  # type: ignore[union-attr]
        assert {each.id for each in active} == {private.id, post.id}


async def test_messages_of_other_bots_and_of_the_platform_are_told_apart(world: World) -> None:
    other = world.platform.add_bot("other-token", name="Other")
    world.guild.add_bot(other)
    async with world.client() as client:
        world.channel.says(other, "beep")
        world.channel.thread(world.ann, "aside")
        await world.eventually(lambda: len(client.saw("message")) == 2, "both messages")
        (beep,), (opened,) = client.saw("message")
        assert beep.author.bot and opened.type is discord.MessageType.thread_created
        assert opened.is_system() and not opened.author.bot
