"""What is known of files: which may come in, by name and by content, and how each is shown again. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote

from bot.messages import File, FileKind

LONGEST_NAME = 120
"""Characters of a file's name that are kept."""
HEAD = 64 * 1024
"""Bytes of a file that are looked at to tell what it is."""
# What paths and shells read in their own way, what can't be seen, and the marks by which "gpj.exe" reads "exe.jpg".
_UNFIT_IN_NAMES = re.compile(
    '[\\\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file: what HTTP calls it, and how its content begins."""

    name: str
    begins: re.Pattern[bytes]


def _type(name: str, begins: bytes) -> FileType:
    return FileType(name, re.compile(begins, re.DOTALL))


_ZIP = rb"PK\x03\x04"
_OLE = rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_JPEG = _type("image/jpeg", rb"\xff\xd8\xff")
_HEIC = _type("image/heic", rb".{4}ftyp(?:hei|hev|mif|msf)")
# Text in any encoding: no control characters, unless it begins as UTF-16 does.
_TEXT = rb"(?:\xff\xfe|\xfe\xff|[^\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]*+\Z)"

TYPES: dict[str, FileType] = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": _type("image/png", rb"\x89PNG\r\n\x1a\n"),
    "gif": _type("image/gif", rb"GIF8[79]a"),
    "webp": _type("image/webp", rb"RIFF.{4}WEBP"),
    "heic": _HEIC,
    "pdf": _type("application/pdf", rb".{0,1000}%PDF-"),
    "txt": _type("text/plain", _TEXT),
    "log": _type("text/plain", _TEXT),
    "csv": _type("text/csv", _TEXT),
    "docx": _type(f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": _type(f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "pptx": _type(f"{_OFFICE}.presentationml.presentation", _ZIP),
    "odt": _type("application/vnd.oasis.opendocument.text", _ZIP),
    "ods": _type("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    "doc": _type("application/msword", _OLE),
    "xls": _type("application/vnd.ms-excel", _OLE),
    "zip": _type("application/zip", _ZIP),
    "mp4": _type("video/mp4", rb".{4}ftyp"),
    "mov": _type("video/quicktime", rb".{4}(?:ftyp|moov|wide|mdat|free)"),
    "webm": _type("video/webm", rb"\x1aE\xdf\xa3"),
    "mp3": _type("audio/mpeg", rb"ID3|\xff[\xe2-\xff]"),
    "m4a": _type("audio/mp4", rb".{4}ftyp"),
    "ogg": _type("audio/ogg", rb"OggS"),
}
"""Files that may be let in, by the ending of their names. None is of a kind that a browser or a system runs."""
BY_DEFAULT = ("jpg", "jpeg", "png", "gif", "webp", "heic", "pdf", "txt", "log", "csv", "docx", "xlsx", "pptx")
"""Those that are let in unless the configuration says otherwise: without macros, and of use to an agent."""

PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""What every browser shows and none runs: SVG, which may hold scripts, is not among them."""
_HARMLESS = PICTURES | {kind.name for kind in TYPES.values()}
"""Types under which a file is given out; any other is given out as plain bytes."""
AS_WORDS = {"location", "contact"}
"""Kinds that are no bytes: where somebody is, or whose number it is."""


def clean_name(name: str) -> str:
    """A file's name as it can be stored and shown: without its folders, its ending kept."""
    bare = _UNFIT_IN_NAMES.sub("", re.split(r"[\\/]", name)[-1]).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    return bare if len(bare) <= LONGEST_NAME else stem[: LONGEST_NAME - len(ending) - 1] + dot + ending[:LONGEST_NAME]


def type_of(name: str, body: bytes, allowed: Collection[str]) -> str | None:
    """What a file is, if its content is what its name says; None if not. `allowed` are endings.

    Pictures are often saved under another picture's ending, so any that is allowed will do.
    """
    ending = ending_of(name)
    if TYPES[ending].name.startswith("image/"):
        endings = [other for other in allowed if TYPES[other].name.startswith("image/")]
    else:
        endings = [ending]
    head = body[:HEAD]
    return next((TYPES[other].name for other in endings if TYPES[other].begins.match(head)), None)


def ending_of(name: str) -> str:
    """A name's ending, in small letters and without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def kind_of(type_: str) -> FileKind:
    """What a platform makes of a file: only what all of them show as a picture is sent as one."""
    if type_ in PICTURES - {"image/gif"}:
        return "photo"
    match type_.partition("/")[0]:
        case "video":
            return "video"
        case "audio":
            return "audio"
    return "document"


def shown_name(file: File) -> str:
    """A file's name; a platform that knows none gives its kind instead."""
    ending = file.type.rpartition("/")[2]
    return clean_name(file.name) or (f"{file.kind}.{ending}" if ending.isalnum() else file.kind)


def in_words(file: File) -> str:
    """What a place or a number is as text."""
    return f"{file.name}: {file.id}" if file.name and file.name != file.id else file.id


def headers_of(file: File) -> dict[str, str]:
    """How a file is given out: nothing in it is ever run, whoever made it.

    A browser keeps it, and asks each time whether it may still be shown: the key and the record decide, not the cache.
    """
    shown = "inline" if file.type in PICTURES else "attachment"
    digest = hashlib.sha256(f"{file.channel}\n{file.id}".encode()).hexdigest()[:32]
    return {
        "Content-Type": file.type if file.type in _HARMLESS else "application/octet-stream",
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(shown_name(file), safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
        "ETag": f'"{digest}"',
    }
