"""Telegram's failures, and what each means for us: one table from the library's exceptions to ours.

The library tells a broken connection and a refusal apart only by the exception behind its own, so that is looked at:
what never left this machine may simply be sent again; what was sent and not answered may have arrived.
"""

from __future__ import annotations

import os
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.errors import ChannelDown, ChatMoved, DeliveryError, RetryLater, TemporaryFailure, Uncertain, Undeliverable

os.environ.setdefault("PTB_TIMEDELTA", "true")
"""The library's own switch to give waits in one form instead of two, and to stop warning of the other."""

AFTER_UNREACHABLE = 5.0
"""Seconds until a message is sent again that never left, as Telegram could not be reached."""
AFTER_REFUSED_TOKEN = 30.0
"""Seconds until a message is sent again while Telegram refuses the token: somebody has to put a right one in place."""

REFUSED = "Telegram refuses the token of this bot: it was revoked or mistyped; take the current one from @BotFather"
SECOND_POLLER = (
    "another program reads this bot's messages (409): stop it, or give each its own bot; one token, one reader"
)

_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


def wait_of(error: RetryAfter) -> float:
    """The seconds that Telegram asks to wait."""
    wait = error.retry_after
    assert isinstance(wait, timedelta), "the switch above"
    return wait.total_seconds()


def never_left(error: BaseException) -> bool:
    """Whether Telegram can't have seen the request."""
    return isinstance(error.__cause__, _NEVER_LEFT)


def not_begun(error: TelegramError) -> RetryLater:
    """What it means for a message that we could not even ask who we are: it was never sent."""
    wait = wait_of(error) if isinstance(error, RetryAfter) else AFTER_UNREACHABLE
    return RetryLater(AFTER_REFUSED_TOKEN if _refuses_token(error) else wait, str(channel_down(error)))


def _refuses_token(error: TelegramError) -> bool:
    return isinstance(error, InvalidToken | EndPointNotFound)


def delivery_error(error: TelegramError) -> DeliveryError:
    """What a failed send means for the message. No text of ours ever holds the token, as its address does."""
    match error:
        case RetryAfter():
            return RetryLater(wait_of(error), "Telegram asks to wait")
        case ChatMigrated(new_chat_id=chat):
            return ChatMoved(str(chat))
        case _ if isinstance(error.__cause__, TelegramError):  # no answer of Telegram's, but of something before it
            return TemporaryFailure(f"Telegram failed: {_shortened(str(error))}")
        case Forbidden() | BadRequest():
            return Undeliverable(str(error))
        case InvalidToken() | EndPointNotFound():
            return RetryLater(AFTER_REFUSED_TOKEN, REFUSED)
        case Conflict():
            return RetryLater(AFTER_UNREACHABLE, SECOND_POLLER)
        case NetworkError() if never_left(error):
            return RetryLater(AFTER_UNREACHABLE, f"Telegram can't be reached: {type(error.__cause__).__name__}")
        case NetworkError() if error.__cause__ is None:
            return TemporaryFailure(f"Telegram failed: {_shortened(str(error))}")
        case _:
            return Uncertain(f"the answer was lost: {type(error.__cause__ or error).__name__}")


def is_gone(error: TelegramError) -> bool:
    """Whether a topic was deleted: so says the Bot API of sends, and Telegram's own server of what changes topics."""
    return _says(error, "message thread not found", "topic_id_invalid", "topic_deleted")


def is_closed(error: TelegramError) -> bool:
    """Whether a topic takes no messages at the moment."""
    return _says(error, "topic_closed")


def lacks_topics(error: TelegramError) -> bool:
    """Whether a group has no topics, or the bot may not open any."""
    return _says(error, "not a forum", "channel_forum_missing", "not enough rights", "chat_admin_required")


def is_unchanged(error: TelegramError) -> bool:
    """Whether all was as wanted already, a message or a topic."""
    return _says(error, "not modified", "topic_not_modified")


def is_deleted(error: TelegramError) -> bool:
    """Whether a message that was to be deleted, or to have a reaction, is not there."""
    return _says(error, "message to delete not found", "message to react not found")


def has_other_text(error: TelegramError) -> bool:
    """Whether a message has a caption where its text was to be changed, or the other way round."""
    return _says(error, "there is no text in the message", "there is no caption in the message")


def refuses_markup(error: TelegramError) -> bool:
    """Whether Telegram does not understand our markup."""
    return _says(error, "parse entities")


def _says(error: TelegramError, *texts: str) -> bool:
    """The library capitalizes what the server says."""
    return isinstance(error, BadRequest) and any(text in str(error).lower() for text in texts)


def channel_down(error: TelegramError) -> ChannelDown:
    """Why the channel can't run, and what to do."""
    match error:
        case InvalidToken() | EndPointNotFound():
            return ChannelDown(REFUSED)
        case Conflict():
            return ChannelDown(SECOND_POLLER)
        case RetryAfter():
            return ChannelDown(f"Telegram asks to wait {wait_of(error):.0f} s")
        case BadRequest():
            return ChannelDown(f"Telegram refuses: {_shortened(str(error))}")
    cause = error.__cause__
    reason = type(cause).__name__ if isinstance(cause, httpx.HTTPError) else _shortened(str(error))
    cure = "; see whether this machine gets there, or set the channel's proxy" if never_left(error) else ""
    return ChannelDown(f"Telegram can't be reached: {reason}{cure}")


def _shortened(text: str) -> str:
    """An error page is not a reason."""
    return text.partition(". Parsing the server response")[0][:200]
