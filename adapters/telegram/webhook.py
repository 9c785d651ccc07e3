"""Updates by webhook: Telegram calls our HTTP server, and repeats what it is not told to have arrived."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import FrontdeskError

log = logging.getLogger("adapters.telegram")

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_BODY = 1_000_000
"""Bytes; Telegram's updates are a few thousand."""
ONE_AT_A_TIME = 1
"""Connections that Telegram may use: with more, messages of one chat would overtake each other."""


class Webhook:
    """The endpoint. Until `take` is set, Telegram is asked to come again."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.take: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    def application(self) -> Starlette:
        """What is mounted on our HTTP server."""
        return Starlette(routes=[Route("/", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        """200 once it is durable. Anything else makes Telegram send it again, but for what it never sent."""
        given = request.headers.get(HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=401)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return Response(status_code=413)
        try:
            update = json.loads(bytes(body))
        except (ValueError, RecursionError):
            update = None
        if not isinstance(update, dict):
            return Response(status_code=400)
        if self.take is None:
            return Response(status_code=503, headers={"Retry-After": "1"})
        try:
            await self.take(update)
        except FrontdeskError as error:
            log.warning("an update was not taken and will come again: %s", error)
            return Response(status_code=503, headers={"Retry-After": "1"})
        return Response()
