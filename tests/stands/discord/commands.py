"""The application commands that a bot has registered, for all guilds or for one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.stands.discord.errors import Invalid, unknown

if TYPE_CHECKING:
    from tests.stands.discord.people import Bot

GLOBAL = 0
SLASH, ON_USER, ON_MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
NAME = re.compile(r"[-_'\w]{1,32}", re.UNICODE)
Command = dict[str, Any]


class Commands:
    """One bot's commands. `puts` counts how often a whole list was written, by guild (0: for all guilds)."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._lists: dict[int, dict[int, Command]] = {}
        self.puts: dict[int, int] = {}

    def all(self, guild_id: int = GLOBAL) -> list[Command]:
        return list(self._lists.get(guild_id, {}).values())

    def named(self, name: str, kind: int, guild_id: int) -> Command:
        """The command that people see under this name; a guild's own comes before the one for all."""
        for scope in dict.fromkeys((guild_id, GLOBAL)):
            for command in self.all(scope):
                if (command["name"], command["type"]) == (name, kind):
                    return command
        known = [command["name"] for command in (*self.all(guild_id), *self.all())]
        raise AssertionError(f"there is no command {name!r} of type {kind}; {self._bot} has {known}")

    def get(self, guild_id: int, command_id: int) -> Command:
        try:
            return self._lists[guild_id][command_id]
        except KeyError:
            raise unknown("application command") from None

    def put(self, guild_id: int, commands: list[dict[str, Any]]) -> list[Command]:
        """Replace the whole list."""
        self.puts[guild_id] = self.puts.get(guild_id, 0) + 1
        seen = set()
        for place, command in enumerate(commands):
            check(command, f"{place}.")
            key = (command["name"], command.get("type", SLASH))
            if key in seen:
                message = "Application command names must be unique"
                raise Invalid(str(place), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            seen.add(key)
        before = {(each["name"], each["type"]): each for each in self.all(guild_id)}
        self._lists[guild_id] = {}
        return [self._store(guild_id, command, before) for command in commands]

    def post(self, guild_id: int, command: dict[str, Any]) -> Command:
        """Add one, or replace the one of the same name."""
        check(command)
        return self._store(guild_id, command, {(each["name"], each["type"]): each for each in self.all(guild_id)})

    def patch(self, guild_id: int, command_id: int, changes: dict[str, Any]) -> Command:
        command = self.get(guild_id, command_id)
        check(command | changes)
        command.update(changes, version=str(self._bot.platform.new_id()))
        return command

    def delete(self, guild_id: int, command_id: int) -> None:
        del self._lists[guild_id][int(self.get(guild_id, command_id)["id"])]

    def _store(self, guild_id: int, command: dict[str, Any], before: dict[tuple[str, int], Command]) -> Command:
        kind = command.get("type", SLASH)
        command_id = int(before.get((command["name"], kind), {}).get("id", 0)) or self._bot.platform.new_id()
        stored = {
            "options": [],
            "description": "",
            "default_member_permissions": None,
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            "name_localizations": None,
            "description_localizations": None,
        }
        stored |= command | {"id": str(command_id), "application_id": str(self._bot.id), "type": kind}
        stored["version"] = str(self._bot.platform.new_id())
        if guild_id:
            stored["guild_id"] = str(guild_id)
        self._lists.setdefault(guild_id, {})[command_id] = stored
        return stored


def without_localizations(command: Any) -> Any:
    """As the list is given unless with_localizations is asked for: a comparison with it would always find a change."""
    if isinstance(command, list):
        return [without_localizations(each) for each in command]
    if not isinstance(command, dict):
        return command
    left_out = ("name_localizations", "description_localizations")
    return {key: without_localizations(value) for key, value in command.items() if key not in left_out}


def check(command: dict[str, Any], at: str = "") -> None:
    """Refuse what Discord refuses in a command, with the field that is wrong."""
    slash = command.get("type", SLASH) == SLASH
    names = [command["name"], *(command.get("name_localizations") or {}).values()]
    for name in names:
        if slash and (not NAME.fullmatch(name) or name != name.lower()):
            raise Invalid(f"{at}name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        if not 1 <= len(name) <= 32:
            raise Invalid(f"{at}name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
    if slash:
        _check_description(command, at)
        _check_options(command.get("options") or [], f"{at}options.")


def _check_description(owner: dict[str, Any], at: str) -> None:
    for text in [owner.get("description", ""), *(owner.get("description_localizations") or {}).values()]:
        if not 1 <= len(text) <= 100:
            raise Invalid(f"{at}description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")


def _check_options(options: list[dict[str, Any]], at: str) -> None:
    if len(options) > 25:
        raise Invalid(at.rstrip("."), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    optional = False
    for place, option in enumerate(options):
        check(option | {"type": SLASH}, f"{at}{place}.")
        required = bool(option.get("required"))
        if required and optional:
            message = "Required options must be placed before non-required options"
            raise Invalid(f"{at}{place}", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or (not required and option["type"] > GROUP)
        if len(option.get("choices") or ()) > 25:
            raise Invalid(f"{at}{place}.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
