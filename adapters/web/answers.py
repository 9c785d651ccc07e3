"""What the chat API says: messages as JSON, event streams, and refusals in one form."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from adapters.web.files import AS_WORDS, in_words, shown_name
from adapters.web.requests import ApiError
from bot.messages import ChatMessage

log = logging.getLogger("adapters.web")

PRIVATE = {"Cache-Control": "no-store"}
PIECE = 64 * 1024
"""Bytes of a file that are sent in one go."""
DOWNLOAD_SECONDS = 300.0
"""How long somebody may take to read a file; it is in memory all the while."""


def as_json(message: ChatMessage) -> dict[str, Any]:
    """A message as clients see it, in its text now. Files are fetched under their `url`, with the chat's token."""
    found: dict[str, Any] = {"seq": message.seq, "from": message.author, "text": _text(message)}
    if message.name:
        found["name"] = message.name
    if message.buttons:
        found["buttons"] = [{"label": button.label, "value": button.value} for button in message.buttons]
    if files := _files(message):
        found["files"] = files
    if message.deleted_at is not None:
        found["deleted"] = True
    elif message.edited_at is not None:
        found["edited"] = True
    found["at"] = datetime.fromtimestamp(message.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return found


def _text(message: ChatMessage) -> str:
    words = [in_words(file) for file in message.files if file.kind in AS_WORDS]
    return "\n".join(filter(None, [message.text, *words]))


def _files(message: ChatMessage) -> list[dict[str, Any]]:
    return [
        {
            "name": shown_name(file),
            "type": file.type,
            "size": file.size,
            "url": f"/api/chat/files/{message.seq}/{place}",
        }
        for place, file in enumerate(message.files)
        if file.kind not in AS_WORDS
    ]


class _Ending(StreamingResponse):
    """An answer in pieces. `on_end` is called in any case, also if the client left before the first one."""

    def __init__(
        self, pieces: AsyncIterator[str | bytes], headers: Mapping[str, str], on_end: Callable[[], None]
    ) -> None:
        super().__init__(pieces, headers=headers)
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_end()


class EventStream(_Ending):
    """Server-sent events."""

    def __init__(self, events: AsyncIterator[str], on_end: Callable[[], None]) -> None:
        headers = {**PRIVATE, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        super().__init__(events, headers, on_end)


class Bytes(_Ending):
    """A file. It goes out piece by piece: only so do we know when its reader has it, and need not keep it any more."""

    def __init__(self, body: bytes, headers: Mapping[str, str], on_end: Callable[[], None]) -> None:
        super().__init__(_pieces(body), {**headers, "Content-Length": str(len(body))}, on_end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(TimeoutError):  # the connection is then cut
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                await super().__call__(scope, receive, send)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


class Cors(CORSMiddleware):
    """Starlette's, but a refused preflight is answered in our form."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        message = f"{bytes(answer.body).decode()}."
        return JSONResponse({"error": {"code": "cors", "message": message}}, answer.status_code, kept)


async def on_store_error(_: Request, error: Exception) -> Response:
    """Nothing was stored, so nothing is acknowledged."""
    log.warning("a request was refused because the store failed: %s", error)
    body = {"error": {"code": "store_unavailable", "message": "We can't store messages at the moment; try again."}}
    return JSONResponse(body, 503, {"Retry-After": "2"})


async def on_http_error(_: Request, error: Exception) -> Response:
    """Any refusal as our JSON."""
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed"}
    code = error.code if isinstance(error, ApiError) else codes.get(error.status_code, "error")
    messages = {404: "There is nothing here.", 405: "That method is not allowed here."}
    message = error.detail if isinstance(error, ApiError) else messages.get(error.status_code, error.detail)
    return JSONResponse({"error": {"code": code, "message": message}}, error.status_code, error.headers)


async def on_bug(_: Request, __: Exception) -> Response:
    """Our own mistake: the log has the traceback, the caller does not."""
    return JSONResponse({"error": {"code": "internal", "message": "Something went wrong; please try again."}}, 500)
