"""Files of the chat API: a visitor sends one, names it in a message, and fetches those of the record."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.web.answers import PRIVATE, Bytes
from adapters.web.files import AS_WORDS, clean_name, ending_of, headers_of, kind_of, type_of
from adapters.web.options import Options
from adapters.web.requests import ApiError, in_time, limited
from bot.errors import DeliveryError, Refused, RetryLater, Undeliverable
from bot.messages import Address, File
from bot.ports import Guest, Tools, Upload

log = logging.getLogger("adapters.web")

UPLOAD_SECONDS = 180.0
"""How long a file may take to arrive: the largest by default does on a line of half a megabit."""
FORM_ROOM = 64 * 1024
"""Bytes of a form beside the file in it."""
MOST_ARRIVING = 256
"""Files that are just being sent to us; they are on disk until they are whole."""
MOST_STORED_AT_ONCE = 8
"""Files that are in memory to be looked at and stored; further ones wait for their turn, which takes milliseconds."""
MOST_LEAVING = 32
"""Files that are just being read by somebody; each is in memory all the while."""
MOST_AT_ONCE_PER_CHAT = 4
"""Files of one chat that may arrive, and that may leave, at once."""
LONGEST_WAIT = 60
"""Seconds that a Retry-After asks for at most."""


class FileApi:
    """Handlers of the routes for files. `guest` tells whose token a request bears."""

    def __init__(self, options: Options, tools: Tools, guest: Callable[[Request], Awaitable[Guest]]) -> None:
        self._options, self._tools, self._guest = options, tools, guest
        self._arriving, self._leaving = UnderWay(MOST_ARRIVING), UnderWay(MOST_LEAVING)
        self._turn = asyncio.Semaphore(MOST_STORED_AT_ONCE)

    async def upload(self, request: Request) -> Response:
        """Store the one file of a form: 201 with its id."""
        guest = await self._guest(request)
        self._arriving.enter(guest.chat)
        try:
            form = await in_time(UPLOAD_SECONDS, self._form(request))
            try:
                async with self._turn:
                    id_ = await self._store(guest, form)
            finally:
                await form.close()
        finally:
            self._arriving.leave(guest.chat)
        return JSONResponse({"file": id_}, 201, PRIVATE)

    async def _form(self, request: Request) -> FormData:
        """The form that a request is. Raises ApiError if it is none, or too large."""
        content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != "multipart/form-data":
            raise ApiError(415, "unsupported_media_type", "Send the file as a form: multipart/form-data.")
        pieces = limited(request, self._options.largest_file + FORM_ROOM, self._too_large())
        try:
            return await MultiPartParser(request.headers, pieces, max_files=1, max_fields=8).parse()
        except MultiPartException as error:
            raise ApiError(400, "invalid_form", f"The form can't be read: {error.message}") from None

    async def _store(self, guest: Guest, form: FormData) -> str:
        """The id of the form's file, once that is stored. Raises ApiError if it can't be taken."""
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError(422, "no_file", "file: the form must have a file under this name")
        if (file.size or 0) > self._options.largest_file:
            raise self._too_large()
        name, body = clean_name(file.filename or ""), await file.read()
        upload = Upload(secrets.token_urlsafe(24), guest.chat, name, self._judge(name, body), body)
        try:
            await self._tools.uploads.keep(upload)
        except Refused as error:
            raise ApiError(413, "chat_full", str(error)) from None
        return upload.id

    def _too_large(self) -> ApiError:
        return ApiError(413, "file_too_large", f"A file may have {self._options.max_file_mb:g} MB at most.")

    def _judge(self, name: str, body: bytes) -> str:
        """What type a file is. Raises ApiError if that may not come in."""
        allowed = self._options.file_types
        if ending_of(name) not in allowed:
            choice = f"only {', '.join(allowed)}" if allowed else "no files at all"
            raise ApiError(415, "file_type", f"This type of file can't be sent here; {choice}.")
        if not body:
            raise ApiError(422, "empty_file", "This file is empty.")
        found = type_of(name, body, allowed)
        if found is None:
            raise ApiError(415, "file_content", "The content of this file is not of the type that its name says.")
        return found

    async def named(self, guest: Guest, ids: Sequence[str]) -> tuple[File, ...]:
        """The files that a message names. Raises ApiError for one that was not sent in this chat."""
        found = []
        for id_ in ids:
            upload = await self._tools.uploads.upload(id_)
            if upload is None or upload.chat != guest.chat:
                raise ApiError(422, "unknown_file", f"files: no file of this chat has the id {id_}")
            found.append(File(id_, kind_of(upload.type), upload.name, upload.type, len(upload.body)))
        return tuple(found)

    async def download(self, request: Request) -> Response:
        """The bytes of a file in the record: of the visitor's own, and of those that agents sent from anywhere."""
        guest = await self._guest(request)
        file = await self._in_record(guest, request.path_params["seq"], request.path_params["place"])
        headers = headers_of(file)
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        self._leaving.enter(guest.chat)
        try:
            return Bytes(await self._fetch(file), headers, lambda: self._leaving.leave(guest.chat))
        except BaseException:
            self._leaving.leave(guest.chat)
            raise

    async def _in_record(self, guest: Guest, seq: str, place: str) -> File:
        if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in (seq, place)):
            raise ApiError(404, "not_found", "There is nothing here.")
        _, lines = await self._tools.chats.messages(Address(self._tools.channel, guest.chat), int(seq) - 1, 1)
        files = lines[0].files if lines and lines[0].seq == int(seq) else ()
        if int(place) >= len(files) or files[int(place)].kind in AS_WORDS:
            raise ApiError(404, "not_found", "There is no such file in this chat, or it was deleted.")
        return files[int(place)]

    async def _fetch(self, file: File) -> bytes:
        """A file's bytes, from wherever it is. Raises ApiError if it can't be had, for now or for good."""
        try:
            return await self._tools.fetch(file)
        except Undeliverable as error:
            log.info("a file of the record is gone: %s", error)
            raise ApiError(404, "file_gone", "This file can't be had any more.") from None
        except DeliveryError as error:
            log.warning("a file of the record can't be had at the moment: %s", error)
            wait = math.ceil(min(error.wait, LONGEST_WAIT)) if isinstance(error, RetryLater) else 2
            message = "This file can't be had at the moment; try again."
            raise ApiError(503, "file_unavailable", message, {"Retry-After": str(wait)}) from None


class UnderWay:
    """The files under way: there may be so many at once, and only a few of one chat."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_chat: Counter[str] = Counter()

    def enter(self, chat: str) -> None:
        """One more. Raises ApiError 429 if there are too many."""
        if self._by_chat.total() >= self._most or self._by_chat[chat] >= MOST_AT_ONCE_PER_CHAT:
            raise ApiError(429, "too_many_files", "Too many files at once; try again.", {"Retry-After": "1"})
        self._by_chat[chat] += 1

    def leave(self, chat: str) -> None:
        """One less."""
        self._by_chat[chat] -= 1
        if not self._by_chat[chat]:
            del self._by_chat[chat]
