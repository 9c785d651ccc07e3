"""REST: channels, threads and forum posts."""

from __future__ import annotations

import datetime
from typing import Any

from tests.stands.discord import compose, messages
from tests.stands.discord.calls import Call, route
from tests.stands.discord.channels import Channel
from tests.stands.discord.errors import Invalid, Refusal, archived, not_found, unknown
from tests.stands.discord.people import Bot
from tests.stands.discord.threads import PRIVATE_THREAD, ForumChannel, TextChannel, Thread

DAY, DURATIONS = 1440, (60, 1440, 4320, 10080)
"""Minutes without a word after which a thread may be archived."""


@route("GET", "/channels/{channel}")
def get(call: Call, channel: int) -> Any:
    return compose.channel_for(call, channel).payload(call.bot)


@route("PATCH", "/channels/{channel}")
def change(call: Call, channel: int) -> Any:
    where = compose.channel_for(call, channel)
    if isinstance(where, Thread):
        _change_thread(call, where)
    else:
        compose.require(call.bot, where, "manage_channels")
        where.name, where.topic = call.body.get("name", where.name), call.body.get("topic", where.topic)
        where.tell_update()
    return where.payload(call.bot)


@route("DELETE", "/channels/{channel}")
def delete(call: Call, channel: int) -> Any:
    where = compose.channel_for(call, channel)
    if where.guild:
        compose.require(call.bot, where, "manage_threads" if isinstance(where, Thread) else "manage_channels")
        where.delete()
    return where.payload(call.bot)


@route("POST", "/channels/{channel}/messages/{message}/threads")
def start_on_message(call: Call, channel: int, message: int) -> Any:
    where = compose.channel_for(call, channel)
    found = where.find(message)
    if found is None:
        raise unknown("Message")
    if not isinstance(where, TextChannel):
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    compose.require(call.bot, where, "create_public_threads", "read_message_history")
    if found.thread:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    return where.thread(call.bot, _name(call), found).payload(call.bot)


@route("POST", "/channels/{channel}/threads")
def start(call: Call, channel: int) -> Any:
    where = compose.channel_for(call, channel)
    if isinstance(where, ForumChannel):
        return _start_post(call, where)
    if not isinstance(where, TextChannel):
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    private = call.body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
    compose.require(call.bot, where, "create_private_threads" if private else "create_public_threads")
    return where.thread(call.bot, _name(call), private=private, archived_after=_duration(call)).payload(call.bot)


def _start_post(call: Call, forum: ForumChannel) -> Any:
    compose.require(call.bot, forum, "send_messages")
    thread = Thread(forum, call.bot, _name(call))
    thread.auto_archive_duration = _duration(call)
    thread.applied_tags = _tags(forum, call.body.get("applied_tags") or [])
    if forum.requires_tag and not thread.applied_tags:
        raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
    first = compose.draft(call, thread, call.bot, call.body["message"], id=thread.id)
    forum.start(thread, first)
    return thread.payload(call.bot) | {"message": first.payload(call.bot)}


def _change_thread(call: Call, thread: Thread) -> None:
    body = call.body
    if thread.archived and body.get("archived") is not False:
        raise archived()
    own = thread.owner_id == call.bot.id
    reopens_only = set(body) == {"archived"} and not body["archived"] and not thread.locked
    if not own and not reopens_only:
        compose.require(call.bot, thread, "manage_threads")
    if "locked" in body or (thread.locked and "archived" in body):
        compose.require(call.bot, thread, "manage_threads")
    changes: dict[str, Any] = {key: body[key] for key in ("archived", "locked", "auto_archive_duration") if key in body}
    if "applied_tags" in body:
        if not isinstance(thread.parent, ForumChannel):
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        changes["applied_tags"] = _tags(thread.parent, body["applied_tags"] or [])
    renamed = "name" in body and body["name"] != thread.name
    if "name" in body:
        changes["name"] = _name(call)
    thread.update(**changes)
    if renamed and not thread.archived:
        thread.publish(thread.draft(call.bot, thread.name, type=messages.RENAMED))


def _name(call: Call) -> str:
    name = str(call.body.get("name") or "")
    if not 1 <= len(name) <= 100:
        raise Invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    return name


def _duration(call: Call) -> int:
    minutes = call.body.get("auto_archive_duration") or DAY
    if minutes not in DURATIONS:
        raise Invalid("auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {set(DURATIONS)}.")
    return int(minutes)


def _tags(forum: ForumChannel, wanted: list[Any]) -> list[int]:
    tags = [int(tag) for tag in wanted]
    if len(tags) > 5:
        raise Invalid("applied_tags", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
    if not set(tags) <= set(forum.tags.values()):
        raise Invalid("applied_tags", "INVALID_THREAD_TAG", "Unknown tag")
    return tags


@route("PUT", "/channels/{channel}/thread-members/@me")
def join(call: Call, channel: int) -> None:
    thread = _thread(call, channel)
    thread.adds(call.bot)


@route("DELETE", "/channels/{channel}/thread-members/@me")
def leave(call: Call, channel: int) -> None:
    _thread(call, channel).member_ids.discard(call.bot.id)


@route("PUT", "/channels/{channel}/thread-members/{user}")
def add(call: Call, channel: int, user: int) -> None:
    thread = _thread(call, channel)
    compose.require(call.bot, thread, "send_messages_in_threads")
    if thread.archived:
        raise archived()
    assert thread.guild
    if user not in thread.guild.members:
        raise unknown("User")
    if user not in thread.member_ids:
        thread.adds(thread.guild.members[user].user)
        thread.publish(thread.draft(call.bot, type=messages.RECIPIENT_ADD))


@route("DELETE", "/channels/{channel}/thread-members/{user}")
def remove(call: Call, channel: int, user: int) -> None:
    thread = _thread(call, channel)
    compose.require(call.bot, thread, "manage_threads")
    thread.member_ids.discard(user)


@route("GET", "/channels/{channel}/thread-members")
def members(call: Call, channel: int) -> Any:
    thread = _thread(call, channel)
    joined = thread.payload()["thread_metadata"]["create_timestamp"]
    return [
        {"id": str(thread.id), "user_id": str(user), "join_timestamp": joined, "flags": 0} for user in thread.member_ids
    ]


@route("GET", "/channels/{channel}/threads/archived/public")
def archived_public(call: Call, channel: int) -> Any:
    return _archived(call, compose.channel_for(call, channel), private=False)


@route("GET", "/channels/{channel}/threads/archived/private")
def archived_private(call: Call, channel: int) -> Any:
    where = compose.channel_for(call, channel)
    compose.require(call.bot, where, "manage_threads")
    return _archived(call, where, private=True)


@route("GET", "/channels/{channel}/users/@me/threads/archived/private")
def archived_joined(call: Call, channel: int) -> Any:
    return _archived(call, compose.channel_for(call, channel), private=True, joined=True)


def _archived(call: Call, parent: Channel, *, private: bool, joined: bool = False) -> Any:
    """The latest archived first; `before` is a time, as that is what they are sorted by."""
    compose.require(call.bot, parent, "read_message_history")
    assert parent.guild
    found = [each for each in parent.guild.threads.values() if each.parent is parent and each.archived]
    found = [each for each in found if each.private == private and (not joined or call.bot.id in each.member_ids)]
    if before := call.query.get("before"):
        edge = datetime.datetime.fromisoformat(before).timestamp()
        found = [each for each in found if each.archived_at < edge]
    found.sort(key=lambda each: each.archived_at, reverse=True)
    limit = int(call.query.get("limit", 50))
    return _listed(call.bot, found[:limit]) | {"has_more": len(found) > limit}


@route("GET", "/guilds/{guild}/threads/active")
def active(call: Call, guild: int) -> Any:
    found = call.platform.guilds.get(guild)
    if found is None or not found.has(call.bot):
        raise unknown("Guild")
    return _listed(call.bot, sorted(found.active_threads(call.bot), key=lambda each: -each.id))


def _listed(bot: Bot, threads: list[Thread]) -> dict[str, Any]:
    payloads = [thread.payload(bot) for thread in threads]
    return {"threads": payloads, "members": [each["member"] for each in payloads if "member" in each]}


def _thread(call: Call, channel: int) -> Thread:
    found = compose.channel_for(call, channel)
    if not isinstance(found, Thread):
        raise not_found()
    return found
