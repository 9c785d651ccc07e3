"""`frontdesk chat`: talk to it in this terminal."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from bot.cli.options import ConfigOption, LangOption, check_language, read_config
from bot.config import Config

CHANNEL = "terminal"


def chat(config: ConfigOption = None, lang: LangOption = None) -> None:
    """Talk to it in this terminal; /quit or the end of the input ends it."""
    from bot.ops.logs import configure

    settings = read_config(config)
    check_language(settings, lang)
    configure("text", "error")
    asyncio.run(_talk(settings, lang or ""))


async def _talk(config: Config, lang: str) -> None:
    from adapters.terminal import Options
    from bot.app import App, channel_part

    config = replace(config, channels={CHANNEL: config.channels.get(CHANNEL) or Options(lang=lang)})
    if lang:
        config = replace(config, channels={CHANNEL: Options(lang=lang)})
    if not sys.stdin.isatty():
        # From a file or a pipe all lines come at once; each is still a message of its own.
        dialogue = config.settings.dialogue.model_copy(update={"merge_window_seconds": 0.0})
        config = replace(config, settings=config.settings.model_copy(update={"dialogue": dialogue}))
    app = await App.build(config, [CHANNEL], http=False)
    app.start()
    try:
        await app.supervisor.wait(channel_part(CHANNEL))
    finally:
        await app.stop()
