"""Messages, what is attached to them, and whom they ring for."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.stands.discord import permissions
from tests.stands.discord.ids import iso
from tests.stands.discord.people import Bot, Role, User

if TYPE_CHECKING:
    from tests.stands.discord.channels import Channel
    from tests.stands.discord.interactions import Interaction
    from tests.stands.discord.threads import Thread

EPHEMERAL, LOADING, HAS_THREAD = 1 << 6, 1 << 7, 1 << 5
NORMAL, RECIPIENT_ADD, RENAMED, PINNED, THREAD_CREATED, REPLY, SLASH, STARTER, CONTEXT_MENU = (
    0,
    1,
    4,
    6,
    18,
    19,
    20,
    21,
    23,
)


@dataclass
class Attachment:
    """A file on the platform's servers."""

    id: int
    filename: str
    data: bytes
    content_type: str = ""

    def __post_init__(self) -> None:
        self.content_type = self.content_type or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    def payload(self, channel: Channel) -> dict[str, Any]:
        url = f"{channel.platform.base}/attachments/{channel.id}/{self.id}/{self.filename}"
        url += f"?ex={channel.platform.attachment_generation}"  # stands for the signature, which expires
        found = {"id": str(self.id), "filename": self.filename, "size": len(self.data), "url": url, "proxy_url": url}
        return found | {"content_type": self.content_type}


@dataclass
class Pings:
    """Whom a message rings for."""

    users: list[User] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    everyone: bool = False


@dataclass(eq=False)
class Message:
    """One message; `reference` is what it replies to."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    reference: Message | None = None
    nonce: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    type: int = NORMAL
    allowed_mentions: dict[str, Any] | None = None
    interaction: Interaction | None = None
    created_at: float = 0.0
    edited_at: float | None = None
    thread: Thread | None = None
    reactions: list[tuple[User, str]] = field(default_factory=list)
    pinned: bool = False
    deleted: bool = False

    def __post_init__(self) -> None:
        self.created_at = self.channel.platform.now()

    def __repr__(self) -> str:
        return f"<{self.author.name} in {self.channel.name}: {self.content!r}>"

    @property
    def ephemeral(self) -> bool:
        """Only whoever used the command sees it."""
        return bool(self.flags & EPHEMERAL)

    def controls(self) -> Iterator[dict[str, Any]]:
        """Buttons and menus, however deep they are in rows, sections and containers."""
        stack = list(reversed(self.components))
        while stack:
            found = stack.pop()
            if found["type"] in (2, 3, 5, 6, 7, 8):
                yield found
            stack.extend(reversed([*found.get("components", []), *filter(None, [found.get("accessory")])]))

    @property
    def buttons(self) -> list[str]:
        """What is on the buttons."""
        return [found.get("label", "") for found in self.controls() if found["type"] == 2]

    @property
    def pings(self) -> Pings:
        """Whom it rings for: what is written in it, less what allowed_mentions holds back."""
        allowed = self.allowed_mentions
        parse = set(allowed.get("parse", ()) if allowed is not None else ("users", "roles", "everyone"))
        pings = Pings()
        for found in re.findall(r"<@!?(\d+)>", self.content):
            user = self.channel.platform.users.get(int(found))
            named = found in map(str, (allowed or {}).get("users", ()))
            if user and user not in pings.users and ("users" in parse or named):
                pings.users.append(user)
        guild = self.channel.guild
        for found in re.findall(r"<@&(\d+)>", self.content) if guild else ():
            role = guild.roles.get(int(found)) if guild else None
            named = found in map(str, (allowed or {}).get("roles", ()))
            if role and role not in pings.roles and ("roles" in parse or named):
                pings.roles.append(role)
        if guild and re.search(r"@(everyone|here)\b", self.content) and "everyone" in parse:
            may = guild.permissions_of(self.author, self.channel) & permissions.BITS["mention_everyone"]
            pings.everyone = bool(may)
        replied = self.reference.author if self.reference else None
        if replied and replied not in pings.users and (allowed is None or allowed.get("replied_user")):
            pings.users.append(replied)
        return pings

    def readable_by(self, bot: Bot, content_intent: bool) -> bool:
        """Without the intent, a bot reads only what is its own, in a DM, or addressed to it."""
        ours = self.author == bot or (self.interaction is not None and self.interaction.bot == bot)
        return content_intent or ours or self.channel.guild is None or bot in self.pings.users

    def payload(self, bot: Bot, *, content_intent: bool = True, nested: bool = False) -> dict[str, Any]:
        """The message as this bot gets it from the API."""
        readable, pings = self.readable_by(bot, content_intent), self.pings
        found: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "type": self.type,
            "content": self.content if readable else "",
            "embeds": [{"type": "rich"} | embed for embed in self.embeds] if readable else [],
            "components": self.components if readable else [],
            "attachments": [each.payload(self.channel) for each in self.attachments] if readable else [],
            "mentions": [user.payload() for user in pings.users],
            "mention_roles": [str(role.id) for role in pings.roles],
            "mention_everyone": pings.everyone,
            "timestamp": iso(self.created_at),
            "edited_timestamp": iso(self.edited_at) if self.edited_at else None,
            "tts": False,
            "pinned": self.pinned,
            "flags": self.flags,
        }
        if self.nonce is not None:
            found["nonce"] = self.nonce
        if self.reactions:
            found["reactions"] = self._reactions(bot)
        if self.thread:
            found["thread"] = self.thread.payload(bot)
        if isinstance(self.author, Bot) and self.interaction:
            found["webhook_id"] = found["application_id"] = str(self.author.id)
            found["interaction_metadata"] = self.interaction.metadata()
        if self.reference:
            found["message_reference"] = self._reference()
            if not nested:
                gone = self.reference.deleted
                referenced = None if gone else self.reference.payload(bot, content_intent=content_intent, nested=True)
                found["referenced_message"] = referenced
        return found

    def event(self, bot: Bot, content_intent: bool) -> dict[str, Any]:
        """As in MESSAGE_CREATE and MESSAGE_UPDATE, which say more than a GET."""
        found = self.payload(bot, content_intent=content_intent)
        guild = self.channel.guild
        if not guild:
            return found | {"channel_type": self.channel.kind}
        member = guild.members.get(self.author.id)
        for user, data in zip(self.pings.users, found["mentions"], strict=True):
            if user.id in guild.members:
                data["member"] = guild.members[user.id].payload(user=False)
        found |= {"guild_id": str(guild.id), "channel_type": self.channel.kind}
        return found | ({"member": member.payload(user=False)} if member else {})

    def _reference(self) -> dict[str, Any]:
        assert self.reference
        found = {"type": 0, "message_id": str(self.reference.id), "channel_id": str(self.reference.channel.id)}
        return found | ({"guild_id": str(self.channel.guild.id)} if self.channel.guild else {})

    def _reactions(self, bot: Bot) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for user, emoji in self.reactions:
            entry = found.setdefault(emoji, {"emoji": {"id": None, "name": emoji}, "count": 0, "me": False})
            entry["count"] += 1
            entry["me"] = entry["me"] or user == bot
        return list(found.values())
