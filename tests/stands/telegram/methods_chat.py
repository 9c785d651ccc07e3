"""Chats and who is in them."""

from __future__ import annotations

from .account import Account, member
from .errors import bad
from .people import Json, Room
from .registry import method
from .wire import Params


@method
def get_chat(account: Account, params: Params) -> Json:
    # A bot may ask about people it can't write to
    known = account.world.people.get(params.chat or 0)
    where = known or account.reach(params.text("chat_id"))
    full: Json = where.group.chat() if isinstance(where, Room) else where.chat()
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full |= {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    if isinstance(where, Room):
        full["permissions"] = {"can_send_messages": True}
        full["join_to_send_messages"] = True
    return full


@method
def get_chat_member(account: Account, params: Params) -> Json:
    where = account.reach(params.text("chat_id"))
    user = params.number("user_id")
    if isinstance(where, Room):
        if user == account.id:
            return member(account.person, where.status(user), where.rights.get(user))
        if user in where.members:
            return member(where.members[user], where.statuses.get(user, "member"))
        if user in account.world.people:
            return member(account.world.people[user], "left")
    elif user in (where.id, account.id):
        return member(where if user == where.id else account.person, "member")
    raise bad("PARTICIPANT_ID_INVALID" if user else "user not found")


@method
def get_chat_administrators(account: Account, params: Params) -> list[Json]:
    where = account.reach(params.text("chat_id"))
    if not isinstance(where, Room):
        raise bad("there are no administrators in the private chat")
    people = [
        member(where.members[user], status)
        for user, status in where.statuses.items()
        if status in ("creator", "administrator") and user in where.members
    ]
    if where.status(account.id) == "administrator":
        people.append(member(account.person, "administrator", where.rights.get(account.id)))
    return people


@method
def get_chat_member_count(account: Account, params: Params) -> int:
    where = account.reach(params.text("chat_id"))
    return len(where.members) + 1 if isinstance(where, Room) else 2


@method
def leave_chat(account: Account, params: Params) -> bool:
    where = account.reach(params.text("chat_id"))
    if not isinstance(where, Room):
        raise bad("chat member status can't be changed in private chats")
    where.out[account.id] = "left"
    return True
