"""Files as Telegram sends them: by its own id where it has one, uploaded where another platform has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import (
    Bot,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
)

from bot.errors import Undeliverable
from bot.messages import File, Outbound

LARGEST_UPLOAD = 50_000_000
"""Bytes that a bot may upload, from Telegram's documentation; its own files it sends by id, whatever their size."""
LARGEST_DOWNLOAD = 20_000_000
"""Bytes that a bot may download."""
IN_ALBUMS: dict[str, type[Any]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "document": InputMediaDocument,
    "audio": InputMediaAudio,
}

Fetch = Callable[[File], Awaitable[bytes]]


async def send_files(
    bot: Bot, outbound: Outbound, fetch: Fetch, place: dict[str, Any], caption: dict[str, Any]
) -> Sequence[Message]:
    """Send the files of a message in one call: the messages that it makes. `place` is where.

    The `caption` stands below the first; a sticker, a place or a person has none.
    """
    files, channel = outbound.files, outbound.address.channel
    if len(files) == 1:
        return [await _send_one(bot, files[0], channel, fetch, place, caption)]
    media = [IN_ALBUMS[file.kind](await _medium(file, channel, fetch, album=True)) for file in files[1:]]
    first = IN_ALBUMS[files[0].kind](await _medium(files[0], channel, fetch, album=True), **caption)
    return await bot.send_media_group(media=[first, *media], **place)


async def _send_one(
    bot: Bot, file: File, channel: str, fetch: Fetch, place: dict[str, Any], caption: dict[str, Any]
) -> Message:
    match file.kind:
        case "location":
            latitude, _, longitude = file.id.partition(",")
            return await bot.send_location(latitude=float(latitude), longitude=float(longitude), **place)
        case "contact":
            return await bot.send_contact(phone_number=file.id, first_name=file.name or file.id, **place)
    medium = await _medium(file, channel, fetch)
    match file.kind:
        case "photo":
            return await bot.send_photo(photo=medium, **place, **caption)
        case "voice":
            return await bot.send_voice(voice=medium, **place, **caption)
        case "audio":
            return await bot.send_audio(audio=medium, **place, **caption)
        case "video":
            return await bot.send_video(video=medium, **place, **caption)
        case "sticker":
            return await bot.send_sticker(sticker=medium, **place)
    return await bot.send_document(document=medium, **place, **caption)


async def _medium(file: File, channel: str, fetch: Fetch, *, album: bool = False) -> str | InputFile:
    """Telegram's id of a file of its own; the bytes of any other. Raises Undeliverable for one that is too large."""
    if file.channel in {"", channel}:
        return file.id
    if file.size > LARGEST_UPLOAD:
        raise Undeliverable(f"{file.name or file.kind} is larger than the 50 MB that a bot may send on Telegram")
    return InputFile(await fetch(file), filename=file.name or file.kind, attach=album)


async def download(bot: Bot, file: File) -> bytes:
    """A file's bytes. Raises Undeliverable for one that is too large, and the library's exceptions."""
    if file.size > LARGEST_DOWNLOAD:
        raise Undeliverable(f"{file.name or file.kind} is larger than the 20 MB that a bot may fetch from Telegram")
    found = await bot.get_file(file.id)
    return bytes(await found.download_as_bytearray())
