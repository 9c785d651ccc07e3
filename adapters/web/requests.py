"""What the chat API takes, checked; and what it says when it can't take it."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

M = TypeVar("M", bound=BaseModel)

LARGEST_BODY = 64 * 1024
"""Bytes of a JSON body; more is refused before it is read to the end."""


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
    """Say something, or press a button. `id` is the client's own and makes repeating safe."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=128)
    text: str | None = None
    choice: str | None = Field(default=None, min_length=1, max_length=256)

    @model_validator(mode="after")
    def _one_of_both(self) -> PostMessage:
        if (self.text is None) == (self.choice is None):
            raise ValueError('give either "text" or "choice"')
        return self


async def read_json(request: Request, model: type[M], *, optional: bool = False) -> M:
    """The body as `model`. Raises ApiError: 413 too large, 415 no JSON by its type, 400 no JSON, 422 not the model."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ApiError(413, "too_large", f"A request may have {LARGEST_BODY // 1024} KiB at most.")
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
        message = first["msg"].removeprefix("Value error, ")
        raise ApiError(422, "invalid", f"{where}: {message}" if where else message) from None


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
