"""How a bot's request becomes a message, or changes one."""

from __future__ import annotations

from typing import Any

from tests.stands.discord import messages, validation
from tests.stands.discord.calls import Call
from tests.stands.discord.channels import Channel
from tests.stands.discord.errors import Invalid, Refusal, archived, missing_access, unknown
from tests.stands.discord.messages import Attachment, Message
from tests.stands.discord.people import Bot
from tests.stands.discord.threads import Thread

SUPPRESSABLE = messages.EPHEMERAL | (1 << 2) | (1 << 12) | validation.COMPONENTS_V2
"""The flags that a bot may set: ephemeral, no previews, silent, components v2."""


def channel_for(call: Call, channel_id: int) -> Channel:
    """The channel, if it is there and the bot can see it."""
    channel = call.platform.channels.get(channel_id)
    if channel is None:
        raise unknown("Channel")
    if not channel.visible_to(call.bot):
        raise missing_access()
    return channel


def require(bot: Bot, channel: Channel, *names: str) -> None:
    """Refuse what the bot may not do here; in a DM it may do everything."""
    if channel.guild:
        channel.guild.require(bot, *names, channel=channel)


def require_may_send(call: Call, channel: Channel, body: dict[str, Any]) -> None:
    if channel.guild is None:
        if getattr(channel, "user").dms_closed:  # noqa: B009 - only DMs have no guild, and they have a user
            raise Refusal(403, 50007, "Cannot send messages to this user")
        return
    needed = ["send_messages_in_threads" if isinstance(channel, Thread) else "send_messages"]
    needed += ["embed_links"] if body.get("embeds") else []
    needed += ["attach_files"] if call.files else []
    require(call.bot, channel, *needed)
    if isinstance(channel, Thread) and channel.locked:
        try:
            require(call.bot, channel, "manage_threads")
        except Refusal:
            raise archived() if channel.archived else Refusal(400, 160005, "Thread is locked") from None


def draft(call: Call, channel: Channel, author: Bot, body: dict[str, Any], **fields: Any) -> Message:
    """A message from a request's body and files, checked."""
    validation.check_message(body, len(call.files))
    message = channel.draft(author, body.get("content") or "", **fields)
    message.flags |= body.get("flags", 0) & SUPPRESSABLE
    message.embeds, message.components = body.get("embeds") or [], body.get("components") or []
    message.allowed_mentions = body.get("allowed_mentions")
    message.attachments = _uploaded(call, channel)
    return message


def amend(call: Call, message: Message, body: dict[str, Any]) -> None:
    """Change a message: what the body does not name stays."""
    kept = message.attachments
    if "attachments" in body:
        ids = {str(each["id"]) for each in body["attachments"]}
        kept = [each for each in kept if str(each.id) in ids]
    now = {"content": message.content, "embeds": message.embeds, "components": message.components}
    after = now | {key: body[key] or ("" if key == "content" else []) for key in now if key in body}
    validation.check_message(after | {"flags": body.get("flags", message.flags)}, len(call.files), kept=len(kept))
    message.content, message.embeds, message.components = after["content"], after["embeds"], after["components"]
    message.allowed_mentions = body.get("allowed_mentions", message.allowed_mentions)
    message.attachments = kept + _uploaded(call, message.channel)


def reference(channel: Channel, body: dict[str, Any]) -> Message | None:
    """What the new message replies to. Replying to what is gone is refused, unless the bot said otherwise."""
    wanted = body.get("message_reference")
    if not wanted:
        return None
    found = channel.find(int(wanted["message_id"]))
    if found is None and wanted.get("fail_if_not_exists", True):
        raise Invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    return found


def _uploaded(call: Call, channel: Channel) -> list[Attachment]:
    return [channel.attachment(file) for file in call.files.values()]
