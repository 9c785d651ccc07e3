"""What the chat API takes, checked; and what it says when it can't take it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

LARGEST_BODY = 256 * 1024
"""Bytes of a JSON body: room for the longest text that can be configured, with every character escaped."""
MOST_READ = 4 * 1024 * 1024
"""Bytes read on of a body that is too large: who is cut off in the middle of sending never sees why."""
BODY_SECONDS = 15.0
"""How long a body may take to arrive."""
MOST_FILES = 10
"""Files of one message: as many as the platforms show in one."""


class ApiError(HTTPException):
    """An answer of the form {"error": {"code", "message"}}."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.code = code


class OpenChat(BaseModel):
    """Begin a chat. With `greet`, the bot says hello first."""

    model_config = ConfigDict(extra="ignore")

    lang: str = Field(default="", max_length=16)
    name: str = Field(default="", max_length=100)
    greet: bool = False


class PostMessage(BaseModel):
    """Say something, with files or without, or press a button. `id` is the client's own and makes repeating safe."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=128)
    text: str | None = None
    choice: str | None = Field(default=None, min_length=1, max_length=256)

    files: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default=[], max_length=MOST_FILES)

    @model_validator(mode="after")
    def _one_of_both(self) -> PostMessage:
        if (self.text is None and not self.files) == (self.choice is None):
            raise ValueError('give "text", "files" or both, or else a "choice"')
        if self.choice is not None and not (self.choice.isprintable() and self.choice.strip()):
            raise ValueError("choice: must be the value of a button")
        return self


async def read_json(request: Request, model: type[M], *, optional: bool = False) -> M:
    """The body as `model`. Raises ApiError: 413 too large, 415 no JSON by its type, 400 no JSON, 422 not the model."""
    body = await _read_body(request)
    if optional and not body.strip():
        return model()
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json":
        raise ApiError(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, "invalid_json", "The body is not valid JSON in UTF-8.") from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = _IN_OUR_WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        raise ApiError(422, "invalid", f"{where}: {message}" if where else message) from None


_IN_OUR_WORDS = {"model_type": "send a JSON object", "string_unicode": "must be text that UTF-8 can hold"}


async def _read_body(request: Request) -> bytearray:
    """The body. Raises ApiError if it is too large, too slow or breaks off."""
    refusal = ApiError(413, "too_large", f"A request may have {LARGEST_BODY // 1024} KiB at most.")

    async def whole() -> bytearray:
        return bytearray().join([chunk async for chunk in limited(request, LARGEST_BODY, refusal)])

    return await in_time(BODY_SECONDS, whole())


async def limited(request: Request, most: int, refusal: ApiError) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises `refusal` if it has more than `most` bytes."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            yield chunk
        elif size > most + MOST_READ:
            break
    if size > most:
        raise refusal


async def in_time(seconds: float, reading: Awaitable[T]) -> T:
    """What is read of a request. Raises ApiError if it takes longer than that, or breaks off."""
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise ApiError(408, "too_slow", "The request took too long to arrive.", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise ApiError(400, "broken_off", "The request broke off.") from None


def read_after(request: Request) -> int:
    """`after` of the query, or the event id that a stream was last sent."""
    value = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise ApiError(422, "invalid", "after: must be the seq of a message, a whole number")
    return int(value)


def bearer(request: Request) -> str:
    """The key of the Authorization header. Raises ApiError 401."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        message = "Send the chat's token: Authorization: Bearer ..."
        raise ApiError(401, "no_token", message, {"WWW-Authenticate": "Bearer"})
    return key.strip()
