"""`frontdesk run`: the service."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__
from bot.cli.options import ConfigOption, read_config
from bot.config import Config
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.app import App

STARTED = time.perf_counter()


def run(
    config: ConfigOption = None,
    only: Annotated[str | None, typer.Option("--only", help="Run just these channels: telegram,web.")] = None,
) -> None:
    """Run the service until it is told to stop."""
    from bot.ops.logs import configure
    from bot.parts import chosen_channels

    settings = read_config(config)
    configure(settings.settings.log.format, settings.settings.log.level, settings.secrets())
    channels = chosen_channels(settings, None if only is None else names(only))
    asyncio.run(_serve(settings, channels))


def names(only: str) -> list[str]:
    """The channels of `--only`, each once. Raises ConfigError if there are none."""
    names = list(dict.fromkeys(name.strip() for name in only.split(",") if name.strip()))
    if not names:
        raise ConfigError("--only names no channel; write --only web, or leave it out to run all")
    return names


async def _serve(config: Config, channels: list[str]) -> None:
    from bot.app import App

    app = await App.build(config, channels)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopped.set)
    app.start()
    print(_welcome(app, await app.console_link()), flush=True)
    await stopped.wait()
    print("Stopping: finishing what was taken ...", flush=True)
    await app.stop()


def _welcome(app: App, console: str | None) -> str:
    """What a newcomer needs to know now."""
    settings, knowledge = app.config.settings, app.library.mind.knowledge
    port = app.server.port if app.server else settings.http.port
    url = settings.http.public_url or f"http://{settings.http.host}:{port}"
    lines = [f"Frontdesk {__version__} is ready after {time.perf_counter() - STARTED:.1f} s."]
    for channel in app.adapters:
        lines.append(f"  {channel:<10} {url + '/' if channel == 'web' else 'on'}")
    for channel, variable in app.config.off.items():
        lines.append(f"  {channel:<10} off: the variable {variable} is not set; export {variable}=... turns it on")
    if not app.adapters:
        lines.append(f"  {'channels':<10} none is on: nobody can reach the bot")
    if console is not None:
        lines.append(f"  {'console':<10} {console}")
        lines.append(f"  {'':<10} works once, for 10 minutes; another: frontdesk agents link NAME")
    lines += [
        f"  {'knowledge':<10} {len(knowledge.entries)} entries in {len(knowledge.topics)} topics, {app.library.folder}",
        f"  {'store':<10} {settings.storage.sqlite_path}",
        "Stop it with Ctrl-C.",
    ]
    if app.library.warnings:
        lines.insert(-1, f"  {'hints':<10} {len(app.library.warnings)} in the knowledge; frontdesk check shows them")
    return "\n".join(lines)
