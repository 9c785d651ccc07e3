"""Reading what was missed: Discord tells of it only to a session that goes on, so the rest is read from the channels.

A stream is a channel, a thread or a direct message. What is told of one that has not been read up to now waits until it
is, so that the oldest message comes first and the cursor never moves over one that nobody told us.

Channels and open threads can be listed, direct messages can't: only those are read in which the person had written
before. Somebody who writes for the first time ever while no session hears it can't be found by any API; they are heard
when they write again. Nor are threads read that were closed before we came back, but for those of the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import discord

from adapters.discord.failures import BROKEN
from bot.errors import StoreError
from bot.messages import Cursor
from bot.ports import Tools

log = logging.getLogger("adapters.discord")

SEEN = "seen"
"""The stream of our own that says how far all others were read: what was begun after it is read from its beginning."""
PRIVATE = "dm"
"""How the name of a direct message's stream begins, which can't be listed; others are named by their number alone."""
MOST_PRIVATE = 500
"""Direct messages asked one by one at a new session, those that spoke last first."""
MOST_CLOSED = 100
"""Closed threads of the desk that are looked at, those closed last."""
RECENT = 86_400_000 << 22
"""A day, as Discord's ids count time: in between, only direct messages that spoke within it are asked."""
MARGIN = 5_000 << 22
"""Five seconds: messages of different channels may be told in another order than they were said."""
MOST_AT_ONCE = 4
"""Streams read beside each other; Discord's limits are for all together."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds until what could not be read is tried again."""

Take = Callable[[discord.Message], Awaitable[None]]
Listed = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Stream = Listed | discord.PartialMessageable


def stream_of(where: discord.abc.Messageable) -> str:
    """A stream's name among the cursors."""
    id_: int = getattr(where, "id", 0)
    return f"{PRIVATE}{id_}" if getattr(where, "guild", None) is None else str(id_)


class CatchingUp:
    """Knows which streams are read up to now, and reads the others. `take` takes each message that is found."""

    def __init__(self, client: discord.Client, tools: Tools, account: str, take: Take) -> None:
        self._client, self._tools, self._account, self._take = client, tools, account, take
        self._session = self._known = 0
        """The session of now, and the last one whose channels are known."""
        self._planned = self._ended = False
        self._unread: dict[str, int] = {}
        """Streams to be read before more of them is taken; with a message that was told but left out, or 0."""
        self._torn: set[str] = set()
        """Streams that could not be read: what is told of them is taken, but their cursors stay."""
        self._wanted, self._moved = asyncio.Event(), asyncio.Event()

    def began(self) -> None:
        """A new session: what was said before it will not be told."""
        self._session += 1
        self._planned = False
        self._torn.clear()

    def ready(self) -> None:
        """The channels of the session are known now."""
        self._known = self._session
        self._wanted.set()

    def left_out(self, message: discord.Message) -> None:
        """A message was told that could not be taken: its stream is read again, from there at the latest."""
        stream = stream_of(message.channel)
        self._unread[stream] = min(self._unread.get(stream) or message.id, message.id)
        self._wanted.set()

    async def settled(self, where: discord.abc.Messageable) -> bool:
        """Wait until a stream has been read or can't be; whether its cursor may move with what comes now."""
        stream = stream_of(where)
        while not self._ended and (not self._planned or stream in self._unread):
            await self._moved.wait()
        return not self._ended and stream not in self._torn

    async def run(self, every: float) -> None:
        """Read at a new session, where something was left out, and every so many seconds. For ever."""
        failures = 0
        try:
            await self._wanted.wait()
            while True:
                self._wanted.clear()
                failures = 0 if await self._read_safely() else failures + 1
                wait = min(FIRST_WAIT * 2.0 ** (failures - 1), LONGEST_WAIT, every) if failures else every
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # wait_for loses a cancellation that comes with the event
                        await self._wanted.wait()
        finally:
            self._ended = True
            self._stir()

    async def _read_safely(self) -> bool:
        try:
            return await self._read()
        except (StoreError, discord.DiscordException, *BROKEN) as error:
            log.warning("what was missed can't be read yet: %s", type(error).__name__)
        except Exception:  # the top of a loop: the next look may work
            log.exception("looking for missed messages failed")
        return False

    async def _read(self) -> bool:
        """Read every stream up to now, each from its oldest message on: whether all could be read."""
        session, thorough = self._session, not self._planned
        cursors = await self._tools.places.cursors(self._tools.channel, self._account)
        if self._known != self._session:
            return True  # a new session begins; it asks for its own reading
        seen = max(1, self._newest() - MARGIN)
        latest, closed = ({}, await self._closed()) if thorough else (await self._latest(), [])
        plan = list(self._plan(cursors, latest, thorough, closed))
        if session != self._session:
            return True
        self._unread = {
            name: self._unread.get(name, 0)
            for name in (stream_of(stream) for stream, _ in plan)
            if thorough or name in self._unread
        }
        self._planned = True
        self._stir()
        turns = asyncio.Semaphore(MOST_AT_ONCE)
        done = await asyncio.gather(*(self._guarded(turns, session, stream, after) for stream, after in plan))
        if session != self._session:
            return True
        if all(done) and seen > cursors.get(SEEN, 0) and not any(guild.unavailable for guild in self._client.guilds):
            await self._note(SEEN, seen)
        return all(done)

    async def _latest(self) -> Mapping[int, int]:
        """The newest message of each stream, asked for: what we were not told of is not in the library's memory."""
        found: dict[int, int] = {}
        for guild in self._client.guilds:
            for stream in (*await guild.fetch_channels(), *await guild.active_threads()):
                found[stream.id] = getattr(stream, "last_message_id", None) or 0
        return found

    async def _closed(self) -> Sequence[Listed]:
        """The threads of the desk that were closed last: an agent may have said something and closed it in the gap."""
        desk = self._client.get_channel(int(self._tools.desk)) if self._tools.desk.isdecimal() else None
        if not isinstance(desk, discord.TextChannel | discord.ForumChannel):
            return []
        try:
            return [thread async for thread in desk.archived_threads(limit=MOST_CLOSED)]
        except discord.Forbidden:
            return []

    def _plan(
        self, cursors: Mapping[str, int], latest: Mapping[int, int], thorough: bool, closed: Sequence[Listed]
    ) -> Iterator[tuple[Stream, int]]:
        """The streams with something new in them, and after which message it begins."""
        for stream in (*self._listed(), *closed):
            after = self._after(stream, cursors)
            if str(stream.id) in self._unread or max(stream.last_message_id or 0, latest.get(stream.id, 0)) > after:
                yield stream, after
        left_out = {stream: message - 1 for stream, message in self._unread.items() if message}
        private = {stream: at for stream, at in {**left_out, **cursors}.items() if stream.startswith(PRIVATE)}
        oldest = 0 if thorough else self._now() - RECENT
        for name in sorted(private, key=private.__getitem__, reverse=True)[:MOST_PRIVATE]:
            if private[name] >= oldest or name in self._unread:
                id_ = int(name.removeprefix(PRIVATE))
                yield self._client.get_partial_messageable(id_, type=discord.ChannelType.private), private[name]

    def _after(self, stream: Listed, cursors: Mapping[str, int]) -> int:
        """After which message a stream is not read yet. What was said before we came is nothing to us."""
        seen = cursors.get(SEEN, self._newest())
        joined = stream.guild.me.joined_at
        return max(
            cursors.get(stream_of(stream), 0),
            seen if stream.id <= seen else stream.id - 1,
            discord.utils.time_snowflake(joined) if joined else 0,
        )

    def _newest(self) -> int:
        """The newest message there is, as far as we were told; not our own clock, which may be ahead of Discord's."""
        return max((stream.last_message_id or 0 for stream in self._listed()), default=0)

    @staticmethod
    def _now() -> int:
        return discord.utils.time_snowflake(discord.utils.utcnow())

    def _listed(self) -> Iterator[Listed]:
        """The channels and open threads that the bot can read."""
        for guild in self._client.guilds:
            streams: list[Listed] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels]
            for stream in (*streams, *guild.threads):
                allowed = stream.permissions_for(guild.me)
                if allowed.view_channel and allowed.read_message_history:
                    yield stream

    async def _guarded(self, turns: asyncio.Semaphore, session: int, stream: Stream, after: int) -> bool:
        """Read one stream; whether that worked. One that can't be read keeps no other from being read."""
        name = stream_of(stream)
        async with turns:
            if name in self._unread:
                self._unread[name] = 0
            try:
                await self._read_one(stream, after)
                read = True
            except discord.HTTPException as error:
                read = error.status in {403, 404} and error.code != 0  # nothing to be read there, now and later
                log.warning("channel %s could not be read for missed messages: %s", stream.id, error.status)
            except (discord.RateLimited, StoreError, *BROKEN) as error:
                read = False
                log.warning("channel %s could not be read for missed messages: %s", stream.id, type(error).__name__)
        if session == self._session:
            if not self._unread.get(name):  # else one was left out meanwhile, perhaps behind what was read
                self._unread.pop(name, None)
            (self._torn.discard if read else self._torn.add)(name)
            self._stir()
        return read

    async def _read_one(self, stream: Stream, after: int) -> None:
        last = after
        async for message in stream.history(after=discord.Object(after), oldest_first=True, limit=None):
            try:
                await self._take(message)
            except (discord.DiscordException, *BROKEN):
                raise
            except Exception:  # our mistake with this one; it would hold up its channel for ever
                log.exception("message %s is left out", message.id)
            last = message.id
        if last > after:
            await self._note(stream_of(stream), last)

    async def _note(self, stream: str, position: int) -> None:
        await self._tools.places.advance(self._tools.channel, self._account, Cursor(stream, position))

    def _stir(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
