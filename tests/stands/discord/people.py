"""Who is on the platform: users, members of guilds with their roles, and bots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.stands.discord import permissions
from tests.stands.discord.commands import Commands
from tests.stands.discord.ids import iso

if TYPE_CHECKING:
    from tests.stands.discord.channels import Channel
    from tests.stands.discord.guilds import Guild
    from tests.stands.discord.interactions import Interaction
    from tests.stands.discord.messages import Message
    from tests.stands.discord.platform import Discord

PRIVILEGED = {"members": 1 << 1, "presences": 1 << 8, "message_content": 1 << 15}
"""Intents that must be switched on in the developer portal."""
APPLICATION_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
"""How the application shows which of them are on (for bots in fewer than 100 guilds)."""


class Person:
    """Somebody who can act. A user and their memberships are the same person."""

    id: int
    name: str
    lang: str
    platform: Discord

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def uses(self, command: str, options: dict[str, Any] | None = None, channel: Channel | None = None) -> Interaction:
        """Run a slash command: "/ask", or "/ticket close" for a subcommand."""
        return self.platform.interactions.command(self, command, options or {}, channel or self._default_channel())

    def autocompletes(
        self, command: str, option: str, typed: str, channel: Channel | None = None, **others: Any
    ) -> Interaction:
        """Type into an option that offers choices."""
        where = channel or self._default_channel()
        return self.platform.interactions.autocomplete(self, command, option, typed, others, where)

    def uses_on(self, command: str, target: Message | Person, channel: Channel | None = None) -> Interaction:
        """Pick a context menu command on a message or a person."""
        where = channel or getattr(target, "channel", None) or self._default_channel()
        return self.platform.interactions.context_menu(self, command, target, where)

    def clicks(self, message: Message, label_or_custom_id: str) -> Interaction:
        """Press a button."""
        return self.platform.interactions.click(self, message, label_or_custom_id)

    def selects(self, message: Message, custom_id: str, values: list[Any]) -> Interaction:
        """Pick from a select menu: values or labels, people, roles or channels."""
        return self.platform.interactions.select(self, message, custom_id, values)

    def submits(self, interaction: Interaction, values: dict[str, Any]) -> Interaction:
        """Fill in and send the modal that this interaction was answered with."""
        return self.platform.interactions.submit(self, interaction, values)

    def _default_channel(self) -> Channel:
        return self.platform.dm(self)


class User(Person):
    """An account."""

    bot = False

    def __init__(self, platform: Discord, name: str, lang: str = "en-US") -> None:
        self.platform, self.name, self.lang = platform, name, lang
        self.id = platform.new_id()
        self.dms_closed = False

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "discriminator": "0",
            "global_name": None if self.bot else self.name,
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


class Bot(User):
    """An application with its bot account; both have the same id."""

    bot = True

    def __init__(self, platform: Discord, token: str, name: str, intents: set[str]) -> None:
        super().__init__(platform, name)
        self.token = token
        self.intents = intents
        self.token_is_bad = False
        self.commands = Commands(self)

    @property
    def sees_content(self) -> bool:
        """Whether the portal lets it read what is not addressed to it."""
        return "message_content" in self.intents

    @property
    def forbidden_intents(self) -> int:
        """The privileged intents that the portal does not grant."""
        return sum(bit for name, bit in PRIVILEGED.items() if name not in self.intents)

    def payload(self) -> dict[str, Any]:
        return super().payload() | {"username": self.name}

    def application(self) -> dict[str, Any]:
        flags = sum(bit for name, bit in APPLICATION_FLAGS.items() if name in self.intents)
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": "",
            "summary": "",
            "flags": flags,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": self.platform.owner.payload(),
            "interactions_endpoint_url": None,
            "redirect_uris": [],
            "bot": self.payload(),
        }


@dataclass
class Role:
    """A named set of permissions in a guild."""

    id: int
    name: str
    permissions: int
    position: int
    bot: Bot | None = None

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.bot is not None,
            "mentionable": False,
            "flags": 0,
        }
        if self.bot:
            found["tags"] = {"bot_id": str(self.bot.id)}
        return found


@dataclass(eq=False, repr=False)
class Member(Person):
    """A user in a guild."""

    user: User
    guild: Guild
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None

    def __post_init__(self) -> None:
        self.id, self.name, self.lang, self.platform = self.user.id, self.user.name, self.user.lang, self.user.platform

    def permissions_in(self, channel: Channel | None) -> int:
        """What this member may do, there or (None) in the guild as a whole."""
        if self.guild.owner == self:
            return permissions.ALL
        everyone = (self.guild.id, self.guild.everyone.permissions)
        roles = [(role.id, role.permissions) for role in self.roles]
        return permissions.resolve(everyone, roles, self.id, channel.effective_overwrites if channel else {})

    def payload(self, *, user: bool = True) -> dict[str, Any]:
        found: dict[str, Any] = {
            "roles": [str(role.id) for role in self.roles],
            "nick": self.nick,
            "avatar": None,
            "joined_at": iso(self.guild.created_at),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return found | ({"user": self.user.payload()} if user else {})

    def _default_channel(self) -> Channel:
        return next(iter(self.guild.channels.values()))
