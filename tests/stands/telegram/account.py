"""One bot on the platform: what it has sent, the messages it can see, and where its updates wait."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import ApiError, bad
from .people import Group, Json, Person, Room
from .records import Answer, Call, Sent
from .updates import Updates

if TYPE_CHECKING:
    from .files import File
    from .limits import Limits
    from .webhook import Hook
    from .world import World

T = TypeVar("T")


class Account(Updates):
    """The state behind one token."""

    def __init__(self, world: World, token: str, username: str, name: str) -> None:
        super().__init__()
        self.world = world
        self.token = token
        self.username = username
        self.person = Person(int(token.partition(":")[0]), name, username, is_bot=True)
        self.id = self.person.id
        self.sent: list[Sent] = []
        self.calls: list[Call] = []
        self.answered: dict[str, Answer] = {}
        self.typing: list[int] = []
        self.reactions: dict[tuple[int, int], list[Json]] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        """Name, description and short description by (field, language_code)."""
        self.pinned: dict[int, list[int]] = {}
        self.files: dict[str, File] = {}
        self.met: set[int] = set()
        self.webhook: Hook | None = None
        self.limits: Limits | None = None
        self.revoked = False
        self.hears_all = True
        """Its privacy mode is off."""
        self.aged: set[tuple[int, int]] = set()
        """Messages that are older than 48 hours, by chat and number: no bot can delete them any more."""
        self.open_presses: set[str] = set()
        """Callback queries that may still be answered."""
        self.messages: dict[tuple[int, int], Json] = {}
        """All messages that exist, by chat and number."""
        self._private_ids = itertools.count(1)

    def user(self) -> Json:
        """The bot as others see it."""
        return self.person.user()

    def revoke(self) -> None:
        """The owner made a new token: this one is worth nothing."""
        self.revoked = True
        self.end_poll(ApiError(401, "Unauthorized"))

    def restore(self) -> None:
        """The token is good again."""
        self.revoked = False

    async def eventually(self, test: Callable[[], T], what: str, seconds: float = 10) -> T:
        """Wait until the test is true; it is asked again after everything that happens on the platform."""
        return await self.world.eventually(test, what, seconds)

    def push(self, update: dict[str, Any]) -> int | None:
        number = super().push(update)
        self.world.moved()
        return number

    def confirm(self, below: int) -> None:
        super().confirm(below)
        self.world.moved()

    def shown(self, chat: int) -> list[Sent]:
        """The bot's messages that stand in this chat, oldest first."""
        return [sent for sent in self.sent if sent.chat == chat and not sent.deleted]

    # Messages

    def post(self, where: Person | Room, sender: Person, thread: int | None, reply: Json | None, content: Json) -> Json:
        """A new message in a chat, formed as Telegram forms it."""
        room = where if isinstance(where, Room) else None
        own_count = room is not None and room.group.kind == "supergroup"
        number = next(room.ids if own_count and room else self._private_ids)
        message: Json = {"message_id": number, "from": sender.user(), "date": int(time.time())}
        message["chat"] = room.group.chat() if room else where.chat()  # type: ignore[union-attr]
        if room is not None and own_count:
            thread, reply = self._thread(room, thread, reply, message)
        if reply is not None:
            message["reply_to_message"] = {key: value for key, value in reply.items() if key != "reply_to_message"}
        message |= content
        self.messages[message["chat"]["id"], number] = message
        return message

    def _thread(
        self, room: Room, thread: int | None, reply: Json | None, message: Json
    ) -> tuple[int | None, Json | None]:
        """Which thread a message of a supergroup is in, and what it replies to.

        In a forum, what replies to nothing replies to the service message that opened the topic. In other supergroups a
        thread is nothing but a chain of replies, and the first message names it.
        """
        if room.group.forum:
            if thread is None and reply is not None:
                thread = reply.get("message_thread_id")
            if thread is not None:
                message |= {"message_thread_id": thread, "is_topic_message": True}
                reply = reply or self.topic_start(room, thread)
        elif reply is not None:
            message["message_thread_id"] = reply.get("message_thread_id", reply["message_id"])
        return thread, reply

    def topic_start(self, room: Room, thread: int) -> Json:
        """The service message that opened a topic."""
        topic = room.topics[thread]
        return {
            "message_id": thread,
            "from": self.user(),
            "date": 0,
            "chat": room.group.chat(),
            "message_thread_id": thread,
            "is_topic_message": True,
            "forum_topic_created": topic.created(),
        }

    def find(self, chat: int, number: int) -> Json | None:
        """A message that exists."""
        return self.messages.get((chat, number))

    def own(self, chat: int, number: int) -> Sent | None:
        """A message of the bot that exists."""
        for sent in reversed(self.sent):
            if (sent.chat, sent.message_id) == (chat, number):
                return None if sent.deleted else sent
        return None

    def delete(self, chat: int, number: int) -> bool:
        """Remove a message: whether it was there."""
        sent = self.own(chat, number)
        if sent is not None:
            sent.deleted = True
        return self.messages.pop((chat, number), None) is not None

    def forget_thread(self, chat: int, thread: int) -> None:
        """A topic was deleted, and its messages with it."""
        for key, message in list(self.messages.items()):
            if key[0] == chat and message.get("message_thread_id") == thread:
                self.delete(*key)

    def reach(self, raw: str) -> Person | Room:
        """The chat that a parameter names."""
        if not raw:
            raise bad("chat_id is empty")
        if not raw.lstrip("-").isdigit():
            raise bad("chat not found")
        return self.world.reach(self, int(raw))

    def push_membership(self, who: Person, chat: Person | Group, old: str, new: str) -> None:
        """A my_chat_member update."""
        self.push(
            {
                "my_chat_member": {
                    "chat": chat.chat(),
                    "from": who.user(),
                    "date": int(time.time()),
                    "old_chat_member": member(self.person, old),
                    "new_chat_member": member(self.person, new),
                }
            }
        )


RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics",
)  # fmt: skip
SENDING = ("send_messages", "send_audios", "send_documents", "send_photos", "send_videos", "send_video_notes",
           "send_voice_notes", "send_polls", "send_other_messages", "add_web_page_previews", "change_info",
           "invite_users", "pin_messages", "manage_topics", "edit_tag", "react_to_messages")  # fmt: skip


def member(person: Person, status: str, lacking: set[str] | None = None) -> Json:
    """A ChatMember; `lacking` are rights that an administrator does not have."""
    found: Json = {"user": person.user(), "status": status}
    match status:
        case "creator":
            found["is_anonymous"] = False
        case "administrator":
            found |= {"can_be_edited": False, "is_anonymous": False}
            found |= {right: right not in (lacking or set()) for right in RIGHTS}
        case "restricted":
            found |= {"is_member": True, "until_date": 0} | {f"can_{right}": False for right in SENDING}
        case "kicked":
            found["until_date"] = 0
    return found
