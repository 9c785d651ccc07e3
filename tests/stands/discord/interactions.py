"""Slash commands, buttons, menus and modals: what a person does, and how the bot answers."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any

from tests.stands.discord import commands, options
from tests.stands.discord.channels import Channel
from tests.stands.discord.errors import Refusal, unknown
from tests.stands.discord.messages import LOADING, Message
from tests.stands.discord.people import Bot, Member, Person

if TYPE_CHECKING:
    from tests.stands.discord.platform import Discord

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
TOKEN_LIFE = 15 * 60
BUTTON, SELECT, LABEL, LINK = 2, 3, 18, 5
RESOLVES = {5: commands.USER, 6: commands.ROLE, 7: commands.MENTIONABLE, 8: commands.CHANNEL}
"""The option type that a select menu of people, roles, both or channels is like."""


class Interaction:
    """One thing a person did, and all that the bot made of it."""

    def __init__(self, bot: Bot, kind: int, person: Person, channel: Channel, data: dict[str, Any]) -> None:
        self.platform = bot.platform
        self.id, self.token = self.platform.new_id(), secrets.token_urlsafe(24)
        self.bot, self.type, self.user, self.channel, self.data = bot, kind, person, channel, data
        self.message: Message | None = None
        self.delivered = False
        self.acknowledged_after: float | None = None
        self.responses: list[tuple[int, dict[str, Any]]] = []
        self.original: Message | None = None
        self.followups: list[Message] = []
        self.choices: list[dict[str, Any]] | None = None
        self.modal: dict[str, Any] | None = None
        self._born = time.monotonic()

    def __repr__(self) -> str:
        return f"<interaction {self.type} of {self.user.name}: {self.responses}>"

    @property
    def age(self) -> float:
        return time.monotonic() - self._born

    def grow_older(self, seconds: float) -> None:
        self._born -= seconds

    @property
    def failed(self) -> bool:
        """The person is told that the application did not respond."""
        return self.acknowledged_after is None and self.age > self.platform.interaction_deadline

    @property
    def messages(self) -> list[Message]:
        """All that was said in answer, oldest first. The first follow-up of a deferred answer is its `original`."""
        answered = self.original is not None and not self.original.flags & LOADING
        return [*([self.original] if self.original and answered else []), *self.followups]

    @property
    def thinking(self) -> bool:
        """The answer was deferred and has not come yet."""
        return self.original is not None and not self.original.deleted and bool(self.original.flags & LOADING)

    @property
    def texts(self) -> list[str]:
        return [message.content for message in self.messages]

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees the answer."""
        return any(message.ephemeral for message in (self.original, *self.followups) if message)

    def metadata(self) -> dict[str, Any]:
        """How a message tells which interaction it answers."""
        user = self.platform.users[self.user.id].payload()
        return {"id": str(self.id), "type": self.type, "user": user, "authorizing_integration_owners": {}}

    def acknowledge(self, kind: int, data: dict[str, Any]) -> None:
        """The first answer; it must come in time and only once."""
        if self.failed:
            raise unknown("Interaction")
        if self.acknowledged_after is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        self.acknowledged_after = self.age
        self.responses.append((kind, data))
        self.platform.stirred()

    def require_token(self) -> None:
        """Follow-ups need a first answer, and end when the token does."""
        if self.age > TOKEN_LIFE:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if self.acknowledged_after is None:
            raise unknown("Webhook")

    def payload(self) -> dict[str, Any]:
        guild, channel = self.channel.guild, self.channel
        found: dict[str, Any] = {
            "id": str(self.id),
            "application_id": str(self.bot.id),
            "type": self.type,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(channel.id),
            "channel": channel.payload(self.bot),
            "locale": self.user.lang,
            "entitlements": [],
            "attachment_size_limit": 10 << 20,
            "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "app_permissions": str(guild.permissions_of(self.bot, channel) if guild else 0),
        }
        if self.message:
            found["message"] = self.message.payload(self.bot)
        user = self.platform.users[self.user.id]
        if not guild:
            return found | {"user": user.payload()}
        member = guild.members[user.id]
        data = member.payload() | {"permissions": str(member.permissions_in(channel))}
        summary = {"id": str(guild.id), "locale": guild.lang, "features": []}
        return found | {"guild_id": str(guild.id), "guild": summary, "guild_locale": guild.lang, "member": data}


class Interactions:
    """Starts interactions and finds them again by id and token."""

    def __init__(self, platform: Discord) -> None:
        self._platform = platform
        self.all: list[Interaction] = []

    def with_token(self, token: str) -> Interaction:
        for interaction in self.all:
            if interaction.token == token:
                return interaction
        raise unknown("Webhook")

    def with_id(self, interaction_id: int, token: str) -> Interaction:
        for interaction in self.all:
            if (interaction.id, interaction.token) == (interaction_id, token):
                return interaction
        raise unknown("Interaction")

    def command(self, person: Person, line: str, given: dict[str, Any], channel: Channel) -> Interaction:
        name, *path = line.removeprefix("/").split()
        bot, command = self._registered(name, commands.SLASH, channel)
        _require_may_use(person, command, channel)
        resolver = options.Resolver(self._platform, channel)
        data = options.slash(command, path, given, resolver)
        return self._start(Interaction(bot, COMMAND, person, channel, data))

    def autocomplete(
        self, person: Person, line: str, option: str, typed: str, others: dict[str, Any], channel: Channel
    ) -> Interaction:
        name, *path = line.removeprefix("/").split()
        bot, command = self._registered(name, commands.SLASH, channel)
        resolver = options.Resolver(self._platform, channel)
        data = options.slash(command, path, others | {option: typed}, resolver, focused=option)
        return self._start(Interaction(bot, AUTOCOMPLETE, person, channel, data))

    def context_menu(self, person: Person, name: str, target: Message | Person, channel: Channel) -> Interaction:
        kind = commands.ON_MESSAGE if isinstance(target, Message) else commands.ON_USER
        bot, command = self._registered(name, kind, channel)
        _require_may_use(person, command, channel)
        resolver = options.Resolver(self._platform, channel)
        resolver.add(target, bot)
        data: dict[str, Any] = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
        data |= {"target_id": str(target.id), "resolved": resolver.found}
        return self._start(Interaction(bot, COMMAND, person, channel, data))

    def click(self, person: Person, message: Message, wanted: str) -> Interaction:
        for found in message.controls():
            if found["type"] == BUTTON and wanted in (found.get("label"), found.get("custom_id")):
                assert found["style"] != LINK, f"{wanted!r} is a link: the bot is not told of clicks on it"
                data = {"custom_id": found["custom_id"], "component_type": BUTTON}
                return self._component(person, message, found, data)
        raise AssertionError(f"there is no button {wanted!r} in {message}; it has {message.buttons}")

    def select(self, person: Person, message: Message, custom_id: str, values: list[Any]) -> Interaction:
        menus = {found["custom_id"]: found for found in message.controls() if found["type"] != BUTTON}
        assert custom_id in menus, f"there is no menu {custom_id!r} in {message}; it has {list(menus)}"
        found = menus[custom_id]
        resolver = options.Resolver(self._platform, message.channel)
        chosen = options.chosen(found, values, resolver)
        data = {"custom_id": custom_id, "component_type": found["type"], "values": chosen}
        data |= {"resolved": resolver.found} if resolver.found else {}  # a menu of texts comes without
        return self._component(person, message, found, data)

    def submit(self, person: Person, source: Interaction, values: dict[str, Any]) -> Interaction:
        assert source.modal, f"{source} was not answered with a modal"
        resolver = options.Resolver(self._platform, source.channel)
        filled = options.filled(source.modal["components"], values, resolver)
        data = {"custom_id": source.modal["custom_id"], "components": filled, "resolved": resolver.found}
        interaction = Interaction(source.bot, MODAL_SUBMIT, person, source.channel, data)
        interaction.message = source.message
        return self._start(interaction)

    def _component(self, person: Person, message: Message, found: dict[str, Any], data: dict[str, Any]) -> Interaction:
        assert not found.get("disabled"), f"{found.get('label') or found.get('placeholder')!r} is disabled"
        assert isinstance(message.author, Bot)
        assert message.ephemeral or not message.deleted, f"{message} was deleted"
        interaction = Interaction(message.author, COMPONENT, person, message.channel, data)
        interaction.message = message
        return self._start(interaction)

    def _registered(self, name: str, kind: int, channel: Channel) -> tuple[Bot, commands.Command]:
        """The command, and the bot that it belongs to."""
        guild_id = channel.guild.id if channel.guild else commands.GLOBAL
        failure: AssertionError | None = None
        for bot in self._platform.bots:
            try:
                return bot, bot.commands.named(name, kind, guild_id)
            except AssertionError as error:
                failure = failure or error
        raise failure or AssertionError("there is no bot")

    def _start(self, interaction: Interaction) -> Interaction:
        self.all.append(interaction)
        bot = interaction.bot
        interaction.delivered = self._platform.gateway.tell_one(bot, "INTERACTION_CREATE", interaction.payload())
        # who waits for `failed` is to look again when the time is over
        loop = asyncio.get_running_loop()
        loop.call_later(self._platform.interaction_deadline + 0.01, self._platform.stirred)
        return interaction


def _require_may_use(person: Person, command: commands.Command, channel: Channel) -> None:
    """People are not shown commands that are not for them, or not for this place."""
    contexts, needed = command["contexts"], command["default_member_permissions"]
    if not channel.guild:
        assert not command.get("guild_id"), f"{command['name']} is there in its guild only"
        assert 1 in contexts if contexts is not None else command["dm_permission"], f"{command['name']}: not in a DM"
        return
    assert contexts is None or 0 in contexts, f"{command['name']} is not offered in guilds"
    member = channel.guild.members[person.id]
    assert isinstance(member, Member)
    held, asked = member.permissions_in(None), int(needed or 0)
    allowed = member == channel.guild.owner or (needed is None or (asked and held & asked == asked))
    assert allowed, f"{command['name']} is not shown to {person.name}, who lacks the permissions {asked}"
