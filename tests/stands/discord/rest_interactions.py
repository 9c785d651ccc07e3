"""REST: how a bot answers interactions: the first answer, and what follows it."""

from __future__ import annotations

from typing import Any

from tests.stands.discord import compose, messages
from tests.stands.discord.calls import Call, route
from tests.stands.discord.errors import Invalid, Refusal, unknown
from tests.stands.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from tests.stands.discord.messages import EPHEMERAL, LOADING, Message
from tests.stands.discord.validation import check_message, check_modal

PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9


@route("POST", "/interactions/{interaction}/{token}/callback")
def callback(call: Call, interaction: int, token: str) -> Any:
    found = call.platform.interactions.with_id(interaction, token)
    kind, data = call.body["type"], call.body.get("data") or {}
    _check(call, found, kind, data)
    found.acknowledge(kind, data)
    if kind == MESSAGE:
        _publish(found, _draft(call, found, data))
    elif kind == DEFERRED:
        found.original = _message(found)
        found.original.flags = LOADING | (data.get("flags", 0) & EPHEMERAL)
    elif kind == DEFERRED_UPDATE:
        found.original = found.message
    elif kind == UPDATE and found.message:
        found.original = found.message
        _amend(call, found.message, data)
    elif kind == CHOICES:
        found.choices = data["choices"]
    elif kind == MODAL:
        found.modal = data
    return _answer(found, kind) if call.query.get("with_response") in ("1", "true") else None


def _check(call: Call, found: Interaction, kind: int, data: dict[str, Any]) -> None:
    """Refuse an answer that does not go with the question, before it counts as an answer."""
    asked = found.type
    fits = {
        PONG: False,
        MESSAGE: asked != AUTOCOMPLETE,
        DEFERRED: asked != AUTOCOMPLETE,
        DEFERRED_UPDATE: asked == COMPONENT or (asked == MODAL_SUBMIT and found.message is not None),
        UPDATE: asked == COMPONENT or (asked == MODAL_SUBMIT and found.message is not None),
        CHOICES: asked == AUTOCOMPLETE,
        MODAL: asked in (COMMAND, COMPONENT),
    }
    if not fits.get(kind):
        raise Invalid(
            "type", "INTERACTION_RESPONSE_TYPE_INVALID", f"{kind} is no answer to an interaction of type {asked}"
        )
    if kind == MESSAGE:
        check_message(data, len(call.files))
    if kind == MODAL:
        check_modal(data)
    if kind == CHOICES:
        _check_choices(data["choices"])


def _check_choices(choices: list[dict[str, Any]]) -> None:
    if len(choices) > 25:
        raise Invalid("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for place, choice in enumerate(choices):
        for part in ("name", "value"):
            if not 1 <= len(str(choice[part])) <= 100:
                message = "Must be between 1 and 100 in length."
                raise Invalid(f"data.choices.{place}.{part}", "BASE_TYPE_BAD_LENGTH", message)


def _answer(found: Interaction, kind: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"interaction": {"id": str(found.id), "type": found.type}}
    resource: dict[str, Any] = {"type": kind}
    if found.original:
        answer["interaction"] |= {
            "response_message_id": str(found.original.id),
            "response_message_loading": found.thinking,
            "response_message_ephemeral": found.original.ephemeral,
        }
        resource["message"] = found.original.payload(found.bot)
    return answer | {"resource": resource}


@route("POST", "/webhooks/{application}/{token}")
def follow_up(call: Call, application: int, token: str) -> Any:
    found = _interaction(call, application, token)
    body = call.body or {}
    if found.thinking:  # the first one fills what was announced
        return _fill(call, found, body).payload(found.bot)
    message = _draft(call, found, body)
    message.type, message.reference = messages.REPLY, found.original
    found.followups.append(message)
    _show(found, message)
    return message.payload(found.bot)


@route("GET", "/webhooks/{application}/{token}/messages/@original")
def original(call: Call, application: int, token: str) -> Any:
    return _original(_interaction(call, application, token)).payload(_interaction(call, application, token).bot)


@route("PATCH", "/webhooks/{application}/{token}/messages/@original")
def edit_original(call: Call, application: int, token: str) -> Any:
    found = _interaction(call, application, token)
    message = _original(found)
    if found.thinking:
        return _fill(call, found, call.body or {}).payload(found.bot)
    return _amend(call, message, call.body or {}).payload(found.bot)


@route("DELETE", "/webhooks/{application}/{token}/messages/@original")
def delete_original(call: Call, application: int, token: str) -> None:
    found = _interaction(call, application, token)
    _remove(_original(found))


@route("GET", "/webhooks/{application}/{token}/messages/{message}")
def get(call: Call, application: int, token: str, message: int) -> Any:
    found = _interaction(call, application, token)
    return _message_of(found, message).payload(found.bot)


@route("PATCH", "/webhooks/{application}/{token}/messages/{message}")
def edit(call: Call, application: int, token: str, message: int) -> Any:
    found = _interaction(call, application, token)
    return _amend(call, _message_of(found, message), call.body or {}).payload(found.bot)


@route("DELETE", "/webhooks/{application}/{token}/messages/{message}")
def delete(call: Call, application: int, token: str, message: int) -> None:
    _remove(_message_of(_interaction(call, application, token), message))


def _interaction(call: Call, application: int, token: str) -> Interaction:
    found = call.platform.interactions.with_token(token)
    if found.bot.id != application:
        raise unknown("Webhook")
    found.require_token()
    return found


def _original(found: Interaction) -> Message:
    if found.original is None or (found.original.deleted and not found.original.ephemeral):
        raise unknown("Message")
    return found.original


def _message_of(found: Interaction, message_id: int) -> Message:
    for message in found.messages:
        if message.id == message_id and not message.deleted:
            return message
    raise unknown("Message")


def _message(found: Interaction) -> Message:
    kind = {COMMAND: messages.CONTEXT_MENU if "target_id" in found.data else messages.SLASH}.get(
        found.type, messages.NORMAL
    )
    message = found.channel.draft(found.bot, interaction=found, type=kind)
    if found.type == COMPONENT:
        message.type, message.reference = messages.REPLY, found.message
    return message


def _draft(call: Call, found: Interaction, body: dict[str, Any]) -> Message:
    pattern = _message(found)
    return compose.draft(
        call, found.channel, found.bot, body, interaction=found, type=pattern.type, reference=pattern.reference
    )


def _publish(found: Interaction, message: Message) -> None:
    found.original = message
    _show(found, message)


def _show(found: Interaction, message: Message) -> None:
    """Ephemeral messages are on one person's screen only: in no history, and in nobody's events."""
    if message.ephemeral:
        found.platform.stirred()
    else:
        found.channel.publish(message)


def _fill(call: Call, found: Interaction, body: dict[str, Any]) -> Message:
    """The deferred answer comes; whether it is ephemeral was settled when it was announced."""
    message = _original(found)
    filled = _draft(call, found, body)
    message.content, message.embeds, message.components = filled.content, filled.embeds, filled.components
    message.attachments, message.allowed_mentions = filled.attachments, filled.allowed_mentions
    message.flags = (message.flags & EPHEMERAL) | (filled.flags & ~EPHEMERAL)
    _show(found, message)
    return message


def _amend(call: Call, message: Message, body: dict[str, Any]) -> Message:
    compose.amend(call, message, body)
    message.channel.publish_edit(message)
    return message


def _remove(message: Message) -> None:
    if message.ephemeral:
        message.deleted = True
        message.channel.platform.stirred()
    elif message in message.channel.messages:
        message.channel.deletes(message)
    else:
        raise Refusal(404, 10008, "Unknown Message")
