"""Slash commands and the message menu: what they are, in each language, and whether Discord knows them already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from rapidfuzz import fuzz, process, utils

from bot.messages import Cursor
from bot.ports import Tools

COMMANDS = ("human", "status", "topics", "language", "help", "end")
"""Those without an argument; `ask` has one."""
OFFERED = (*COMMANDS, "ask")
MOST_OFFERED = 25
"""Choices that Discord shows while somebody types."""
LONGEST_CHOICE = 100
LONGEST_QUESTION = 1000
LONGEST_DESCRIPTION = 100
LONGEST_MENU_NAME = 32
"""Discord refuses all commands for one text that is longer."""
SYNCED = "commands:"
"""The cursor stream under which it is noted which commands Discord has."""

Ask = Callable[[discord.Interaction, str], Awaitable[None]]
Command = Callable[[discord.Interaction, str], Awaitable[None]]
AnswerThis = Callable[[discord.Interaction, discord.Message], Awaitable[None]]


class Languages(app_commands.Translator):
    """Gives Discord our phrases for every locale of a language that we speak."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools

    async def translate(
        self, string: locale_str, locale: discord.Locale, _: app_commands.TranslationContextTypes
    ) -> str | None:
        lang = locale.value.partition("-")[0]
        key, longest = string.extras.get("key"), string.extras.get("longest")
        return self._tools.phrase(key, lang)[:longest] if key and lang in self._tools.languages else None


def build(tree: app_commands.CommandTree, tools: Tools, ask: Ask, command: Command, answer_this: AnswerThis) -> None:
    """Put all commands into the tree."""

    def text(key: str, longest: int = LONGEST_DESCRIPTION) -> locale_str:
        return locale_str(tools.phrase(key, "")[:longest], key=key, longest=longest)

    @tree.command(name="ask", description=text("command_ask"))
    @app_commands.describe(question=text("command_ask_question"))
    async def _ask(interaction: discord.Interaction, question: app_commands.Range[str, 1, LONGEST_QUESTION]) -> None:
        await ask(interaction, question)

    @_ask.autocomplete("question")
    async def _offer(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return offered(typed, tools.entries(str(interaction.locale)))

    for name in COMMANDS:
        tree.add_command(
            app_commands.Command(name=name, description=text(f"command_{name}"), callback=_plain(name, command))
        )

    @tree.context_menu(name=text("command_answer_this", LONGEST_MENU_NAME))
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.guild_only()
    async def _answer_this(interaction: discord.Interaction, message: discord.Message) -> None:
        await answer_this(interaction, message)


def _plain(name: str, command: Command) -> Callable[[discord.Interaction], Coroutine[Any, Any, None]]:
    async def call(interaction: discord.Interaction) -> None:
        await command(interaction, name)

    return call


def offered(typed: str, entries: Sequence[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """The entries whose titles are nearest to what was typed so far; all in their order before anything is."""
    titles = {entry: title for entry, title in entries if len(f"entry:{entry}") <= LONGEST_CHOICE}
    if typed.strip():
        found = process.extract(
            typed, titles, scorer=fuzz.partial_ratio, processor=utils.default_process, limit=MOST_OFFERED
        )
        titles = {entry: title for title, _, entry in found}
    return [
        app_commands.Choice(name=title[:LONGEST_CHOICE], value=f"entry:{entry}")
        for entry, title in list(titles.items())[:MOST_OFFERED]
    ]


async def sync(tree: app_commands.CommandTree, tools: Tools, account: str) -> bool:
    """Tell Discord of the commands if they are not those it was told last: whether it was.

    What it was told is noted by us: asked for its commands, the library leaves their translations out.
    """
    translator = tree.translator
    assert translator is not None, "the adapter sets it"
    payload = [await each.get_translated_payload(tree, translator) for each in _all(tree)]
    return await told(tools, account, SYNCED, payload, tree.sync)


async def told(
    tools: Tools, account: str, noted: str, payload: Sequence[Any], tell: Callable[[], Awaitable[Any]]
) -> bool:
    """`tell` Discord of commands if these are not the ones it was told last: whether it was.

    `noted` is how the cursor streams begin under which that is remembered.
    """
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()[:32]
    known = {
        stream: position
        for stream, position in (await tools.places.cursors(tools.channel, account)).items()
        if stream.startswith(noted)
    }
    if known and max(known, key=lambda stream: known[stream]) == f"{noted}{digest}":
        return False
    await tell()
    at = max(int(tools.clock.now() * 1000), *(position + 1 for position in known.values()), 0)
    await tools.places.advance(tools.channel, account, Cursor(f"{noted}{digest}", at))
    return True


def _all(tree: app_commands.CommandTree) -> list[Any]:
    """Slash commands and menu entries; the library's types for the two have nothing in common."""
    slash = tree.get_commands(type=discord.AppCommandType.chat_input)
    return [*slash, *tree.get_commands(type=discord.AppCommandType.message)]
