"""Where people talk: text channels, forums, threads and direct messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.stands.discord import messages, permissions
from tests.stands.discord.messages import Attachment, Message
from tests.stands.discord.people import Bot, Member, Person, User

if TYPE_CHECKING:
    from tests.stands.discord.gateway import Session
    from tests.stands.discord.guilds import Guild
    from tests.stands.discord.platform import Discord
    from tests.stands.discord.threads import Thread

TEXT, DM = 0, 1
File = tuple[str, bytes] | str
"""A name and what is in it; just a name is enough where nobody looks inside."""


class Channel:
    """A place with messages in it."""

    kind = TEXT

    def __init__(self, platform: Discord, name: str, guild: Guild | None = None, channel_id: int = 0) -> None:
        self.platform, self.name, self.guild = platform, name, guild
        self.id = channel_id or platform.new_id()
        self.messages: list[Message] = []
        self.overwrites: dict[int, tuple[int, int]] = {}
        self.topic: str | None = None
        self.typing: list[tuple[User, float]] = []
        self.last_message_id: int | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def effective_overwrites(self) -> permissions.Overwrites:
        return self.overwrites

    @property
    def threads(self) -> list[Thread]:
        """What was opened here and is still there: threads or a forum's posts, oldest first."""
        assert self.guild
        return [thread for thread in self.guild.threads.values() if thread.parent is self]

    @property
    def texts(self) -> list[str]:
        """What was said, oldest first."""
        return [message.content for message in self.messages]

    def says(
        self,
        author: Person,
        content: str,
        *,
        reply_to: Message | None = None,
        mentions: Iterable[Person] = (),
        attachments: Iterable[File] = (),
    ) -> Message:
        """Somebody writes; who is in `mentions` is put in front unless the text names them."""
        missing = [who.mention for who in mentions if who.mention not in content]
        kind = messages.REPLY if reply_to else messages.NORMAL
        message = self.draft(author, " ".join([*missing, content]), reference=reply_to, type=kind)
        message.attachments = [self.attachment(each) for each in attachments]
        return self.publish(message)

    def edits(self, message: Message, content: str) -> None:
        """Somebody changes what they wrote."""
        message.content = content
        self.publish_edit(message)

    def deletes(self, message: Message) -> None:
        """Somebody takes a message away."""
        message.deleted = True
        self.messages.remove(message)
        data = {"id": str(message.id), "channel_id": str(self.id)}
        data |= {"guild_id": str(self.guild.id)} if self.guild else {}
        self.tell_hearers("MESSAGE_DELETE", lambda _: data)

    def draft(self, author: Person, content: str = "", **fields: Any) -> Message:
        """A message that nobody sees yet."""
        user = author.user if isinstance(author, Member) else author
        assert isinstance(user, User)
        return Message(fields.pop("id", None) or self.platform.new_id(), self, user, content, **fields)

    def publish(self, message: Message) -> Message:
        """Show a message."""
        self.messages.append(message)
        self.platform.said.append(message)
        self.last_message_id = message.id
        self.tell_hearers("MESSAGE_CREATE", lambda at: message.event(at.bot, at.hears("message_content")))
        self.platform.stirred()
        return message

    def publish_edit(self, message: Message, *, silently: bool = False) -> None:
        """Show the change. Discord also sends updates in which nothing was edited (previews of links)."""
        message.edited_at = message.edited_at if silently else self.platform.now()
        if message in self.messages:
            self.tell_hearers("MESSAGE_UPDATE", lambda at: message.event(at.bot, at.hears("message_content")))
        self.platform.stirred()

    def attachment(self, file: File) -> Attachment:
        name, data = (file, file.encode()) if isinstance(file, str) else file
        found = Attachment(self.platform.new_id(), name, data)
        self.platform.attachments[found.id] = found
        return found

    def find(self, message_id: int) -> Message | None:
        return next((message for message in reversed(self.messages) if message.id == message_id), None)

    def visible_to(self, bot: Bot) -> bool:
        assert self.guild
        return bool(self.guild.permissions_of(bot, self) & permissions.BITS["view_channel"])

    def heard_by(self, session: Session) -> bool:
        """Whether messages here are sent to this session."""
        return session.hears("guild_messages") and self.visible_to(session.bot)

    def tell_hearers(self, event: str, data: Any) -> None:
        self.platform.gateway.tell(event, lambda at: data(at) if self.heard_by(at) else None)

    def tell_update(self) -> None:
        data = self.payload()
        assert self.guild
        has = self.guild.has
        self.platform.gateway.tell("CHANNEL_UPDATE", lambda at: data if at.hears("guilds") and has(at.bot) else None)

    def delete(self) -> None:
        """Somebody deletes the channel, and with it its threads."""
        assert self.guild
        guild, data = self.guild, self.payload()
        for thread in self.threads:
            del guild.threads[thread.id], self.platform.channels[thread.id]
        del guild.channels[self.id], self.platform.channels[self.id]
        self.platform.gateway.tell(
            "CHANNEL_DELETE", lambda at: data if at.hears("guilds") and guild.has(at.bot) else None
        )

    def payload(self, bot: Bot | None = None) -> dict[str, Any]:
        assert self.guild
        return {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "topic": self.topic,
            "position": 0,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "parent_id": None,
            "flags": 0,
            "last_message_id": str(self.last_message_id) if self.last_message_id else None,
            "permission_overwrites": [
                {
                    "id": str(target),
                    "type": 0 if target in self.guild.roles else 1,
                    "allow": str(allow),
                    "deny": str(deny),
                }
                for target, (allow, deny) in self.overwrites.items()
            ],
        }


class DirectMessages(Channel):
    """A user's chat with one bot."""

    kind = DM

    def __init__(self, platform: Discord, user: User, bot: Bot) -> None:
        super().__init__(platform, f"DM of {user.name}")
        self.user, self.bot = user, bot

    def visible_to(self, bot: Bot) -> bool:
        return bot is self.bot

    def heard_by(self, session: Session) -> bool:
        return session.hears("direct_messages") and self.visible_to(session.bot)

    def payload(self, bot: Bot | None = None) -> dict[str, Any]:
        last = str(self.last_message_id) if self.last_message_id else None
        found: dict[str, Any] = {"id": str(self.id), "type": self.kind, "flags": 0, "last_message_id": last}
        return found | {"recipients": [self.user.payload()]}
