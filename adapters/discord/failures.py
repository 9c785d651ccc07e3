"""Discord's failures, and what each means for us.

Every send carries a nonce, under which Discord takes it once; so what may have arrived is simply sent again.
"""

from __future__ import annotations

import asyncio

import aiohttp
import discord

from bot.errors import ChannelDown, DeliveryError, RetryLater, TemporaryFailure, Undeliverable

AFTER_UNREACHABLE = 5.0
"""Seconds until a message is sent again that never left, as Discord could not be reached."""
AFTER_REFUSED = 30.0
"""Seconds until a message is sent again while Discord refuses the token."""
AFTER_BLOCKED = 10.0
"""Seconds until a message is sent again when the proxy before Discord says that there were too many, and no wait."""
AFTER_TOO_OFTEN = 60.0

CLOSED_DMS = 50007
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
MISSING = {50001: "the bot can't see that channel", 50013: "the bot lacks a permission there"}
HAS_THREAD = 160004
ARCHIVED, LOCKED = 50083, 160005
GONE = {UNKNOWN_CHANNEL, UNKNOWN_MESSAGE}
SHUT = {ARCHIVED, LOCKED}
"""A thread that takes no message as it is."""
TOO_OFTEN = {40003}
"""Direct messages are opened too fast, which Discord does not tell as a rate limit."""
PASSING = {0, 40004, 40006, 130000}
"""None of Discord's own (a proxy's page, which says nothing of the message), switched off for a while, overloaded."""
"""Discord's error codes, from its documentation's list of JSON error codes."""

REFUSED = "Discord refuses the token of this bot; take the current one from the developer portal, page Bot"
NOT_CONNECTED = "the bot is not connected to Discord yet"
HELD = "Discord's limits hold the message back"
UNREACHABLE_GATEWAY = "Discord's gateway can't be reached"

UNREACHABLE = (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError, ConnectionRefusedError)
BROKEN = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


def delivery_error(error: Exception) -> DeliveryError:
    """What a failed send means for the message."""
    match error:
        case DeliveryError():
            return error
        case discord.RateLimited():
            return RetryLater(error.retry_after, "Discord asks to wait")
        case discord.HTTPException(status=429):
            return RetryLater(_wait(error), "Discord asks to wait")
        case discord.LoginFailure() | discord.HTTPException(status=401):
            return RetryLater(AFTER_REFUSED, REFUSED)
        case discord.HTTPException(code=code) if code in TOO_OFTEN:
            return RetryLater(AFTER_TOO_OFTEN, "Discord asks to wait")
        case discord.HTTPException(status=status, code=code) if status >= 500 or code in PASSING:
            return TemporaryFailure(f"Discord failed: {status}")
        case discord.HTTPException():
            return Undeliverable(f"{MISSING.get(error.code, error.text or error.status)} ({error.code})")
        case _ if isinstance(error, UNREACHABLE):
            return RetryLater(AFTER_UNREACHABLE, f"Discord can't be reached: {type(error).__name__}")
        case _ if isinstance(error, BROKEN):
            return TemporaryFailure(f"the answer was lost: {type(error).__name__}")
    return TemporaryFailure(f"{type(error).__name__}: {error}")


def is_final(error: discord.HTTPException) -> bool:
    """Whether Discord refuses something for good, so that another attempt would not help."""
    refused = error.status < 500 and error.status not in {401, 429}
    return refused and error.code not in PASSING and error.code not in TOO_OFTEN


def _wait(error: discord.HTTPException) -> float:
    """The wait that a 429 carries where the library hands it through."""
    try:
        return max(0.0, float(error.response.headers.get("Retry-After", AFTER_BLOCKED)))
    except ValueError:
        return AFTER_BLOCKED


def channel_down(error: Exception) -> ChannelDown:
    """Why the channel can't run, and what to do."""
    match error:
        case ChannelDown():
            return error
        case discord.LoginFailure() | discord.ConnectionClosed(code=4004):
            return ChannelDown(REFUSED)
        case discord.HTTPException():
            return ChannelDown(f"Discord failed: {error.status}")
        case discord.ConnectionClosed():
            return ChannelDown(f"Discord closed the connection: {error.code}")
        case AttributeError() | discord.GatewayNotFound():
            # The library itself fails with the first of them where the gateway can't be reached at the first try.
            return ChannelDown(UNREACHABLE_GATEWAY)
    cure = "see whether this machine gets there, or set the channel's proxy"
    return ChannelDown(f"Discord can't be reached: {type(error).__name__}; {cure}")
