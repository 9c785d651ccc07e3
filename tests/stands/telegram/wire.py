"""HTTP as the Bot API speaks it: parameters in the query, a form, multipart or JSON; and connections that die."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from .errors import bad

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body."""

    name: str
    content: bytes
    mime: str


@dataclass
class Params:
    """What a method was called with. In forms all values are strings, and objects are JSON inside them."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name) or default)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes")

    def object(self, name: str) -> Any:
        """An object or list, or None."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.strip() else None
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    @property
    def chat(self) -> int | None:
        """The chat it is about, as far as it names one."""
        value = str(self.values.get("chat_id", ""))
        return int(value) if value.lstrip("-").isdigit() else None


async def read_params(scope: Scope, receive: Receive) -> Params:
    """Read the whole request."""
    params = Params(dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)))
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    kind = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"content-type"), "")
    if kind.startswith("application/json"):
        try:
            params.values |= json.loads(body or b"{}")
        except ValueError:
            raise bad("can't parse JSON object") from None
    elif kind.startswith("application/x-www-form-urlencoded"):
        params.values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind.startswith("multipart/form-data"):
        _read_multipart(kind, body, params)
    return params


def _read_multipart(kind: str, body: bytes, params: Params) -> None:
    boundary = _headers(b"content-type: " + kind.encode("latin-1")).get_boundary("").encode("latin-1")
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head)
        name = str(headers.get_param("name", "", header="content-disposition"))
        file_name = headers.get_filename()
        if file_name is None:
            params.values[name] = content.decode()
        else:
            params.files[name] = Upload(file_name, content, headers.get_content_type())


def _headers(raw: bytes) -> Any:
    return BytesHeaderParser(policy=HTTP).parsebytes(raw + b"\r\n\r\n")


async def respond(send: Send, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
    """A whole answer."""
    all_headers = {"content-type": kind, "content-length": str(len(body)), **headers}
    raw = [(key.replace("_", "-").encode(), value.encode()) for key, value in all_headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def gone(receive: Receive) -> None:
    """Wait until the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without a byte of an answer. ASGI has no word for it, so reach for uvicorn's transport."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    await gone(receive)
