"""The group in which agents work: whether the bot can work there, and who is called by name."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Bot, ChatMember, ChatMemberAdministrator, User
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from adapters.telegram.failures import channel_down
from adapters.telegram.payload import MOST_CALLED

log = logging.getLogger("adapters.telegram")

RIGHTS = 'make the bot an administrator of the group with the right "Manage topics"'
FORUM = 'turn on "Topics" in the settings of the group'
MOVED = "put its new id {new} in the place of {old} under desk in the configuration, and start again"


def log_moved(old: int | str, new: int | str) -> None:
    """Say that the desk has another id now. Only people can change what stands in the configuration."""
    log.error("the desk group has become a supergroup with another id: %s", MOVED.format(old=old, new=new))


async def desk_problems(bot: Bot, me: User, desk: str) -> Sequence[str]:
    """What keeps agents from working in the desk group, each with its cure. Raises the library's exceptions."""
    try:
        chat = await bot.get_chat(int(desk))
        member = await bot.get_chat_member(chat.id, me.id)
    except ChatMigrated as error:
        return ["the desk group has become a supergroup: " + MOVED.format(old=desk, new=error.new_chat_id)]
    except (BadRequest, Forbidden):
        return [f"the bot is not in the desk group {desk}, or there is no such group: add it, and {RIGHTS}"]
    found = []
    if not chat.is_forum:
        found.append(
            f"the desk group {desk} is no forum, so no ticket can have a topic of its own: {FORUM}, and {RIGHTS}"
        )
    elif not (isinstance(member, ChatMemberAdministrator) and member.can_manage_topics):
        found.append(f"the bot can't open topics in the desk group {desk}: {RIGHTS}")
    if member.status != ChatMember.ADMINISTRATOR and not me.can_read_all_group_messages:
        text = (
            f"@{me.username} hears nothing of what agents write in the desk group, as its privacy mode is on: {RIGHTS}"
        )
        found.append(f"{text}, or turn that mode off (@BotFather, /setprivacy) and add it again")
    return found


async def warn_of_desk(bot: Bot, me: User, desk: str) -> None:
    """Say what `desk_problems` finds. Nothing stops because of it: contacts are served all the same."""
    try:
        problems = await desk_problems(bot, me, desk)
    except TelegramError as error:
        problems = [f"the desk group can't be looked at: {channel_down(error)}"]
    if problems:
        log.warning("%s", "; ".join(problems))


class Names:
    """What people in the desk group are called, asked for once each."""

    def __init__(self, bot: Bot, desk: str) -> None:
        self._bot, self._desk = bot, desk
        self._known: dict[int, str] = {}

    async def of(self, people: Sequence[str]) -> list[tuple[int, str]]:
        """The ids of people, and the name to show for each; whoever Telegram does not tell of is shown by the id."""
        ids = [int(one) for one in dict.fromkeys(people) if one.isdigit()][:MOST_CALLED]
        return [(one, await self._name(one)) for one in ids]

    async def _name(self, person: int) -> str:
        if person not in self._known:
            try:
                member = await self._bot.get_chat_member(int(self._desk), person)
            except TelegramError:
                return str(person)
            self._known[person] = member.user.first_name
        return self._known[person]
