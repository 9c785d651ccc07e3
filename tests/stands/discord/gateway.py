"""The gateway: sessions that outlive their sockets, and sockets that can be cut, frozen or refused."""

from __future__ import annotations

import asyncio
import importlib
import json
import math
import secrets
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.stands.discord.people import Bot

if TYPE_CHECKING:
    from tests.stands.discord.platform import Discord

INTENTS = {
    "guilds": 1 << 0,
    "members": 1 << 1,
    "presences": 1 << 8,
    "guild_messages": 1 << 9,
    "reactions": 1 << 10,
    "direct_messages": 1 << 12,
    "message_content": 1 << 15,
}
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
KEPT = 20_000
"""Events that a session holds for its next RESUME."""


def packer(compress: str) -> Callable[[bytes], bytes] | None:
    """One stream over all messages, flushed after each. discord.py asks for zstd as soon as zstandard is installed."""
    if compress == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        zstandard = importlib.import_module("zstandard")
        stream = zstandard.ZstdCompressor().compressobj()
        return lambda data: stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None


class Session:
    """What a bot subscribed to, and the events of late, so that a new socket can go on where the last one stopped."""

    def __init__(self, bot: Bot, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.bot, self.intents = bot, intents
        self.resumable = True
        self.socket: Socket | None = None
        self._seq = 0
        self._kept: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT)

    def hears(self, intent: str) -> bool:
        return bool(self.intents & INTENTS[intent])

    def dispatch(self, event: str, data: dict[str, Any]) -> None:
        self._seq += 1
        frame = {"op": DISPATCH, "s": self._seq, "t": event, "d": data}
        self._kept.append((self._seq, frame))
        if self.socket:
            self.socket.send(frame)

    def replay(self, seq: int) -> bool:
        """Send all that came after `seq` again; False if that much is not kept."""
        assert self.socket
        missed = [frame for number, frame in self._kept if number > seq]
        if len(missed) != self._seq - seq:
            return False
        for frame in missed:
            self.socket.send(frame)
        return True


class Socket:
    """One connection. What is sent waits in a queue, so that the world can speak without awaiting."""

    def __init__(self, request: web.Request, compress: str) -> None:
        self._ws = web.WebSocketResponse(compress=False, max_msg_size=0, autoclose=False)
        self._request = request
        self._queue: asyncio.Queue[dict[str, Any] | int] = asyncio.Queue()
        self._pack = packer(compress)
        self.acks_muted = self.frozen = self.closed_here = False

    async def __aenter__(self) -> Socket:
        await self._ws.prepare(self._request)
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.cancel()

    def send(self, frame: dict[str, Any]) -> None:
        if not self.frozen:
            self._queue.put_nowait(frame)

    def close(self, code: int | None) -> None:
        """Close with this code once all is sent, or (None) cut the wire now."""
        self.closed_here = True
        if code is None:
            self._writer.cancel()
            if self._request.transport:
                self._request.transport.abort()
        else:
            self._queue.put_nowait(code)

    @property
    def close_code(self) -> int | None:
        return self._ws.close_code

    async def frames(self) -> Any:
        async for message in self._ws:
            if message.type is WSMsgType.TEXT:
                yield json.loads(message.data)

    async def _write(self) -> None:
        while True:
            frame = await self._queue.get()
            try:
                if isinstance(frame, int):
                    await self._ws.close(code=frame)
                    return
                text = json.dumps(frame)
                await (self._ws.send_bytes(self._pack(text.encode())) if self._pack else self._ws.send_str(text))
            except ConnectionError:
                return  # the other side is gone; its session keeps what it missed


class Gateway:
    """All sessions and sockets."""

    def __init__(self, platform: Discord) -> None:
        self._platform = platform
        self.sessions: dict[str, Session] = {}
        self.sockets: list[Socket] = []
        self.identifies: list[Bot] = []
        self.resumes: list[Bot] = []
        self.heartbeat_seconds = 41.25
        self._refused_until = 0.0

    def refuse(self, how_long: float | bool) -> None:
        """Let nobody connect: for some seconds, or (True) until told otherwise (False)."""
        if isinstance(how_long, bool):
            self._refused_until = math.inf if how_long else 0.0
        else:
            self._refused_until = time.monotonic() + how_long

    @property
    def refuses(self) -> bool:
        return time.monotonic() < self._refused_until

    def tell(self, event: str, make: Callable[[Session], dict[str, Any] | None]) -> None:
        """Send an event to every session for which `make` has something to say."""
        for session in list(self.sessions.values()):
            if (data := make(session)) is not None:
                session.dispatch(event, data)
        self._platform.stirred()

    def tell_one(self, bot: Bot, event: str, data: dict[str, Any]) -> bool:
        """Send an event to one session of this bot: whether there was any, and it is connected."""
        mine = [session for session in reversed(self.sessions.values()) if session.bot is bot]
        session = max(mine, key=lambda each: each.socket is not None, default=None)
        if session:
            session.dispatch(event, data)
        return session is not None and session.socket is not None

    def connected(self, bot: Bot) -> bool:
        return any(session.socket for session in self.sessions.values() if session.bot is bot)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        if self.refuses:
            if request.transport:
                request.transport.abort()
            return web.Response(status=503)
        async with Socket(request, request.query.get("compress", "")) as socket:
            self.sockets.append(socket)
            session: Session | None = None
            try:
                socket.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_seconds * 1000)}})
                async for frame in socket.frames():
                    session = self._answer(socket, session, frame["op"], frame.get("d"))
            finally:
                self.sockets.remove(socket)
                self._left(socket, session)
            return socket._ws

    def _left(self, socket: Socket, session: Session | None) -> None:
        if session and session.socket is socket:
            session.socket = None
            given_up = socket.close_code in (1000, 1001) and not socket.closed_here
            if given_up or not session.resumable:
                self.sessions.pop(session.id, None)  # who closes like this does not mean to come back
        self._platform.stirred()

    def _answer(self, socket: Socket, session: Session | None, op: int, data: Any) -> Session | None:
        if op == HEARTBEAT and not socket.acks_muted:
            socket.send({"op": HEARTBEAT_ACK})
        elif op == IDENTIFY:
            return self._identify(socket, data)
        elif op == RESUME:
            return self._resume(socket, data)
        elif op == REQUEST_MEMBERS and session:
            self._members(session, data)
        return session

    def _identify(self, socket: Socket, data: dict[str, Any]) -> Session | None:
        bot = self._platform.bot_with_token(data["token"])
        if not bot:
            socket.close(4004)
            return None
        if data["intents"] & bot.forbidden_intents:
            socket.close(4014)
            return None
        session = Session(bot, data["intents"])
        self.sessions[session.id] = session
        session.socket = socket
        self.identifies.append(bot)
        guilds = [guild for guild in self._platform.guilds.values() if guild.has(bot)]
        application = {key: bot.application()[key] for key in ("id", "flags")}
        ready = {"v": 10, "user": bot.payload(), "session_id": session.id, "application": application, "shard": [0, 1]}
        ready["guilds"] = [{"id": str(guild.id), "unavailable": True} for guild in guilds]
        ready["resume_gateway_url"] = self._platform.gateway_url
        session.dispatch("READY", ready)
        for guild in guilds if session.hears("guilds") else ():
            session.dispatch("GUILD_CREATE", guild.payload(bot))
        self._platform.stirred()
        return session

    def _resume(self, socket: Socket, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(str(data["session_id"]))
        if not self._platform.bot_with_token(data["token"]):
            socket.close(4004)
            return None
        if session and session.socket:
            session.socket.close(4000)  # the old socket is given up for the new one
        if session and session.resumable:
            session.socket = socket
            if session.replay(int(data["seq"] or 0)):
                session.dispatch("RESUMED", {})
                self.resumes.append(session.bot)
                self._platform.stirred()
                return session
        if session:
            del self.sessions[session.id]
        socket.send({"op": INVALID_SESSION, "d": False})
        return None

    def _members(self, session: Session, data: dict[str, Any]) -> None:
        guild = self._platform.guilds[int(data["guild_id"])]
        wanted = {int(user) for user in data.get("user_ids") or ()}
        query = data.get("query", "")
        found = [member for member in guild.members.values() if not wanted or member.id in wanted]
        found = [member for member in found if wanted or member.name.lower().startswith(query.lower())]
        chunk = {"guild_id": str(guild.id), "chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce")}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk | {"members": [member.payload() for member in found]})
