"""The chat API: open a chat, say something, read the record, follow it live."""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import math
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.web.options import Options
from adapters.web.requests import (
    ApiError,
    OpenChat,
    PostMessage,
    bearer,
    on_bug,
    on_http_error,
    read_after,
    read_json,
)
from bot.errors import EmptyMessage, StoreError, TooManyMessages
from bot.messages import START, Accepted, Address, ChatMessage, Inbound, Sender
from bot.ports import Accept, Guest, Tools

ACCOUNT = "web"
PAGE = 200
"""Messages of the record in one answer."""
HEARTBEAT = 15.0
"""Seconds between two comments on a quiet stream: proxies close silent connections, often after 30 or 60."""
DAY = 86400.0

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
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
        static = resources.files("adapters.web") / "static"
        page = (static / "demo.html").read_text(encoding="utf-8")
        self._page = page.replace("{{brand}}", html.escape(tools.brand)).replace(
            "{{lang}}", html.escape(tools.languages[0])
        )
        self._widget = (static / "widget.js").read_text(encoding="utf-8")

    def open(self, accept: Accept | None) -> None:
        """Take messages from now on; with None, no more."""
        self._accept = accept

    def application(self) -> Starlette:
        """The routes."""
        cors = Middleware(
            CORSMiddleware,
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
            ],
            middleware=[cors],
            exception_handlers={HTTPException: on_http_error, StoreError: _on_store_error, Exception: on_bug},
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
            await self._take(Inbound(self._address(chat), ACCOUNT, f"{chat}:{START}", _sender(guest), choice=START))
        return JSONResponse({"token": key, "conversation": chat}, 201)

    async def _post(self, request: Request) -> Response:
        guest = await self._guest(request)
        message = await read_json(request, PostMessage)
        if message.text is not None and len(message.text) > self._options.longest_text:
            text = f"A message may have {self._options.longest_text} characters at most."
            raise ApiError(413, "too_long", text)
        external_id = f"{guest.chat}:{message.id}"
        inbound = Inbound(
            self._address(guest.chat),
            ACCOUNT,
            external_id.encode("utf-8", "replace").decode(),
            _sender(guest),
            message.text or "",
            message.choice or "",
        )
        accepted = await self._take(inbound)
        self._streams.wake(guest.chat)
        return JSONResponse({"seq": accepted.seq}, 202)

    async def _take(self, inbound: Inbound) -> Accepted:
        if self._accept is None:
            raise ApiError(503, "starting", "The service is starting or stopping; try again.", {"Retry-After": "1"})
        try:
            return await self._accept(inbound)
        except TooManyMessages as error:
            wait = {"Retry-After": str(math.ceil(error.retry_after))}
            raise ApiError(429, "too_many_messages", str(error), wait) from None
        except EmptyMessage as error:
            raise ApiError(422, "empty", str(error)) from None

    async def _read(self, request: Request) -> Response:
        guest = await self._guest(request)
        after = read_after(request)
        state, messages = await self._tools.chats.messages(self._address(guest.chat), after, PAGE)
        return JSONResponse({"messages": [_as_json(message) for message in messages], "state": state})

    async def _stream(self, request: Request) -> Response:
        guest = await self._guest(request)
        after = read_after(request)
        woken = self._streams.enter(guest.chat)
        if woken is None:
            raise ApiError(429, "too_many_streams", "Too many open streams; try again.", {"Retry-After": "5"})
        events = self._events(guest.chat, after, woken)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    async def _events(self, chat: str, after: int, woken: asyncio.Event) -> AsyncIterator[str]:
        """Server-sent events from the record; a wake-up means: read on."""
        try:
            yield "retry: 2000\n\n"
            while not self._streams.closing:
                woken.clear()
                state, messages = await self._tools.chats.messages(self._address(chat), after, PAGE)
                for message in messages:
                    after = message.seq
                    data = json.dumps({**_as_json(message), "state": state}, ensure_ascii=False)
                    yield f"id: {message.seq}\ndata: {data}\n\n"
                if len(messages) < PAGE:
                    try:
                        await asyncio.wait_for(woken.wait(), HEARTBEAT)
                    except TimeoutError:
                        yield ": still here\n\n"
        finally:
            self._streams.leave(chat, woken)

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


async def _on_store_error(_: Request, error: Exception) -> Response:
    """Nothing was stored, so nothing is acknowledged."""
    body = {"error": {"code": "store_unavailable", "message": "We can't store messages at the moment; try again."}}
    return JSONResponse(body, 503, {"Retry-After": "2"})


def _hash(key: str) -> str:
    """What is stored of a key. A plain hash is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _sender(guest: Guest) -> Sender:
    return Sender(guest.chat, guest.name, guest.lang)


def _as_json(message: ChatMessage) -> dict[str, Any]:
    found: dict[str, Any] = {"seq": message.seq, "from": message.author, "text": message.text}
    if message.name:
        found["name"] = message.name
    if message.buttons:
        found["buttons"] = [{"label": button.label, "value": button.value} for button in message.buttons]
    found["at"] = datetime.fromtimestamp(message.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return found
