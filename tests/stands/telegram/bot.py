"""What people do with a bot: each method queues the update that Telegram would form."""

from __future__ import annotations

import itertools
import time
from typing import Any

from . import files
from .account import Account
from .entities import find, with_entities
from .people import Group, Json, Person, Room, Topic
from .records import Sent

_press_ids = itertools.count(4_382_000_001)
_NO_FILE: dict[str, Json] = {
    "location": {"latitude": 47.3769, "longitude": 8.5417},
    "contact": {"phone_number": "+41440000000", "first_name": "Ann"},
    "dice": {"emoji": "🎲", "value": 4},
    "venue": {"location": {"latitude": 47.3769, "longitude": 8.5417}, "title": "Desk", "address": "Street 1"},
}


class BotAccount(Account):
    """One bot; what a test uses."""

    # Messages of people

    def says(
        self,
        who: Person,
        text: str,
        chat: Group | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
        **extra: Any,
    ) -> int:
        """Somebody writes, in private or in a group: the message's number. `extra` is put into the message."""
        return self._receive(who, chat, thread, reply_to, with_entities("text", text, find(text)) | extra)

    def sends(
        self,
        who: Person,
        kind: str,
        chat: Group | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
        *,
        caption: str = "",
        album: str = "",
        name: str = "",
        content: bytes = b"",
        size: int = 0,
        **extra: Any,
    ) -> int:
        """Somebody sends something else than text: a file of one of `files.KINDS`, a location, contact, dice or venue.

        Messages with the same `album` belong together. `extra` is put into the message.
        """
        if kind in _NO_FILE:
            shown: Json = {kind: dict(_NO_FILE[kind])}
        else:
            file = files.store(self, kind, content or f"{kind} {name}".encode(), name, size)
            shown = files.shape(file, kind)
        if album:
            shown["media_group_id"] = album
        return self._receive(
            who, chat, thread, reply_to, shown | with_entities("caption", caption, find(caption)) | extra
        )

    def sends_photo(
        self,
        who: Person,
        caption: str = "",
        album: str = "",
        name: str = "",
        chat: Group | None = None,
        thread: int | None = None,
        **extra: Any,
    ) -> int:
        """Somebody sends a photo."""
        return self.sends(who, "photo", chat, thread, caption=caption, album=album, name=name, **extra)

    def edits(self, who: Person, message_id: int, text: str, chat: Group | None = None, **extra: Any) -> None:
        """Somebody changes a message, or the caption of one."""
        message = self._seen(message_id, who, chat, mine=False)
        key = "caption" if "text" not in message else "text"
        kept = {name: value for name, value in message.items() if name not in (key, "entities", "caption_entities")}
        changed = kept | with_entities(key, text, find(text)) | {"edit_date": int(time.time())} | extra
        self.messages[changed["chat"]["id"], message_id] = changed
        self.push({"edited_message": changed})

    def removes(self, who: Person, message_id: int, chat: Group | None = None) -> None:
        """Somebody deletes a message. Telegram tells no bot, but nothing can reply to it any more."""
        message = self._seen(message_id, who, chat, mine=None)
        self.delete(message["chat"]["id"], message_id)

    def _receive(self, who: Person, chat: Group | None, thread: int | None, reply_to: int | None, what: Json) -> int:
        where = self._meet(who, chat)
        number = where.group.id if isinstance(where, Room) else who.id
        reply = self.find(number, reply_to) if reply_to else None
        if isinstance(where, Room) and reply_to in where.topics:
            thread, reply = reply_to, None
        assert not reply_to or reply or thread == reply_to, f"there is no message {reply_to} in this chat"
        if thread is not None:
            assert isinstance(where, Room) and thread in where.topics, f"there is no topic {thread} in this chat"
        message = self.post(where, who, thread, reply, what)
        self.push({"message": message})
        number = message["message_id"]
        return int(number)

    def _meet(self, who: Person, chat: Group | None) -> Person | Room:
        """Whoever writes is known from then on; in private, the chat is open."""
        self.world.people[who.id] = who
        if chat is None:
            self.met.add(who.id)
            return who
        room = self.world.room(chat)
        room.members[who.id] = who
        return room

    def _seen(self, number: int, who: Person, chat: Group | None, mine: bool | None) -> Json:
        """A message by its number. Numbers of different chats may be the same: then `chat` must say which is meant."""
        where = [chat.id] if chat else None
        found = [
            message
            for (at, message_id), message in self.messages.items()
            if message_id == number
            and (at in where if where else at == who.id or self._is_in(at, who))
            and (mine is None or (message["from"]["id"] == (self.id if mine else who.id)))
        ]
        assert found, f"there is no such message {number} that {who.first_name} could see"
        assert len(found) == 1, f"several chats have a message {number}: say chat="
        return found[0]

    def _is_in(self, chat: int, who: Person) -> bool:
        """Whether somebody is in a group; of one of which no member is known, anybody may be."""
        room = self.world.rooms.get(chat)
        return room is not None and (not room.members or who.id in room.members)

    # Buttons

    def presses(
        self, who: Person, message_id: int, data_or_label: str, chat: Group | None = None, stale: bool = False
    ) -> str:
        """Somebody presses a button: the callback query's id. `stale`: the keyboard they see is an older one."""
        if stale and not any(number == message_id for _, number in self.messages):
            place = chat.chat() if chat else who.chat()
            return self._press(who, {"chat": place, "message_id": message_id, "date": 0}, data_or_label)
        message = self._seen(message_id, who, chat, mine=True)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row if "callback_data" in button]
        by_data = {button["callback_data"]: button["callback_data"] for button in buttons}
        data = by_data.get(data_or_label) or {one["text"]: one["callback_data"] for one in buttons}.get(data_or_label)
        assert data or stale, f"there is no button {data_or_label!r}, only {[one['text'] for one in buttons]}"
        return self._press(who, message, data or data_or_label)

    def _press(self, who: Person, message: Json, data: str) -> str:
        self.world.people[who.id] = who
        query = str(next(_press_ids))
        self.open_presses.add(query)
        instance = str(hash((self.id, message["chat"]["id"])))
        shown: Json = {"id": query, "from": who.user(), "message": message, "chat_instance": instance, "data": data}
        self.push({"callback_query": shown})
        return query

    def expire(self, query: str) -> None:
        """Too late: this press can't be answered any longer."""
        self.open_presses.discard(query)

    # Groups

    def membership(
        self, who: Person, chat: Person | Group | None = None, old: str = "left", new: str = "member"
    ) -> None:
        """Somebody changes what the bot is in a chat; without `chat`, in their private one (`kicked`: blocked)."""
        where = chat or who
        self.world.people[who.id] = who
        if isinstance(where, Group):
            room = self.world.room(where)
            room.out.pop(self.id, None)
            if new in ("left", "kicked"):
                room.out[self.id] = new
        elif new == "member":
            self.met.add(where.id)
        self.push_membership(who, where, old, new)

    def migrates(self, group: Group, new_id: int) -> Group:
        """A basic group becomes a supergroup: both service messages, and from then on only the new number is good."""
        owner = Person(1, "Owner")
        self.post_update(group, owner, {"migrate_to_chat_id": new_id})
        new = Group(new_id, group.title, group.forum)
        self.world.room(group).moved_to = new_id
        self.world.room(new).members.update(self.world.room(group).members)
        self.post_update(new, owner, {"migrate_from_chat_id": group.id})
        return new

    def post_update(self, group: Group, who: Person, what: Json, thread: int | None = None) -> int:
        """A service message in a group."""
        message = self.post(self.world.room(group), who, thread, None, what)
        self.push({"message": message})
        return int(message["message_id"])

    def opens_topic(self, who: Person, group: Group, name: str) -> int:
        """Somebody opens a topic in a forum: its thread id."""
        room = self.world.room(group)
        topic = Topic(0, name, opener=who.id)
        message = self.post(room, who, None, None, {"forum_topic_created": topic.created()})
        topic.thread = message["message_id"]
        room.topics[topic.thread] = topic
        message |= {"message_thread_id": topic.thread, "is_topic_message": True}
        self.push({"message": message})
        return topic.thread

    def closes_topic(self, who: Person, group: Group, thread: int) -> None:
        """Somebody closes a topic."""
        self.post_update(group, who, {"forum_topic_closed": {}}, thread)
        self.world.close_topic(group, thread)

    def reopens_topic(self, who: Person, group: Group, thread: int) -> None:
        """Somebody opens a closed topic again."""
        self.world.reopen_topic(group, thread)
        self.post_update(group, who, {"forum_topic_reopened": {}}, thread)

    def last(self, chat: int) -> Sent:
        """The newest message of the bot in a chat."""
        shown = self.shown(chat)
        assert shown, f"nothing was sent to {chat}"
        return shown[-1]
