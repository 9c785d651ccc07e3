"""`frontdesk doctor`: what is configured, reachable and healthy."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from bot import __version__
from bot.cli.options import ConfigOption, read_config
from bot.config import Config
from bot.desk.hours import Hours, closes, is_open, next_open
from bot.desk.routing import leads
from bot.desk.rules import DeskRules
from bot.desk.times import moment
from bot.errors import FrontdeskError
from bot.messages import CONSOLE

TIMEOUT = 3.0
"""Seconds to wait for our own server's answer."""
PATIENCE = 15.0
"""Seconds that a platform may take to tell how a channel is."""


COLOURS = {"ok": "green", "off": "dim", "hint": "yellow", "fault": "red"}
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # compared with, not listened on
"""Hosts that mean every address of this machine, and the one to ask."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `mark` is ok, off, hint or fault."""

    part: str
    mark: str
    text: str


def doctor(config: ConfigOption = None) -> None:
    """Tell what is configured, reachable and healthy. Exit 1 if something is not."""
    from bot.ops.clock import SystemClock
    from bot.ops.logs import configure

    settings = read_config(config)
    configure(settings.settings.log.format, "error", settings.secrets())  # what libraries log names tokens
    findings = [
        Finding("program", "ok", f"Frontdesk {__version__}, Python {sys.version.split()[0]}"),
        Finding("configuration", "ok", str(settings.path or "none: built-in defaults")),
        *asyncio.run(_channels(settings)),
        *_desk(settings, SystemClock().now()),
        *_knowledge(settings),
        asyncio.run(_vectors(settings)),
        *asyncio.run(_store(settings)),
        _service(settings),
    ]
    console = Console(soft_wrap=True, highlight=False)
    width = max(len(finding.part) for finding in findings)
    for finding in findings:
        text = finding.text.strip().replace("\n", "\n" + " " * (width + 9))
        mark = Text(f"{finding.mark:<5}", COLOURS[finding.mark])
        console.print(Text.assemble(f"{finding.part:<{width}}  ", mark, f"  {text}"))
    if any(finding.mark == "fault" for finding in findings):
        raise typer.Exit(1)


async def _channels(config: Config) -> list[Finding]:
    found = await asyncio.gather(*(_channel(name, config) for name in config.channels))
    off = [Finding(f"channel {name}", "off", f"the variable {what} is not set") for name, what in config.off.items()]
    return [finding for findings in found for finding in findings] + off


async def _channel(name: str, config: Config) -> list[Finding]:
    """What the channel's adapter finds wrong with it and with what it needs of its platform."""
    from bot.parts import examined

    part = f"channel {name}"
    try:
        async with asyncio.timeout(PATIENCE):
            problems = await examined(name, config)
    except TimeoutError:
        return [Finding(part, "fault", f"does not answer within {PATIENCE:.0f} s")]
    except FrontdeskError as error:
        return [Finding(part, "fault", str(error))]
    if not problems:
        return [Finding(part, "ok", "configured and reachable")]
    return [Finding(part, "fault" if problem.fatal else "hint", problem.text) for problem in problems]


def _desk(config: Config, now: float) -> list[Finding]:
    """Where people answer, who they are, and whether they are there now (seconds, UTC)."""
    from bot.config.desk_rules import desk_rules

    rules = desk_rules(config)
    found = [_desk_on(kind, config, rules) for kind in config.settings.desk.platforms]
    if CONSOLE in rules.places:
        found.append(Finding("desk console", "ok", f"{config.settings.http.url}/desk, {_agents(rules, CONSOLE)}"))
    if not rules.places:
        found.append(Finding("desk", "fault", "nobody can answer: no desk is on, and desk.console is null"))
    if leads(rules.agents):
        names = ", ".join(f"{agent.name} (lead)" if agent.role == "lead" else agent.name for agent in rules.agents)
        found.append(Finding("agents", "ok", names))
    else:
        text = "nobody is told when nobody else answers; give one of the agents role: lead"
        found.append(Finding("agents", "hint", text))
    found.append(_hours("desk hours", rules.hours, now))
    return found + [_hours(f"hours {topic}", hours, now) for topic, hours in rules.topic_hours.items()]


def _desk_on(kind: str, config: Config, rules: DeskRules) -> Finding:
    """A desk on a platform: whether its channel is on, and whether anybody is known there."""
    from bot.config.desk_rules import channel_of

    part = f"desk {kind}"
    channel = channel_of(kind, rules.places)
    if channel is None:
        off = next((f": the variable {what} is not set" for name, what in config.off.items() if _is(kind, name)), "")
        return Finding(part, "off", f"the channel {kind} is off{off}")
    if not any(kind in agent.accounts for agent in rules.agents):
        return Finding(part, "hint", f"nobody can answer there: no agent has a {kind} number; add it under agents")
    return Finding(part, "ok", f"{rules.places[channel]}, {_agents(rules, kind)}")


def _is(kind: str, channel: str) -> bool:
    return channel.partition("/")[0] == kind


def _agents(rules: DeskRules, kind: str) -> str:
    known = sum(kind in agent.accounts for agent in rules.agents)
    return f"{known} agent{'s' * (known != 1)}"


def _hours(part: str, hours: Hours, now: float) -> Finding:
    """Whether people are there, and until or from when."""
    if is_open(hours, now):
        end = closes(hours, now)
        text = "open round the clock" if end is None else f"open until {moment(end, now, hours.zone, 'en')}"
        return Finding(part, "ok", text)
    begin = next_open(hours, now)
    if begin is None:
        return Finding(part, "hint", "closed, and not open again for more than a year; see desk.hours and its holidays")
    return Finding(part, "ok", f"closed until {moment(begin, now, hours.zone, 'en')}")


def _knowledge(config: Config) -> list[Finding]:
    from bot.knowledge.calibration import told
    from bot.parts import open_library

    try:
        library = open_library(config)
    except FrontdeskError as error:
        return [Finding("knowledge", "fault", str(error))]
    knowledge = library.mind.knowledge
    text = f"{len(knowledge.entries)} entries in {len(knowledge.topics)} topics, {library.folder}"
    found = [Finding("knowledge", "ok", text)]
    found += [Finding("knowledge", "ok", told(topic, one)) for topic, one in library.calibration.items()]
    if library.warnings:
        many = len(library.warnings) > 1
        text = f"{len(library.warnings)} hint{'s' * many}; frontdesk check shows {'them' if many else 'it'}"
        found.append(Finding("knowledge", "hint", text))
    return found


async def _vectors(config: Config) -> Finding:
    """Whether sentence vectors are wanted, and whether their model answers in time."""
    from bot.ops.clock import SystemClock
    from bot.parts import make_embedder, make_sense, open_library

    block = config.settings.matching.vectors
    if block.kind == "none":
        return Finding("vectors", "off", "answers are found by words alone; matching.vectors would add meaning")
    try:
        sense = make_sense(config, open_library(config), SystemClock(), make_embedder(block))
    except FrontdeskError as error:
        return Finding("vectors", "fault", str(error))
    assert sense is not None, "a kind was chosen"
    try:
        await sense.trial()
    except FrontdeskError as error:
        return Finding("vectors", "hint", f"answers are found by words alone: {error}")
    finally:
        await sense.close()
    return Finding("vectors", "ok", f"{block.model or block.kind} answers within {block.timeout_seconds:g} s")


async def _store(config: Config) -> list[Finding]:
    from bot.ops.clock import SystemClock
    from bot.storage.sqlite import SqliteDatabase
    from bot.storage.store import Store

    path = config.settings.storage.sqlite_path
    if not path.exists():
        return [_store_to_be(path)]
    if path.is_dir():
        return [Finding("store", "fault", f"{path} is a folder; set storage.url to a file")]
    try:
        database = await SqliteDatabase.open(path)
    except FrontdeskError as error:
        said = str(error)
        return [Finding("store", "fault", said if str(path) in said else f"{path}: {said}")]
    try:
        store = Store(database, SystemClock())
        await store.ping()
        counts = await store.counts()
    except FrontdeskError as error:
        return [Finding("store", "fault", str(error))]
    finally:
        await database.close()
    numbers = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    found = [Finding("store", "ok", f"{path}: writable; {numbers}")]
    if counts["dead"] or counts["uncertain"]:
        text = f"{counts['dead']} messages could not be delivered, {counts['uncertain']} may not have arrived"
        found.append(Finding("store", "hint", text))
    return found


def _store_to_be(path: Path) -> Finding:
    """Whether a database that is not there yet can be made; looking must not make it."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        return Finding("store", "fault", f"{path} can't be made: {folder} is not a folder; set storage.url elsewhere")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("store", "fault", f"{path} can't be made: this user may not write in {folder}")
    return Finding("store", "ok", f"{path} is not there yet; frontdesk run makes it")


def _service(config: Config) -> Finding:
    """What the running service says of itself, if there is one."""
    block = config.settings.http
    if block.port == 0:
        return Finding("service", "off", "http.port is 0, any free port: it can't be known where to ask")
    host = ANYWHERE.get(block.host, block.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{block.port}/readyz"
    try:
        parts = _ask(url)
    except OSError as error:
        reason = getattr(error, "reason", error)
        return Finding("service", "off", f"not running at {url} ({getattr(reason, 'strerror', None) or reason})")
    if parts is None:
        text = f"what answers at {url} is not Frontdesk; stop it, or set another http.port"
        return Finding("service", "fault", text)
    ill = [f"{part}: {state}" for part, state in parts.items() if state != "ok"]
    return Finding("service", "fault", "\n".join(ill)) if ill else Finding("service", "ok", f"running at {url}")


def _ask(url: str) -> dict[str, str] | None:
    """How the parts of the service at `url` are; None if that is not ours. Raises OSError if nothing is there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never ask a proxy about this machine
    try:
        try:
            with opener.open(url, timeout=TIMEOUT) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:  # 503 tells which part is ill
            body = error.read()
        parts = json.loads(body)["parts"]
        return {str(part): str(state) for part, state in parts.items()}
    except (ValueError, LookupError, TypeError, AttributeError, http.client.HTTPException):
        return None
