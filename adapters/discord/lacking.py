"""What the bot lacks in its servers, named so that an administrator can grant it."""

from __future__ import annotations

import discord

from adapters.discord.client import NEEDED, Client, invite_link
from adapters.discord.options import Options
from bot.ports import Problem

EVERYWHERE = {
    "view_channel": "View Channel",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
"""What is needed in a channel or forum, by the names that Discord's settings show."""
IN_CHANNELS = EVERYWHERE | {
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "create_private_threads": "Create Private Threads",
}
IN_FORUMS = EVERYWHERE | {"manage_threads": "Manage Threads (to set tags)"}
AT_DESK = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "read_message_history": "Read Message History",
}
"""Without these, agents can't work in the desk's channel."""
AT_DESK_TOO = {
    "manage_threads": "Manage Threads (to open what somebody locked)",
    "add_reactions": "Add Reactions (to show what has arrived)",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
}
IN_A_FORUM = {"send_messages": "Create Posts"}
"""Permissions that a forum's settings show under another name; nobody needs to create threads there."""
NO_WORDS = (
    "Discord does not let the bot read messages that don't mention it, so that what agents write arrives empty: turn "
    "on Message Content Intent in the developer portal, page Bot, then start Frontdesk again"
)
IMPLIED = {"embed_links", "attach_files"}
"""The library counts these as missing where the bot may not send at all."""


def lacking(client: discord.Client, options: Options, channel: str) -> list[Problem]:
    """Every permission that is missing, in which channel; and how to grant it."""
    place = f"channel {channel}"
    invite = invite_link(client.application_id or 0)
    if not client.guilds:
        return [Problem(place, f"the bot is in no server yet; add it with {invite}", fatal=False)]
    found = []
    for id_ in options.answer_in:
        where = client.get_channel(id_)
        if not isinstance(where, discord.TextChannel | discord.ForumChannel):
            text = (
                f"answer_in: there is no text channel or forum {id_} in the bot's servers; correct it, or add the bot"
            )
            found.append(Problem(place, f"{text} with {invite}", fatal=False))
            continue
        missing = _missing(where)
        if missing:
            text = (
                f"in #{where.name} ({where.guild.name}) the bot lacks: {', '.join(missing)}. Grant them in the "
                f"channel's settings, page Permissions, or add the bot anew with {invite}"
            )
            found.append(Problem(place, text, fatal=False))
    return found


def desk_problems(client: discord.Client, desk: str, channel: str) -> list[Problem]:
    """What keeps agents from working in the desk's channel (fatal), or from working well there."""
    place, invite = f"desk, channel {channel}", invite_link(client.application_id or 0)
    where = client.get_channel(int(desk)) if desk.isdecimal() else None
    if not isinstance(where, discord.TextChannel | discord.ForumChannel):
        cure = f"correct the desk's channel, or add the bot with {invite}"
        return [Problem(place, f"there is no text channel or forum {desk} that the bot can see; {cure}")]
    cure = f"Grant them in the channel's settings, page Permissions, or add the bot anew with {invite}"
    named = f"in #{where.name} ({where.guild.name}), where agents work, the bot lacks"
    found = []
    for needed, fatal in ((AT_DESK, True), (AT_DESK_TOO, False)):
        missing = _missing_at_desk(where, needed)
        if missing:
            found.append(Problem(place, f"{named}: {', '.join(missing)}. {cure}", fatal=fatal))
    if isinstance(client, Client) and not client.reads_content:
        found.append(Problem(place, NO_WORDS))
    return found


def _missing_at_desk(where: discord.TextChannel | discord.ForumChannel, needed: dict[str, str]) -> list[str]:
    """What the bot lacks of this; without a view of the channel, nothing else can be told."""
    allowed, forum = where.permissions_for(where.guild.me), isinstance(where, discord.ForumChannel)
    if not allowed.view_channel:
        return [needed["view_channel"]] if "view_channel" in needed else []
    known = needed.keys() - ({"create_public_threads"} if forum else set())
    known -= set() if allowed.send_messages else IMPLIED
    names = needed | (IN_A_FORUM if forum else {})
    return [names[permission] for permission in needed if permission in known and not getattr(allowed, permission)]


def _missing(where: discord.TextChannel | discord.ForumChannel) -> list[str]:
    """What the bot lacks; without a view of the channel, nothing else can be told."""
    allowed = where.permissions_for(where.guild.me)
    if not allowed.view_channel:
        return [EVERYWHERE["view_channel"]]
    needed = IN_FORUMS if isinstance(where, discord.ForumChannel) else IN_CHANNELS
    known = needed.keys() if allowed.send_messages else needed.keys() - IMPLIED
    return [name for permission, name in needed.items() if permission in known and not getattr(allowed, permission)]


assert all(getattr(NEEDED, permission) for permission in IN_CHANNELS | IN_FORUMS | AT_DESK | AT_DESK_TOO), (
    "the invite link asks for it"
)
