"""The Bot API over real HTTP: takes requests, lets the scripted faults strike, and calls the methods."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from types import TracebackType
from typing import Any

import uvicorn

from . import methods_bot, methods_chat, methods_files, methods_forum, methods_text  # noqa: F401  they register themselves
from .bot import BotAccount
from .errors import ApiError, too_many
from .faults import REASONS, Drop, Fault, Faults, Garbage, Hang, Lost, Script, Status
from .files import MOST_UPLOAD
from .limits import Limits
from .records import Call
from .registry import METHODS
from .updates import Updates
from .wire import Params, Receive, Scope, Send, gone, hang_up, read_params, respond
from .world import World

PAGE = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
LONGEST_POLL = 50


class BotApi(World):
    """The server. It lives in the test's event loop, so that the service under test can die and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.latency = 0.0
        """Seconds that every request takes."""
        self.url = ""
        self._bots: dict[str, BotAccount] = {}
        self._faults = Faults()
        self._limits: tuple[int, int, int, bool] | None = None
        self._server: uvicorn.Server

    async def __aenter__(self) -> BotApi:
        # With the protocol left open, asyncio would not switch Nagle's delay off: 40 ms for every answer
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            self._serve, lifespan="off", log_config=None, access_log=False, proxy_headers=False,
            ws="none", interface="asgi3", http="h11", timeout_keep_alive=300, backlog=2048,
        )  # fmt: skip
        config.load()
        self._server = uvicorn.Server(config)
        # Server.serve() would take over the signals of the test's process
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[listening])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bot in self._bots.values():
            if bot.webhook is not None:
                bot.webhook.stop()
        await self.break_connections()
        self._server.force_exit = True
        await self._server.shutdown()

    async def break_connections(self) -> None:
        """The network fails: every open connection ends, also those that wait in a long poll."""
        state = self._server.server_state
        for connection in list(state.connections):
            connection.transport.abort()
        if state.tasks:
            await asyncio.wait(state.tasks)

    # What a test says

    def add_bot(self, token: str, username: str = "frontdesk_bot", name: str = "Frontdesk") -> BotAccount:
        """A bot with this token."""
        bot = BotAccount(self, token, username, name)
        self._bots[token] = bot
        self.accounts.append(bot)
        self._limit(bot)
        return bot

    def enforce_limits(
        self, per_second: int = 30, per_chat: int = 1, group_per_minute: int = 20, edits: bool = False
    ) -> None:
        """Refuse with 429 what comes faster than this; `edits` says whether changing a message counts."""
        self._limits = (per_second, per_chat, group_per_minute, edits)
        for bot in self._bots.values():
            self._limit(bot)

    def _limit(self, bot: BotAccount) -> None:
        bot.limits = Limits(*self._limits) if self._limits else None

    def fail(
        self,
        method: str,
        fault: Fault,
        times: int | None = 1,
        chat: int | None = None,
        bot: BotAccount | None = None,
    ) -> None:
        """Let something go wrong with the next calls of a method (`*` for all); `times=None` for ever."""
        self._faults.add(Script(method, fault, times, chat, bot.token if bot else None))

    def heal(self) -> None:
        """No more scripted faults."""
        self._faults.clear()

    # Requests

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.latency:
            await asyncio.sleep(self.latency)
        kind, _, rest = scope["path"].removeprefix("/").partition("/")
        if kind == "file" and rest.startswith("bot"):
            await self._download(rest.removeprefix("bot"), send)
            return
        token, method = kind.removeprefix("bot"), rest
        bot = self._bots.get(token)
        if not kind.startswith("bot") or not token.partition(":")[0].isdigit() or not method:
            await self._refuse(send, ApiError(404, "Not Found"))
        elif bot is None:
            await self._refuse(send, ApiError(401, "Unauthorized"))
        else:
            await self._call(bot, method, scope, receive, send)

    async def _call(self, bot: BotAccount, method: str, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(method, {}, 0, time.monotonic())
        try:
            params = await read_params(scope, receive)
        except ApiError as error:
            params, fault = Params(), None
            refused: ApiError | None = error
        else:
            refused = None
            call.params = params.values
            fault = None if bot.revoked else self._faults.strike(method, params.chat, bot.token)
        bot.calls.append(call)
        try:
            if refused is not None:
                await self._refuse(send, refused, call)
            elif fault is None:
                await self._answer(bot, method, params, call, receive, send)
            else:
                await self._strike(fault, bot, method, params, call, receive, send)
        finally:
            self.moved()

    async def _answer(
        self, bot: BotAccount, method: str, params: Params, call: Call, receive: Receive, send: Send
    ) -> None:
        try:
            if method.lower() == "getupdates" and not bot.revoked:
                result = await self._get_updates(bot, params, receive)
            else:
                result = self._execute(bot, method, params)
        except ApiError as error:
            await self._refuse(send, error, call)
        else:
            call.status = 200
            await respond(send, 200, json.dumps({"ok": True, "result": result}, ensure_ascii=False).encode())

    def _execute(self, bot: BotAccount, method: str, params: Params) -> Any:
        if bot.revoked:
            raise ApiError(401, "Unauthorized")
        handler = METHODS.get(method.lower())
        if handler is None:
            raise ApiError(404, "Not Found: method not found")
        if sum(len(upload.content) for upload in params.files.values()) > MOST_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        if bot.limits is not None and bot.limits.counts(method.lower()):
            bot.limits.take(params.chat or 0)
        return handler(bot, params)

    async def _get_updates(self, bot: BotAccount, params: Params, receive: Receive) -> Any:
        """A long poll; it ends with its connection, as a process that was killed waits no longer."""
        if bot.webhook is not None:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if "allowed_updates" in params.values:
            bot.allowed = params.object("allowed_updates") or []
        limit = min(max(params.number("limit", 100), 1), 100)
        timeout = min(max(params.number("timeout"), 0), LONGEST_POLL)
        poll = asyncio.create_task(Updates.poll(bot, params.number("offset"), limit, timeout))
        left = asyncio.create_task(gone(receive))
        self.moved()
        try:
            await asyncio.wait((poll, left), return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                poll.cancel()
                await asyncio.wait((poll,))
                return []
            if isinstance(error := poll.exception(), ApiError) and error.code == 409:
                await bot.pause_after_conflict()
            return poll.result()
        finally:
            left.cancel()

    async def _refuse(self, send: Send, error: ApiError, call: Call | None = None) -> None:
        if call is not None:
            call.status, call.description = error.code, error.description
        body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
        headers = {}
        if error.parameters:
            body["parameters"] = error.parameters
        if "retry_after" in error.parameters:
            headers["retry_after"] = str(error.parameters["retry_after"])
        await respond(send, error.code, json.dumps(body).encode(), **headers)

    async def _strike(
        self, fault: Fault, bot: BotAccount, method: str, params: Params, call: Call, receive: Receive, send: Send
    ) -> None:
        match fault:
            case Status(code, html, retry_after, description):
                if html:
                    call.status = code
                    await respond(send, code, PAGE, "text/html")
                elif code == 429:
                    await self._refuse(send, too_many(retry_after or 1), call)
                else:
                    reason = description or REASONS.get(code, "Error")
                    await self._refuse(send, ApiError(code, reason), call)
            case Drop():
                await hang_up(receive, send)
            case Lost():
                self._execute_quietly(bot, method, params)
                await hang_up(receive, send)
            case Garbage(execute):
                if execute:
                    self._execute_quietly(bot, method, params)
                call.status = 200
                await respond(send, 200, PAGE, "text/html")
            case Hang(seconds, execute):
                await self._hang(seconds, execute, bot, method, params, call, receive, send)

    def _execute_quietly(self, bot: BotAccount, method: str, params: Params) -> Any:
        """The caller won't hear how it went."""
        try:
            if method.lower() == "getupdates":
                return bot.take(params.number("offset"), params.number("limit", 100))
            return self._execute(bot, method, params)
        except ApiError as error:
            return error
        finally:
            self.moved()

    async def _hang(
        self, seconds: float, execute: bool, bot: BotAccount, method: str, params: Params, call: Call,
        receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        result = self._execute_quietly(bot, method, params) if execute else None
        left = asyncio.create_task(gone(receive))
        await asyncio.wait((left,), timeout=seconds)
        if left.done():
            return
        left.cancel()
        if not execute:
            await hang_up(receive, send)
        elif isinstance(result, ApiError):
            await self._refuse(send, result, call)
        else:
            call.status = 200
            await respond(send, 200, json.dumps({"ok": True, "result": result}).encode())

    async def _download(self, rest: str, send: Send) -> None:
        token, _, path = rest.partition("/")
        bot = self._bots.get(token)
        file = next((file for file in bot.files.values() if file.path == path), None) if bot else None
        if bot is None or bot.revoked:
            await self._refuse(send, ApiError(401, "Unauthorized"))
        elif file is None:
            await self._refuse(send, ApiError(404, "Not Found"))
        else:
            await respond(send, 200, file.content, "application/octet-stream")
