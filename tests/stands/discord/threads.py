"""Channels of a guild, and the threads in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.stands.discord import messages, permissions
from tests.stands.discord.channels import Channel, File
from tests.stands.discord.ids import iso
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Bot, Person

if TYPE_CHECKING:
    from tests.stands.discord.guilds import Guild
    from tests.stands.discord.platform import Discord

PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 11, 12, 15
REQUIRE_TAG = 1 << 4


class TextChannel(Channel):
    """An ordinary channel."""

    def thread(
        self,
        author: Person,
        name: str,
        message: Message | None = None,
        *,
        private: bool = False,
        archived_after: int = 1440,
    ) -> Thread:
        """Open a thread, on a message or beside the channel; `archived_after` are minutes without a word."""
        assert self.guild
        thread = Thread(self, author, name, private=private, channel_id=message.id if message else 0)
        thread.auto_archive_duration = archived_after
        thread.open()
        if message:
            message.thread, message.flags = thread, message.flags | messages.HAS_THREAD
            self.publish_edit(message, silently=True)
            thread.publish(thread.draft(message.author, reference=message, type=messages.STARTER))
        elif not private:
            self.publish(self.draft(author, name, type=messages.THREAD_CREATED))
        return thread


class ForumChannel(Channel):
    """A channel of posts; each is a thread with the same id as its first message."""

    kind = FORUM

    def __init__(self, platform: Discord, name: str, guild: Guild, tags: Iterable[str]) -> None:
        super().__init__(platform, name, guild)
        self.tags = {tag: platform.new_id() for tag in tags}
        self.requires_tag = False

    def post(
        self, author: Person, title: str, text: str, tags: Iterable[str] = (), files: Iterable[File] = ()
    ) -> Thread:
        """Somebody starts a post."""
        thread = Thread(self, author, title)
        thread.applied_tags = [self.tags[tag] for tag in tags]
        first = thread.draft(author, text, id=thread.id)
        first.attachments = [self.attachment(each) for each in files]
        self.start(thread, first)
        return thread

    def start(self, thread: Thread, first: Message) -> None:
        """Show a post and its first message."""
        self.last_message_id = thread.id
        thread.open()
        thread.publish(first)

    def payload(self, bot: Bot | None = None) -> dict[str, Any]:
        tags = [
            {"id": str(tag_id), "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for name, tag_id in self.tags.items()
        ]
        found = super().payload() | {"flags": REQUIRE_TAG if self.requires_tag else 0, "available_tags": tags}
        return found | {"default_reaction_emoji": None, "default_forum_layout": 0}


class Thread(Channel):
    """A side conversation, with the permissions of the channel it belongs to."""

    def __init__(
        self, parent: Channel, owner: Person, name: str, *, private: bool = False, channel_id: int = 0
    ) -> None:
        super().__init__(parent.platform, name, parent.guild, channel_id)
        self.kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        self.parent, self.private = parent, private
        self.owner_id = owner.id
        self.member_ids = {owner.id}
        self.archived = self.locked = False
        self.archived_at = self.created_at = self.platform.now()
        self.auto_archive_duration = 1440
        self.applied_tags: list[int] = []

    @property
    def effective_overwrites(self) -> permissions.Overwrites:
        return self.parent.overwrites

    @property
    def tags(self) -> list[str]:
        """The names of the tags on a forum post."""
        known = self.parent.tags if isinstance(self.parent, ForumChannel) else {}
        return [name for name, tag_id in known.items() if tag_id in self.applied_tags]

    def visible_to(self, bot: Bot) -> bool:
        assert self.guild
        if not super().visible_to(bot):
            return False
        manages = self.guild.permissions_of(bot, self) & permissions.BITS["manage_threads"]
        return not self.private or bot.id in self.member_ids or bool(manages)

    def open(self) -> None:
        """Put it on the platform."""
        assert self.guild
        self.guild.threads[self.id] = self.platform.channels[self.id] = self
        self.tell("THREAD_CREATE", newly_created=True)

    def publish(self, message: Message) -> Message:
        if self.archived:  # writing opens it again; who may do so is checked before
            self.update(archived=False)
        self.member_ids.add(message.author.id)
        return super().publish(message)

    def archive(self, locked: bool = False) -> None:
        """Somebody closes it. When it is locked too, only moderators can open it again."""
        self.update(archived=True, locked=locked)

    def unarchive(self) -> None:
        self.update(archived=False, locked=False)

    def update(self, **changes: Any) -> None:
        """Change it and say so."""
        if changes.get("archived", self.archived) != self.archived:
            self.archived_at = self.platform.now()
        for name, value in changes.items():
            setattr(self, name, value)
        self.tell("THREAD_UPDATE")

    def adds(self, person: Person) -> None:
        """Bring somebody into the thread; a bot learns of it as of a new thread."""
        self.member_ids.add(person.id)
        if isinstance(person, Bot):
            self.platform.gateway.tell("THREAD_CREATE", lambda at: self.payload(at.bot) if at.bot is person else None)

    def delete(self) -> None:
        """Somebody deletes it, with all that was said in it."""
        assert self.guild
        del self.guild.threads[self.id], self.platform.channels[self.id]
        found = self.payload()
        data = {key: found[key] for key in ("id", "guild_id", "parent_id", "type")}
        self.platform.gateway.tell(
            "THREAD_DELETE", lambda at: data if at.hears("guilds") and self.visible_to(at.bot) else None
        )

    def tell(self, event: str, **extra: Any) -> None:
        self.platform.gateway.tell(
            event, lambda at: self.payload(at.bot) | extra if at.hears("guilds") and self.visible_to(at.bot) else None
        )

    def payload(self, bot: Bot | None = None) -> dict[str, Any]:
        assert self.guild
        found: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild.id),
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner_id),
            "name": self.name,
            "last_message_id": str(self.last_message_id) if self.last_message_id else None,
            "message_count": max(0, len(self.messages) - 1),
            "total_message_sent": len(self.messages),
            "member_count": len(self.member_ids),
            "rate_limit_per_user": 0,
            "flags": 0,
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.auto_archive_duration,
                "archive_timestamp": iso(self.archived_at),
                "create_timestamp": iso(self.created_at),
                "invitable": True,
            },
        }
        if isinstance(self.parent, ForumChannel):
            found["applied_tags"] = [str(tag) for tag in self.applied_tags]
        if bot and bot.id in self.member_ids:
            joined = iso(self.created_at)
            found["member"] = {"id": str(self.id), "user_id": str(bot.id), "join_timestamp": joined, "flags": 0}
        return found
