"""Reading what was missed: Discord tells of it only to a session that goes on, so the rest is read from the channels.

A stream is a channel, a thread or a direct message. Its cursor moves with what is accepted, but only once the stream
has been read up to now: before that, a message just told would hide those in front of it that nobody told us.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping

import discord

from bot.messages import Cursor
from bot.ports import Tools

log = logging.getLogger("adapters.discord")

SEEN = "seen"
"""The stream of our own that says how far all others were read: what was begun after it is read from its beginning."""
RECENT_DAYS = 2
MOST_PRIVATE = 200
"""Direct messages can't be listed, so those known are asked one by one: the latest that spoke within so many days."""
MOST_AT_ONCE = 4
"""Streams read beside each other; Discord's limits are for all together."""

Take = Callable[[discord.Message], Awaitable[None]]
Stream = discord.TextChannel | discord.Thread | discord.PartialMessageable


class CatchingUp:
    """Knows which streams are read up to now, and reads the others."""

    def __init__(self, client: discord.Client, tools: Tools, account: str, take: Take) -> None:
        self._client, self._tools, self._account, self._take = client, tools, account, take
        self._current: set[int] = set()
        self._before: set[int] = set()
        self._reading = asyncio.Lock()

    def is_current(self, stream: int) -> bool:
        """Whether nothing of a stream is missing, so that its cursor may move with what comes now."""
        return stream in self._current

    def cut(self) -> None:
        """The connection is gone: what comes next may not be what is next."""
        if self._current:
            self._before, self._current = self._current, set()

    def mended(self) -> None:
        """The session goes on: Discord told of all that was missed, in order."""
        self._current |= self._before

    async def read(self) -> None:
        """Read every stream up to now, each from its oldest message on."""
        async with self._reading:
            cursors = await self._tools.places.cursors(self._tools.channel, self._account)
            now = discord.utils.time_snowflake(discord.utils.utcnow())
            places = asyncio.Semaphore(MOST_AT_ONCE)
            missed = await asyncio.gather(
                *(self._guarded(places, stream, after) for stream, after in self._to_read(cursors, now))
            )
            if all(missed):
                await self._note(SEEN, now)

    def _to_read(self, cursors: Mapping[str, int], now: int) -> Iterator[tuple[Stream, int]]:
        """The streams with something new in them, and after which message it begins."""
        seen = cursors.get(SEEN, now)
        here: set[int] = set()
        for stream in self._streams():
            here.add(stream.id)
            after = max(cursors.get(str(stream.id), 0), seen if stream.id <= seen else stream.id - 1)
            if stream.last_message_id is None or stream.last_message_id > after:
                yield stream, after
            else:
                self._current.add(stream.id)
        oldest = discord.utils.time_snowflake(discord.utils.utcnow()) - (RECENT_DAYS * 86_400_000 << 22)
        private = sorted(
            ((at, int(stream)) for stream, at in cursors.items() if stream.isdecimal() and int(stream) not in here),
            reverse=True,
        )
        for after, id_ in private[:MOST_PRIVATE]:
            if after >= oldest:
                yield self._client.get_partial_messageable(id_, type=discord.ChannelType.private), after

    def _streams(self) -> Iterator[discord.TextChannel | discord.Thread]:
        """The channels and open threads that the bot can read."""
        for guild in self._client.guilds:
            channels: list[discord.TextChannel | discord.Thread] = [*guild.text_channels, *guild.threads]
            for channel in channels:
                allowed = channel.permissions_for(guild.me)
                if allowed.view_channel and allowed.read_message_history:
                    yield channel

    async def _guarded(self, places: asyncio.Semaphore, stream: Stream, after: int) -> bool:
        """Read one stream; whether that worked. One that can't be read keeps no other from being read."""
        async with places:
            try:
                await self._read_one(stream, after)
            except discord.HTTPException as error:
                log.warning("channel %s could not be read for missed messages: %s", stream.id, error.status)
                return error.status in {403, 404}
            return True

    async def _read_one(self, stream: Stream, after: int) -> None:
        last = after
        async for message in stream.history(after=discord.Object(after), oldest_first=True, limit=None):
            await self._take(message)
            last = message.id
        if last > after:
            await self._note(str(stream.id), last)
        self._current.add(stream.id)

    async def _note(self, stream: str, position: int) -> None:
        await self._tools.places.advance(self._tools.channel, self._account, Cursor(stream, position))
