"""Permission bits by name, and what is left of them in a channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BITS = {
    "kick_members": 1 << 1,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "moderate_members": 1 << 40,
    "pin_messages": 1 << 51,
}
ALL = sum(BITS.values())


def bits(*names: str) -> int:
    """Several permissions in one number."""
    return sum(BITS[name] for name in names)


EVERYONE = bits(
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "read_message_history",
    "create_public_threads",
    "add_reactions",
    "embed_links",
    "attach_files",
    "use_application_commands",
)
BOT = EVERYONE | bits("manage_threads", "manage_messages", "create_private_threads", "pin_messages", "mention_everyone")
"""mention_everyone is granted, as a bot that forgets allowed_mentions should be found out here and not on a server."""

Overwrites = Mapping[int, tuple[int, int]]
"""What a channel allows and denies, by the id of a role or a member."""


def resolve(everyone: tuple[int, int], roles: Iterable[tuple[int, int]], member_id: int, overwrites: Overwrites) -> int:
    """Discord's rule: roles together, then the channel's word on everyone, on the roles, on the member."""
    roles = list(roles)
    granted = everyone[1]
    for _, permissions in roles:
        granted |= permissions
    if granted & BITS["administrator"]:
        return ALL
    allow, deny = overwrites.get(everyone[0], (0, 0))
    granted = granted & ~deny | allow
    allow = deny = 0
    for role_id, _ in roles:
        role_allow, role_deny = overwrites.get(role_id, (0, 0))
        allow, deny = allow | role_allow, deny | role_deny
    granted = granted & ~deny | allow
    allow, deny = overwrites.get(member_id, (0, 0))
    granted = granted & ~deny | allow
    return granted if granted & BITS["view_channel"] else 0
