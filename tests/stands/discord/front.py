"""The HTTP front: reads requests, lets faults and limits have their way, and answers as Discord does."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.stands.discord import calls, rest_channels, rest_interactions, rest_messages, rest_people
from tests.stands.discord.calls import Call
from tests.stands.discord.errors import Refusal, not_found, unauthorized
from tests.stands.discord.faults import HTML, Drop, Fault, Hang, Lost, RateLimited, Status
from tests.stands.discord.limits import refused

if TYPE_CHECKING:
    from tests.stands.discord.platform import Discord

API = "/api/v10"
ROUTES_FROM = (rest_channels, rest_interactions, rest_messages, rest_people)
"""Modules that enter their routes when they are imported."""
PUBLIC = ("/gateway", "/interactions/", "/webhooks/")
"""Paths that need no token in a header; what is under the last two has one in the path."""


@dataclass
class Request:
    """A request that came in. `status` is None for one whose connection was cut; `at` is monotonic."""

    method: str
    path: str
    body: Any
    status: int | None = None
    at: float = field(default_factory=time.monotonic)
    query: dict[str, str] = field(default_factory=dict)
    token: str = ""
    reply: Any = None


class Front:
    """Answers /api/v10 and /attachments."""

    def __init__(self, platform: Discord) -> None:
        self._platform = platform

    async def handle(self, http: web.Request) -> web.StreamResponse:
        body, files = await _read(http)
        path = http.path.removeprefix(API)
        token = http.headers.get("Authorization", "").removeprefix("Bot ")
        request = Request(http.method, path, body, query=dict(http.query), token=token)
        self._platform.requests.append(request)
        call = Call(self._platform, http.method, path, request.query, body, files)
        fault = self._platform.faults.take(http.method, path)
        if isinstance(fault, Drop):
            return self._cut(http)
        if isinstance(fault, Hang) and not fault.done_first:
            await asyncio.sleep(fault.seconds)
        response = _prepared(fault) or self._answer(call, request)
        if isinstance(fault, Lost):
            return self._cut(http)
        if isinstance(fault, Hang) and fault.done_first:
            await asyncio.sleep(fault.seconds)
        request.status = response.status
        self._platform.stirred()
        return response

    def _answer(self, call: Call, request: Request) -> web.Response:
        headers: dict[str, str] = {}
        try:
            call.caller = self._platform.bot_with_token(request.token)
            if call.caller is None and not (call.path == PUBLIC[0] or call.path.startswith(PUBLIC[1:])):
                raise unauthorized()
            found = calls.find(call.method, call.path)
            if found is None:
                raise not_found()
            route, ids = found
            verdict = self._platform.limits.count(
                route.key, str(ids.get("channel")), exempt=call.path.startswith(PUBLIC[1:])
            )
            headers = verdict.headers
            if verdict.retry_after:
                return _json(429, verdict.body, headers)
            reply = route.handler(call, **ids)
        except Refusal as refusal:
            request.reply = refusal.body
            return _json(refusal.status, refusal.body, headers)
        request.reply = reply
        return web.Response(status=204, headers=headers) if reply is None else _json(200, reply, headers)

    def _cut(self, http: web.Request) -> web.Response:
        if http.transport:
            http.transport.abort()
        self._platform.stirred()
        return web.Response(status=500)  # goes nowhere

    async def attachment(self, http: web.Request) -> web.Response:
        """A file; its address is good for a while only."""
        found = self._platform.attachments.get(int(http.match_info["attachment"]))
        if found is None or http.query.get("ex") != str(self._platform.attachment_generation):
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=found.data, content_type=found.content_type.split(";")[0])


async def _read(http: web.Request) -> tuple[Any, dict[str, tuple[str, bytes]]]:
    """The body as JSON, and the files that came with it."""
    if not http.content_type.startswith("multipart/"):
        text = await http.text()
        return (json.loads(text) if text else None), {}
    body: Any = None
    files: dict[str, tuple[str, bytes]] = {}
    form = await http.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.file.read())
        elif name == "payload_json":
            body = json.loads(value)
    return body, files


def _prepared(fault: Fault | None) -> web.Response | None:
    if isinstance(fault, Status) and fault.html:
        return web.Response(status=fault.status, text=HTML, content_type="text/html")
    if isinstance(fault, Status):
        return _json(fault.status, {"message": fault.message or f"{fault.status}: fault", "code": fault.code}, {})
    if isinstance(fault, RateLimited) and fault.html:
        return web.Response(status=429, text=HTML, content_type="text/html")
    if isinstance(fault, RateLimited):
        verdict = refused(fault.retry_after, fault.global_)
        return _json(429, verdict.body, verdict.headers)
    return None


def _json(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """discord.py takes only this very content type for JSON, and a 429 without Via for Cloudflare's."""
    content = {"Content-Type": "application/json", "Via": "1.1 google"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers | content)
