"""The chat API: open a chat, say something, read the record, follow it live."""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import logging
import math
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from importlib import resources
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.web.answers import PRIVATE, Cors, EventStream, as_json, on_bug, on_http_error, on_store_error
from adapters.web.following import PAGE, WINDOW, Follower, is_changed, start
from adapters.web.options import Options
from adapters.web.requests import MOST_FILES, ApiError, OpenChat, PostMessage, bearer, read_after, read_json
from adapters.web.transfers import FileApi
from bot.errors import EmptyMessage, StoreError, TooManyMessages
from bot.messages import START, Accepted, Address, ChatMessage, Inbound, Sender
from bot.ports import Accept, Guest, Tools

log = logging.getLogger("adapters.web")

ACCOUNT = "web"
HEARTBEAT = 15.0
"""Seconds between two comments on a quiet stream: proxies close silent connections, often after 30 or 60."""
DAY = 86400.0
LONGEST_WAIT = 3600
"""Seconds that a Retry-After asks for at most."""

WIDGET_PARTS = (
    *("settings", "texts", "style", "helpers", "markdown"),
    *("chat", "tray", "shelf", "messages", "view", "start"),
)
"""The widget's files in their order: a page loads them as one script, in which they share one scope of their own."""

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class WakeUps(Protocol):
    """The open streams."""

    closing: bool

    def enter(self, chat: str) -> asyncio.Event | None: ...
    def leave(self, chat: str, event: asyncio.Event) -> None: ...
    def wake(self, chat: str) -> None: ...


class ChatApi:
    """Handlers of the HTTP routes. Until `open`, messages are answered 503."""

    def __init__(self, options: Options, tools: Tools, streams: WakeUps) -> None:
        self._options, self._tools, self._streams = options, tools, streams
        self._accept: Accept | None = None
        self._files = FileApi(options, tools, self._guest)
        static = resources.files("adapters.web") / "static"
        page = (static / "demo.html").read_text(encoding="utf-8")
        self._page = page.replace("{{brand}}", html.escape(tools.brand)).replace(
            "{{lang}}", html.escape(tools.languages[0])
        )
        parts = ((static / "widget" / f"{part}.js").read_text(encoding="utf-8") for part in WIDGET_PARTS)
        self._widget = _script((_limits(options), *parts))

    def open(self, accept: Accept | None) -> None:
        """Take messages from now on; with None, no more."""
        self._accept = accept

    def application(self) -> Starlette:
        """The routes."""
        cors = Middleware(
            Cors,
            allow_origins=self._options.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After"],
            max_age=600,
        )
        return Starlette(
            routes=[
                Route("/", self._demo),
                Route("/widget.js", self._script),
                Route("/api/chat", self._open_chat, methods=["POST"]),
                Route("/api/chat/messages", self._post, methods=["POST"]),
                Route("/api/chat/messages", self._read, methods=["GET"]),
                Route("/api/chat/stream", self._stream, methods=["GET"]),
                Route("/api/chat/files", self._upload, methods=["POST"]),
                Route("/api/chat/files/{seq}/{place}", self._files.download, methods=["GET"]),
            ],
            middleware=[cors],
            exception_handlers={HTTPException: on_http_error, StoreError: on_store_error, Exception: on_bug},
        )

    async def _demo(self, _: Request) -> Response:
        return HTMLResponse(self._page, headers=_PAGE_HEADERS)

    async def _script(self, _: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(self._widget, media_type="text/javascript", headers=headers)

    async def _open_chat(self, request: Request) -> Response:
        wanted = await read_json(request, OpenChat, optional=True)
        key, chat = secrets.token_urlsafe(32), secrets.token_hex(16)
        now = self._tools.clock.now()
        guest = Guest(chat, wanted.name, wanted.lang, now + self._options.session_days * DAY)
        await self._tools.chats.admit(_hash(key), guest)
        if wanted.greet:
            # No colon: an id of the client's own can't be the same.
            await self._take(Inbound(self._address(chat), ACCOUNT, chat, _sender(guest), choice=START))
        return JSONResponse({"token": key, "conversation": chat}, 201, PRIVATE)

    async def _upload(self, request: Request) -> Response:
        self._running()
        return await self._files.upload(request)

    async def _post(self, request: Request) -> Response:
        guest = await self._guest(request)
        message = await read_json(request, PostMessage)
        if message.text is not None and len(message.text) > self._options.longest_text:
            text = f"A message may have {self._options.longest_text} characters at most."
            raise ApiError(413, "too_long", text)
        inbound = Inbound(
            self._address(guest.chat),
            ACCOUNT,
            f"{guest.chat}:{message.id}",
            _sender(guest),
            message.text or "",
            message.choice or "",
            files=await self._files.named(guest, message.files),
        )
        accepted = await self._take(inbound)
        self._streams.wake(guest.chat)
        return JSONResponse({"seq": accepted.seq}, 202, PRIVATE)

    def _running(self) -> Accept:
        """Where messages go. Raises ApiError 503 while the channel isn't running."""
        if self._accept is None:
            raise ApiError(503, "starting", "The service is starting or stopping; try again.", {"Retry-After": "1"})
        return self._accept

    async def _take(self, inbound: Inbound) -> Accepted:
        try:
            return await self._running()(inbound)
        except TooManyMessages as error:
            wait = {"Retry-After": str(math.ceil(min(error.retry_after, LONGEST_WAIT)))}
            raise ApiError(429, "too_many_messages", str(error), wait) from None
        except EmptyMessage as error:
            raise ApiError(422, "empty", str(error)) from None

    async def _read(self, request: Request) -> Response:
        guest = await self._guest(request)
        after = read_after(request)
        state, lines = await self._lines(guest.chat, after)
        found: dict[str, Any] = {
            "messages": [as_json(line) for line in lines if line.seq > after][:PAGE],
            "state": state,
        }
        if changed := [as_json(line) for line in lines if line.seq <= after and is_changed(line)]:
            found["changed"] = changed
        return JSONResponse(found, headers=PRIVATE)

    async def _stream(self, request: Request) -> Response:
        guest = await self._guest(request)
        after = read_after(request)
        self._running()
        woken = self._streams.enter(guest.chat)
        if woken is None:
            raise ApiError(429, "too_many_streams", "Too many open streams; try again.", {"Retry-After": "5"})
        events = self._events(guest.chat, after, woken)
        return EventStream(events, lambda: self._streams.leave(guest.chat, woken))

    async def _events(self, chat: str, after: int, woken: asyncio.Event) -> AsyncIterator[str]:
        """Server-sent events from the record; a wake-up means: read on."""
        yield "retry: 2000\n\n"
        follower = Follower(after)
        while not self._streams.closing:
            woken.clear()
            try:
                state, lines = await self._lines(chat, follower.after)
            except StoreError as error:
                log.warning("the store can't be read, so an event stream ends and will be resumed: %s", error)
                return
            for event in follower.events(state, lines):
                yield event
            if len(lines) < WINDOW + PAGE:
                try:
                    await asyncio.wait_for(woken.wait(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"

    async def _lines(self, chat: str, after: int) -> tuple[str, Sequence[ChatMessage]]:
        """The conversation's state, and the next lines of the record with those before them that may have changed."""
        return await self._tools.chats.messages(self._address(chat), start(after), WINDOW + PAGE)

    async def _guest(self, request: Request) -> Guest:
        """Whose token that is. Raises ApiError 401."""
        guest = await self._tools.chats.guest(_hash(bearer(request)))
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        if guest is None:
            raise ApiError(401, "unknown_token", "This token is not known; open a new chat.", challenge)
        if guest.expires <= self._tools.clock.now():
            raise ApiError(401, "expired_token", "This token has expired; open a new chat.", challenge)
        return guest

    def _address(self, chat: str) -> Address:
        return Address(self._tools.channel, chat)


def _script(parts: Iterable[str]) -> str:
    """One script that leaves nothing behind in the page but what it says it does."""
    return "\n".join(("(() => {", '"use strict";', *parts, "})();", ""))


def _limits(options: Options) -> str:
    """What the widget must know before it sends a file."""
    values = {"types": options.file_types, "most": MOST_FILES, "mb": options.max_file_mb}
    return f"const FILES = {json.dumps(values)};"


def _hash(key: str) -> str:
    """What is stored of a key. A plain hash is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _sender(guest: Guest) -> Sender:
    return Sender(guest.chat, guest.name, guest.lang)
