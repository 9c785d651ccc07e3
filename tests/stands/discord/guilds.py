"""A guild: its channels, threads, roles and members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from tests.stands.discord import permissions
from tests.stands.discord.channels import Channel
from tests.stands.discord.errors import missing_access, missing_permissions
from tests.stands.discord.people import Bot, Member, Role, User
from tests.stands.discord.threads import ForumChannel, TextChannel, Thread

if TYPE_CHECKING:
    from tests.stands.discord.platform import Discord


ChannelT = TypeVar("ChannelT", bound=Channel)


class Guild:
    """A server, as people call it."""

    def __init__(self, platform: Discord, name: str, lang: str = "en-US") -> None:
        self.platform, self.name, self.lang = platform, name, lang
        self.id = platform.new_id()
        self.created_at = platform.now()
        self.everyone = Role(self.id, "@everyone", permissions.EVERYONE, 0)
        self.roles: dict[int, Role] = {self.id: self.everyone}
        self.members: dict[int, Member] = {}
        self.channels: dict[int, Channel] = {}
        self.threads: dict[int, Thread] = {}
        self.owner = self._join(platform.owner, [])

    def role(self, name: str, allow: Iterable[str] = (), bot: Bot | None = None) -> Role:
        """A new role, with these permissions beside what everyone has."""
        granted = permissions.BOT if bot else permissions.EVERYONE | permissions.bits(*allow)
        role = Role(self.platform.new_id(), name, granted, len(self.roles), bot)
        self.roles[role.id] = role
        self._tell("GUILD_ROLE_CREATE", role=role.payload())
        return role

    def member(self, who: str | User, lang: str = "en-US", roles: Iterable[Role | str] = ()) -> Member:
        """Somebody joins: a new person by name, or a user who is on the platform already."""
        user = who if isinstance(who, User) else self.platform.user(who, lang)
        member = self._join(user, [role if isinstance(role, Role) else self._role_named(role) for role in roles])
        data = member.payload() | {"guild_id": str(self.id)}
        self.platform.gateway.tell(
            "GUILD_MEMBER_ADD", lambda at: data if at.hears("members") and self.has(at.bot) else None
        )
        return member

    def leaves(self, member: Member) -> None:
        """Somebody goes, or is thrown out."""
        del self.members[member.id]
        data = {"guild_id": str(self.id), "user": member.user.payload()}
        self.platform.gateway.tell(
            "GUILD_MEMBER_REMOVE", lambda at: data if at.hears("members") and self.has(at.bot) else None
        )

    def add_bot(self, bot: Bot) -> Member:
        """Install a bot; it gets a role of its own."""
        member = self._join(bot, [self.role(bot.name, bot=bot)])
        self.platform.gateway.tell("GUILD_CREATE", lambda at: self.payload(bot) if at.bot is bot else None)
        return member

    def kick(self, bot: Bot) -> None:
        """Throw a bot out."""
        del self.members[bot.id]
        self.platform.gateway.tell("GUILD_DELETE", lambda at: {"id": str(self.id)} if at.bot is bot else None)

    def text_channel(self, name: str) -> TextChannel:
        return self._add(TextChannel(self.platform, name, self))

    def forum_channel(self, name: str, tags: Iterable[str] = ()) -> ForumChannel:
        return self._add(ForumChannel(self.platform, name, self, tags))

    def deny(self, name: str, channel: Channel | None = None) -> None:
        """Take a permission from the bots: in one channel, or everywhere."""
        self._set(name, channel, allowed=False)

    def allow(self, name: str, channel: Channel | None = None) -> None:
        """Give a permission to the bots: in one channel, or everywhere."""
        self._set(name, channel, allowed=True)

    def _set(self, name: str, channel: Channel | None, allowed: bool) -> None:
        bit = permissions.BITS[name]
        roles = [role for role in self.roles.values() if role.bot]
        if channel:
            for role in roles:
                allow, deny = channel.overwrites.get(role.id, (0, 0))
                channel.overwrites[role.id] = (allow | bit, deny & ~bit) if allowed else (allow & ~bit, deny | bit)
            channel.tell_update()
            return
        for role in [self.everyone, *roles]:  # what everyone may, the bots may too
            if allowed and role is self.everyone:
                continue
            role.permissions = role.permissions | bit if allowed else role.permissions & ~bit
            self._tell("GUILD_ROLE_UPDATE", role=role.payload())

    def has(self, bot: Bot) -> bool:
        return bot.id in self.members

    def permissions_of(self, user: User, channel: Channel | None = None) -> int:
        """What somebody may do, there or in the guild as a whole; nothing if they are no member."""
        member = self.members.get(user.id)
        return member.permissions_in(channel) if member else 0

    def require(self, bot: Bot, *names: str, channel: Channel | None = None) -> None:
        """Refuse what the bot has no permission for."""
        granted = self.permissions_of(bot, channel)
        if not granted & permissions.BITS["view_channel"]:
            raise missing_access()
        if any(not granted & permissions.BITS[name] for name in names):
            raise missing_permissions()

    def active_threads(self, bot: Bot) -> list[Thread]:
        return [thread for thread in self.threads.values() if not thread.archived and thread.visible_to(bot)]

    def payload(self, bot: Bot) -> dict[str, Any]:
        """All of it, as in GUILD_CREATE; without the presences intent only the bot itself is in the member list."""
        return self.summary() | {
            "joined_at": self.members[bot.id].payload()["joined_at"],
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.members[bot.id].payload()],
            "channels": [channel.payload() for channel in self.channels.values()],
            "threads": [thread.payload(bot) for thread in self.active_threads(bot)],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def summary(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "description": None,
            "owner_id": str(self.owner.id),
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": ["COMMUNITY"],
            "mfa_level": 0,
            "nsfw_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "banner": None,
            "premium_tier": 0,
            "preferred_locale": self.lang,
        }

    def _join(self, user: User, roles: list[Role]) -> Member:
        self.members[user.id] = member = Member(user, self, roles)
        return member

    def _role_named(self, name: str) -> Role:
        return next((role for role in self.roles.values() if role.name == name), None) or self.role(name)

    def _add(self, channel: ChannelT) -> ChannelT:
        self.channels[channel.id] = self.platform.channels[channel.id] = channel
        data = channel.payload()
        self.platform.gateway.tell(
            "CHANNEL_CREATE", lambda at: data if at.hears("guilds") and self.has(at.bot) else None
        )
        return channel

    def _tell(self, event: str, **data: Any) -> None:
        data["guild_id"] = str(self.id)
        self.platform.gateway.tell(event, lambda at: data if at.hears("guilds") and self.has(at.bot) else None)
