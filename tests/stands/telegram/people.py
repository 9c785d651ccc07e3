"""Who writes and where: people, groups and the topics of a forum, as Telegram shows them to a bot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """An account. Its private chat with a bot has the same number."""

    id: int
    first_name: str
    username: str = ""
    lang: str = ""
    is_bot: bool = False

    def user(self) -> Json:
        """The object in `from`."""
        found: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            found["username"] = self.username
        if self.lang:
            found["language_code"] = self.lang
        return found

    def chat(self) -> Json:
        """The private chat with this person."""
        found: Json = {"id": self.id, "first_name": self.first_name, "type": "private"}
        if self.username:
            found["username"] = self.username
        return found


@dataclass(frozen=True)
class Group:
    """A group; `kind` is supergroup or group (the basic kind, which can become a supergroup with another number)."""

    id: int
    title: str
    forum: bool = False
    kind: str = "supergroup"

    def chat(self) -> Json:
        found: Json = {"id": self.id, "title": self.title, "type": self.kind}
        if self.forum:
            found["is_forum"] = True
        return found


@dataclass
class Topic:
    """A topic of a forum. Its number is that of the service message which created it."""

    thread: int
    name: str
    icon_color: int = 7322096
    icon: str = ""
    closed: bool = False
    opener: int = 0
    """Who opened it, and so may close it and open it again."""

    def created(self) -> Json:
        return {"name": self.name, "icon_color": self.icon_color}


@dataclass
class Room:
    """A group as the platform keeps it; all bots share its topics and its message numbers."""

    group: Group
    topics: dict[int, Topic] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(2))
    """Message numbers; 1 was the creation of the group, and is no thread that one can write to."""
    members: dict[int, Person] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    """What a member is, where that is more than `member`."""
    out: dict[int, str] = field(default_factory=dict)
    """Bots that can't write here any longer, and how that came about: `kicked` or `left`."""
    rights: dict[int, set[str]] = field(default_factory=dict)
    """What a bot may not do here: names of administrator rights, e.g. `can_manage_topics`."""
    reactions: frozenset[str] | None = None
    """The emoji that may be put on messages here; None for all that there are."""
    general_closed: bool = False
    closed_for_all: bool = True
    """Whether a closed topic refuses administrators, too. Telegram's own programs let those write there who may manage
    topics; that the server refuses a bot is what people report. So both are to be expected."""
    moved_to: int = 0

    def status(self, user: int) -> str:
        """What a bot is here: an administrator, unless a test says otherwise."""
        return self.out.get(user) or self.statuses.get(user, "administrator")

    def may(self, user: int, right: str) -> bool:
        """Whether a bot has one of the rights of administrators."""
        return self.status(user) == "administrator" and right not in self.rights.get(user, ())
