"""Somebody with a device in hand, on Telegram or on Discord: what they read there, and what they do.

Both platforms have the same methods, so that one story can be told with contact and agent on either side.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from tests.discord.running import SPOKEN, text_of
from tests.stands.discord import Discord
from tests.stands.discord.channels import Channel
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Bot, Person
from tests.stands.discord.threads import Thread
from tests.stands.telegram import BotAccount, Group, Sent
from tests.stands.telegram import Person as Account

PATIENCE = 10.0
"""Seconds until what is awaited is missing."""
SHARED = {"help", "transcript"}
"""Commands that contacts have, too; agents' slash commands of Discord have other names then."""


@dataclass(frozen=True)
class Seen:
    """A message of the bot as it is read, what is bold in it apart. `quotes` is the message that it answers, or 0."""

    id: int
    text: str
    bold: tuple[str, ...] = ()
    files: tuple[bytes, ...] = ()
    buttons: tuple[str, ...] = ()
    quotes: int = 0
    calls: tuple[int, ...] = ()
    """Whom it rings for, by their ids."""


class End(ABC):
    """A person at one place: their private chat with the bot, or the thread of a ticket."""

    patience = PATIENCE

    @abstractmethod
    def shown(self) -> list[Seen]:
        """What the bot said there, oldest first."""

    @abstractmethod
    def says(self, text: str, reply_to: int = 0) -> int:
        """Write, with **bold** words where that is wanted: the number of the message."""

    @abstractmethod
    def sends(self, name: str, content: bytes, caption: str = "") -> int:
        """Send a document."""

    @abstractmethod
    def edits(self, message: int, text: str) -> None:
        """Change what was written."""

    @abstractmethod
    def presses(self, message: Seen, label: str) -> None:
        """Press a button."""

    @abstractmethod
    def commands(self, name: str, argument: str = "") -> None:
        """Use a command as it is used there."""

    @abstractmethod
    def marks(self, message: int) -> list[str]:
        """What the bot put on a message."""

    @abstractmethod
    async def eventually(self, what: Any, name: str) -> Any:
        """Wait until `what()` gives something true, and return it."""

    def texts(self) -> list[str]:
        """All texts."""
        return [one.text for one in self.shown()]

    def reads(self, *parts: str, before: int = 0) -> Seen | None:
        """The latest message with all these parts, if there is one; `before` are the messages that don't count."""
        found = [one for one in self.shown()[before:] if all(part in one.text for part in parts)]
        return found[-1] if found else None

    async def sees(self, *parts: str, before: int = 0) -> Seen:
        """Wait until a message with these parts is there."""
        try:
            seen: Seen = await self.eventually(lambda: self.reads(*parts, before=before), " … ".join(parts))
        except AssertionError as error:
            raise AssertionError(f"{error}\nthere is: {self.texts()}") from None
        return seen

    async def sees_file(self, content: bytes) -> Seen:
        """Wait until a message with this file is there."""
        return await self.eventually(  # type: ignore[no-any-return]
            lambda: next((one for one in self.shown() if content in one.files), None), f"a file of {len(content)} bytes"
        )


class OnTelegram(End):
    """Somebody in private, or in a topic of a group."""

    def __init__(self, bot: BotAccount, who: Account, group: Group | None = None, thread: int | None = None) -> None:
        self.bot, self.who, self.group, self.thread = bot, who, group, thread

    @property
    def _chat(self) -> Any:
        """Where it is; only in a group that can be told by the messages' numbers."""
        return self.group or self.who

    def as_(self, who: Account) -> OnTelegram:
        """Somebody else at the same place."""
        return OnTelegram(self.bot, who, self.group, self.thread)

    def shown(self) -> list[Seen]:
        return [self._seen(sent) for sent in self.bot.shown(self._chat.id) if sent.thread == self.thread]

    def _seen(self, sent: Sent) -> Seen:
        bold = tuple(_of(sent.text, one) for one in sent.entities if one["type"] == "bold")
        links = [one.get("url", "") or str(one.get("user", {}).get("id", "")) for one in sent.entities]
        calls = tuple(int(number) for link in links for number in re.findall(r"(?:user\?id=|^)(\d+)$", link))
        return Seen(sent.message_id, sent.text, bold, self._files(sent), tuple(sent.labels), sent.reply_to or 0, calls)

    def _files(self, sent: Sent) -> tuple[bytes, ...]:
        shown = sent.message.get(sent.kind)
        shown = shown[-1] if isinstance(shown, list) else shown
        known = self.bot.files.get(shown["file_id"]) if isinstance(shown, dict) and "file_id" in shown else None
        return (known.content,) if known else ()

    def says(self, text: str, reply_to: int = 0) -> int:
        plain, bold = _styled(text)
        more = {"entities": bold} if bold else {}
        return self.bot.says(self.who, plain, self.group, self.thread, reply_to or None, **more)

    def sends(self, name: str, content: bytes, caption: str = "") -> int:
        return self.bot.sends(
            self.who, "document", self.group, self.thread, caption=caption, name=name, content=content
        )

    def edits(self, message: int, text: str) -> None:
        self.bot.edits(self.who, message, text, self._chat)

    def presses(self, message: Seen, label: str) -> None:
        self.bot.presses(self.who, message.id, label, self._chat)

    def commands(self, name: str, argument: str = "") -> None:
        self.says(f"/{name} {argument}".rstrip())

    def marks(self, message: int) -> list[str]:
        return [one["emoji"] for one in self.bot.reactions.get((self._chat.id, message), [])]

    async def eventually(self, what: Any, name: str) -> Any:
        return await self.bot.eventually(what, name, self.patience)


class OnDiscord(End):
    """Somebody in direct messages, or in a thread."""

    def __init__(self, platform: Discord, who: Person, where: Channel) -> None:
        self.platform, self.who, self.where = platform, who, where

    def as_(self, who: Person) -> OnDiscord:
        """Somebody else at the same place."""
        return OnDiscord(self.platform, who, self.where)

    def shown(self) -> list[Seen]:
        messages = [one for one in self.where.messages if isinstance(one.author, Bot) and one.type in SPOKEN]
        return [_read(message) for message in messages]

    def says(self, text: str, reply_to: int = 0) -> int:
        quoted = self.where.find(reply_to) if reply_to else None
        return self.where.says(self.who, text, reply_to=quoted).id

    def sends(self, name: str, content: bytes, caption: str = "") -> int:
        return self.where.says(self.who, caption, attachments=[(name, content)]).id

    def edits(self, message: int, text: str) -> None:
        self.where.edits(self._find(message), text)

    def deletes(self, message: int) -> None:
        """Take back what was written; on Telegram no bot is told of it."""
        self.where.deletes(self._find(message))

    def presses(self, message: Seen, label: str) -> None:
        self.who.clicks(self._find(message.id), label)

    def commands(self, name: str, argument: str = "") -> None:
        name = f"desk-{name}" if name in SHARED else name
        self.who.uses(f"/{name}", {"text": argument} if argument else {}, self.where)

    def marks(self, message: int) -> list[str]:
        return [emoji for who, emoji in self._find(message).reactions if isinstance(who, Bot)]

    async def eventually(self, what: Any, name: str) -> Any:
        return await self.platform.eventually(what, name, self.patience)

    def _find(self, message: int) -> Message:
        found = self.where.find(message)
        assert found is not None, f"there is no message {message} in {self.where}"
        return found


def _styled(text: str) -> tuple[str, list[dict[str, Any]]]:
    """A text as Telegram's programs send it: bold words are told beside it, in UTF-16 units."""
    plain, entities = "", []
    for number, part in enumerate(text.split("**")):
        if number % 2:
            at, length = (len(some.encode("utf-16-le")) // 2 for some in (plain, part))
            entities.append({"type": "bold", "offset": at, "length": length})
        plain += part
    return plain, entities


def _of(text: str, entity: dict[str, Any]) -> str:
    """What of a text an entity of Telegram covers; offsets count UTF-16 units."""
    data = text.encode("utf-16-le")
    return data[2 * entity["offset"] :][: 2 * entity["length"]].decode("utf-16-le")


def _read(message: Message) -> Seen:
    text = text_of(message)
    bold = tuple(re.findall(r"\*\*(.+?)\*\*", text))
    files = tuple(each.data for each in message.attachments)
    quotes = message.reference.id if message.reference else 0
    calls = tuple(user.id for user in message.pings.users)
    return Seen(message.id, text.replace("**", ""), bold, files, tuple(message.buttons), quotes, calls)


def thread_named(threads: list[Thread], number: int) -> Thread | None:
    """The newest thread of a ticket."""
    found = [thread for thread in threads if thread.name.split()[0] == f"#{number}"]
    return found[-1] if found else None
