"""The menu of commands that Telegram shows beside the text field: one for everybody, and one for the desk."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from adapters.telegram.failures import channel_down
from bot.ports import Tools

log = logging.getLogger("adapters.telegram")


async def offer_commands(bot: Bot, tools: Tools) -> None:
    """Put the commands into Telegram's menus, in each language; only where they changed."""
    await _offer(bot, tools, BotCommandScopeDefault(), tools.commands, "command_")
    if tools.desk:
        await _offer(bot, tools, BotCommandScopeChat(int(tools.desk)), tools.desk_commands, "command_desk_")


async def _offer(bot: Bot, tools: Tools, scope: BotCommandScope, names: Sequence[str], key: str) -> None:
    for lang in ("", *tools.languages):
        wanted = [BotCommand(name, tools.phrase(f"{key}{name}", lang)) for name in names]
        try:
            if list(await bot.get_my_commands(scope, language_code=lang or None)) != wanted:
                await bot.set_my_commands(wanted, scope, language_code=lang or None)
        except TelegramError as error:  # the menu is a comfort; people can still type
            log.warning("Telegram did not take the commands for its menu: %s", channel_down(error))
