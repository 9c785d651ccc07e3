"""What all bots share: people, groups and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .errors import bad, forbidden
from .people import Group, Person, Room, Topic

if TYPE_CHECKING:
    from .account import Account

T = TypeVar("T")


class World:
    """Telegram without its servers."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.rooms: dict[int, Room] = {}
        self.met: set[int] = set()
        """People whose private chat with every bot is open."""
        self.blocked: set[int] = set()
        self.deactivated: set[int] = set()
        self.accounts: list[Account] = []
        self._moved = asyncio.Event()

    # What happens

    def moved(self) -> None:
        """Something happened: whoever waits looks again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def eventually(self, test: Callable[[], T], what: str, seconds: float = 10) -> T:
        """Wait until the test is true; it is asked again after everything that happens here."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := test()):
                    await self._moved.wait()
        except TimeoutError:
            found = test()
            assert found, f"{what}: not within {seconds} s\n{self.story()}"
        return found

    def story(self) -> str:
        """The last calls, for a failed test."""
        calls = sorted((call for account in self.accounts for call in account.calls), key=lambda call: call.at)
        return "\n".join(f"  {call.status} {call.method} {str(call.params)[:200]}" for call in calls[-15:])

    # Who there is

    def meet(self, who: Person | Group) -> None:
        """This person has written to every bot before; or every bot is in this group."""
        if isinstance(who, Person):
            self.people[who.id] = who
            self.met.add(who.id)
        else:
            self.room(who)

    def room(self, group: Group) -> Room:
        """The group as it is kept here."""
        return self.rooms.setdefault(group.id, Room(group))

    # What goes wrong

    def block(self, user: int, tell: bool = False) -> None:
        """This person blocks every bot; `tell` the bots with a my_chat_member update, as Telegram does."""
        self.blocked.add(user)
        self._tell(user, "member", "kicked", tell)

    def unblock(self, user: int, tell: bool = False) -> None:
        self.blocked.discard(user)
        self._tell(user, "kicked", "member", tell)

    def _tell(self, user: int, old: str, new: str, tell: bool) -> None:
        for account in self.accounts if tell else ():
            if user in account.met or user in self.met:
                account.push_membership(self.people[user], self.people[user], old, new)
        self.moved()

    def deactivate(self, user: int) -> None:
        """This account is deleted."""
        self.deactivated.add(user)

    def kick(self, bot: Account, group: Group, tell: bool = False) -> None:
        """Throw the bot out of the group; `tell` it."""
        self.room(group).out[bot.id] = "kicked"
        if tell:
            bot.push_membership(Person(1, "Owner"), group, "administrator", "kicked")

    def let_in(self, bot: Account, group: Group) -> None:
        """The bot is in the group again."""
        self.room(group).out.pop(bot.id, None)

    def open_topic(self, group: Group, name: str, icon_color: int = 7322096) -> int:
        """A new topic: its thread id. No bot is told."""
        room = self.room(group)
        thread = next(room.ids)
        room.topics[thread] = Topic(thread, name, icon_color)
        return thread

    def close_topic(self, group: Group, thread: int) -> None:
        self.room(group).topics[thread].closed = True

    def reopen_topic(self, group: Group, thread: int) -> None:
        self.room(group).topics[thread].closed = False

    def delete_topic(self, group: Group, thread: int) -> None:
        """The topic and all its messages are gone."""
        del self.room(group).topics[thread]
        for account in self.accounts:
            account.forget_thread(group.id, thread)

    # Where a bot may write

    def reach(self, account: Account, chat: int) -> Person | Room:
        """The chat a bot wants to write to, or Telegram's refusal."""
        if chat in self.rooms:
            return self._reach_room(self.rooms[chat], account)
        person = self.people.get(chat)
        if person is None:
            raise bad("chat not found")
        if chat in self.deactivated:
            raise forbidden("user is deactivated")
        if chat not in self.met and chat not in account.met:
            raise forbidden("bot can't initiate conversation with a user")
        if chat in self.blocked:
            raise forbidden("bot was blocked by the user")
        return person

    @staticmethod
    def _reach_room(room: Room, account: Account) -> Room:
        if room.moved_to:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=room.moved_to)
        kind = "supergroup" if room.group.kind == "supergroup" else "group"
        match room.out.get(account.id):
            case "kicked":
                raise forbidden(f"bot was kicked from the {kind} chat")
            case "left":
                raise forbidden(f"bot is not a member of the {kind} chat")
        return room
