"""REST: messages, reactions and typing."""

from __future__ import annotations

from typing import Any

from tests.stands.discord import compose, messages
from tests.stands.discord.calls import Call, route
from tests.stands.discord.channels import Channel
from tests.stands.discord.errors import Invalid, Refusal, archived, missing_permissions, unknown
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Bot
from tests.stands.discord.threads import Thread


@route("POST", "/channels/{channel}/messages")
def send(call: Call, channel: int) -> Any:
    where, body = compose.channel_for(call, channel), call.body or {}
    compose.require_may_send(call, where, body)
    nonce = str(body["nonce"]) if body.get("nonce") is not None else None
    if body.get("enforce_nonce") and nonce and (earlier := call.platform.said_with(call.bot, nonce)):
        if earlier.deleted:  # meant as it is: a retry must not bring back what was taken away (discord-api-docs#6647)
            raise unknown("Message")
        return _seen(call, earlier)
    if body.get("message_reference"):
        compose.require(call.bot, where, "read_message_history")
    replied = compose.reference(where, body)
    message = compose.draft(call, where, call.bot, body, nonce=nonce, reference=replied)
    message.type = messages.REPLY if replied else messages.NORMAL
    message.flags &= ~messages.EPHEMERAL  # only answers to interactions can be
    where.publish(message)
    if nonce:
        call.platform.remember_nonce(call.bot, nonce, message)
    return _seen(call, message)


@route("GET", "/channels/{channel}/messages")
def history(call: Call, channel: int) -> Any:
    where = compose.channel_for(call, channel)
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Invalid("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.")
    if where.guild and not _may(call.bot, where, "read_message_history"):
        return []  # not an error: that is how Discord has it
    found = list(where.messages)
    if "after" in call.query:  # the ones right after it, not the latest ones
        found = [message for message in found if message.id > int(call.query["after"])][:limit]
    elif "before" in call.query:
        found = [message for message in found if message.id < int(call.query["before"])]
    elif "around" in call.query:
        found = [m for m in found if m.id >= int(call.query["around"])][: limit // 2 + 1]
    return [_seen(call, message) for message in reversed(found[-limit:])]


@route("GET", "/channels/{channel}/messages/{message}")
def get(call: Call, channel: int, message: int) -> Any:
    where = compose.channel_for(call, channel)
    compose.require(call.bot, where, "read_message_history")
    return _seen(call, _find(where, message))


@route("PATCH", "/channels/{channel}/messages/{message}")
def edit(call: Call, channel: int, message: int) -> Any:
    where = compose.channel_for(call, channel)
    found = _find(where, message)
    if found.author != call.bot:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    _require_open(where)
    compose.amend(call, found, call.body or {})
    where.publish_edit(found)
    return _seen(call, found)


@route("DELETE", "/channels/{channel}/messages/{message}")
def delete(call: Call, channel: int, message: int) -> None:
    where = compose.channel_for(call, channel)
    found = _find(where, message)
    if found.author != call.bot:
        if where.guild is None:
            raise Refusal(403, 50003, "Cannot execute action on a DM channel")
        compose.require(call.bot, where, "manage_messages")
    _require_open(where)
    where.deletes(found)


@route("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
def react(call: Call, channel: int, message: int, emoji: str) -> None:
    where = compose.channel_for(call, channel)
    compose.require(call.bot, where, "add_reactions", "read_message_history")
    _require_open(where)
    found = _find(where, message)
    if (call.bot, emoji) not in found.reactions:
        found.reactions.append((call.bot, emoji))
        _tell_reaction(call, where, found, emoji, "MESSAGE_REACTION_ADD")


@route("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
def unreact(call: Call, channel: int, message: int, emoji: str) -> None:
    where = compose.channel_for(call, channel)
    found = _find(where, message)
    if (call.bot, emoji) in found.reactions:
        found.reactions.remove((call.bot, emoji))
        _tell_reaction(call, where, found, emoji, "MESSAGE_REACTION_REMOVE")


@route("PUT", "/channels/{channel}/messages/pins/{message}")
def pin(call: Call, channel: int, message: int) -> None:
    where = compose.channel_for(call, channel)
    compose.require(call.bot, where, "pin_messages")
    found = _find(where, message)
    if not found.pinned:
        found.pinned = True
        where.publish_edit(found, silently=True)
        where.publish(where.draft(call.bot, type=messages.PINNED, reference=found))


@route("DELETE", "/channels/{channel}/messages/pins/{message}")
def unpin(call: Call, channel: int, message: int) -> None:
    where = compose.channel_for(call, channel)
    compose.require(call.bot, where, "pin_messages")
    found = _find(where, message)
    found.pinned = False
    where.publish_edit(found, silently=True)


@route("POST", "/channels/{channel}/typing")
def typing(call: Call, channel: int) -> None:
    where = compose.channel_for(call, channel)
    compose.require_may_send(call, where, {})
    where.typing.append((call.bot, call.platform.now()))
    call.platform.stirred()


def _seen(call: Call, message: Message) -> dict[str, Any]:
    return message.payload(call.bot, content_intent=call.bot.sees_content)


def _find(where: Channel, message_id: int) -> Message:
    if found := where.find(message_id):
        return found
    raise unknown("Message")


def _may(bot: Bot, where: Channel, name: str) -> bool:
    try:
        compose.require(bot, where, name)
    except Refusal as refusal:
        if refusal.body == missing_permissions().body:
            return False
        raise
    return True


def _require_open(where: Channel) -> None:
    """Nothing in an archived thread can be changed; only writing a new message opens it."""
    if isinstance(where, Thread) and where.archived:
        raise archived()


def _tell_reaction(call: Call, where: Channel, message: Message, emoji: str, event: str) -> None:
    data = {"user_id": str(call.bot.id), "channel_id": str(where.id), "message_id": str(message.id)}
    data |= {"guild_id": str(where.guild.id)} if where.guild else {}
    full = data | {"emoji": {"id": None, "name": emoji}, "type": 0, "burst": False}
    where.tell_hearers(event, lambda at: full if at.hears("reactions") else None)
