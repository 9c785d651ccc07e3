"""Files on Discord: its own, which are asked for anew as their addresses expire, and those that we upload."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.errors import Undeliverable
from bot.messages import File

AS_WORDS = {"location", "contact"}
"""Kinds that Discord has no form for."""

UPLOADS = "uploads"
"""Where a message keeps the names and bytes of its files until it is sent."""

Fetch = Callable[[File], Awaitable[bytes]]


def file_id(message: discord.Message | discord.PartialMessage, attachment: int) -> str:
    """Where an attachment can be found again."""
    return f"{message.channel.id}/{message.id}/{attachment}"


async def fetched(client: discord.Client, file: File) -> bytes:
    """A file's bytes. Raises Undeliverable if it is gone, and the library's exceptions."""
    if file.kind == "sticker":
        return await (await client.fetch_sticker(int(file.id))).read()
    channel, message, attachment = map(int, file.id.split("/"))
    found = await client.get_partial_messageable(channel).fetch_message(message)
    for one in found.attachments:
        if one.id == attachment:
            return await one.read()
    raise Undeliverable(f"{file.name or file.kind} was taken away")


async def with_files(
    payload: dict[str, Any], files: Sequence[File], guild: discord.Guild | None, fetch: Fetch
) -> dict[str, Any]:
    """A message of files; what Discord has no form for is said in words. Raises Undeliverable for too large ones."""
    most = guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
    words = [f"{file.name}: {file.id}" if file.name != file.id else file.id for file in files if file.kind in AS_WORDS]
    uploads = [(name_of(file), await _data(file, most, fetch)) for file in files if file.kind not in AS_WORDS]
    content = "\n".join(filter(None, (payload.get("content", ""), *words)))
    return {**payload, "content": content, UPLOADS: uploads}


def ready(payload: dict[str, Any]) -> dict[str, Any]:
    """What the library sends: it uses up the files that it is given, so that each attempt needs new ones."""
    uploads = payload.get(UPLOADS, ())
    found = {key: value for key, value in payload.items() if key != UPLOADS}
    return found | ({"files": [discord.File(io.BytesIO(data), name) for name, data in uploads]} if uploads else {})


async def _data(file: File, most: int, fetch: Fetch) -> bytes:
    data = await fetch(file) if file.size <= most else None
    if data is None or len(data) > most:
        raise Undeliverable(f"{name_of(file)} is larger than the {most // 2**20} MB that may be sent there")
    return data


def name_of(file: File) -> str:
    """A name with the ending by which Discord shows a picture as one."""
    ending = file.type.rpartition("/")[2]
    return file.name or (f"{file.kind}.{ending}" if ending.isalnum() else file.kind)
