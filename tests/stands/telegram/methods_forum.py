"""Topics of a forum."""

from __future__ import annotations

from .account import Account
from .errors import bad
from .people import Json, Room, Topic
from .registry import method
from .wire import Params

COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def _forum(account: Account, params: Params) -> Room:
    where = account.reach(params.text("chat_id"))
    if not isinstance(where, Room) or not where.group.forum:
        raise bad("the chat is not a forum")
    return where


def _managed(account: Account, params: Params) -> Room:
    room = _forum(account, params)
    if not room.may(account.id, "can_manage_topics"):
        raise bad("not enough rights to manage topics")
    return room


def _topic(account: Account, params: Params) -> tuple[Room, Topic]:
    """A topic that the bot may change: any if it manages topics, else one that it opened."""
    room = _forum(account, params)
    topic = room.topics.get(params.number("message_thread_id"))
    if topic is None or topic.opener != account.id:
        _managed(account, params)
    if topic is None:
        raise bad("TOPIC_ID_INVALID")
    return room, topic


@method
def create_forum_topic(account: Account, params: Params) -> Json:
    where = account.reach(params.text("chat_id"))
    if isinstance(where, Room) and where.group.forum and not where.may(account.id, "can_manage_topics"):
        raise bad("not enough rights to create a topic")
    room = _forum(account, params)
    name = params.text("name").strip()
    if not name:
        raise bad("TOPIC_TITLE_EMPTY")
    if len(name) > 128:
        raise bad("TOPIC_TITLE_TOO_LONG")
    color = params.number("icon_color", COLORS[0])
    if color not in COLORS:
        raise bad("icon color is invalid")
    topic = Topic(0, name, color, params.text("icon_custom_emoji_id"), opener=account.id)
    message = account.post(room, account.person, None, None, {"forum_topic_created": topic.created()})
    topic.thread = message["message_id"]
    message |= {"message_thread_id": topic.thread, "is_topic_message": True}
    room.topics[topic.thread] = topic
    found: Json = {"message_thread_id": topic.thread, "name": name, "icon_color": color}
    if topic.icon:
        found["icon_custom_emoji_id"] = topic.icon
    return found


@method
def edit_forum_topic(account: Account, params: Params) -> bool:
    _, topic = _topic(account, params)
    name = params.text("name") or topic.name
    icon = params.text("icon_custom_emoji_id") if "icon_custom_emoji_id" in params.values else topic.icon
    if len(name) > 128:
        raise bad("TOPIC_TITLE_TOO_LONG")
    if (name, icon) == (topic.name, topic.icon):
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon = name, icon
    return True


def _set_closed(account: Account, params: Params, closed: bool) -> bool:
    room, topic = _topic(account, params)
    if topic.closed == closed:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    service = "forum_topic_closed" if closed else "forum_topic_reopened"
    account.post(room, account.person, topic.thread, None, {service: {}})
    return True


@method
def close_forum_topic(account: Account, params: Params) -> bool:
    return _set_closed(account, params, True)


@method
def reopen_forum_topic(account: Account, params: Params) -> bool:
    return _set_closed(account, params, False)


def _set_general_closed(account: Account, params: Params, closed: bool) -> bool:
    room = _managed(account, params)
    if room.general_closed == closed:
        raise bad("TOPIC_NOT_MODIFIED")
    room.general_closed = closed
    return True


@method
def close_general_forum_topic(account: Account, params: Params) -> bool:
    return _set_general_closed(account, params, True)


@method
def reopen_general_forum_topic(account: Account, params: Params) -> bool:
    return _set_general_closed(account, params, False)


@method
def delete_forum_topic(account: Account, params: Params) -> bool:
    room, topic = _topic(account, params)
    account.world.delete_topic(room.group, topic.thread)
    return True
