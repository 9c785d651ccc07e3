"""Discord itself: everything that is on it, and the switches that make it fail."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from tests.stands.discord.channels import Channel, DirectMessages
from tests.stands.discord.faults import Fault, Faults
from tests.stands.discord.front import API, Front, Request
from tests.stands.discord.gateway import Gateway
from tests.stands.discord.guilds import Guild
from tests.stands.discord.ids import Snowflakes
from tests.stands.discord.interactions import Interactions
from tests.stands.discord.limits import Limits
from tests.stands.discord.messages import Attachment, Message
from tests.stands.discord.people import Bot, Person, User

NONCE_LIFE = 5 * 60
LOOK = 0.05
"""Seconds after which `eventually` looks again unasked, as what it waits for may be outside of this platform."""


UserT = TypeVar("UserT", bound=User)


class Discord:
    """`async with Discord() as platform:` - a REST API and a gateway on a port of this machine."""

    def __init__(self) -> None:
        self._ids = Snowflakes()
        self._moved: asyncio.Event = asyncio.Event()
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self._skew = 0.0
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.said: list[Message] = []
        self.attachments: dict[int, Attachment] = {}
        self.attachment_generation = 0
        self.bots: list[Bot] = []
        self.requests: list[Request] = []
        self.interaction_deadline = 3.0
        self.faults, self.limits = Faults(), Limits()
        self.gateway = Gateway(self)
        self.interactions = Interactions(self)
        self.owner = self.user("The Owner")

    async def __aenter__(self) -> Discord:
        front = Front(self)
        app = web.Application(client_max_size=30 << 20)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{channel}/{attachment}/{name}", front.attachment)
        app.router.add_route("*", API + "/{path:.*}", front.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.go_online()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop_gateway()
        if self._runner:
            await self._runner.cleanup()

    # where it is

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        return self.base + API

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    # who and what is on it

    def new_id(self) -> int:
        return self._ids.at(self.now())

    def now(self) -> float:
        return time.time() + self._skew

    def user(self, name: str, lang: str = "en-US") -> User:
        """An account that is in no guild yet."""
        return self._known(User(self, name, lang))

    def add_bot(self, token: str, name: str = "Frontdesk", intents: Iterable[str] = ("message_content",)) -> Bot:
        """An application; `intents` are the privileged ones that its portal page grants."""
        bot = self._known(Bot(self, token, name, set(intents)))
        self.bots.append(bot)
        return bot

    def add_guild(self, name: str, lang: str = "en-US", bots: Iterable[Bot] | None = None) -> Guild:
        """A server with these bots in it, or with all that there are."""
        guild = Guild(self, name, lang)
        self.guilds[guild.id] = guild
        for bot in self.bots if bots is None else bots:
            guild.add_bot(bot)
        return guild

    def dm(self, person: Person, bot: Bot | None = None) -> DirectMessages:
        """Somebody's chat with a bot (the first one, if not told otherwise)."""
        bot = bot or self.bots[0]
        for channel in self.channels.values():
            if isinstance(channel, DirectMessages) and channel.user == person and channel.bot is bot:
                return channel
        channel = DirectMessages(self, self.users[person.id], bot)
        self.channels[channel.id] = channel
        return channel

    def bot_with_token(self, token: str) -> Bot | None:
        return next((bot for bot in self.bots if bot.token == token and not bot.token_is_bad), None)

    def bot_messages(self, bot: Bot | None = None) -> list[Message]:
        """What bots said where others can read it, oldest first; also in channels that were deleted since."""
        return [each for each in self.said if isinstance(each.author, Bot) and (bot is None or each.author is bot)]

    def _known(self, user: UserT) -> UserT:
        self.users[user.id] = user
        return user

    def said_with(self, bot: Bot, nonce: str) -> Message | None:
        """What this bot said with this nonce in the last minutes."""
        at, message = self._nonces.get((bot.id, nonce), (0.0, None))
        return message if time.monotonic() - at < NONCE_LIFE else None

    def remember_nonce(self, bot: Bot, nonce: str, message: Message) -> None:
        self._nonces[bot.id, nonce] = (time.monotonic(), message)

    # waiting

    def stirred(self) -> None:
        """Something happened; whoever waits looks again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def eventually(self, what: Callable[[], Any], name: str = "", seconds: float = 10) -> Any:
        """Wait until `what` gives something true (it may be a coroutine function), and return it."""
        until = time.monotonic() + seconds
        while True:
            moved = self._moved
            found = what()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            left = until - time.monotonic()
            if left <= 0:
                latest = [(r.method, r.path, r.status) for r in self.requests[-8:]]
                raise AssertionError(f"{name or 'what was awaited'} did not happen in {seconds} s; last: {latest}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), min(left, LOOK))

    # what goes wrong

    def fail(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Let the next requests of this kind go wrong."""
        self.faults.plan(method, path, fault, times)

    def enforce_limits(self, per_channel: int | None = 5, seconds: float = 5, global_: int | None = 50) -> None:
        """Limit requests on messages per route and channel, and all requests per second."""
        self.limits.enforce(per_channel, seconds, global_)

    def drop_gateway(self, code: int | None = None) -> None:
        """Cut all sockets, or close them with this code."""
        for socket in list(self.gateway.sockets):
            socket.close(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7 to everyone, as before a deployment."""
        for socket in list(self.gateway.sockets):
            socket.send({"op": 7, "d": None})

    def invalidate_sessions(self) -> None:
        """No session of now can be resumed; live sockets stay."""
        for session in self.gateway.sessions.values():
            session.resumable = False

    def refuse_gateway(self, how_long: float | bool = True) -> None:
        """Let nobody connect to the gateway, for some seconds or until False."""
        self.gateway.refuse(how_long)

    def mute_heartbeat_acks(self, everything: bool = False) -> None:
        """Give the sockets of now no more ACKs, or (everything) nothing at all, as a dead router does."""
        for socket in self.gateway.sockets:
            socket.acks_muted, socket.frozen = True, everything

    def bad_token(self, bot: Bot, bad: bool = True) -> None:
        """The token is reset in the portal: 401 from now on, and sockets are closed with 4004."""
        bot.token_is_bad = bad
        for session in list(self.gateway.sessions.values()):
            if bad and session.bot is bot:
                del self.gateway.sessions[session.id]
                if session.socket:
                    session.socket.close(4004)

    def close_dms(self, person: Person, closed: bool = True) -> None:
        """This person takes no direct messages (or takes them again)."""
        self.users[person.id].dms_closed = closed

    def age_interactions(self, seconds: float) -> None:
        """Let time pass for all interactions of now: three seconds and they fail, 15 minutes and their tokens do."""
        for interaction in self.interactions.all:
            interaction.grow_older(seconds)

    def forget_nonces(self) -> None:
        """As after some minutes."""
        self._nonces.clear()

    def expire_attachments(self) -> None:
        """The addresses of files that were given out so far lead nowhere."""
        self.attachment_generation += 1

    async def go_offline(self) -> None:
        """Nothing listens any more: connections are refused, those that there are end."""
        assert self._runner and self._runner.server and self._site
        self.drop_gateway()
        await self._site.stop()
        for connection in list(self._runner.server.connections):
            if connection.transport:
                connection.transport.abort()

    async def go_online(self) -> None:
        """Listen, again on the same port."""
        assert self._runner
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]
