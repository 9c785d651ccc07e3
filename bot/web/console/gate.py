"""What is in front of the console: nobody who is not signed in gets any further than the way in."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from bot.errors import DeliveryError, StoreError, Undeliverable
from bot.messages import GENERATED, File
from bot.ports import AsgiApp, DeskStore
from bot.web.console.entrance import PLAIN, Entrance, page, session_of

log = logging.getLogger("console")

HERE = "frontdesk.console"
"""Where in a request's scope its console and session are found."""
GUARDED = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # NiceGUI writes scripts into its page and compiles templates; but nothing may come from or go to anywhere else.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
_FOREVER = "private, max-age=31536000, immutable"
_ASSETS = "/_nicegui/"


class Gate:
    """The application that is mounted: the way in, files, and behind a session the console's pages."""

    def __init__(
        self,
        console: object,
        entrance: Entrance,
        store: DeskStore,
        fetch: Callable[[File], Awaitable[bytes]],
        pages: Callable[[], Awaitable[AsgiApp | None]],
        url: str,
    ) -> None:
        self._console, self._entrance, self._store, self._fetch, self._pages = console, entrance, store, fetch, pages
        self._prefix = urlsplit(url).path.rstrip("/").encode()

    def application(self) -> AsgiApp:
        """The routes."""
        return Starlette(
            routes=[
                Route("/enter", self._entrance.door, methods=["GET"]),
                Route("/enter", self._entrance.enter, methods=["POST"]),
                Route("/leave", self._entrance.leave, methods=["POST"]),
                Route("/files/{ticket:int}/{seq:int}/{place:int}", self._file),
                Route("/transcripts/{ticket:int}.{end:str}", self._transcript),
                Mount("/", self._guarded),
            ],
            exception_handlers={StoreError: self._store_down},
        )

    async def _store_down(self, request: Request, _: Exception) -> Response:
        texts = self._entrance.texts(request)
        return page(texts, texts("store_down"), "", 503)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page, one of its assets, or its socket: only with a session."""
        session = session_of(HTTPConnection(scope).cookies)
        if await self._entrance.agent(session) is None:
            await self._turned_away(scope, receive, send)
            return
        pages = await self._pages()
        if pages is None:
            texts = self._entrance.texts(Request({**scope, "type": "http"}))
            await _answer(page(texts, texts("starting"), "", 503), scope, receive, send)
            return
        scope[HERE] = (self._console, session)
        scope["headers"] = self._with_prefix(scope["headers"])
        await pages(scope, receive, _with_headers(scope, send))

    async def _turned_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request({**scope, "type": "http", "method": scope.get("method", "GET")})
        await _answer(self._entrance.refusal(request), scope, receive, send)

    def _with_prefix(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The path of the public address is what our settings say, not what anybody writes into a request."""
        kept = [(name, value) for name, value in headers if name != b"x-forwarded-prefix"]
        return [*kept, (b"x-forwarded-prefix", self._prefix)] if self._prefix else kept

    async def _file(self, request: Request) -> Response:
        """A file of a ticket, to be kept, never to be shown as a page of ours."""
        if await self._entrance.agent(session_of(request.cookies)) is None:
            return self._entrance.refusal(request)
        file = await self._file_of(**request.path_params)
        return await self._given(request, file or File("", "document"))

    async def _transcript(self, request: Request) -> Response:
        """All that was said in a ticket, notes included; made when it is fetched."""
        if await self._entrance.agent(session_of(request.cookies)) is None:
            return self._entrance.refusal(request)
        number, end = request.path_params["ticket"], request.path_params["end"]
        lang = self._entrance.texts(request).lang
        made = File(f"{number}/staff/{lang}.{end}", "document", f"ticket-{number}.{end}", channel=GENERATED)
        return await self._given(request, made)

    async def _given(self, request: Request, file: File) -> Response:
        texts = self._entrance.texts(request)
        try:
            return Response(await self._fetch(file), headers=_as_attachment(file))
        except Undeliverable:
            return page(texts, texts("file_gone"), "", 404)
        except DeliveryError as error:
            log.warning("a file can't be had at the moment: %s", error)
            return page(texts, texts("file_later"), "", 503)

    async def _file_of(self, ticket: int, seq: int, place: int) -> File | None:
        case = await self._store.case(ticket) if max(ticket, seq, place) < 1 << 31 else None
        files = next((line.files for line in case.lines if line.seq == seq), ()) if case and seq else ()
        return files[place] if place < len(files) else None


def _as_attachment(file: File) -> Mapping[str, str]:
    name = quote(file.name or file.kind, safe="")
    return {
        **PLAIN,
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request; a socket is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await response(scope, receive, send)


def _with_headers(scope: Scope, send: Send) -> Send:
    """Add our headers to what NiceGUI answers."""
    assets = scope["type"] == "http" and _ASSETS in scope["path"]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            headers.update({**GUARDED, **({"Cache-Control": _FOREVER} if assets and message["status"] == 200 else {})})
        await send(message)

    return sending
