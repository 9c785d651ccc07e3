"""REST: the bot itself, users, guilds, the gateway's address and the application's commands."""

from __future__ import annotations

from typing import Any

from tests.stands.discord.calls import Call, route
from tests.stands.discord.commands import GLOBAL, without_localizations
from tests.stands.discord.errors import Refusal, missing_access, unknown
from tests.stands.discord.guilds import Guild
from tests.stands.discord.people import Member


@route("GET", "/gateway")
def gateway(call: Call) -> Any:
    return {"url": call.platform.gateway_url}


@route("GET", "/gateway/bot")
def gateway_bot(call: Call) -> Any:
    assert call.bot
    if call.platform.gateway.refuses:
        raise Refusal(503, 0, "Service Unavailable")
    starts = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return {"url": call.platform.gateway_url, "shards": 1, "session_start_limit": starts}


@route("GET", "/users/@me")
def me(call: Call) -> Any:
    return call.bot.payload() | {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None, "flags": 0}


@route("GET", "/users/{user}")
def user(call: Call, user: int) -> Any:
    assert call.bot
    if user not in call.platform.users:
        raise unknown("User")
    return call.platform.users[user].payload()


@route("GET", "/users/@me/guilds")
def my_guilds(call: Call) -> Any:
    found = sorted((each for each in call.platform.guilds.values() if each.has(call.bot)), key=lambda each: each.id)
    keys = ("id", "name", "icon", "features")
    return [
        {key: each.summary()[key] for key in keys}
        | {"owner": False, "permissions": str(each.permissions_of(call.bot)), "banner": None}
        for each in found
        if each.id > int(call.query.get("after", 0))
    ]


@route("POST", "/users/@me/channels")
def open_dm(call: Call) -> Any:
    found = call.platform.users.get(int(call.body["recipient_id"]))
    if found is None or found == call.bot:
        raise Refusal(400, 50033, "Invalid Recipient(s)")
    return call.platform.dm(found, call.bot).payload()


@route("GET", "/applications/@me")
def application(call: Call) -> Any:
    return call.bot.application()


@route("GET", "/oauth2/applications/@me")
def application_of_old(call: Call) -> Any:
    return call.bot.application()


@route("GET", "/guilds/{guild}")
def guild(call: Call, guild: int) -> Any:
    return _guild(call, guild).summary()


@route("GET", "/guilds/{guild}/channels")
def channels(call: Call, guild: int) -> Any:
    return [channel.payload() for channel in _guild(call, guild).channels.values()]


@route("GET", "/guilds/{guild}/roles")
def roles(call: Call, guild: int) -> Any:
    return [role.payload() for role in _guild(call, guild).roles.values()]


@route("GET", "/guilds/{guild}/members")
def members(call: Call, guild: int) -> Any:
    found = _guild(call, guild)
    if "members" not in call.bot.intents:
        raise missing_access()  # the list is only for those who have the privileged intent
    after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 1))
    return [each.payload() for each in sorted(found.members.values(), key=lambda m: m.id) if each.id > after][:limit]


@route("GET", "/guilds/{guild}/members/{member}")
def member(call: Call, guild: int, member: int) -> Any:
    return _member(_guild(call, guild), member).payload()


def _guild(call: Call, guild_id: int) -> Guild:
    found = call.platform.guilds.get(guild_id)
    if found is None:
        raise unknown("Guild")
    if not found.has(call.bot):
        raise missing_access()
    return found


def _member(found: Guild, member_id: int) -> Member:
    if member_id not in found.members:
        raise unknown("Member")
    return found.members[member_id]


def _scope(call: Call, application: int, guild: int) -> int:
    """Commands belong to the bot that asks; for one guild they need it to be there."""
    if application != call.bot.id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    return _guild(call, guild).id if guild else GLOBAL


def _list(call: Call, application: int, guild: int = GLOBAL) -> Any:
    found = call.bot.commands.all(_scope(call, application, guild))
    return found if call.query.get("with_localizations") == "true" else without_localizations(found)


def _put(call: Call, application: int, guild: int = GLOBAL) -> Any:
    return call.bot.commands.put(_scope(call, application, guild), call.body)


def _post(call: Call, application: int, guild: int = GLOBAL) -> Any:
    return call.bot.commands.post(_scope(call, application, guild), call.body)


def _get(call: Call, application: int, command: int, guild: int = GLOBAL) -> Any:
    return call.bot.commands.get(_scope(call, application, guild), command)


def _patch(call: Call, application: int, command: int, guild: int = GLOBAL) -> Any:
    return call.bot.commands.patch(_scope(call, application, guild), command, call.body)


def _delete(call: Call, application: int, command: int, guild: int = GLOBAL) -> None:
    call.bot.commands.delete(_scope(call, application, guild), command)


for _base in ("/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"):
    for _method, _handler in (("GET", _list), ("PUT", _put), ("POST", _post)):
        route(_method, _base)(_handler)
    for _method, _single in (("GET", _get), ("PATCH", _patch), ("DELETE", _delete)):
        route(_method, f"{_base}/{{command}}")(_single)
