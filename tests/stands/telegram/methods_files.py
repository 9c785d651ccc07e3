"""Sending what is not text, albums, copies, and fetching files."""

from __future__ import annotations

from typing import Any

from . import files
from .account import Account
from .entities import units, with_entities
from .errors import bad
from .outgoing import MOST_CAPTION, Place, caption, place, send, text_of
from .people import Json
from .registry import METHODS, Handler, method
from .wire import Params, Upload

_SHOWN = ("text", "entities", "caption", "caption_entities", *files.KINDS, "location", "contact", "venue", "dice")


def _resolve(account: Account, params: Params, value: Any, field: str, kind: str) -> tuple[files.File, bytes]:
    """The file that a parameter means: an upload, one known by its id, or an address; and the bytes, if uploaded."""
    upload: Upload | None = params.files.get(field)
    if isinstance(value, str) and value.startswith("attach://"):
        upload = params.files.get(value.removeprefix("attach://"))
    if upload is not None:
        if not upload.content:
            raise bad("file must be non-empty")
        return files.store(account, kind, upload.content, upload.name, mime=upload.mime), upload.content
    if not value:
        raise bad(f"there is no {kind.replace('_', ' ')} in the request")
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return files.store(account, kind, value.encode(), value.rpartition("/")[2]), b""
    known = files.named(account, str(value))
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return known, b""


def _sender(kind: str) -> Handler:
    def handler(account: Account, params: Params) -> Json:
        at = place(account, params)
        text = ("", []) if kind in ("sticker", "video_note") else caption(params)
        file, uploaded = _resolve(account, params, params.values.get(kind), kind, kind)
        content = files.shape(file, kind) | with_entities("caption", *text)
        return send(account, params, content, at, kind, uploaded)

    return handler


for _file_kind in files.KINDS:
    METHODS["send" + _file_kind.replace("_", "")] = _sender(_file_kind)


@method
def send_location(account: Account, params: Params) -> Json:
    at = place(account, params)
    where = {"latitude": float(params.text("latitude", "0")), "longitude": float(params.text("longitude", "0"))}
    return send(account, params, {"location": where}, at, "location")


@method
def send_contact(account: Account, params: Params) -> Json:
    at = place(account, params)
    if not params.text("phone_number"):
        raise bad("phone number is empty")
    shown = {"phone_number": params.text("phone_number"), "first_name": params.text("first_name")}
    return send(account, params, {"contact": shown}, at, "contact")


@method
def send_media_group(account: Account, params: Params) -> list[Json]:
    at = place(account, params)
    media = params.object("media") or []
    if not 2 <= len(media) <= 10:
        raise bad("there must be from 2 to 10 messages in the album" if media else "there are no media in the request")
    album = str(10_000_000_000 + len(account.sent))
    prepared = []
    for one in media:
        kind = one["type"]
        text, found = text_of(Params({"parse_mode": "", **one}), "caption")
        if units(text) > MOST_CAPTION:
            raise bad("message caption is too long")
        file, uploaded = _resolve(account, params, one.get("media"), "", kind)
        content = files.shape(file, kind) | {"media_group_id": album} | with_entities("caption", text, found)
        prepared.append((content, kind, uploaded))
    return [send(account, params, content, at, kind, uploaded) for content, kind, uploaded in prepared]


@method
def get_file(account: Account, params: Params) -> Json:
    file = files.named(account, params.text("file_id"))
    if file is None:
        raise bad("invalid file_id" if params.text("file_id") else "file_id is empty")
    if file.size > files.MOST_DOWNLOAD:
        raise bad("file is too big")
    return file.base() | {"file_path": file.path}


def _source(account: Account, params: Params, number: int, verb: str) -> Json:
    account.reach(params.text("from_chat_id"))
    found = account.find(params.number("from_chat_id"), number)
    if found is None or not any(key in found for key in _SHOWN):
        raise bad(f"message to {verb} not found" if found is None else f"message can't be {verb}ed")
    if found.get("has_protected_content"):
        raise bad(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return found


def _kind(message: Json) -> str:
    return next((key for key in (*files.KINDS, "location", "contact", "venue", "dice") if key in message), "text")


def _copy(account: Account, params: Params, number: int, at: Place) -> Json:
    source = _source(account, params, number, "copy")
    content = {key: source[key] for key in _SHOWN if key in source}
    if "caption" in params.values and "text" not in content:
        text, found = caption(params)
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= with_entities("caption", text, found)
    return {"message_id": send(account, params, content, at, _kind(source))["message_id"]}


def _forward(account: Account, params: Params, number: int, at: Place) -> Json:
    source = _source(account, params, number, "forward")
    origin = {"type": "user", "date": source["date"], "sender_user": source["from"]}
    content = {key: source[key] for key in _SHOWN if key in source} | {"forward_origin": origin}
    return send(account, params, content, at, _kind(source))


@method
def copy_message(account: Account, params: Params) -> Json:
    at = place(account, params)
    return _copy(account, params, params.number("message_id"), at)


@method
def forward_message(account: Account, params: Params) -> Json:
    at = place(account, params)
    return _forward(account, params, params.number("message_id"), at)


def _existing(account: Account, params: Params) -> list[int]:
    """Of several messages, those that are not there are left out."""
    numbers = [int(number) for number in params.object("message_ids") or []]
    found = [number for number in numbers if account.find(params.number("from_chat_id"), number)]
    if not found:
        raise bad("there are no messages to forward" if numbers else "message identifiers are not specified")
    return found


@method
def copy_messages(account: Account, params: Params) -> list[Json]:
    at = place(account, params)
    return [_copy(account, params, number, at) for number in _existing(account, params)]


@method
def forward_messages(account: Account, params: Params) -> list[Json]:
    at = place(account, params)
    return [{"message_id": _forward(account, params, one, at)["message_id"]} for one in _existing(account, params)]
