"""`frontdesk doctor`: what is configured, reachable and healthy."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.table import Table

from bot import __version__
from bot.cli.options import ConfigOption, read_config
from bot.config import Config
from bot.errors import FrontdeskError

TIMEOUT = 3.0
"""Seconds to wait for our own server's answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `mark` is ok, off, hint or fault."""

    part: str
    mark: str
    text: str


def doctor(config: ConfigOption = None) -> None:
    """Tell what is configured, reachable and healthy. Exit 1 if something is not."""
    settings = read_config(config)
    findings = [
        Finding("program", "ok", f"Frontdesk {__version__}, Python {sys.version.split()[0]}"),
        Finding("configuration", "ok", str(settings.path or "none: built-in defaults")),
        *_channels(settings),
        *_knowledge(settings),
        *asyncio.run(_store(settings)),
        _service(settings),
    ]
    table = Table("part", "", "finding", box=None)
    colours = {"ok": "green", "off": "dim", "hint": "yellow", "fault": "red"}
    for finding in findings:
        table.add_row(finding.part, f"[{colours[finding.mark]}]{finding.mark}[/]", finding.text.replace("[", r"\["))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if any(finding.mark == "fault" for finding in findings):
        raise typer.Exit(1)


def _channels(config: Config) -> list[Finding]:
    on = [Finding(f"channel {name}", "ok", "configured") for name in config.channels]
    off = [Finding(f"channel {name}", "off", f"the variable {what} is not set") for name, what in config.off.items()]
    return on + off


def _knowledge(config: Config) -> list[Finding]:
    from bot.app import open_library

    try:
        library = open_library(config)
    except FrontdeskError as error:
        return [Finding("knowledge", "fault", str(error))]
    knowledge = library.mind.knowledge
    text = f"{len(knowledge.entries)} entries in {len(knowledge.topics)} topics, {library.folder}"
    found = [Finding("knowledge", "ok", text)]
    if library.warnings:
        found.append(Finding("knowledge", "hint", f"{len(library.warnings)} hints; frontdesk check shows them"))
    return found


async def _store(config: Config) -> list[Finding]:
    from bot.ops.clock import SystemClock
    from bot.storage.sqlite import SqliteDatabase
    from bot.storage.store import Store

    path = config.settings.storage.sqlite_path
    try:
        database = await SqliteDatabase.open(path)
    except FrontdeskError as error:
        return [Finding("store", "fault", str(error))]
    try:
        store = Store(database, SystemClock())
        await store.ping()
        counts = await store.counts()
    except FrontdeskError as error:
        return [Finding("store", "fault", f"{path}: {error}")]
    finally:
        await database.close()
    numbers = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    found = [Finding("store", "ok", f"{path}: writable; {numbers}")]
    if counts["dead"] or counts["uncertain"]:
        text = f"{counts['dead']} messages could not be delivered, {counts['uncertain']} may not have arrived"
        found.append(Finding("store", "hint", text))
    return found


def _service(config: Config) -> Finding:
    """What the running service says of itself, if there is one."""
    block = config.settings.http
    url = f"http://{block.host}:{block.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            parts = json.load(answer)["parts"]
    except urllib.error.HTTPError as error:
        return Finding("service", "fault", f"{url} says {error.code}: {error.read(2000).decode(errors='replace')}")
    except (OSError, ValueError, KeyError) as error:
        return Finding("service", "off", f"not running at {url} ({error})")
    ill = {part: state for part, state in parts.items() if state != "ok"}
    if ill:
        return Finding("service", "fault", "; ".join(f"{part}: {state}" for part, state in ill.items()))
    return Finding("service", "ok", f"running at {url}")
