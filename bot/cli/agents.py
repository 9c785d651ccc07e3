"""`frontdesk agents`: who answers, and the links with which they sign in to the console."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot.cli.doctor import ANYWHERE
from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.real import screen, table
from bot.config import Config
from bot.desk.routing import Agent
from bot.desk.rules import DeskRules
from bot.errors import ConfigError, StoreError
from bot.messages import CONSOLE

agents = typer.Typer(help="List the agents, or let one of them sign in to the console.", invoke_without_command=True)


@agents.callback()
def listed(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the agents: role, platforms, languages, topics, and whether they are there."""
    context.obj = config
    if context.invoked_subcommand is not None:
        return
    settings = read_config(config)
    rules, away = _rules(settings), asyncio.run(_away(settings))
    if as_json:
        print(json.dumps([_as_json(agent, away) for agent in rules.agents], ensure_ascii=False))
        return
    shown = table("name", "alias", "role", "platforms", "languages", "topics", "")
    for agent in rules.agents:
        cells = (agent.name, agent.alias or agent.name, agent.role, ", ".join(agent.accounts))
        several = (", ".join(agent.languages) or "all", ", ".join(agent.topics) or "all")
        shown.add_row(*map(Text, (*cells, *several, "away" if agent.name in away else "there")))
    screen().print(shown)


@agents.command()
def link(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An agent's name.")],
    config: ConfigOption = None,
) -> None:
    """Print a link with which an agent signs in to the console; it works once, also while the service runs."""
    from bot.web.console.entrance import LINK_SECONDS

    settings = read_config(config or context.obj)
    rules = _rules(settings)
    if CONSOLE not in rules.places:
        raise ConfigError("desk.console is off in the configuration; console: {} turns it on")
    if all(agent.name != name for agent in rules.agents):
        known = ", ".join(agent.name for agent in rules.agents)
        raise ConfigError(f'there is no agent "{name}"; there are: {known}')
    print(asyncio.run(_link(settings, name)))
    print(f"It works once, within {LINK_SECONDS / 60:.0f} minutes.", file=sys.stderr)


def _rules(config: Config) -> DeskRules:
    from bot.config.desk_rules import desk_rules

    return desk_rules(config)


def _as_json(agent: Agent, away: frozenset[str]) -> dict[str, object]:
    return {
        "name": agent.name,
        "alias": agent.alias or agent.name,
        "role": agent.role,
        "platforms": list(agent.accounts),
        "languages": list(agent.languages),
        "topics": list(agent.topics),
        "there": agent.name not in away,
    }


def _database(config: Config) -> Path:
    """The database that the service made. Raises StoreError if there is none."""
    path = config.settings.storage.sqlite_path
    if not path.is_file():
        text = f"there is no database {path}; frontdesk run makes it. Started in another folder, or without --config?"
        raise StoreError(text)
    return path


async def _away(config: Config) -> frozenset[str]:
    """Who is away; before the first start of the service nobody is."""
    from bot.storage import desk_reading
    from bot.storage.sqlite import SqliteDatabase

    if not config.settings.storage.sqlite_path.is_file():
        return frozenset()
    database = await SqliteDatabase.open(_database(config))
    try:
        return await database.read(desk_reading.away)
    finally:
        await database.close()


async def _link(config: Config, name: str) -> str:
    from bot.ops.clock import SystemClock
    from bot.storage.sqlite import SqliteDatabase
    from bot.storage.store import Store
    from bot.web.console import make_link

    http, clock = config.settings.http, SystemClock()
    url = http.public_url or f"http://{ANYWHERE.get(http.host, http.host)}:{http.port}"
    database = await SqliteDatabase.open(_database(config))
    try:
        return await make_link(Store(database, clock), name, clock, url)
    finally:
        await database.close()
